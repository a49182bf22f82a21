//go:build linux

// The runner has one processor, however many a control group allows.
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Command gokube-kube-runner is gokube-runner with the modules for Kubernetes
// clusters too. It is started where a run has such tasks.
package main

import (
	"github.com/gokube/gokube/cmd/internal/host"
	"github.com/gokube/gokube/modules"
)

func main() { host.Main(modules.All()) }

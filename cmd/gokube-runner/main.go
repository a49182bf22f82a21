//go:build linux

// The runner has one processor, however many a control group allows.
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Command gokube-runner is the small program that gokube starts on a host: it
// plans and applies one task at a time for the controller at the other end of its
// standard streams. It has the modules that any host may need.
package main

import (
	"github.com/gokube/gokube/cmd/internal/host"
	"github.com/gokube/gokube/modules/general"
)

func main() { host.Main(general.All()) }

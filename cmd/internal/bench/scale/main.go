// Command scale plays a playbook on a thousand simulated hosts with the real
// engine, over real SSH on loopback. The hosts are goroutines of a second process,
// each with the runner's own code over a host in memory, so that the memory of the
// controller can be told from theirs. It is what make bench-scale runs.
//
// # Decisions
//
// What a process needs whatever the number of hosts is measured by playing on one
// host more, first and alone; the memory of a host is what the rest adds to the
// peak of the resident set.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
)

// options are the flags.
type options struct {
	hosts, tasks int
	runs         int
	serve        bool
	dir          string
	profiles
}

func main() {
	var o options
	flag.IntVar(&o.hosts, "hosts", 1000, "simulated `hosts`")
	flag.IntVar(&o.tasks, "tasks", 30, "`tasks` of the playbook")
	flag.IntVar(&o.runs, "runs", 2, "`runs` to measure; all but the first have nothing to do")
	flag.BoolVar(&o.serve, "serve", false, "be the hosts, until standard input ends; the command starts itself so")
	flag.StringVar(&o.dir, "dir", "", "`folder` of keys, inventory and playbook; a temporary one")
	flag.StringVar(&o.cpu, "cpuprofile", "", "`file` for the controller's CPU profile")
	flag.StringVar(&o.heap, "memprofile", "", "`file` for the controller's heap, with all hosts connected")
	flag.StringVar(&o.hostCPU, "hostprofile", "", "`file` for the hosts' CPU profile")
	flag.Parse()
	run := control
	if o.serve {
		run = serve
	}
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

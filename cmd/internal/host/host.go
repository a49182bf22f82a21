//go:build linux

// Package host is what the programs that gokube starts on hosts have in common: all
// but their modules. It knows no module.
//
// # Decisions
//
// There are two such programs. The modules for Kubernetes clusters are a sixth of
// the one that has all, and most hosts never need them, so the ordinary runner leaves
// them out. A run has one of the two for all hosts, for predictions of a check live
// in the runner.
package host

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/runner/program"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/local"
	"github.com/gokube/gokube/engine/system/local/digests"
)

// Main is the main function of a runner with modules. It does not return.
func Main(modules []module.Module) {
	// One task at a time is all there is to do: more threads would only wake each
	// other, on a host that has better use for its processors.
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(400)
	patient()
	ctx := signalled()
	known := digests.In(beside("digests"))
	code := program.Run(ctx, os.Args[1:], program.Streams{In: pollable(os.Stdin), Out: pollable(os.Stdout), Err: os.Stderr}, program.Env{
		System: func(tools func(context.Context, string) (string, error)) system.System {
			return local.New(local.Options{Tools: tools, Digests: known})
		},
		Modules: modules,
	})
	known.Save()
	os.Exit(code)
}

// signalled ends when this process is told to end. That the controller is gone, of
// which its pipe and its terminal tell, must not end a step.
func signalled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM, syscall.SIGINT)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE, syscall.SIGHUP)
	go func() {
		<-told
		cancel()
	}()
	return ctx
}

// beside is the path of the file called name beside this program, "" if that is not
// known.
func beside(name string) string {
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	return filepath.Join(filepath.Dir(self), name)
}

// Package program is the command line of gokube-runner: it serves a controller,
// brings back one that lost its connection, and is the host as another user. It
// knows no module and no way to change a host: both are given to it.
package program

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/runner"
	"github.com/gokube/gokube/engine/runner/become"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/proxy"
	"github.com/gokube/gokube/engine/wire"
)

// Env is what the program is made of.
type Env struct {
	// System makes the System of this process's user, anew at each call. tools finds
	// the programs that the controller brings along.
	System  func(tools func(ctx context.Context, name string) (string, error)) system.System
	Modules []module.Module
}

// Streams are a process's standard streams.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Run runs one command line, without the program's name, and returns the exit
// code.
func Run(ctx context.Context, args []string, io Streams, env Env) int {
	if len(args) == 0 {
		args = []string{""}
	}
	var err error
	switch args[0] {
	case "serve":
		err = serve(ctx, args[1:], io, env)
	case "attach":
		err = attach(ctx, args[1:], io)
	case "system":
		fmt.Fprint(io.Out, wire.Marker)
		err = proxy.Serve(duplex{io.In, io.Out}, env.System(nil))
	case "version":
		fmt.Fprintf(io.Out, "protocol %d %s/%s\n", wire.Version, runtime.GOOS, runtime.GOARCH)
	default:
		err = &exit{wire.ExitUsage, errors.New("gokube-runner is started by gokube: serve, attach, system or version is wanted")}
	}
	if err == nil {
		return 0
	}
	fmt.Fprintf(io.Err, "gokube-runner: %v\n", err)
	var e *exit
	if errors.As(err, &e) {
		return e.code
	}
	return 1
}

// exit is an error with an exit code of its own.
type exit struct {
	code int
	err  error
}

// Error is the error.
func (e *exit) Error() string { return e.err.Error() }

type duplex struct {
	io.Reader
	io.Writer
}

// settings are the flags of serve.
type settings struct {
	check, verify, facts bool
	switched             bool // started through sudo or doas by the user that logged in
	sum                  string
	linger               time.Duration
}

// parse reads flags by hand: package flag is ten times the size of this.
func parse(args []string) (s settings, err error) {
	s.linger = 2 * time.Minute
	on := map[string]*bool{"-check": &s.check, "-verify": &s.verify, "-facts": &s.facts, "-switched": &s.switched}
	for ; len(args) > 0; args = args[1:] {
		name := args[0]
		if flag := on[name]; flag != nil {
			*flag = true
			continue
		}
		if len(args) < 2 || name != "-sum" && name != "-linger" {
			return s, &exit{wire.ExitUsage, fmt.Errorf("serve: unknown flag %s, or it lacks its value", name)}
		}
		args = args[1:]
		if name == "-sum" {
			s.sum = args[0]
		} else if s.linger, err = time.ParseDuration(args[0]); err != nil {
			return s, &exit{wire.ExitUsage, err}
		}
	}
	return s, nil
}

// login is the user that logged in, "" if that is the process's.
func (s *settings) login() string {
	if !s.switched {
		return "" // whatever the environment says: it may be inherited
	}
	return cmp.Or(os.Getenv("SUDO_USER"), os.Getenv("DOAS_USER"))
}

func serve(ctx context.Context, args []string, io Streams, env Env) error {
	s, err := parse(args)
	if err != nil {
		return err
	}
	if err := genuine(s.sum); err != nil {
		return err
	}
	tools := &tools{}
	defer tools.close()
	sys := env.System(tools.find)
	who := &accounts{sys: sys}
	user := who.name(os.Getuid())
	as := &switcher{accounts: who, tools: tools}
	h := runner.New(sys, runner.Options{
		Check: s.check, Verify: s.verify, Modules: env.Modules, User: user, Login: s.login(), As: as.open,
	})
	o := runner.Serving{
		In: io.In, Out: io.Out, Facts: s.facts, Linger: s.linger, Tools: tools.offer, Tidy: tools.close,
		Hello: wire.Hello{Build: s.sum, OS: runtime.GOOS, Arch: runtime.GOARCH, User: user, Session: become.Random(), Path: self()},
	}
	var again atomic.Bool
	o.Gather = func() *system.Facts {
		if again.Swap(true) {
			return env.System(nil).Facts() // those of sys are kept as they were
		}
		return sys.Facts()
	}
	if s.linger > 0 {
		l, err := listen(o.Hello.Session)
		if err == nil { // without it a lost connection is final
			defer l.Close()
			o.Attach = l.accepted
		}
	}
	return runner.Serve(ctx, h, o)
}

// self is this program's path; "" if it is not known.
func self() string {
	p, err := os.Executable()
	if err != nil {
		return ""
	}
	return p
}

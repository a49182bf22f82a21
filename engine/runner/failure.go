package runner

import (
	"context"
	"errors"
	"fmt"
	"path"
	"runtime"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/wire"
)

// failure is err as the controller sees it, nil for nil. What happens after the
// task's time is up, or after it was cancelled, is put down to that.
func failure(ctx context.Context, q *wire.Request, err error) *wire.Error {
	if err == nil {
		return nil
	}
	e := &wire.Error{Kind: wire.Failed, Text: err.Error()}
	var exit *system.ExitError
	if errors.As(err, &exit) {
		e.Kind, e.Code = wire.Command, exit.Output.Code
		e.Stdout, e.Stderr = end(exit.Output.Stdout), end(exit.Output.Stderr)
	}
	var arg *module.ArgError
	var no refusal
	var dead *crashed
	switch {
	case errors.As(err, &dead):
		e.Kind = wire.Crashed
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		e.Kind, e.Text = wire.TimedOut, fmt.Sprintf("task took longer than its timeout of %s", q.Timeout)
	case ctx.Err() != nil:
		e.Kind, e.Text = wire.Cancelled, "task was cancelled"
	case errors.As(err, &arg):
		e.Kind = wire.BadArgs
	case errors.As(err, &no):
		e.Kind = wire.NoBecome
	}
	return e
}

// crashed is a panic of a module.
type crashed struct{ text string }

// Error is the panic and where it happened.
func (c *crashed) Error() string { return c.text }

// crash names the innermost calls of the module that panicked with p.
func crash(name string, p any) error {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	var at []string
	for more := true; more && len(at) < 4; {
		var f runtime.Frame
		f, more = frames.Next()
		if !strings.HasPrefix(f.Function, "runtime.") && !strings.Contains(f.Function, "(*Host).run.func") {
			at = append(at, fmt.Sprintf("%s:%d", path.Join(path.Base(path.Dir(f.File)), path.Base(f.File)), f.Line))
		}
	}
	return &crashed{fmt.Sprintf("run module %s: it crashed, which is a bug of gokube: %v (at %s)", name, p, strings.Join(at, " < "))}
}

// mostShown is how many bytes of each output stream a failure carries.
const mostShown = 64 << 10

// end is the end of out, where a command says why it failed.
func end(out []byte) string { return string(out[max(0, len(out)-mostShown):]) }

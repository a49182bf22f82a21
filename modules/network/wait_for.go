package network

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// WaitForArgs are the arguments of the wait_for module.
type WaitForArgs struct {
	// Host is the name or address whose port is waited for, as the host sees it.
	Host string `arg:"host" default:"127.0.0.1"`
	// Port is a TCP port.
	Port int `arg:"port"`
	// Source is the address of the host from which it is tried.
	Source string `arg:"source"`
	// Path is a file.
	Path string `arg:"path"`
	// SearchRegex is to be found in the file.
	SearchRegex module.Pattern `arg:"search_regex,flags=m"`
	// State is what is waited for.
	State string `arg:"state" enum:"started|present|stopped|absent" default:"started"`
	// Timeout is how many seconds to wait at most.
	Timeout int `arg:"timeout" default:"300"`
	// Delay is how many seconds to wait before the first look.
	Delay int `arg:"delay"`
	// Sleep is how many seconds lie between two looks.
	Sleep float64 `arg:"sleep" default:"1"`
	// ConnectTimeout is how many seconds one attempt to connect may take.
	ConnectTimeout int `arg:"connect_timeout" default:"5"`
	// Msg is what to say if the time is over.
	Msg string `arg:"msg"`
}

// WaitFor waits for a port or a file.
var WaitFor = module.Define(module.Spec{
	Name: "wait_for", Summary: "Wait until a port answers or a file is there, or no longer", Contained: true,
	OneOf: [][]string{{"port", "path", "timeout"}}, Exclusive: [][]string{{"port", "path"}},
	Example: "- wait_for: {port: 6443, timeout: 60}\n- wait_for: {path: /run/flannel/subnet.env}\n",
	Output:  []module.Doc{{Name: "elapsed", Text: "seconds waited"}},
}, planWaitFor)

// planWaitFor is one Wait step, so that a check never waits.
func planWaitFor(ctx context.Context, r system.Reader, a *WaitForArgs) (*module.Plan, error) {
	if a.Path == "" && (a.Port < 0 || a.Port > 65535) {
		return nil, fmt.Errorf("port %d is not between 1 and 65535", a.Port)
	}
	p := &module.Plan{Output: map[string]any{"elapsed": 0}}
	if a.Delay == 0 && a.Path != "" {
		if ok, err := a.holds(ctx, r); ok && err == nil {
			return p, nil
		}
	}
	p.Output["elapsed"] = module.Pending{}
	p.Add(change.Change{Action: change.Wait, Kind: a.kind(), Target: a.target()}, func(ctx context.Context, s system.System) error {
		start := time.Now()
		err := a.wait(ctx, s)
		p.Output["elapsed"] = int(time.Since(start).Seconds())
		return err
	})
	return p, nil
}

func (a *WaitForArgs) kind() string {
	switch {
	case a.Path != "":
		return "file"
	case a.Port != 0:
		return "port"
	}
	return "time"
}

func (a *WaitForArgs) target() string {
	switch {
	case a.Path != "":
		return a.Path
	case a.Port != 0:
		return place(a.Host, a.Port)
	}
	return strconv.Itoa(a.Timeout) + " s"
}

// place is host and port as one text.
func place(host string, port int) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(port)
}

// shortest lies between two looks, whatever the task says.
const shortest = 50 * time.Millisecond

// wait looks again and again until what is waited for holds.
func (a *WaitForArgs) wait(ctx context.Context, s system.System) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(a.Timeout)*time.Second)
	defer cancel()
	next := time.Duration(a.Delay) * time.Second
	for {
		select {
		case <-time.After(next):
		case <-ctx.Done():
			return a.over(ctx)
		}
		if ok, err := a.holds(ctx, s); ok || err != nil && ctx.Err() == nil {
			return err
		}
		next = max(time.Duration(a.Sleep*float64(time.Second)), shortest)
	}
}

// over is the end of the time.
func (a *WaitForArgs) over(ctx context.Context) error {
	switch {
	case !errors.Is(ctx.Err(), context.DeadlineExceeded):
		return ctx.Err()
	case a.Port == 0 && a.Path == "":
		return nil
	case a.Msg != "":
		return errors.New(a.Msg)
	}
	return fmt.Errorf("%s is not %s after %d s", a.target(), a.State, a.Timeout)
}

// holds reports whether what is waited for is so.
func (a *WaitForArgs) holds(ctx context.Context, r system.Reader) (bool, error) {
	there, err := false, error(nil)
	switch {
	case a.Path != "":
		there, err = a.inFile(r)
	case a.Port != 0:
		there, err = a.answers(ctx, r)
	default:
		return false, nil
	}
	return there == (a.State == "started" || a.State == "present"), err
}

func (a *WaitForArgs) inFile(r system.Reader) (bool, error) {
	_, err := r.Lstat(a.Path)
	if errors.Is(err, fs.ErrNotExist) || err != nil || a.SearchRegex.Text == "" {
		return err == nil, ignoreAbsent(err)
	}
	text, err := system.ReadFile(r, a.Path)
	return err == nil && a.SearchRegex.In(string(text)), ignoreAbsent(err)
}

func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Exit codes of fetch for a place where nothing answers.
const (
	noConnection = 3
	noTime       = 6
)

// dial is the command that tries to connect, from an address of the host if source is
// one.
func dial(address, source string, seconds int) system.Cmd {
	argv := []string{"tcp", "-timeout", strconv.Itoa(seconds)}
	if source != "" {
		argv = append(argv, "-source", source)
	}
	return system.Cmd{Tool: true, Reads: []system.Key{}, Argv: append(argv, address)}
}

// answers tries to connect, with a program of ours: a host need have nothing for it.
func (a *WaitForArgs) answers(ctx context.Context, r system.Reader) (bool, error) {
	c := dial(a.target(), a.Source, a.ConnectTimeout)
	out, err := r.Query(ctx, c)
	if err != nil || out.Code == noConnection || out.Code == noTime {
		return false, err
	}
	return out.Code == 0, out.Err(c)
}

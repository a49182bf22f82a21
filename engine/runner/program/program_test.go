package program_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/runner/program"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/local"
	"github.com/gokube/gokube/engine/wire"
)

type tryArgs struct {
	Argv []string `arg:"argv"`
	Tool bool     `arg:"tool"`
}

// try runs a command.
func try() module.Module {
	return module.Define(module.Spec{Name: "try"}, func(_ context.Context, _ system.Reader, a *tryArgs) (*module.Plan, error) {
		p := &module.Plan{Output: map[string]any{"stdout": module.Pending{}}}
		p.Add(change.Change{Action: change.Run, Kind: "command", Target: "x"}, func(ctx context.Context, s system.System) error {
			c := system.Cmd{Argv: a.Argv, Tool: a.Tool}
			out, err := s.Capture(ctx, c, system.Effects{})
			if err != nil {
				return err
			}
			p.Output["stdout"] = out.Text()
			return out.Err(c)
		})
		return p, nil
	})
}

func env() program.Env {
	return program.Env{
		System: func(tools func(context.Context, string) (string, error)) system.System {
			return local.New(local.Options{Tools: tools})
		},
		Modules: []module.Module{try()},
	}
}

// TestMain lets this test's program be the one that is started as another user.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "system" {
		os.Exit(program.Run(context.Background(), os.Args[1:], program.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, env()))
	}
	home, err := os.MkdirTemp("", "gokube-test-*")
	if err != nil {
		panic(err)
	}
	os.Setenv("HOME", home) // the cache of tools is in there
	code := m.Run()
	os.RemoveAll(home)
	os.Exit(code)
}

// served is a runner in this process.
type served struct {
	w    *wire.Writer
	r    *wire.Reader
	id   uint64
	blob []byte // what is sent when a blob is asked for
	// quiet says that none may be asked for.
	quiet bool
}

func serve(t *testing.T, blob []byte) *served {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	var words bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- program.Run(context.Background(), []string{"serve"}, program.Streams{In: inR, Out: outW, Err: &words}, env())
	}()
	s := &served{w: wire.NewWriter(inW), r: wire.NewReader(outR), blob: blob}
	t.Cleanup(func() {
		s.w.Send(wire.TypeBye)
		if typ, _, err := s.r.Next(); typ != wire.TypeBye {
			t.Errorf("the goodbye is answered with %d, %v", typ, err)
		}
		if code := <-ended; code != 0 {
			t.Errorf("exit code %d: %s", code, words.String())
		}
	})
	if _, err := s.r.Skip(); err != nil {
		t.Fatal(err)
	}
	if typ, _, err := s.r.Next(); typ != wire.TypeHello || err != nil {
		t.Fatal(typ, err)
	}
	tools := map[string]wire.Tool{"tool": {SHA256: system.Sum(blob), Size: int64(len(blob))}}
	s.w.Send(wire.TypeHello, wire.Encode(&wire.Hello{Protocol: wire.Version, Tools: tools}))
	return s
}

func (s *served) do(t *testing.T, b wire.Become, tool bool, argv ...any) *wire.Result {
	t.Helper()
	s.id++
	q := &wire.Request{ID: s.id, Module: "try", Become: b, Args: map[string]any{"argv": argv, "tool": tool}}
	payload, err := wire.EncodeRequest(t.Context(), q, nil)
	if err != nil {
		t.Fatal(err)
	}
	go s.w.Send(wire.TypeRequest, payload)
	for {
		typ, payload, err := s.r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if typ == wire.TypeBlobWanted {
			if s.quiet {
				t.Error("a blob was asked for")
			}
			d := bytes.Clone(payload)
			go func() {
				s.w.Send(wire.TypeBlobChunk, d, s.blob)
				s.w.Send(wire.TypeBlobChunk, d)
			}()
			continue
		}
		r, err := wire.DecodeResult(payload)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
}

func TestATaskRunsAsAnotherUser(t *testing.T) {
	t.Parallel()
	b := wire.Become{Method: "sudo", User: "nobody"}
	want := "nobody"
	if os.Getuid() != 0 { // a sudo that changes nothing but the name
		exe := filepath.Join(t.TempDir(), "sudo")
		script := "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done; shift; exec \"$@\"\n"
		if err := os.WriteFile(exe, []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		me, err := user.Current()
		if err != nil {
			t.Fatal(err)
		}
		b.Exe, want = exe, me.Username
	}
	s := serve(t, nil)
	for range 2 {
		if r := s.do(t, b, false, "id", "-un"); r.Err != nil || r.Output["stdout"] != want {
			t.Errorf("%+v, %+v", r.Output, r.Err)
		}
	}
	if r := s.do(t, wire.Become{}, false, "id", "-u"); r.Err != nil || r.Output["stdout"] != fmt.Sprint(os.Getuid()) {
		t.Errorf("%+v, %+v", r.Output, r.Err)
	}
}

func TestAUserThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	r := s.do(t, wire.Become{Method: "sudo", User: "no-such-user", Password: secret.New("hunter2")}, false, "true")
	if r.Err == nil || r.Err.Kind != wire.NoBecome || !strings.Contains(r.Err.Text, "become no-such-user") {
		t.Errorf("%+v", r.Err)
	}
}

func TestToolsAreFetchedAndStartedByEveryUser(t *testing.T) {
	t.Parallel()
	s := serve(t, []byte("#!/bin/sh\necho $1 $2 $(id -u)\n"))
	me := fmt.Sprint(os.Getuid())
	if r := s.do(t, wire.Become{}, true, "tool", "a"); r.Err != nil || r.Output["stdout"] != "tool a "+me {
		t.Errorf("%+v, %+v", r.Output, r.Err)
	}
	if os.Getuid() == 0 {
		if r := s.do(t, wire.Become{Method: "su", User: "nobody"}, true, "tool", "b"); r.Err != nil || r.Output["stdout"] == "tool b 0" {
			t.Errorf("%+v, %+v", r.Output, r.Err)
		}
	}
	if r := s.do(t, wire.Become{}, true, "none"); r.Err == nil {
		t.Error("a tool that nobody brings was found")
	}
	again := serve(t, s.blob)
	again.quiet = true
	if r := again.do(t, wire.Become{}, true, "tool", "c"); r.Err != nil || r.Output["stdout"] != "tool c "+me {
		t.Errorf("it was not kept: %+v, %+v", r.Output, r.Err)
	}
}

func run(args ...string) (int, string) {
	var words bytes.Buffer
	code := program.Run(context.Background(), args, program.Streams{In: strings.NewReader(""), Out: io.Discard, Err: &words}, env())
	return code, words.String()
}

func TestCommandLinesThatDoNotWorkSayWhy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, wire.ExitUsage, "is started by gokube"},
		{[]string{"fly"}, wire.ExitUsage, "is started by gokube"},
		{[]string{"serve", "-nosuch"}, wire.ExitUsage, "unknown flag -nosuch"},
		{[]string{"serve", "-sum", strings.Repeat("0", 64)}, wire.ExitDamaged, "verify the runner"},
		{[]string{"attach"}, wire.ExitUsage, "name of a session"},
		{[]string{"attach", "nobody"}, wire.ExitNobody, "the runner is gone"},
		{[]string{"version"}, 0, ""},
	} {
		if code, words := run(c.args...); code != c.code || !strings.Contains(words, c.want) {
			t.Errorf("%q: %d, %q", c.args, code, words)
		}
	}
}

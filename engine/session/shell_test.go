package session_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/runner/program"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/session"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/local"
	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/wire"
)

// shell is a connection to this machine, with a home directory and a PATH of its
// own.
type shell struct {
	home, path string
	login      string // what the login shell prints first
	someone    bool   // who is not root
	mu         sync.Mutex
	commands   []string
	last       *process
	uploads    []string
	refuse     func(path string) error // what uploads end with
	done       chan struct{}
}

func newShell(t *testing.T) *shell {
	t.Helper()
	return &shell{home: t.TempDir(), path: os.Getenv("PATH"), done: make(chan struct{})}
}

func (s *shell) String() string        { return "me@shell" }
func (s *shell) Done() <-chan struct{} { return s.done }
func (s *shell) Err() error            { return nil }
func (s *shell) Close() error          { return nil }

func (s *shell) Start(_ context.Context, command string) (transport.Process, error) {
	s.mu.Lock()
	s.commands = append(s.commands, command)
	s.mu.Unlock()
	if s.someone {
		command = strings.ReplaceAll(command, "[ -O / ]", "false")
	}
	c := exec.Command("/bin/sh", "-c", s.login+command)
	c.Env = []string{"HOME=" + s.home, "PATH=" + s.path}
	c.Dir = s.home
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err1 := c.StdinPipe()
	out, err2 := c.StdoutPipe()
	errOut, err3 := c.StderrPipe()
	if err := errors.Join(err1, err2, err3, c.Start()); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = &process{c: c, in: in, out: out, err: errOut}
	return s.last, nil
}

func (s *shell) Upload(_ context.Context, r io.Reader, _ int64, path string, mode fs.FileMode) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.uploads = append(s.uploads, path)
	if s.refuse != nil {
		if err := s.refuse(path); err != nil {
			return &transport.UploadError{Path: path, Cause: err}
		}
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return place(path, data, mode)
}

// place puts a program at path. No process may be made while it is open for writing,
// or that would hold it open and it could not be started.
func place(path string, data []byte, mode fs.FileMode) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return errors.Join(os.WriteFile(path+".new", data, mode), os.Chmod(path+".new", mode), os.Rename(path+".new", path))
}

type process struct {
	c        *exec.Cmd
	in       io.WriteCloser
	out, err io.Reader
	once     sync.Once
	end      error
}

func (p *process) Stdin() io.WriteCloser { return p.in }
func (p *process) Stdout() io.Reader     { return p.out }
func (p *process) Stderr() io.Reader     { return p.err }
func (p *process) Kill() error           { return syscall.Kill(-p.c.Process.Pid, syscall.SIGKILL) }
func (p *process) Wait() error {
	p.once.Do(func() {
		st, err := p.c.Process.Wait()
		if p.end = err; err == nil && !st.Success() {
			p.end = &transport.ExitError{Code: st.ExitCode()}
			if w, ok := st.Sys().(syscall.WaitStatus); ok && w.Signaled() {
				p.end = &transport.ExitError{Code: -1, Signal: "KILL"}
			}
		}
	})
	return p.end
}

// built is a runner: this test's own program, which TestMain makes one.
var built = sync.OnceValues(func() ([]byte, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return os.ReadFile(exe)
})

func TestMain(m *testing.M) {
	if len(os.Args) < 2 || strings.HasPrefix(os.Args[1], "-") {
		os.Exit(m.Run())
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	os.Exit(program.Run(context.Background(), os.Args[1:], program.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, program.Env{
		System: func(tools func(context.Context, string) (string, error)) system.System {
			return local.New(local.Options{Tools: tools})
		},
		Modules: []module.Module{newHost().note()},
	}))
}

// programs is a payload of one runner for platform.
type programs struct {
	platform string
	data     []byte
}

func payload(t testing.TB) *programs {
	t.Helper()
	data, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return &programs{"linux/" + runtime.GOARCH, data}
}

func (p *programs) Platforms() []string { return []string{p.platform} }
func (p *programs) Program(name, platform string) (session.Program, error) {
	if name != "gokube-runner" || platform != p.platform {
		return session.Program{}, errors.New("there is no " + name + " for " + platform)
	}
	return session.Program{SHA256: system.Sum(p.data), Size: int64(len(p.data)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(p.data)), nil }}, nil
}

func start(t *testing.T, s *shell, o session.Options) *session.Session {
	t.Helper()
	if o.Payload == nil {
		o.Payload = payload(t)
	}
	sess, err := session.Open(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sess.Close() })
	return sess
}

func ping(t *testing.T, s *session.Session) {
	t.Helper()
	if r := s.Do(t.Context(), &wire.Request{Task: "t", Module: "note"}); r.Err != nil {
		t.Errorf("%+v", r.Err)
	}
}

func TestTheRunnerIsBroughtOnceAndThenStartedByOneCommand(t *testing.T) {
	t.Parallel()
	sh := newShell(t)
	ping(t, start(t, sh, session.Options{}))
	if len(sh.uploads) != 1 || len(sh.commands) != 2 || !strings.HasPrefix(sh.uploads[0], sh.home+"/.cache/gokube/runner-") {
		t.Errorf("%d commands, uploads %q", len(sh.commands), sh.uploads)
	}
	sess := start(t, sh, session.Options{Facts: true})
	ping(t, sess)
	if len(sh.uploads) != 1 || len(sh.commands) != 3 {
		t.Errorf("%d commands, uploads %q", len(sh.commands), sh.uploads)
	}
	if f, err := sess.Facts(t.Context()); err != nil || f.Kernel == "" || sess.BootID() == "" || sess.BootID() != f.BootID {
		t.Errorf("%+v, %v, boot id %q", f, err, sess.BootID())
	}
	dir, err := os.Stat(sh.home + "/.cache/gokube")
	if err != nil || dir.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", dir.Mode(), err)
	}
	if left, _ := filepath.Glob(sh.home + "/.cache/gokube/.*"); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}

func TestABannerDoesNoHarm(t *testing.T) {
	t.Parallel()
	sh := newShell(t)
	sh.login = "echo 'Welcome!'; printf 'no newline'; echo noise >&2; "
	ping(t, start(t, sh, session.Options{}))
	ping(t, start(t, sh, session.Options{}))
	if len(sh.commands) != 3 {
		t.Errorf("%d commands", len(sh.commands))
	}
}

func TestADamagedRunnerIsBroughtAnew(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func([]byte) []byte{
		"a bit":     func(b []byte) []byte { b = bytes.Clone(b); b[len(b)-1] ^= 1; return b },
		"truncated": func([]byte) []byte { return []byte("\x7fELF") },
		"a script":  func([]byte) []byte { return []byte("#!/bin/sh\nexit 65\n") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sh := newShell(t)
			p := payload(t)
			dir := sh.home + "/.cache/gokube"
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := place(dir+"/runner-"+system.Sum(p.data), damage(p.data), 0o755); err != nil {
				t.Fatal(err)
			}
			ping(t, start(t, sh, session.Options{}))
			if len(sh.uploads) != 1 {
				t.Errorf("uploads %q", sh.uploads)
			}
		})
	}
}

// Not in parallel: the places that it falls back to are every test's.
func TestAHomeThatTakesNothingIsPassedOver(t *testing.T) {
	sh := newShell(t)
	if err := os.WriteFile(sh.home+"/.cache", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ping(t, start(t, sh, session.Options{}))
	if len(sh.uploads) != 1 || !strings.HasPrefix(sh.uploads[0], "/var/tmp/gokube-") {
		t.Fatalf("uploads %q", sh.uploads)
	}
	t.Cleanup(func() { os.Remove(sh.uploads[0]); os.Remove(filepath.Dir(sh.uploads[0])) })
	ping(t, start(t, sh, session.Options{}))
	if len(sh.uploads) != 1 || len(sh.commands) != 3 {
		t.Errorf("%d commands, uploads %q", len(sh.commands), sh.uploads)
	}
}

// Not in parallel, likewise.
func TestAFullDiskIsPassedOverAndInTheEndNamed(t *testing.T) {
	sh := newShell(t)
	t.Cleanup(func() {
		for _, p := range sh.uploads {
			os.Remove(filepath.Dir(p)) // unless something is in it
		}
	})
	sh.refuse = func(string) error { return syscall.ENOSPC }
	_, err := session.Open(t.Context(), sh, session.Options{Payload: payload(t)})
	if err == nil || len(sh.uploads) != 4 || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v, uploads %q", err, sh.uploads)
	}
}

func TestAnArchitectureWithoutARunnerIsNamed(t *testing.T) {
	t.Parallel()
	sh := newShell(t)
	bin := t.TempDir()
	if err := place(bin+"/uname", []byte("#!/bin/sh\n[ $1 = -m ] && echo riscv64 || echo Linux\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	sh.path = bin + ":" + sh.path
	_, err := session.Open(t.Context(), sh, session.Options{Payload: payload(t)})
	if err == nil || !strings.Contains(err.Error(), "it is linux/riscv64: there is no gokube-runner for linux/riscv64") || len(sh.uploads) > 0 {
		t.Error(err)
	}
}

// sudoAs writes a sudo into a PATH that takes one password, or none at all.
func (s *shell) sudoAs(t *testing.T, password string) {
	t.Helper()
	bin := t.TempDir()
	script := `#!/bin/sh
ask=; n=; while [ "$1" != -- ]; do case "$1" in -n) n=1;; -p) ask=$2; shift;; esac; shift; done; shift
if [ -n "` + password + `" ]; then
[ -n "$n" ] && { echo "sudo: a password is required" >&2; exit 1; }
for i in 1 2 3; do printf %s "$ask" >&2; read -r pw; [ "$pw" = "` + password + `" ] && exec "$@"; echo "Sorry, try again." >&2; done
exit 1
fi
exec "$@"
`
	if err := place(bin+"/sudo", []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	s.path, s.someone = bin+":"+s.path, true
}

func TestTheRunnerStartsAsRoot(t *testing.T) {
	t.Parallel()
	for name, password := range map[string]string{"without a password": "", "with a password": "open sesame"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sh := newShell(t)
			sh.sudoAs(t, password)
			ping(t, start(t, sh, session.Options{Become: wire.Become{Method: "sudo", Password: secret.New(password)}}))
			for _, c := range sh.commands {
				if password != "" && strings.Contains(c, password) {
					t.Errorf("the password is in %q", c)
				}
			}
		})
	}
}

func TestTheLastWordsOfALostRunnerAreNotOurs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ login, want string }{
		{"", ""},
		{"echo ouch >&2; ", "; the runner's last words: ouch"},
	} {
		sh := newShell(t)
		sh.login = c.login
		sh.sudoAs(t, "open sesame")
		sess := start(t, sh, session.Options{Become: wire.Become{Method: "sudo", Password: secret.New("open sesame")}})
		if err := sh.last.Kill(); err != nil {
			t.Fatal(err)
		}
		<-sess.Done()
		if got := sess.Err().Error(); !strings.HasPrefix(got, "connection to me@shell was lost: ") || strings.Contains(got, "gokube-") || !strings.HasSuffix(got, c.want) || c.want == "" && strings.Contains(got, "words") {
			t.Errorf("said %q: %s", c.login, got)
		}
	}
}

func TestRefusedBecomeIsToldFromALostHost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ password, want string }{
		"wrong":   {"nope", "become root by sudo: the become password is wrong"},
		"missing": {"", "become root by sudo: a password is required, give one with --ask-become-pass or ansible_become_password"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sh := newShell(t)
			ping(t, start(t, sh, session.Options{})) // the runner is there
			sh.sudoAs(t, "open sesame")
			_, err := session.Open(t.Context(), sh, session.Options{Payload: payload(t), Become: wire.Become{Method: "sudo", Password: secret.New(c.password)}})
			var e *wire.Error
			if !errors.As(err, &e) || e.Kind != wire.NoBecome || e.Text != c.want {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestARunnerIsFoundAgainAfterItsProcessOnTheWireWasKilled(t *testing.T) {
	t.Parallel()
	sh := newShell(t)
	sess := start(t, sh, session.Options{Redial: func(context.Context) (transport.Conn, error) { return sh, nil }})
	conn := transport.Conn(sh)
	if err := sess.Reattach(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	ping(t, sess)
	if last := sh.commands[len(sh.commands)-1]; !strings.Contains(last, " attach ") {
		t.Errorf("the last command is %q", last)
	}
}

func TestTheCommandIsSafeForEveryLoginShell(t *testing.T) {
	t.Parallel()
	sh := newShell(t)
	start(t, sh, session.Options{Check: true, Facts: true, Become: wire.Become{Method: "sudo", Flags: "-H -E"}})
	for _, c := range sh.commands {
		if strings.Count(c, "'") != 2 || strings.ContainsAny(c, "\\!\n") {
			t.Errorf("%q", c)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	sh := &shell{home: b.TempDir(), path: os.Getenv("PATH"), done: make(chan struct{})}
	p := payload(b)
	for b.Loop() {
		s, err := session.Open(b.Context(), sh, session.Options{Payload: p})
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}

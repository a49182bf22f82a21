package ssh_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/transport/local"
	"github.com/gokube/gokube/engine/transport/ssh"
	"github.com/gokube/gokube/engine/transport/ssh/sshconfig"
	"github.com/gokube/gokube/engine/transport/sshtest"
)

// lab is a user's home with one key and the host that it opens.
type lab struct {
	home, keyFile, known string
	key                  sshtest.Key
	host                 *sshtest.Host
	options              ssh.Options
}

func newLab(t testing.TB, c sshtest.Config) *lab {
	t.Helper()
	l := &lab{home: t.TempDir(), key: must(sshtest.ReadKey("keys/testdata/plain"))}
	l.keyFile, l.known = filepath.Join(l.home, "key"), filepath.Join(l.home, "known_hosts")
	check(t, l.key.Write(l.keyFile))
	if c.Keys == nil {
		c.Keys = []sshtest.Key{l.key}
	}
	l.host = listen(t, c)
	l.know(t, l.host)
	l.options = ssh.Options{Env: sshconfig.Env{Home: l.home, User: "me"}, AgentSocket: "none"}
	return l
}

func listen(t testing.TB, c sshtest.Config) *sshtest.Host {
	t.Helper()
	h, err := sshtest.Listen(c)
	check(t, err)
	t.Cleanup(func() { h.Close() })
	return h
}

func (l *lab) know(t testing.TB, hosts ...*sshtest.Host) {
	t.Helper()
	check(t, os.WriteFile(l.known, []byte(sshtest.Known(hosts...)), 0o600))
}

func (l *lab) target() transport.Target { return l.host.Target(l.keyFile, l.known) }

// dial connects or fails the test.
func (l *lab) dial(t testing.TB) transport.Conn {
	t.Helper()
	c, err := ssh.NewDialer(l.options).Dial(t.Context(), l.target())
	check(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

// refused is the error of a connection that must not come about.
func refused[E error](t *testing.T, l *lab, target transport.Target) E {
	t.Helper()
	c, err := ssh.NewDialer(l.options).Dial(t.Context(), target)
	if err == nil {
		c.Close()
		t.Fatal("connected")
	}
	var e E
	if !errors.As(err, &e) || !errors.Is(err, transport.ErrUnreachable) {
		t.Fatalf("%T: %v", err, err)
	}
	t.Log(err)
	return e
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// realShell runs commands on this machine, at home.
func realShell(home string) sshtest.Shell {
	return func(ctx context.Context, command string, stdin io.Reader, stdout, stderr io.Writer) int {
		c, err := local.Dialer{Home: home}.Dial(ctx, transport.Target{})
		if err != nil {
			return 255
		}
		defer c.Close()
		p, err := c.Start(ctx, command)
		if err != nil {
			return 255
		}
		defer context.AfterFunc(ctx, func() { p.Kill() })()
		go func() {
			io.Copy(p.Stdin(), stdin)
			p.Stdin().Close()
		}()
		var wg sync.WaitGroup
		wg.Go(func() { io.Copy(stdout, p.Stdout()) })
		wg.Go(func() { io.Copy(stderr, p.Stderr()) })
		err = p.Wait()
		wg.Wait()
		var exit *transport.ExitError
		if errors.As(err, &exit) {
			return exit.Code
		}
		return 0
	}
}

// echo is a shell that gives back its input, whatever the command.
func echo(_ context.Context, _ string, stdin io.Reader, stdout, _ io.Writer) int {
	io.Copy(stdout, stdin)
	return 0
}

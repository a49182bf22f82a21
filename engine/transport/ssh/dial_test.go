package ssh_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh/agent"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/transport/ssh"
	"github.com/gokube/gokube/engine/transport/sshtest"
)

func TestUnknownHostKeyIsRefusedWithTheWayOut(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{})
	l.know(t)
	e := refused[*transport.HostKeyError](t, l, l.target())
	if e.Problem != transport.HostKeyUnknown || !strings.Contains(e.Hint, "ssh-keyscan") || !strings.Contains(e.Hint, l.known) {
		t.Errorf("%+v", e)
	}
	target := l.target()
	target.HostKeys = transport.HostKeysAcceptNew
	c, err := ssh.NewDialer(l.options).Dial(t.Context(), target)
	check(t, err)
	c.Close()
	l.dial(t) // strictly, with a fresh reading of the file
}

func TestChangedHostKeyIsRefusedWhateverThePolicy(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{})
	other := must(sshtest.NewKey())
	line := strings.Fields(l.host.KnownHost())[0] + " " + other.Public() + "\n"
	check(t, os.WriteFile(l.known, []byte("# first line\n"+line), 0o600))
	target := l.target()
	target.HostKeys = transport.HostKeysAcceptNew
	e := refused[*transport.HostKeyError](t, l, target)
	if e.Problem != transport.HostKeyChanged || e.Known != l.known+":2" || !strings.Contains(e.Hint, "ssh-keygen") {
		t.Errorf("%+v", e)
	}
}

func TestWrongKeyIsNamedByFileAndFingerprint(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{Keys: []sshtest.Key{must(sshtest.NewKey())}})
	e := refused[*transport.AuthError](t, l, l.target())
	if len(e.Tried) != 1 || !strings.Contains(e.Tried[0], l.keyFile) || !strings.Contains(e.Tried[0], l.key.Fingerprint()) {
		t.Errorf("tried %q", e.Tried)
	}
}

func TestNoSuchUserIsAnAuthError(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{Password: "secret"})
	target := l.target()
	target.User = "nobody"
	e := refused[*transport.AuthError](t, l, target)
	if e.User != "nobody" || len(e.Tried) != 3 || strings.Contains(e.Error(), "secret") {
		t.Errorf("%+v", e)
	}
}

func TestNothingToLogInWith(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{})
	target := l.target()
	target.KeyFiles = nil
	if e := refused[*transport.AuthError](t, l, target); len(e.Tried) != 0 || e.Hint == "" {
		t.Errorf("%+v", e)
	}
	target.KeyFiles = []string{l.home + "/missing"}
	if e := refused[*transport.AuthError](t, l, target); !errors.Is(e, os.ErrNotExist) {
		t.Errorf("%+v", e)
	}
}

func TestTooManyKeysIsAnAuthErrorWithTheWayOut(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{MaxAuth: 2})
	target := l.target()
	target.KeyFiles = nil
	for _, name := range []string{"a", "b", "c"} {
		file := filepath.Join(l.home, name)
		check(t, must(sshtest.NewKey()).Write(file))
		target.KeyFiles = append(target.KeyFiles, file)
	}
	e := refused[*transport.AuthError](t, l, target)
	if len(e.Tried) < 2 || !strings.Contains(e.Hint, "IdentitiesOnly") {
		t.Errorf("%+v", e)
	}
}

func TestHostDownIsUnreachable(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{})
	target := l.target()
	l.host.Close()
	e := refused[*transport.UnreachableError](t, l, target)
	if e.Phase != transport.PhaseConnect || !errors.Is(e, syscall.ECONNREFUSED) {
		t.Errorf("%+v", e)
	}
}

func TestMuteHostIsGivenUpInTime(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{Faults: sshtest.Faults{Mute: true}})
	target := l.target()
	target.Timeout = 50 * time.Millisecond
	e := refused[*transport.UnreachableError](t, l, target)
	if e.Phase != transport.PhaseHandshake || !errors.Is(e, os.ErrDeadlineExceeded) {
		t.Errorf("%+v", e)
	}
}

func TestPassingHangUpsAreTriedAgain(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{Faults: sshtest.Faults{Refuse: 2}})
	l.dial(t)
	l.host.SetFaults(sshtest.Faults{Refuse: 99})
	target := l.target()
	target.Retries = -1
	e := refused[*transport.UnreachableError](t, l, target)
	if e.Phase != transport.PhaseHandshake || !strings.Contains(e.Hint, "MaxStartups") {
		t.Errorf("%+v", e)
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{Faults: sshtest.Faults{Mute: true}})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := ssh.NewDialer(l.options).Dial(ctx, l.target()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestPasswordLogsIn(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{Password: "secret"})
	target := l.target()
	target.KeyFiles = nil
	c, err := ssh.NewDialer(l.options).Dial(t.Context(), target)
	check(t, err)
	c.Close()
}

func TestPassphraseIsAskedOnceAndMayTakeItsTime(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{})
	l.keyFile = "keys/testdata/encrypted"
	asked := 0
	l.options.Passphrase = func(string, bool) (secret.String, error) {
		asked++
		time.Sleep(600 * time.Millisecond)
		return secret.New("right"), nil
	}
	target := l.target()
	target.Timeout = 500 * time.Millisecond
	d := ssh.NewDialer(l.options)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			c, err := d.Dial(t.Context(), target)
			if err != nil {
				t.Error(err)
				return
			}
			c.Close()
		})
	}
	wg.Wait()
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestEncryptedKeyWithoutAnybodyToAsk(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{})
	l.keyFile = "keys/testdata/encrypted"
	if e := refused[*transport.AuthError](t, l, l.target()); !strings.Contains(e.Error(), "ssh-agent") {
		t.Error(e)
	}
}

func TestCertificateLogsIn(t *testing.T) {
	t.Parallel()
	authority := must(sshtest.NewKey())
	l := newLab(t, sshtest.Config{Keys: []sshtest.Key{authority}})
	check(t, l.key.Certify(authority, "gokube", l.keyFile+"-cert.pub"))
	l.dial(t)
}

func TestAgentLogsInWhenNoKeyFileIsGiven(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{})
	ring := agent.NewKeyring()
	check(t, ring.Add(agent.AddedKey{PrivateKey: l.key.Private(), Comment: "work"}))
	l.options.AgentSocket = filepath.Join(l.home, "agent")
	listener := must(net.Listen("unix", l.options.AgentSocket))
	t.Cleanup(func() { listener.Close() })
	asked := make(chan struct{}, 9)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			asked <- struct{}{}
			go agent.ServeAgent(ring, c)
		}
	}()
	l.dial(t)
	if len(asked) != 0 {
		t.Error("the agent was asked though a key file is given")
	}
	target := l.target()
	target.KeyFiles = nil
	c, err := ssh.NewDialer(l.options).Dial(t.Context(), target)
	check(t, err)
	c.Close()
	if len(asked) != 1 {
		t.Errorf("the agent was asked %d times", len(asked))
	}
}

func TestConfigFileIsHeededAndMatchExecIsWarnedOf(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{})
	config := filepath.Join(l.home, "config")
	text := "Match exec \"true\"\n  User evil\nHost web\n  HostName 127.0.0.1\n  User gokube\n  Port " + port(l.host) +
		"\n  IdentityFile " + l.keyFile + "\n  UserKnownHostsFile " + l.known + "\n"
	check(t, os.WriteFile(config, []byte(text), 0o600))
	var warnings []diag.Diagnostic
	l.options.Warn = func(d diag.Diagnostic) { warnings = append(warnings, d) }
	d := ssh.NewDialer(l.options)
	for range 2 {
		c, err := d.Dial(t.Context(), transport.Target{Host: "web", ConfigFile: config})
		check(t, err)
		if want := "gokube@127.0.0.1:" + port(l.host); c.String() != want {
			t.Errorf("%s, want %s", c, want)
		}
		c.Close()
	}
	if len(warnings) != 1 || warnings[0].Pos != (diag.Pos{File: config, Line: 1}) {
		t.Errorf("warnings: %v", warnings)
	}
	e := refused[*transport.UnreachableError](t, l, transport.Target{Host: "web", ConfigFile: config + "x"})
	if e.Phase != transport.PhaseConfigure {
		t.Errorf("%+v", e)
	}
}

func port(h *sshtest.Host) string {
	_, p, _ := net.SplitHostPort(h.Address())
	return p
}

func TestJumpHostIsSharedAndClosedAfterTheLast(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{Shell: echo})
	bastion := listen(t, sshtest.Config{User: "jumper", Keys: []sshtest.Key{l.key}})
	l.know(t, l.host, bastion)
	target := l.target()
	target.Jumps = []transport.Jump{{User: "jumper", Address: "127.0.0.1", Port: bastion.Port()}}
	// The same address as the bastion's would be taken for a loop.
	target.Address = "localhost"
	check(t, os.WriteFile(l.known, []byte(sshtest.Known(bastion)+strings.Replace(l.host.KnownHost(), "127.0.0.1", "localhost", 1)), 0o600))
	l.options.JumpHandshakes = 2
	d := ssh.NewDialer(l.options)
	conns := make([]transport.Conn, 8)
	var wg sync.WaitGroup
	for i := range conns {
		wg.Go(func() {
			c, err := d.Dial(t.Context(), target)
			if err != nil {
				t.Error(err)
				return
			}
			conns[i] = c
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	if n := bastion.Logins(); n != 1 {
		t.Errorf("%d logins on the jump host", n)
	}
	for _, c := range conns[1:] {
		c.Close()
	}
	if got := talk(t, conns[0], "through"); got != "through" {
		t.Errorf("%q", got)
	}
	bastion.Reset()
	<-conns[0].Done()
	if err := conns[0].Err(); !errors.Is(err, transport.ErrUnreachable) || !strings.Contains(err.Error(), "jump host") {
		t.Errorf("lost: %v", err)
	}
	c, err := d.Dial(t.Context(), target)
	check(t, err)
	c.Close()
	bastion.Close()
	if e := refused[*transport.UnreachableError](t, l, target); !strings.Contains(e.Error(), "jump host 127.0.0.1") {
		t.Error(e)
	}
}

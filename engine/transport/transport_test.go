package transport_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/transport"
)

func TestErrorsTellKindCauseAndWayOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err         error
		want        string
		unreachable bool
	}{
		{
			&transport.UnreachableError{Address: "a:22", Phase: transport.PhaseConnect, Cause: fs.ErrClosed, Hint: "try later"},
			"connect to a:22: file already closed, try later", true,
		},
		{
			&transport.UnreachableError{Address: "a:22", Phase: transport.PhaseEstablished, Cause: fs.ErrClosed},
			"connection to a:22 was lost: file already closed", true,
		},
		{
			&transport.AuthError{Address: "a:22", User: "u", Tried: []string{"k SHA256:x", "password"}, Offered: []string{"publickey"}},
			`log in to a:22 as "u": permission denied, tried k SHA256:x, password; the host accepts publickey`, true,
		},
		{
			&transport.AuthError{Address: "a:22", User: "u", Cause: fs.ErrNotExist, Hint: "make a key"},
			`log in to a:22 as "u": permission denied, nothing to try: file does not exist, make a key`, true,
		},
		{
			&transport.HostKeyError{Problem: transport.HostKeyChanged, Address: "a", KeyType: "ssh-rsa", Fingerprint: "SHA256:x", Known: "kh:3"},
			"verify host key of a: ssh-rsa key SHA256:x is changed (see kh:3)", true,
		},
		{&transport.SessionError{Address: "a:22", Cause: fs.ErrInvalid}, "open a session on a:22: invalid argument", false},
		{&transport.UploadError{Path: "x", Cause: fs.ErrPermission}, "upload x: permission denied", false},
		{&transport.ExitError{Code: 3}, "exit status 3", false},
		{&transport.ExitError{Code: -1, Signal: "KILL"}, "killed by signal KILL", false},
	} {
		wrapped := fmt.Errorf("%w", c.err)
		if got := wrapped.Error(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
		if got := errors.Is(wrapped, transport.ErrUnreachable); got != c.unreachable {
			t.Errorf("%s: unreachable is %t", c.want, got)
		}
	}
}

func TestParseJumps(t *testing.T) {
	t.Parallel()
	got, err := transport.ParseJumps("u@a:2222, b,ssh://v@c:22/,[::1]:7,fe80::1")
	want := []transport.Jump{
		{User: "u", Address: "a", Port: 2222}, {Address: "b"}, {User: "v", Address: "c", Port: 22},
		{Address: "::1", Port: 7}, {Address: "fe80::1"},
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, err := transport.ParseJumps("none"); err != nil || cmp.Diff(transport.DirectOnly(), got) != "" {
		t.Errorf("none is %v, %v", got, err)
	}
	for _, bad := range []string{"", "a,", "@a", "a:0", "a:70000", "a b", "-oProxyCommand=x", "u@", "a:x"} {
		if got, err := transport.ParseJumps(bad); err == nil {
			t.Errorf("%q is %v", bad, got)
		}
	}
}

func FuzzParseJumps(f *testing.F) {
	f.Add("u@a:22,b")
	f.Add("ssh://[::1]:22")
	f.Fuzz(func(t *testing.T, s string) {
		jumps, err := transport.ParseJumps(s)
		if err != nil {
			return
		}
		for _, j := range jumps {
			if j.Address == "" && s != "" && !strings.EqualFold(strings.TrimSpace(s), "none") {
				t.Errorf("%q has a jump without an address", s)
			}
		}
	})
}

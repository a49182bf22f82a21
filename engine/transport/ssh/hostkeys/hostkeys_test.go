package hostkeys_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"

	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/transport/ssh/hostkeys"
)

func newKey(t testing.TB) (ssh.PublicKey, ssh.Signer) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return s.PublicKey(), s
}

func line(k ssh.PublicKey) string { return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(k))) }

func open(t testing.TB, lines ...string) (*hostkeys.List, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ssh", "known_hosts")
	if lines != nil {
		os.Mkdir(filepath.Dir(path), 0o700)
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var s hostkeys.Store
	l, err := s.Open([]string{path, path + "2"})
	if err != nil {
		t.Fatal(err)
	}
	return l, path
}

func TestKeysAreJudgedByTheFiles(t *testing.T) {
	t.Parallel()
	known, _ := newKey(t)
	other, _ := newKey(t)
	bad, _ := newKey(t)
	ca, caSigner := newKey(t)
	certified := &ssh.Certificate{Key: other, CertType: ssh.HostCert, ValidPrincipals: []string{"web1"}, ValidBefore: ssh.CertTimeInfinity}
	if err := certified.SignCert(rand.Reader, caSigner); err != nil {
		t.Fatal(err)
	}
	l, path := open(t,
		"plain,10.0.0.1 "+line(known),
		xknownhosts.HashHostname("hashed")+" "+line(known),
		"[ported]:2222 "+line(known),
		"wild* "+line(known),
		"@revoked * "+line(bad),
		"@cert-authority web* "+line(ca),
	)
	for _, c := range []struct {
		address string
		key     ssh.PublicKey
		want    transport.HostKeyProblem
		known   int
	}{
		{"plain:22", known, "", 0},
		{"10.0.0.1:22", known, "", 0},
		{"hashed:22", known, "", 0},
		{"ported:2222", known, "", 0},
		{"wild3:22", known, "", 0},
		{"wild3:2200", known, "", 0},
		{"web1:22", certified, "", 0},
		{"web2:22", certified, transport.HostKeyUnknown, 0},
		{"plain:22", other, transport.HostKeyChanged, 1},
		{"hashed:22", other, transport.HostKeyChanged, 2},
		{"plain:22", bad, transport.HostKeyRevoked, 5},
		{"ported:22", known, transport.HostKeyUnknown, 0},
		{"strange:22", known, transport.HostKeyUnknown, 0},
	} {
		err := l.Verify(c.address, c.key, transport.HostKeysStrict)
		var e *transport.HostKeyError
		if !errors.As(err, &e) {
			if err != nil || c.want != "" {
				t.Errorf("%s: %v, want %q", c.address, err, c.want)
			}
			continue
		}
		place := ""
		if c.known > 0 {
			place = fmt.Sprintf("%s:%d", path, c.known)
		}
		if e.Problem != c.want || e.Known != place || e.Fingerprint != ssh.FingerprintSHA256(c.key) {
			t.Errorf("%s: %+v, want %q at %q", c.address, e, c.want, place)
		}
		if e.Hint == "" && e.Cause == nil {
			t.Errorf("%s: no way out in %v", c.address, e)
		}
	}
	if algos := l.Algorithms("web1:22"); algos[0] != ssh.CertAlgoED25519v01 {
		t.Errorf("algorithms of a host with an authority: %v", algos)
	}
}

func TestNewKeysAreAcceptedOnceByManyHostsAtATime(t *testing.T) {
	t.Parallel()
	k, _ := newKey(t)
	other, _ := newKey(t)
	old, _ := newKey(t)
	l, path := open(t, "old "+line(old))
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			for range 2 {
				if err := l.Verify(fmt.Sprintf("h%d:2222", i), k, transport.HostKeysAcceptNew); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	data, _ := os.ReadFile(path)
	if n := strings.Count(string(data), "\n"); n != 51 {
		t.Errorf("%d lines:\n%s", n, data)
	}
	var again hostkeys.Store
	l2, err := again.Open([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []*hostkeys.List{l, l2} {
		if err := l.Verify("h7:2222", k, transport.HostKeysStrict); err != nil {
			t.Error(err)
		}
		var e *transport.HostKeyError
		if err := l.Verify("h7:2222", other, transport.HostKeysAcceptNew); !errors.As(err, &e) || e.Problem != transport.HostKeyChanged {
			t.Errorf("changed key: %v", err)
		}
	}
}

func TestAcceptedKeyMakesTheFile(t *testing.T) {
	t.Parallel()
	k, _ := newKey(t)
	l, path := open(t)
	if err := l.Verify("h:22", k, transport.HostKeysAcceptNew); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); string(data) != "h "+line(k)+"\n" {
		t.Errorf("%q, %v", data, err)
	}
}

func TestMalformedFileIsNamedWithItsLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "known_hosts")
	os.WriteFile(path, []byte("# fine\nhost ssh-ed25519 AAAA\n"), 0o600)
	var s hostkeys.Store
	if _, err := s.Open([]string{path}); err == nil || !strings.Contains(err.Error(), path+":2") {
		t.Error(err)
	}
}

func FuzzOpenAndVerify(f *testing.F) {
	k, _ := newKey(f)
	f.Add("h "+line(k), "h:22")
	f.Add("@cert-authority * "+line(k)+"\n|1|x|y "+line(k), "h:1")
	f.Add("!a,*,[b]:2 "+line(k), "[::1]:22")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text, address string) {
		path := filepath.Join(dir, "known_hosts")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var s hostkeys.Store
		l, err := s.Open([]string{path})
		if err != nil {
			return
		}
		l.Algorithms(address)
		if err := l.Verify(address, k, transport.HostKeysStrict); err == nil && !strings.Contains(text, strings.Fields(line(k))[1][:40]) {
			t.Errorf("accepted a key that is not in %q", text)
		}
	})
}

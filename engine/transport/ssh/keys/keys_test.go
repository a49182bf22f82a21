package keys_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/transport/ssh/keys"
)

// encrypted is a key with the passphrase "right", which one round of hashing makes
// quick to open.
const encrypted = "testdata/encrypted"

func write(t *testing.T, path string, private crypto.PrivateKey) ssh.PublicKey {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return s.PublicKey()
}

func newEd25519(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sign(t *testing.T, k keys.Key) {
	t.Helper()
	sig, err := k.Signer.Sign(rand.Reader, []byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Public.Verify([]byte("text"), sig); err != nil {
		t.Error(err)
	}
}

func TestPassphraseIsAskedOnceForAllHosts(t *testing.T) {
	t.Parallel()
	plain, err := keys.NewRing(nil).File("testdata/plain")
	if err != nil {
		t.Fatal(err)
	}
	public := plain[0].Public
	asked := 0
	ring := keys.NewRing(func(file string, again bool) (secret.String, error) {
		if file != encrypted || again != (asked > 0) {
			t.Errorf("asked for %s, again %t", file, again)
		}
		asked++
		if asked == 1 {
			return secret.New("wrong"), nil
		}
		return secret.New("right"), nil
	})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			ks, err := ring.File(encrypted)
			if err != nil || len(ks) != 1 || !ks[0].Locked || !bytes.Equal(ks[0].Public.Marshal(), public.Marshal()) {
				t.Errorf("%v, %v", ks, err)
				return
			}
			s := ks[0].Signer.(ssh.AlgorithmSigner)
			sig, err := s.SignWithAlgorithm(rand.Reader, []byte("text"), ssh.KeyAlgoED25519)
			if err != nil || public.Verify([]byte("text"), sig) != nil {
				t.Errorf("sign: %v", err)
			}
		})
	}
	wg.Wait()
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
}

func TestNoPassphraseIsRememberedAsNo(t *testing.T) {
	t.Parallel()
	asked := 0
	ring := keys.NewRing(func(string, bool) (secret.String, error) { asked++; return secret.New("wrong"), nil })
	for range 2 {
		ks, err := ring.File(encrypted)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ks[0].Signer.Sign(rand.Reader, nil); err == nil {
			t.Error("signed")
		}
	}
	if asked != 3 {
		t.Errorf("asked %d times", asked)
	}
	ks, _ := keys.NewRing(nil).File(encrypted)
	if _, err := ks[0].Signer.Sign(rand.Reader, nil); !errors.Is(err, keys.ErrEncrypted) {
		t.Error(err)
	}
}

func TestCertificateBesideAKeyComesFirst(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "id")
	public := write(t, path, newEd25519(t))
	ca, _ := ssh.NewSignerFromKey(newEd25519(t))
	cert := &ssh.Certificate{Key: public, CertType: ssh.UserCert, ValidBefore: ssh.CertTimeInfinity}
	if err := cert.SignCert(rand.Reader, ca); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+"-cert.pub", ssh.MarshalAuthorizedKey(cert), 0o600); err != nil {
		t.Fatal(err)
	}
	ks, err := keys.NewRing(nil).File(path)
	if err != nil || len(ks) != 2 {
		t.Fatalf("%v, %v", ks, err)
	}
	if _, ok := ks[0].Public.(*ssh.Certificate); !ok || ks[0].Signer == nil {
		t.Errorf("first is %v", ks[0])
	}
	sign(t, ks[1])
}

func TestAgentSignsForPublicKeyFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	private := newEd25519(t)
	public := write(t, filepath.Join(dir, "other"), private)
	if err := os.WriteFile(filepath.Join(dir, "id.pub"), ssh.MarshalAuthorizedKey(public), 0o600); err != nil {
		t.Fatal(err)
	}
	ks, err := keys.NewRing(nil).File(filepath.Join(dir, "id"))
	if err != nil || ks[0].Signer != nil {
		t.Fatalf("%v, %v", ks, err)
	}
	a, err := keys.OpenAgent(t.Context(), serveAgent(t, private))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if len(a.Keys()) != 1 || a.Keys()[0].Name != "agent key work" {
		t.Errorf("agent has %v", a.Keys())
	}
	k, ok := a.Find(ks[0])
	if !ok {
		t.Fatal("the agent does not find its key")
	}
	sign(t, k)
}

func serveAgent(t *testing.T, private crypto.PrivateKey) string {
	t.Helper()
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: private, Comment: "work"}); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "agent")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go agent.ServeAgent(ring, c)
		}
	}()
	return socket
}

func TestUnusableKeyFilesAreNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage")
	os.WriteFile(garbage, []byte("no key"), 0o600)
	ring := keys.NewRing(nil)
	if _, err := ring.File(garbage); err == nil || !bytes.Contains([]byte(err.Error()), []byte(garbage)) {
		t.Errorf("garbage: %v", err)
	}
	if _, err := ring.File(filepath.Join(dir, "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	if _, err := keys.OpenAgent(t.Context(), filepath.Join(dir, "none")); err == nil {
		t.Error("no agent is an agent")
	}
}

// Package keys reads private keys, certificates and the keys of an ssh-agent. It
// does not know which host they are for.
//
// # Decisions
//
// A file is read and parsed once for all hosts of a run, and a passphrase is asked
// for once, and only when a host has said that it would accept the key: the public
// half of an encrypted key can be read without it.
package keys

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/crypto/ssh"
)

// Key is something to log in with: a private key, a certificate for one, or only
// a public key whose private half an agent may have.
type Key struct {
	Name   string        // the file, or the agent's comment
	Public ssh.PublicKey // may be a *ssh.Certificate
	Signer ssh.Signer    // nil when only the public half is known
	Locked bool          // Signer may ask for a passphrase
}

// String is the name and the fingerprint.
func (k Key) String() string {
	what := ""
	if _, ok := k.Public.(*ssh.Certificate); ok {
		what = "certificate "
	}
	return fmt.Sprintf("%s%s (%s)", what, k.Name, ssh.FingerprintSHA256(k.Public))
}

// Ring holds the key files that were read so far. It is safe for concurrent use.
type Ring struct {
	ask Ask

	mu    sync.Mutex
	files map[string]func() ([]Key, error)
}

// NewRing returns an empty ring. With a nil ask, encrypted keys need an agent.
func NewRing(ask Ask) *Ring {
	return &Ring{ask: onePromptAtATime(ask), files: map[string]func() ([]Key, error){}}
}

// File is what a key file and the -cert.pub beside it hold, certificates first.
// A file may be a public key, or have only a public half on this machine.
func (r *Ring) File(path string) ([]Key, error) {
	r.mu.Lock()
	load, ok := r.files[path]
	if !ok {
		load = sync.OnceValues(func() ([]Key, error) { return r.load(path) })
		r.files[path] = load
	}
	r.mu.Unlock()
	return load()
}

func (r *Ring) load(path string) ([]Key, error) {
	k, err := r.read(path)
	if err != nil {
		return nil, err
	}
	certified, err := Certify(k, path+"-cert.pub")
	if errors.Is(err, os.ErrNotExist) {
		return []Key{k}, nil
	}
	if err != nil {
		return nil, err
	}
	return append(certified, k), nil
}

func (r *Ring) read(path string) (Key, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		if public, err := readPublic(path + ".pub"); err == nil {
			return Key{Name: path, Public: public}, nil
		}
	}
	if err != nil {
		return Key{}, fmt.Errorf("read key: %w", err)
	}
	signer, err := ssh.ParsePrivateKey(data)
	var locked *ssh.PassphraseMissingError
	switch {
	case err == nil:
		return Key{Name: path, Public: signer.PublicKey(), Signer: signer}, nil
	case errors.As(err, &locked):
		return r.locked(path, data, locked.PublicKey)
	}
	// A security key, or a public key given by its own name: an agent may sign.
	for _, name := range []string{path, path + ".pub"} {
		if public, err := readPublic(name); err == nil {
			return Key{Name: path, Public: public}, nil
		}
	}
	return Key{}, fmt.Errorf("read key %s: %w", path, err)
}

func (r *Ring) locked(path string, data []byte, public ssh.PublicKey) (Key, error) {
	if public == nil {
		var err error
		if public, err = readPublic(path + ".pub"); err != nil {
			return Key{}, fmt.Errorf("read key %s: it is encrypted in an old format: %w", path, err)
		}
	}
	return Key{
		Name: path, Public: public, Locked: true,
		Signer: &lockedKey{path: path, data: data, public: public, ask: r.ask},
	}, nil
}

func readPublic(path string) (ssh.PublicKey, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	public, _, _, _, err := ssh.ParseAuthorizedKey(data)
	return public, err
}

// Certify returns k with the certificate in file, if it is for k; none otherwise.
func Certify(k Key, file string) ([]Key, error) {
	public, err := readPublic(file)
	if err != nil {
		return nil, fmt.Errorf("read certificate %s: %w", file, err)
	}
	cert, ok := public.(*ssh.Certificate)
	if !ok || string(cert.Key.Marshal()) != string(k.Public.Marshal()) {
		return nil, nil
	}
	certified := Key{Name: file, Public: cert, Locked: k.Locked}
	if k.Signer != nil {
		if certified.Signer, err = ssh.NewCertSigner(cert, k.Signer); err != nil {
			return nil, fmt.Errorf("use certificate %s: %w", file, err)
		}
	}
	return []Key{certified}, nil
}

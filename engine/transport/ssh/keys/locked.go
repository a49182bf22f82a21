package keys

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"sync"

	"golang.org/x/crypto/ssh"

	"github.com/gokube/gokube/engine/secret"
)

// Ask asks for the passphrase of a key file; again tells that the one before was
// wrong. It is never called twice at a time.
type Ask func(file string, again bool) (secret.String, error)

// ErrEncrypted is a key that cannot be used without a passphrase.
var ErrEncrypted = errors.New("the key is encrypted and there is nobody to ask for its passphrase; add it to ssh-agent")

func onePromptAtATime(ask Ask) Ask {
	if ask == nil {
		return func(string, bool) (secret.String, error) { return secret.String{}, ErrEncrypted }
	}
	var mu sync.Mutex
	return func(file string, again bool) (secret.String, error) {
		mu.Lock()
		defer mu.Unlock()
		return ask(file, again)
	}
}

// lockedKey signs with an encrypted key, which it opens when it first signs.
type lockedKey struct {
	path   string
	data   []byte
	public ssh.PublicKey
	ask    Ask

	mu   sync.Mutex
	open ssh.AlgorithmSigner
	err  error
}

func (k *lockedKey) PublicKey() ssh.PublicKey { return k.public }

func (k *lockedKey) Sign(rand io.Reader, data []byte) (*ssh.Signature, error) {
	return k.SignWithAlgorithm(rand, data, "")
}

func (k *lockedKey) SignWithAlgorithm(rand io.Reader, data []byte, algorithm string) (*ssh.Signature, error) {
	s, err := k.unlock()
	if err != nil {
		return nil, err
	}
	return s.SignWithAlgorithm(rand, data, algorithm)
}

// tries is how often a passphrase is asked for.
const tries = 3

// unlock asks once for all hosts that wait for the key, and remembers a no.
func (k *lockedKey) unlock() (ssh.AlgorithmSigner, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for n := 0; k.open == nil && k.err == nil; n++ {
		if n == tries {
			k.err = fmt.Errorf("unlock key %s: wrong passphrase", k.path)
			break
		}
		passphrase, err := k.ask(k.path, n > 0)
		if err != nil {
			k.err = fmt.Errorf("unlock key %s: %w", k.path, err)
			break
		}
		k.try(passphrase)
	}
	return k.open, k.err
}

func (k *lockedKey) try(passphrase secret.String) {
	signer, err := ssh.ParsePrivateKeyWithPassphrase(k.data, []byte(passphrase.Reveal()))
	if errors.Is(err, x509.IncorrectPasswordError) {
		return
	}
	open, ok := signer.(ssh.AlgorithmSigner)
	switch {
	case err != nil:
		k.err = fmt.Errorf("unlock key %s: %w", k.path, err)
	case !ok:
		k.err = fmt.Errorf("unlock key %s: keys of type %s cannot sign", k.path, k.public.Type())
	default:
		k.open = open
	}
}

package sshtest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"
)

// Key is a private key.
type Key struct{ key *keyPair }

type keyPair struct {
	private ed25519.PrivateKey
	signer  ssh.Signer
}

// NewKey makes a key.
func NewKey() (Key, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Key{}, fmt.Errorf("make key: %w", err)
	}
	return keyOf(private)
}

// ReadKey reads an unencrypted Ed25519 key.
func ReadKey(file string) (Key, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return Key{}, fmt.Errorf("read key: %w", err)
	}
	raw, err := ssh.ParseRawPrivateKey(data)
	if err != nil {
		return Key{}, fmt.Errorf("read key %s: %w", file, err)
	}
	private, ok := raw.(*ed25519.PrivateKey)
	if !ok {
		return Key{}, fmt.Errorf("read key %s: it is not an Ed25519 key", file)
	}
	return keyOf(*private)
}

func keyOf(private ed25519.PrivateKey) (Key, error) {
	s, err := ssh.NewSignerFromKey(private)
	if err != nil {
		return Key{}, fmt.Errorf("sign with key: %w", err)
	}
	return Key{&keyPair{private, s}}, nil
}

// Public is the public half as authorized_keys and known_hosts write it.
func (k Key) Public() string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(k.key.signer.PublicKey())))
}

// Fingerprint is the SHA256 fingerprint of the public half.
func (k Key) Fingerprint() string { return ssh.FingerprintSHA256(k.key.signer.PublicKey()) }

// Write writes the private key to file.
func (k Key) Write(file string) error {
	block, err := ssh.MarshalPrivateKey(k.key.private, "")
	if err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	return os.WriteFile(file, pem.EncodeToMemory(block), 0o600)
}

// Private is the key for an agent's keyring.
func (k Key) Private() ed25519.PrivateKey { return k.key.private }

// Certify writes to file a certificate of k for user, signed by authority.
func (k Key) Certify(authority Key, user, file string) error {
	c := &ssh.Certificate{
		Key: k.key.signer.PublicKey(), CertType: ssh.UserCert, KeyId: user,
		ValidPrincipals: []string{user}, ValidBefore: ssh.CertTimeInfinity,
	}
	if err := c.SignCert(rand.Reader, authority.key.signer); err != nil {
		return fmt.Errorf("certify key: %w", err)
	}
	return os.WriteFile(file, ssh.MarshalAuthorizedKey(c), 0o600)
}

// Package vault opens what ansible-vault has encrypted: whole files and single
// values, versions 1.1 and 1.2 of the format. It does not know YAML, nor where
// passwords come from.
//
// # Decisions
//
// It only reads the format: 10,000 rounds of PBKDF2 are too few to write it
// today. The authentication code is checked before anything is decrypted, so a
// wrong password and a damaged file are told alike; no error holds a byte of
// either.
package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/secret"
)

// Key is a password with the id it goes by.
type Key struct {
	ID       string // "" or "default" for one that has none of its own
	Password secret.String
}

// PasswordFrom is the password that a file holds: its content without the white
// space around it. A file without one is an error.
func PasswordFrom(data []byte) (secret.String, error) {
	text := strings.TrimSpace(string(data))
	if text == "" {
		return secret.String{}, errors.New("the password is empty")
	}
	return secret.New(text), nil
}

// Opener decrypts with a set of keys. A nil Opener has none. It is safe for
// concurrent use.
type Opener struct{ keys []Key }

// NewOpener is an Opener that tries keys in order, those with the right id first.
func NewOpener(keys ...Key) *Opener { return &Opener{keys} }

var (
	// ErrNoKey is the cause when there is no password at all.
	ErrNoKey = errors.New("it is encrypted and no vault password is given")
	// ErrWrongKey is the cause when no password opens it, or it was changed.
	ErrWrongKey = errors.New("no vault password opens it, or it is damaged")
)

// Decrypt is the content of data. It fails with ErrNoKey, ErrWrongKey, or an
// error that says what is wrong with the form of data.
func (o *Opener) Decrypt(data []byte) ([]byte, error) {
	e, err := parse(data)
	if err != nil {
		return nil, err
	}
	if o == nil || len(o.keys) == 0 {
		return nil, ErrNoKey
	}
	for _, matching := range []bool{true, false} {
		for _, k := range o.keys {
			if sameID(k.ID, e.id) != matching {
				continue
			}
			if plain, ok := e.open(k.Password.Reveal()); ok {
				return plain, nil
			}
		}
	}
	if e.id != "" {
		return nil, fmt.Errorf("vault id %s: %w", e.id, ErrWrongKey)
	}
	return nil, ErrWrongKey
}

func sameID(a, b string) bool {
	if a == "default" {
		a = ""
	}
	return a == b
}

const (
	rounds   = 10_000
	keySize  = 32
	aesBlock = aes.BlockSize
)

// open decrypts e; ok is false if password is not the one.
func (e *envelope) open(password string) (plain []byte, ok bool) {
	derived, err := pbkdf2.Key(sha256.New, password, e.salt, rounds, 2*keySize+aesBlock)
	if err != nil {
		return nil, false
	}
	mac := hmac.New(sha256.New, derived[keySize:2*keySize])
	mac.Write(e.cipher)
	if !hmac.Equal(mac.Sum(nil), e.mac) {
		return nil, false
	}
	block, err := aes.NewCipher(derived[:keySize])
	if err != nil {
		return nil, false
	}
	plain = make([]byte, len(e.cipher))
	cipher.NewCTR(block, derived[2*keySize:]).XORKeyStream(plain, e.cipher)
	return unpad(plain)
}

// unpad removes the padding of PKCS #7.
func unpad(b []byte) ([]byte, bool) {
	if len(b) == 0 {
		return nil, false
	}
	n := int(b[len(b)-1])
	if n == 0 || n > aesBlock || n > len(b) || !bytes.Equal(b[len(b)-n:], bytes.Repeat([]byte{byte(n)}, n)) {
		return nil, false
	}
	return b[:len(b)-n], true
}

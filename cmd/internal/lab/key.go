//go:build linux

package lab

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"fmt"
)

// key is an ed25519 key pair in the formats that OpenSSH reads.
type key struct {
	private []byte // a PEM block
	public  string // "ssh-ed25519 AAAA...", without a comment
}

const keyType = "ssh-ed25519"

func newKey(comment string) (key, error) {
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return key{}, fmt.Errorf("make a key: %w", err)
	}
	blob := wire(nil, []byte(keyType), pub)
	return key{
		private: pem.EncodeToMemory(&pem.Block{Type: "OPENSSH PRIVATE KEY", Bytes: openssh(pub, priv, blob, comment)}),
		public:  keyType + " " + base64.StdEncoding.EncodeToString(blob),
	}, nil
}

// openssh lays out an unencrypted private key: a header, the public key, and a
// section that holds both halves, padded to whole blocks of eight.
func openssh(pub ed25519.PublicKey, priv ed25519.PrivateKey, blob []byte, comment string) []byte {
	var check [8]byte // two equal numbers, by which a wrong passphrase would show
	copy(check[4:], check[:4])
	secret := wire(check[:], []byte(keyType), pub, priv, []byte(comment))
	for i := byte(1); len(secret)%8 != 0; i++ {
		secret = append(secret, i)
	}
	out := wire([]byte("openssh-key-v1\x00"), []byte("none"), []byte("none"), nil)
	out = binary.BigEndian.AppendUint32(out, 1)
	return wire(out, blob, secret)
}

// wire appends strings as the SSH protocol writes them: length, then bytes.
func wire(b []byte, parts ...[]byte) []byte {
	for _, p := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	return b
}

package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"io"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

func makeKey(args []string, out io.Writer) error {
	f := flag.NewFlagSet("key", flag.ContinueOnError)
	kind := f.String("type", "rsa", "")
	size := f.Int("size", 0, "")
	at := placeFlags(f)
	if err := parse(f, args, 0); err != nil {
		return err
	}
	k, err := newKey(*kind, *size)
	if err != nil {
		return err
	}
	text, err := encode(k)
	if err != nil {
		return err
	}
	return at.finish(text, out)
}

func newKey(kind string, bits int) (crypto.Signer, error) {
	curves := map[int]elliptic.Curve{0: elliptic.P256(), 224: elliptic.P224(), 256: elliptic.P256(), 384: elliptic.P384(), 521: elliptic.P521()}
	switch {
	case kind == "rsa" && bits == 0:
		return rsa.GenerateKey(rand.Reader, 2048)
	case kind == "rsa" && bits >= 1024 && bits <= 16384:
		return rsa.GenerateKey(rand.Reader, bits)
	case kind == "ecdsa" && curves[bits] != nil:
		return ecdsa.GenerateKey(curves[bits], rand.Reader)
	case kind == "ed25519" && (bits == 0 || bits == 256):
		_, k, err := ed25519.GenerateKey(rand.Reader)
		return k, err
	}
	return nil, outcome.Misuse("there are no %s keys of %d bits", kind, bits)
}

// encode is k in the form in which kubeadm and openssl write one of its kind.
func encode(k crypto.Signer) ([]byte, error) {
	b := &pem.Block{Type: "PRIVATE KEY"}
	var err error
	switch k := k.(type) {
	case *rsa.PrivateKey:
		b.Type, b.Bytes = "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k)
	case *ecdsa.PrivateKey:
		b.Type = "EC PRIVATE KEY"
		b.Bytes, err = x509.MarshalECPrivateKey(k)
	default:
		b.Bytes, err = x509.MarshalPKCS8PrivateKey(k)
	}
	return pem.EncodeToMemory(b), err
}

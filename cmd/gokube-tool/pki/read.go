package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

const maxFile = 16 << 20

// read is the content of a file of keys or certificates.
func read(path string) ([]byte, error) {
	in, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !in.Mode().IsRegular() || in.Size() > maxFile {
		return nil, outcome.Bad("read %s: it is no file of keys or certificates", path)
	}
	return os.ReadFile(path)
}

// readOr is read, but for "-", which is what in holds.
func readOr(in io.Reader, path string) ([]byte, error) {
	if path != "-" {
		return read(path)
	}
	text, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = outcome.Bad("read standard input: it is larger than %d bytes", maxFile)
	}
	return text, err
}

// certificate is the first in the file at path.
func certificate(path string) (*x509.Certificate, error) {
	text, err := read(path)
	if err != nil {
		return nil, outcome.Bad("read a certificate: %w", err)
	}
	for b, rest := pem.Decode(text); b != nil; b, rest = pem.Decode(rest) {
		if b.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return nil, outcome.Bad("read the certificate %s: %w", path, err)
		}
		return c, nil
	}
	return nil, outcome.Bad("%s holds no certificate", path)
}

// private is the first private key in the file at path.
func private(path string) (crypto.Signer, error) {
	text, err := read(path)
	if err != nil {
		return nil, outcome.Bad("read a private key: %w", err)
	}
	for b, rest := pem.Decode(text); b != nil; b, rest = pem.Decode(rest) {
		if !strings.HasSuffix(b.Type, "PRIVATE KEY") {
			continue
		}
		k, err := parseKey(b)
		if err != nil {
			return nil, outcome.Bad("read the private key %s: %w", path, err)
		}
		return k, nil
	}
	return nil, outcome.Bad("%s holds no private key", path)
}

var (
	errEncrypted = errors.New("it is encrypted")
	errKind      = errors.New("it is of a kind that signs nothing")
)

func parseKey(b *pem.Block) (crypto.Signer, error) {
	if b.Type == "ENCRYPTED PRIVATE KEY" || b.Headers["DEK-Info"] != "" {
		return nil, errEncrypted
	}
	var k any
	var err error
	switch b.Type {
	case "RSA PRIVATE KEY":
		k, err = x509.ParsePKCS1PrivateKey(b.Bytes)
	case "EC PRIVATE KEY":
		k, err = x509.ParseECPrivateKey(b.Bytes)
	default:
		k, err = x509.ParsePKCS8PrivateKey(b.Bytes)
	}
	if err != nil {
		return nil, err
	}
	if s, ok := k.(crypto.Signer); ok {
		return s, nil
	}
	return nil, errKind
}

// sort is the kind of a public key, and its size in bits.
func sort(public any) (kind string, bits int) {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return "rsa", k.N.BitLen()
	case *ecdsa.PublicKey:
		return "ecdsa", k.Curve.Params().BitSize
	case ed25519.PublicKey:
		return "ed25519", 256
	}
	return "other", 0
}

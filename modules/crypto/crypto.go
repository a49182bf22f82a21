// Package crypto holds the modules for private keys and certificates. It knows no
// cipher and parses no certificate: a program that gokube brings along does, on the
// host.
//
// # Decisions
//
// A private key is made, and used, by that program alone: it is never in an argument,
// a diff, an output, or on its way over a connection. What a certificate lacks is told
// by the program too, so that it is compared by the code that makes it.
//
// A diff names the CA by its path: in a check of a bare host the CA is not there yet,
// and the change is certain nevertheless.
package crypto

import (
	"context"
	"fmt"

	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// Modules are the modules of this family.
func Modules() []module.Module { return []module.Module{PrivateKey, X509Certificate} }

// ask decodes what the program says. reads are the files that the answer depends on.
func ask(ctx context.Context, r system.Reader, to any, stdin []byte, argv []string, reads ...string) error {
	c := system.Cmd{Tool: true, Argv: append([]string{"pki"}, argv...), Stdin: stdin, Reads: []system.Key{}}
	for _, p := range reads {
		c.Reads = append(c.Reads, system.Path(p))
	}
	out, err := r.Query(ctx, c)
	if err == nil {
		err = out.Err(c)
	}
	if err != nil {
		return err
	}
	return decode(out, to)
}

// entry is what the program says of a key or a certificate.
type entry struct {
	Kind        string `json:"kind"`
	Error       string `json:"error"`
	KeyType     string `json:"key_type"`
	KeySize     int    `json:"key_size"`
	SPKI        string `json:"spki_sha256"`
	Subject     string `json:"subject"`
	Issuer      string `json:"issuer"`
	NotAfter    string `json:"not_after"`
	Serial      string `json:"serial"`
	Fingerprint string `json:"fingerprint_sha256"`
}

func decode(out system.Output, to any) error {
	if err := json.Unmarshal(out.Stdout, to); err != nil {
		return fmt.Errorf("read the answer of pki: %w", err)
	}
	return nil
}

package certs

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// block is what `pki inspect` says of one block of a PEM file.
type block struct {
	Kind     string    `json:"kind"`
	Error    string    `json:"error"`
	Subject  string    `json:"subject"`
	NotAfter time.Time `json:"not_after"`
	SPKI     string    `json:"spki_sha256"`
}

// verify is an error if the files do not fit together, or a certificate among them has
// ended. While the content of one is not known it finds nothing.
func (a *CertCopyArgs) verify(ctx context.Context, r system.Reader, entries []module.Entry) error {
	keys := map[string]string{}
	for _, e := range entries {
		b, err := inspect(ctx, r, e)
		if _, vague := unknown.Of(err); vague {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look at %s of %s: %w", e.Path, a.From, err)
		}
		if keys[e.Path] = b.SPKI; b.Kind == "certificate" && time.Now().After(b.NotAfter) {
			return fmt.Errorf("copy certificates from %s: %s (%s) ended at %s; renew it there first", a.From, e.Path, b.Subject, b.NotAfter.UTC().Format(time.RFC3339))
		}
	}
	for _, e := range entries {
		key := other(e.Path)
		if k, ok := keys[key]; ok && k != keys[e.Path] {
			return fmt.Errorf("copy certificates from %s: %s is not the private key of %s", a.From, key, e.Path)
		}
	}
	return nil
}

// other is the name of the key that belongs to what is called name.
func other(name string) string {
	for _, suffix := range []string{".crt", ".pub"} {
		if base, ok := strings.CutSuffix(name, suffix); ok {
			return base + ".key"
		}
	}
	return ""
}

// inspect is the first block of e, which goes to a program's standard input.
func inspect(ctx context.Context, r system.Reader, e module.Entry) (block, error) {
	var b block
	data, err := e.Content.Bytes(ctx)
	if err != nil {
		return b, err
	}
	c := system.Cmd{Tool: true, Argv: []string{"pki", "inspect", "-"}, Stdin: data, Reads: []system.Key{}}
	out, err := r.Query(ctx, c)
	if err == nil {
		err = out.Err(c)
	}
	if err != nil {
		return b, err
	}
	var all []block
	if err := json.Unmarshal(out.Stdout, &all); err != nil || len(all) == 0 {
		return b, errors.Join(errors.New("read what it holds: nothing is said of it"), err)
	}
	b = all[0]
	want := map[string]string{".crt": "certificate", ".pub": "public key", ".key": "key"}[path.Ext(e.Path)]
	switch {
	case b.Error != "":
		return b, errors.New(b.Error)
	case b.Kind != want:
		return b, fmt.Errorf("it holds a %s, not a %s", b.Kind, want)
	}
	return b, nil
}

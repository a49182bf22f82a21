package certs

import (
	"bytes"
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
	blocks, err := inspect(ctx, r, entries)
	if _, vague := unknown.Of(err); vague {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the certificates of %s: %w", a.From, err)
	}
	keys := map[string]string{}
	for i, e := range entries {
		b := blocks[i]
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

// inspect is the first block of each entry. They go to a program's standard input, all
// at once.
func inspect(ctx context.Context, r system.Reader, entries []module.Entry) ([]block, error) {
	var text []byte
	first, n := make([]int, len(entries)), 0
	for i, e := range entries {
		data, err := e.Content.Bytes(ctx)
		if err != nil {
			return nil, err
		}
		count := bytes.Count(data, []byte("-----BEGIN "))
		if count == 0 {
			return nil, fmt.Errorf("%s holds nothing in PEM", e.Path)
		}
		text, first[i] = append(append(text, data...), '\n'), n
		n += count
	}
	c := system.Cmd{Tool: true, Argv: []string{"pki", "inspect", "-"}, Stdin: text, Reads: []system.Key{}}
	out, err := r.Query(ctx, c)
	if err == nil {
		err = out.Err(c)
	}
	if err != nil {
		return nil, err
	}
	var all []block
	if err := json.Unmarshal(out.Stdout, &all); err != nil || len(all) != n {
		return nil, errors.Join(errors.New("one of them is not whole"), err)
	}
	blocks := make([]block, len(entries))
	for i, e := range entries {
		blocks[i] = all[first[i]]
		if err := blocks[i].fits(e.Path); err != nil {
			return nil, err
		}
	}
	return blocks, nil
}

// fits is an error if b is not what a file called name is to hold.
func (b block) fits(name string) error {
	want := map[string]string{".crt": "certificate", ".pub": "public key", ".key": "key"}[path.Ext(name)]
	switch {
	case b.Error != "":
		return fmt.Errorf("%s: %s", name, b.Error)
	case b.Kind != want:
		return fmt.Errorf("%s holds a %s, not a %s", name, b.Kind, want)
	}
	return nil
}

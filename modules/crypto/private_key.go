package crypto

import (
	"context"
	"fmt"
	"strconv"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// PrivateKeyArgs are the arguments of the private_key module.
type PrivateKeyArgs struct {
	// Path is the file of the key. Its mode is 0600 unless the task says otherwise.
	Path string `arg:"path,required" target:"path"`
	// Type is the kind of key; without it a new one is rsa, and one that is there may
	// be of any kind.
	Type string `arg:"type" enum:"rsa|ecdsa|ed25519"`
	// Size is in bits; without it a new key gets 2048 (rsa) or 256, and one that is
	// there may be of any size.
	Size int `arg:"size"`
	// Regenerate is what to do with a key that is there and is not as wanted: leave it,
	// fail, or make another. Certificates for the old key are of no use then.
	Regenerate string `arg:"regenerate" enum:"never|fail|full_idempotence" default:"fail"`
	// Backup keeps the old key beside the new one, as NAME.DIGEST~.
	Backup bool `arg:"backup"`
	place.FileAttrs
}

// PrivateKey makes a private key.
var PrivateKey = module.Define(module.Spec{
	Name: "private_key", Summary: "Make a private key, which never leaves the host", Contained: true,
	Example: `- private_key: {path: /etc/ssl/etcd/ca-key.pem}
- name: make a key that another user reads
  private_key:
    path: /etc/app/tls.key
    type: ecdsa
    owner: root
    group: app
    mode: "0640"
`,
	Output: []module.Doc{{Name: "filename", Text: "the file"}, {Name: "type", Text: "rsa, ecdsa or ed25519"}, {Name: "size", Text: "in bits"},
		{Name: "public_key_sha256", Text: "`sha256:` and the digest of the public key"}, {Name: "backup_file", Text: "where the old key is, if it was kept"}},
}, planPrivateKey)

func planPrivateKey(ctx context.Context, r system.Reader, a *PrivateKeyArgs) (*module.Plan, error) {
	if err := a.possible(); err != nil {
		return nil, err
	}
	s, err := newSpot(ctx, r, a.Path, a.FileAttrs, "0600")
	if err != nil {
		return nil, err
	}
	p := &module.Plan{Output: map[string]any{"filename": s.path}}
	had := ""
	if s.found.There {
		e, err := a.look(ctx, r, s.path)
		if err != nil {
			return nil, err
		}
		a.tell(p, e)
		if had = a.lacks(e); had == "" || a.Regenerate == "never" {
			return p, s.kept(r, p)
		}
		if a.Regenerate == "fail" {
			return nil, fmt.Errorf("keep %s: there is %s, not %s; set regenerate: full_idempotence to have it replaced", s.path, had, a.wanted())
		}
	}
	return p, a.make(r, p, s, had)
}

// usual is the size of a key of this type if nothing is said.
func usual(kind string) int {
	if kind == "rsa" {
		return 2048
	}
	return 256
}

// kind and bits are those of a new key.
func (a *PrivateKeyArgs) kind() string {
	if a.Type == "" {
		return "rsa"
	}
	return a.Type
}

func (a *PrivateKeyArgs) bits() int {
	if a.Size == 0 {
		return usual(a.kind())
	}
	return a.Size
}

func (a *PrivateKeyArgs) wanted() string { return a.kind() + " " + strconv.Itoa(a.bits()) }

func (a *PrivateKeyArgs) possible() error {
	n, ok := a.bits(), false
	switch a.kind() {
	case "rsa":
		ok = n >= 1024 && n <= 16384
	case "ecdsa":
		ok = n == 224 || n == 256 || n == 384 || n == 521
	default:
		ok = n == 256
	}
	if !ok {
		return fmt.Errorf("size %d is none of a key of type %s", n, a.kind())
	}
	return nil
}

func (a *PrivateKeyArgs) look(ctx context.Context, r system.Reader, path string) (entry, error) {
	var all []entry
	if err := ask(ctx, r, &all, nil, []string{"inspect", path}, path); err != nil {
		return entry{}, err
	}
	for _, e := range all {
		if e.Kind == "key" {
			return e, nil
		}
	}
	return entry{Error: "no private key"}, nil
}

// lacks is what is there if that is not as wanted, else "".
func (a *PrivateKeyArgs) lacks(e entry) string {
	switch {
	case e.Error != "" && e.Kind == "key":
		return "a private key that cannot be read (" + e.Error + ")"
	case e.Error != "":
		return e.Error
	case a.Type != "" && e.KeyType != a.Type, a.Size != 0 && e.KeySize != a.Size:
		return e.KeyType + " " + strconv.Itoa(e.KeySize)
	}
	return ""
}

func (a *PrivateKeyArgs) tell(p *module.Plan, e entry) {
	p.Output["type"], p.Output["size"], p.Output["public_key_sha256"] = e.KeyType, e.KeySize, e.SPKI
}

// make plans a new key.
func (a *PrivateKeyArgs) make(r system.Reader, p *module.Plan, s *spot, had string) error {
	if err := s.backup(r, p, a.Backup, true); err != nil {
		return err
	}
	c := change.Change{Kind: "private key", After: change.Attrs("key", a.wanted())}
	if s.found.There {
		c.Before = place.Had(s.found.In.Attrs, s.want)
		c.Before.Attrs = append(c.Before.Attrs, change.Attr{Name: "key", Value: had})
	}
	p.Output["type"], p.Output["size"], p.Output["public_key_sha256"] = a.kind(), a.bits(), module.Pending{}
	cmd := system.Cmd{Tool: true, Argv: []string{"pki", "key", "-type", a.kind(), "-size", strconv.Itoa(a.bits())}}
	_, err := s.write(r, p, c, cmd, func(e entry) { a.tell(p, e) })
	return err
}

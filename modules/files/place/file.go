package place

import (
	"context"
	"fmt"
	"io"
	"io/fs"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// File is a regular file as it is to be.
type File struct {
	Path    string // without a final slash
	Content system.Content
	Attrs   FileAttrs
	Secret  bool    // no diff may show the content
	From    *[]byte // what Content was made of, nil in it if nothing was there; a nil From is content of its own
	Keep    bool    // what is there stays, whatever it holds
	InNew   bool    // an earlier step makes the directory it is in
	Brief   bool    // a diff shows size and digest only, so that nothing is read for it
	Safety
	later *string // why the content is not known yet, nil if it is
}

// Safety is the arguments of modules that replace what is in a file.
type Safety struct {
	// Backup keeps what was there beside the file, if it changes, as
	// NAME.DIGEST~.
	Backup bool `arg:"backup"`
	// Validate is a command that must accept the new content before it gets its
	// place; it is run without a shell, %s standing for a file with the content.
	Validate string `arg:"validate"`
}

// Plan adds the steps that make f so; none if it is. backup is where the old
// content will be, "" if it is not kept.
func (f File) Plan(ctx context.Context, r system.Reader, p *module.Plan) (backup string, err error) {
	found, err := Look(r, f.Path)
	if err != nil {
		return "", err
	}
	if found.There && found.In.Type == fs.ModeDir {
		return "", fmt.Errorf("write %s: a directory is there", f.Path)
	}
	if f.Keep && found.There {
		return "", f.Attrs.Plan(r, p, f.Path, found)
	}
	same, certain, err := f.same(ctx, r, found)
	if err != nil {
		return "", err
	}
	if same {
		return "", f.Attrs.Plan(r, p, f.Path, found)
	}
	if !found.There && !f.InNew {
		if err := Parent(r, f.Path); err != nil {
			return "", err
		}
	}
	return f.replace(ctx, r, p, found, certain)
}

// replace adds the steps for content that is not there yet.
func (f File) replace(ctx context.Context, r system.Reader, p *module.Plan, found Found, certain bool) (backup string, err error) {
	validate, err := words(f.Validate)
	if err != nil {
		return "", err
	}
	if f.Backup {
		if backup, err = f.KeepOld(r, p, found); err != nil {
			return "", err
		}
	}
	return backup, f.write(ctx, r, p, found, certain, validate)
}

// same reports whether the content is there already, and if not, whether that is
// certain. It fills in the digest of a Content that has none, or why nobody knows
// it yet.
func (f *File) same(ctx context.Context, r system.Reader, found Found) (same, certain bool, err error) {
	if f.Content.SHA256 == "" {
		data, err := f.Content.Bytes(ctx)
		if u, vague := unknown.Of(err); vague && f.Content.Size < 0 {
			f.later = &u.Why
			return false, !found.There && !found.Unsure, nil
		}
		if err != nil {
			return false, false, err
		}
		f.Content = system.Data(data)
	}
	if found.Unsure {
		return false, false, nil
	}
	if !found.There || found.In.Type != 0 {
		return false, true, nil
	}
	sum, err := r.Digest(f.Path)
	if Unsure(err) {
		return false, false, nil
	}
	return sum == f.Content.SHA256, true, err
}

// write adds the step that puts the content in its place.
func (f File) write(ctx context.Context, r system.Reader, p *module.Plan, found Found, certain bool, validate []string) error {
	want, relative, err := f.Attrs.For(r, found, false)
	if err != nil {
		return err
	}
	c := change.Change{Action: change.Create, Kind: "file", Target: f.Path}
	if c.After, err = f.shown(ctx, Asked(want, relative && found.Unsure)); err != nil {
		return err
	}
	if found.There {
		c.Action = change.Update
		c.Before = f.was(r, found, want)
	}
	step := p.Add(c, func(ctx context.Context, s system.System) error {
		if len(validate) > 0 {
			if err := f.check(ctx, s, validate); err != nil {
				return err
			}
		}
		if f.From != nil {
			return system.Rewrite(s, f.Path, *f.From, f.Content, want)
		}
		return s.WriteFile(f.Path, f.Content, want)
	})
	step.Certain = certain && !relative
	if f.later != nil && found.There {
		step.Doubt = *f.later // it may be there already
	}
	return nil
}

// shown is v with the content, as far as it may and can be shown.
func (f File) shown(ctx context.Context, v *change.Value) (*change.Value, error) {
	if f.Secret {
		return &change.Value{Secret: true}, nil
	}
	if f.later != nil {
		v.Attrs = append(v.Attrs, change.Attr{Name: "content", Value: change.Later})
		return v, nil
	}
	if f.Brief || f.Content.Size > change.MaxText || f.Content.Size < 0 {
		return v.WithDigest(f.Content.Size, f.Content.SHA256), nil
	}
	data, err := f.Content.Bytes(ctx)
	if err != nil {
		return nil, err
	}
	return v.WithText(data, f.Content.SHA256), nil
}

// was is the left-hand side of the diff; what cannot be read is left out.
func (f File) was(r system.Reader, found Found, want system.Attrs) *change.Value {
	if f.Secret {
		return &change.Value{Secret: true}
	}
	v := Had(found.In.Attrs, want)
	if found.In.Type != 0 {
		v.Attrs = append(v.Attrs, change.Attr{Name: "type", Value: Kind(found.In.Type)})
		return v
	}
	sum, err := r.Digest(f.Path)
	if err != nil {
		return v
	}
	if f.Brief || found.In.Size > change.MaxText || found.In.Size < 0 {
		return v.WithDigest(found.In.Size, sum)
	}
	data, err := system.ReadFile(r, f.Path)
	if err != nil {
		return v
	}
	return v.WithText(data, sum)
}

// KeepOld adds the step that copies what is there to a name of its own, which it
// returns. If nobody knows what is there, the name is not known either, and is "".
func (f File) KeepOld(r system.Reader, p *module.Plan, found Found) (string, error) {
	if !found.Unsure && (!found.There || found.In.Type != 0) {
		return "", nil
	}
	c := change.Change{Action: change.Create, Kind: "backup", Target: f.Path, After: change.Attrs("name", change.Later)}
	if f.Secret {
		c.After = &change.Value{Secret: true}
	}
	sum, err := r.Digest(f.Path)
	if Unsure(err) {
		p.Add(c, func(context.Context, system.System) error { return nil })
		return "", nil
	}
	if err != nil {
		return "", err
	}
	name := f.Path + "." + sum[:12] + "~"
	if there, err := Look(r, name); err != nil || there.There {
		return name, err
	}
	if !f.Secret {
		c.After = change.Attrs("name", name)
	}
	p.Add(c, func(ctx context.Context, s system.System) error {
		old, err := Now(ctx, s, f.Path, found.In.Size, sum)
		if err != nil {
			return err
		}
		return s.WriteFile(name, old, found.In.Attrs)
	})
	return name, nil
}

// inMemory is the size up to which Now reads a file at once.
const inMemory = 4 << 20

// Now is the content of a file on the host. That of a file of a few MiB stays
// what it is now; a larger one is read when it is needed.
func Now(ctx context.Context, r system.Reader, p string, size int64, sum string) (system.Content, error) {
	c := system.Content{SHA256: sum, Size: size, Open: func(context.Context) (io.ReadCloser, error) { return r.Open(p) }}
	if size > inMemory {
		return c, nil
	}
	data, err := c.Bytes(ctx)
	return system.Data(data), err
}

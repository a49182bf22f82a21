package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/archive"
	"github.com/gokube/gokube/modules/files/place"
)

// UnarchiveArgs are the arguments of the unarchive module.
type UnarchiveArgs struct {
	// Src is the archive, a file of the controller: tar, plain or packed with gzip or
	// bzip2, or zip. One of the host may be packed with xz or zstd too.
	Src module.Source `arg:"src,required"`
	// Dest is the directory to unpack into; it must be there.
	Dest string `arg:"dest,required" target:"path"`
	// RemoteSrc says that src lies on the host, or is a URL. What a URL holds is not
	// compared with what is there: creates should say when it need not be unpacked.
	RemoteSrc bool `arg:"remote_src"`
	// Creates is a path; if it is there nothing is done.
	Creates string `arg:"creates"`
	// Include are the only entries to unpack; patterns like *.conf may be used. If all
	// of them are full names of files, and mode is given, a check knows what is
	// unpacked of an archive that is yet to be downloaded.
	Include []string `arg:"include"`
	// Exclude are entries to leave out.
	Exclude []string `arg:"exclude"`
	// StripComponents is how many leading directories of each name are left out.
	StripComponents int `arg:"strip_components"`
	// ExtraOpts are options of tar; only --strip-components=N is understood.
	ExtraOpts []string `arg:"extra_opts"`
	place.FileAttrs
}

// Unarchive unpacks an archive.
var Unarchive = module.Define(module.Spec{
	Name:      "unarchive",
	Summary:   "Unpack an archive, entry by entry where it differs from what is there",
	Contained: true,
	Example: `- name: unpack what was downloaded before
  unarchive:
    src: /opt/cni-plugins.tgz
    dest: /opt/cni/bin
    remote_src: true
    owner: root
- unarchive:
    src: site.tar.gz
    dest: /srv/www
    strip_components: 1
    exclude: ["*.md"]
`,
	Output: []module.Doc{{Name: "dest", Text: "the directory"}, {Name: "src", Text: "the archive"}},
}, planUnarchive)

func planUnarchive(ctx context.Context, r system.Reader, a *UnarchiveArgs) (*module.Plan, error) {
	opts, err := a.options()
	if err != nil {
		return nil, err
	}
	dest, err := place.AbsPath(r, a.Dest)
	if err == nil {
		dest, err = place.Real(r, dest)
	}
	if err != nil {
		return nil, err
	}
	p := &module.Plan{Output: map[string]any{"dest": dest, "src": a.Src.Name}}
	if skip, err := a.created(ctx, r, p); skip || err != nil {
		return p, err
	}
	if err := unpackable(r, dest); err != nil {
		return nil, err
	}
	if a.RemoteSrc && strings.Contains(a.Src.Name, "://") {
		return p, a.download(p, dest, opts)
	}
	return p, a.unpack(ctx, r, p, dest, opts)
}

// unpackable is an error if dest is certainly no directory.
func unpackable(r system.Reader, dest string) error {
	f, err := place.Look(r, dest)
	switch {
	case err != nil:
		return err
	case !f.There && !f.Unsure:
		return fmt.Errorf("unpack into %s: it is not there", dest)
	case f.There && f.In.Type != fs.ModeDir:
		return fmt.Errorf("unpack into %s: it is not a directory", dest)
	}
	return nil
}

// created reports whether the path of Creates is there.
func (a *UnarchiveArgs) created(ctx context.Context, r system.Reader, p *module.Plan) (bool, error) {
	if a.Creates == "" {
		return false, nil
	}
	at, err := place.Abs(r, a.Creates)
	if err != nil {
		return false, err
	}
	there, err := system.Exists(ctx, r, at)
	if place.Unsure(err) {
		return false, nil
	}
	if there {
		p.Note = at + " is there"
	}
	return there, err
}

func (a *UnarchiveArgs) options() (archive.Options, error) {
	o := archive.Options{Strip: a.StripComponents, Include: a.Include, Exclude: a.Exclude}
	for i := 0; i < len(a.ExtraOpts); i++ {
		name, value, given := strings.Cut(a.ExtraOpts[i], "=")
		if name != "--strip-components" && name != "--strip" {
			return o, fmt.Errorf("extra_opts: %q is not understood, only --strip-components=N is", a.ExtraOpts[i])
		}
		if !given && i+1 < len(a.ExtraOpts) {
			i++
			value = a.ExtraOpts[i]
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			return o, fmt.Errorf("extra_opts: %s takes a number, not %q", name, value)
		}
		o.Strip = n
	}
	if o.Strip < 0 {
		return o, fmt.Errorf("strip_components: %d is below 0", o.Strip)
	}
	return o, nil
}

// unpack plans the entries of an archive that can be read now.
func (a *UnarchiveArgs) unpack(ctx context.Context, r system.Reader, p *module.Plan, dest string, opts archive.Options) error {
	src, name := a.Src, a.Src.Name
	if a.RemoteSrc {
		var err error
		if name, err = place.Abs(r, a.Src.Name); err != nil {
			return fmt.Errorf("src: %w", err)
		}
		if src, err = onHost(ctx, r, name); err != nil {
			return a.foresee(r, p, name, dest, opts, err)
		}
	}
	if len(src.Entries) != 1 || src.Entries[0].Type != 0 {
		return fmt.Errorf("unpack %s: it is not a file", a.Src.Name)
	}
	b := &box{content: src.Entries[0].Content, opts: opts, attrs: a.FileAttrs}
	err := b.plan(ctx, r, p, dest)
	if !errors.Is(err, archive.ErrPacked) {
		return a.foresee(r, p, name, dest, opts, err)
	}
	if !a.RemoteSrc {
		return fmt.Errorf("unpack %s: %w: copy it to the host and unpack it there with remote_src: true", a.Src.Name, err)
	}
	return a.packed(ctx, r, p, name, dest)
}

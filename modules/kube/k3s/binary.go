package k3s

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
	"github.com/gokube/gokube/modules/kube/program"
)

// releases are where k3s is published.
const releases = "https://github.com/k3s-io/k3s/releases/download/"

// program plans that the program is there, and its other names where nothing is.
func (i *install) program(ctx context.Context) error {
	var err error
	if i.args.Path != "" {
		err = i.copied(ctx, i.args.Path, bin, "0755")
	} else {
		err = i.downloaded(ctx)
	}
	if err != nil {
		return err
	}
	for _, p := range links() {
		there, err := system.Exists(ctx, i.r, p)
		if there {
			continue
		}
		if err != nil && !system.Absent(err) {
			return err
		}
		c := change.Change{Action: change.Create, Kind: "link", Target: p, After: change.Attrs("to", path.Base(bin))}
		i.plan.Add(c, func(_ context.Context, s system.System) error { return s.Symlink(path.Base(bin), p) }).Certain = err == nil
	}
	return nil
}

// downloaded plans a download, if the program is not the one that is wanted.
func (i *install) downloaded(ctx context.Context) error {
	b := i.args.Binary
	if b.Checksum == "" {
		if is, _ := i.asked(ctx); is != "" && is == b.Version {
			i.sum = is
			return nil
		}
	}
	from := i.source()
	sum, err := i.checksum(ctx, from)
	if err != nil {
		return err
	}
	has, err := i.r.Digest(bin)
	if err != nil && !system.Absent(err) {
		return err
	}
	if i.sum = b.Version; b.Checksum != "" {
		i.sum = sum
	}
	if err == nil && has == sum {
		return nil
	}
	c := change.Change{Action: change.Create, Kind: "file", Target: bin, After: change.Attrs("mode", "0755", "url", from, "sha256", sum)}
	if err == nil {
		c.Action, c.Before = change.Update, change.Attrs("sha256", has)
	}
	cmd := system.Cmd{Tool: true, Argv: []string{"fetch", "-timeout", "60", "-sha256", sum, "-o", bin, from}}
	e := system.Closed(system.Holds(bin, system.Info{Attrs: system.Attrs{Mode: 0o644}}))
	i.input(i.plan.Add(c, func(ctx context.Context, s system.System) error {
		if err := s.Run(ctx, cmd, e); err != nil {
			return err
		}
		return s.SetAttrs(bin, system.Attrs{Mode: 0o755})
	}), !program.Unknown(err))
	return nil
}

// source is where the program is downloaded.
func (i *install) source() string {
	if i.args.URL != "" {
		return i.args.URL
	}
	name := "k3s"
	if arch := i.r.Facts().Arch; arch != "amd64" {
		name += "-" + arch
	}
	return releases + strings.ReplaceAll(i.args.Version, "+", "%2B") + "/" + name
}

// input notes that a step changes what k3s is given.
func (i *install) input(s *module.Step, certain bool) {
	s.Certain = certain
	i.done++
}

// checksum is what the program must have: as given, or as published beside it.
func (i *install) checksum(ctx context.Context, from string) (string, error) {
	if sum, ok := strings.CutPrefix(i.args.Checksum, "sha256:"); ok && len(sum) == 64 {
		return strings.ToLower(sum), nil
	}
	if i.args.Checksum != "" || i.args.URL != "" {
		return "", fmt.Errorf("install k3s: checksum %q: \"sha256:\" and 64 hex digits are wanted", i.args.Checksum)
	}
	list := strings.TrimSuffix(from, path.Base(from)) + "sha256sum-" + i.r.Facts().Arch + ".txt"
	c := system.Cmd{Tool: true, Argv: []string{"fetch", "-timeout", "30", list}, Reads: []system.Key{}}
	text, err := program.Text(ctx, i.r, c)
	if err != nil {
		return "", fmt.Errorf("install k3s: download its checksums: %w", err)
	}
	for line := range strings.Lines(text) {
		if w := strings.Fields(line); len(w) == 2 && w[1] == path.Base(from) && len(w[0]) == 64 {
			return w[0], nil
		}
	}
	return "", fmt.Errorf("install k3s: %s does not list %s", list, path.Base(from))
}

// copied plans that a file of the host is at another place too.
func (i *install) copied(ctx context.Context, from, to string, mode module.Mode) error {
	sum, err := i.r.Digest(from)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("install k3s: %s is not there", from)
	}
	if err != nil {
		return err
	}
	in, err := i.r.Lstat(from)
	if err != nil {
		return err
	}
	if to == bin {
		i.sum = sum
	}
	c := system.Content{SHA256: sum, Size: in.Size, Open: func(context.Context) (io.ReadCloser, error) { return i.r.Open(from) }}
	if in.Type != 0 {
		c.Size = -1 // a link: what it leads to is read
	}
	f := place.File{Path: to, Content: c, Brief: true, InNew: true, Attrs: place.FileAttrs{Owner: "root", Group: "root", Mode: mode}}
	return i.place(ctx, f)
}

// place plans a file, which k3s is given.
func (i *install) place(ctx context.Context, f place.File) error {
	before := len(i.plan.Steps)
	_, err := f.Plan(ctx, i.r, i.plan)
	i.done += len(i.plan.Steps) - before
	return err
}

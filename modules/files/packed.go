package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/archive"
	"github.com/gokube/gokube/modules/files/place"
	"github.com/gokube/gokube/modules/network/link"
)

// packed plans the unpacking of an archive on the host that the host's own tar
// must read.
func (a *UnarchiveArgs) packed(ctx context.Context, r system.Reader, p *module.Plan, src, dest string) error {
	if a.FileAttrs != (place.FileAttrs{}) {
		return fmt.Errorf("unpack %s: owner, group and mode cannot be set where the host's tar unpacks", src)
	}
	c := a.tar("-d", src, dest)
	c.Reads = []system.Key{system.Path(src), system.Path(dest + "/")}
	out, err := r.Query(ctx, c)
	if err != nil {
		return err
	}
	if out.Code > 1 && !strings.Contains(string(out.Stderr), "No such file or directory") {
		return out.Err(c)
	}
	if out.Code == 0 || !differs(out) {
		return nil
	}
	do := a.tar("-x", src, dest)
	p.Add(change.Change{Action: change.Update, Kind: "directory", Target: dest, After: change.Attrs("unpacked from", src)},
		func(ctx context.Context, s system.System) error {
			return s.Run(ctx, do, system.Closed(system.Vague(system.Path(strings.TrimSuffix(dest, "/")+"/"))))
		})
	return nil
}

// tar is the host's tar, told to compare (-d) or to unpack (-x).
func (a *UnarchiveArgs) tar(what, src, dest string) system.Cmd {
	argv := []string{"tar", what, "-f", src, "-C", dest}
	if o, err := a.options(); err == nil && o.Strip > 0 {
		argv = append(argv, "--strip-components="+strconv.Itoa(o.Strip))
	}
	for _, e := range a.Exclude {
		argv = append(argv, "--exclude="+e)
	}
	if len(a.Include) > 0 {
		argv = slices.Concat(argv, []string{"--wildcards", "--"}, a.Include)
	}
	return system.Command(argv...)
}

// differs reports whether tar's comparison tells of more than owners and times.
func differs(out system.Output) bool {
	for line := range strings.Lines(string(out.Stdout) + string(out.Stderr)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasSuffix(line, "Uid differs") || strings.HasSuffix(line, "Gid differs") || strings.HasSuffix(line, "Mod time differs") ||
			strings.HasSuffix(line, "Exiting with failure status due to previous errors") {
			continue
		}
		return true
	}
	return false
}

// download plans the unpacking of a URL. What it holds is known when it is there.
func (a *UnarchiveArgs) download(p *module.Plan, dest string, opts archive.Options) error {
	tmp := path.Join(dest, ".gokube-unarchive")
	get := &GetURLArgs{URL: a.Src.Name, Timeout: 10}
	c := change.Change{Action: change.Update, Kind: "directory", Target: dest, After: change.Attrs("unpacked from", link.Redacted(a.Src.Name), "content", change.Later)}
	p.Add(c, func(ctx context.Context, s system.System) error {
		e := system.Closed(system.Vague(system.Path(strings.TrimSuffix(dest, "/") + "/")))
		if err := s.Run(ctx, get.fetch(a.Src.Name, "-o", tmp), e); err != nil {
			return err
		}
		return a.fetched(ctx, s, tmp, dest, opts)
	})
	return nil
}

// fetched unpacks the archive at tmp, which nobody could read before, and removes
// it.
func (a *UnarchiveArgs) fetched(ctx context.Context, s system.System, tmp, dest string, opts archive.Options) error {
	b := &box{attrs: a.FileAttrs, opts: opts}
	b.content = system.Content{Size: -1, Open: func(context.Context) (io.ReadCloser, error) { return s.Open(tmp) }}
	p := &module.Plan{}
	err := b.plan(ctx, system.ReadOnly(s), p, dest)
	if err == nil {
		_, err = p.Apply(ctx, s)
	}
	b.close()
	return errors.Join(err, s.Remove(tmp))
}

// foresee plans the files that are named one by one of an archive that cannot be
// read yet: because is why. It is because if they are not.
func (a *UnarchiveArgs) foresee(r system.Reader, p *module.Plan, src, dest string, opts archive.Options, because error) error {
	if !place.Unsure(because) || a.Mode == "" || len(a.Exclude) > 0 || len(a.Include) == 0 || strings.ContainsAny(strings.Join(a.Include, ""), `*?[\`) {
		return because
	}
	p.Steps = nil
	b := &box{attrs: a.FileAttrs}
	made := map[string]bool{}
	for _, name := range a.Include {
		name, ok := archive.Strip(name, opts.Strip)
		if !ok {
			continue
		}
		at := path.Join(dest, name)
		if err := b.parents(r, p, dest, path.Dir(at), made); err != nil {
			return err
		}
		if err := a.foreseen(r, p, src, dest, at, made[path.Dir(at)]); err != nil {
			return err
		}
	}
	return nil
}

// foreseen plans one file whose content is known when the archive is.
func (a *UnarchiveArgs) foreseen(r system.Reader, p *module.Plan, src, dest, at string, inNew bool) error {
	f := place.Found{}
	var err error
	if !inNew {
		if f, err = place.Look(r, at); err != nil {
			return err
		}
	}
	want, relative, err := a.FileAttrs.For(r, f, false)
	if err != nil {
		return err
	}
	c := change.Change{Action: change.Create, Kind: "file", Target: at, After: place.Asked(want, relative && f.Unsure)}
	c.After.Attrs = append(c.After.Attrs, change.Attr{Name: "sha256", Value: change.Later})
	if f.There {
		c.Action, c.Before = change.Update, place.Had(f.In.Attrs, want)
	}
	tar := a.tar("-x", src, dest)
	step := p.Add(c, func(ctx context.Context, s system.System) error {
		return s.Run(ctx, tar, system.Closed(system.Holds(at, system.Info{Attrs: want})))
	})
	step.Certain = !f.There && !f.Unsure && !relative
	return nil
}

package overlay

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/system"
)

// unit is what systemd would say of a unit: what is predicted or on the host, and
// what predicted files make of that. hops is how many aliases led here.
func (o *Overlay) unit(ctx context.Context, name string, hops int) (system.Object, error) {
	k := system.Key{Kind: "unit", Name: name}
	v, err := o.plain(ctx, k)
	u, _ := v.(system.Unit)
	if err != nil && !system.Absent(err) {
		return nil, err
	}
	e := o.at[k]
	if _, vague := e.value.(system.Unknown); vague {
		return nil, err
	}
	if u.Stale && o.reloaded > e.time {
		u.Stale = false
	}
	fragment, touched := o.fragment(name)
	if touched == 0 || touched <= e.time {
		return o.wanted(name, e.time, u, v, err)
	}
	u.Stale = u.Active && (u.Stale || touched > o.reloaded)
	if fragment == "" {
		return nil, o.missing(k, entry{time: touched})
	}
	return o.reread(ctx, fragment, k, u, hops)
}

// reread is what the newly predicted files of a unit make of it.
func (o *Overlay) reread(ctx context.Context, fragment string, k system.Key, u system.Unit, hops int) (system.Object, error) {
	f, err := o.find(fragment)
	switch {
	case err != nil:
		return nil, err
	case f.Type == fs.ModeSymlink && path.Clean(f.Target) == "/dev/null":
		u.Masked, u.Enabled = true, false
		return u, nil
	case f.Type == fs.ModeSymlink && o.aliases(fragment, f.Target) && hops < 8:
		return o.unit(ctx, instance(path.Base(f.Target), k.Name), hops+1)
	}
	installs, err := o.installs(fragment)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, system.NotExist(k)
	}
	if err != nil {
		return nil, err
	}
	if u.Static || !installs {
		u.Enabled = !installs
	}
	u.Static, u.Masked = !installs, false
	return o.wanted(k.Name, o.at[k].time, u, u, nil)
}

// aliases reports whether the link at p names another unit, rather than a file
// elsewhere that holds this one.
func (o *Overlay) aliases(p, target string) bool {
	if !path.IsAbs(target) {
		target = path.Join(path.Dir(p), target)
	}
	return path.Base(target) != path.Base(p) && path.Ext(target) == path.Ext(p) &&
		slices.Contains(system.UnitDirs(), path.Dir(target)+"/")
}

// instance is the template's instance that name is one of, if target is a template.
func instance(target, name string) string {
	before, after, ok := strings.Cut(target, "@")
	_, of, is := strings.Cut(name, "@")
	if ok && is && after == path.Ext(target) {
		return before + "@" + of
	}
	return target
}

// installs reports whether the unit file at p can be enabled.
func (o *Overlay) installs(p string) (bool, error) {
	r, err := o.stream(o.resolve(p, true))
	if err != nil {
		return false, err
	}
	defer r.Close()
	lines := bufio.NewScanner(io.LimitReader(r, 1<<20))
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) == "[Install]" {
			return true, nil
		}
	}
	return false, lines.Err()
}

// fragment is the path of the strongest file that name is loaded from, "" if
// there is none, and when it or a drop-in was last predicted to change.
func (o *Overlay) fragment(name string) (found string, touched int) {
	names := []string{name}
	if i := strings.IndexByte(name, '@'); i >= 0 && name[i+1:] != path.Ext(name) {
		names = append(names, name[:i+1]+path.Ext(name))
	}
	for _, n := range names {
		for _, dir := range system.UnitDirs() {
			p := o.resolve(dir+n, false)
			if f, err := o.find(p); found == "" && !errors.Is(err, fs.ErrNotExist) && (err != nil || f.Type != fs.ModeDir) && o.claims(p, err) {
				found = p
			}
			touched = max(touched, o.touched(p), o.dropIns(p+".d"))
		}
	}
	return found, touched
}

// claims reports whether p is there, or is itself said to be unknown: that it may
// have been made by an opaque command says nothing of a unit that is known.
func (o *Overlay) claims(p string, err error) bool {
	_, predicted := o.at[system.Path(p)]
	return err == nil || predicted
}

// touched is when the content at p was last predicted to change.
func (o *Overlay) touched(p string) int {
	e, ok := o.at[system.Path(p)]
	if f, is := e.value.(*file); is && f.from == untouched {
		return 0
	}
	if !ok {
		if e = o.hidden(p); !e.masks || !o.below(p) {
			return 0
		}
	}
	return e.time
}

// below reports whether the base has something at p.
func (o *Overlay) below(p string) bool {
	_, err := o.base.Lstat(p)
	return err == nil
}

// dropIns is when a file in dir was last predicted to change.
func (o *Overlay) dropIns(dir string) (last int) {
	for k, e := range o.at {
		if k.Kind != "path" || !strings.HasPrefix(k.Name, dir+"/") && (k.Name != dir || e.value != nil) {
			continue
		}
		if f, ok := e.value.(*file); !ok || f.Type != fs.ModeDir && f.from != untouched {
			last = max(last, e.time)
		}
	}
	return last
}

// wanted is u, enabled if a link that says so has been predicted since.
func (o *Overlay) wanted(name string, since int, u system.Unit, v system.Object, err error) (system.Object, error) {
	if v == nil {
		return v, err
	}
	for k, e := range o.at {
		dir := path.Dir(k.Name)
		if f, ok := e.value.(*file); ok && f.Type == fs.ModeSymlink && e.time > since && path.Base(k.Name) == name &&
			strings.HasPrefix(dir, "/etc/systemd/system/") && (path.Ext(dir) == ".wants" || path.Ext(dir) == ".requires") {
			u.Enabled = !u.Masked
		}
	}
	return u, err
}

// reads notes that a unit which was stale is declared not to be: systemd has read
// its units again, all of them.
func (o *Overlay) reads(k system.Key, u system.Unit) {
	if !u.Active || u.Stale || o.maybe != "" {
		return
	}
	was, err := o.unit(context.Background(), k.Name, 0)
	if w, ok := was.(system.Unit); err == nil && ok && w.Stale {
		o.reloaded = o.clock + 1
	}
}

// rereadAll notes that systemd has read all units again, if the task is sure to run.
func (o *Overlay) rereadAll() {
	if o.clock++; o.maybe == "" {
		o.reloaded = o.clock
	}
}

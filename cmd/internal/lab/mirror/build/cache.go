//go:build linux

// Package build follows the mirror's recipes: it builds their programs from Go
// modules and lays out what the public sites would have. It does not know who asks
// for the files.
//
// # Decisions
//
// What is made is kept under a name that holds the hash of all that went into it,
// made in a temporary folder and renamed: what has its name is whole, however a
// build before it was ended. Builds run one after the other, since the Go tool
// itself uses all processors. Archives are gzip without compression: they travel
// over a bridge of this machine, and hosts need the processors for more.
package build

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gokube/gokube/cmd/internal/lab/mirror/recipe"
	"github.com/gokube/gokube/cmd/internal/lab/state"
)

// layout is raised when the same recipe makes another site than before.
const layout = "1"

// current begins the name of the link to a release's newest site.
const current = "current-"

// unused is how long a build or site is kept that nobody has asked for: another
// checkout of the sources may come back to it.
const unused = 48 * time.Hour

// Cache is the folder that builds and sites are kept in.
type Cache struct {
	Root string
	Log  io.Writer // what is built, and how long it took
}

func (c Cache) builds() string { return filepath.Join(c.Root, "builds") }
func (c Cache) sites() string  { return filepath.Join(c.Root, "sites") }

// Base is the root file system that images take programs from.
type Base struct {
	Dir string
	Key string // of all that is in it
}

// Sites lists the folder of each release's newest site, the oldest release first.
func (c Cache) Sites() []string {
	var all []string
	links, _ := filepath.Glob(filepath.Join(c.sites(), current+"*"))
	slices.SortFunc(links, func(a, b string) int {
		return recipe.Compare(strings.TrimPrefix(filepath.Base(a), current), strings.TrimPrefix(filepath.Base(b), current))
	})
	for _, l := range links {
		if dir, err := filepath.EvalSymlinks(l); err == nil {
			all = append(all, dir)
		}
	}
	return all
}

// Make makes the sites of the recipes and
// gives their folders. What is there is not made again. Sites and builds that
// nobody has asked for in days are deleted, but for those among inUse.
func (c Cache) Make(ctx context.Context, recipes []*recipe.Recipe, base Base, inUse func() []string) ([]string, error) {
	if err := os.MkdirAll(c.Root, 0o755); err != nil {
		return nil, err
	}
	lock, err := state.Acquire(ctx, filepath.Join(c.Root, ".lock"))
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	toolchain, err := toolchain(ctx)
	if err != nil {
		return nil, err
	}
	var sites, kept []string
	for _, r := range recipes {
		site, builds, err := c.makeOne(ctx, r, toolchain, base)
		if err != nil {
			return nil, fmt.Errorf("make the mirror's %s: %w", r.Release, err)
		}
		sites = append(sites, site)
		kept = append(kept, builds...)
	}
	c.prune(c.sites(), slices.Concat(inUse(), sites))
	c.prune(c.builds(), kept)
	return sites, nil
}

// makeOne makes what is missing of one recipe's builds and its site.
func (c Cache) makeOne(ctx context.Context, r *recipe.Recipe, toolchain string, base Base) (site string, builds []string, err error) {
	things := map[string]string{}
	keys := []string{layout, base.Key}
	for _, name := range buildOrder(r) {
		key, err := r.Key(name, toolchain)
		if err != nil {
			return "", nil, err
		}
		dir := filepath.Join(c.builds(), name+"-"+key)
		if err := c.ensure(dir, what(r.Builds[name]), func(tmp string) error { return compile(ctx, r, name, tmp) }); err != nil {
			return "", nil, err
		}
		builds, keys = append(builds, dir), append(keys, key)
		for _, thing := range thingsOf(r.Builds[name]) {
			things[thing] = filepath.Join(dir, thing)
		}
	}
	site = filepath.Join(c.sites(), r.Release+"-"+r.SiteKey(keys...))
	err = c.ensure(site, "files and images of "+r.Version, func(tmp string) error { return lay(r, things, base, tmp) })
	if err != nil {
		return "", nil, err
	}
	return site, builds, point(filepath.Join(c.sites(), current+r.Release), filepath.Base(site))
}

// ensure makes the folder at path unless it is there.
func (c Cache) ensure(path, what string, do func(tmp string) error) error {
	if _, err := os.Stat(path); err == nil {
		return os.Chtimes(path, time.Time{}, time.Now())
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	c.say("make %s: %s\n", filepath.Base(path), what)
	start := time.Now()
	tmp, err := os.MkdirTemp(filepath.Dir(path), ".tmp-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := errors.Join(do(tmp), os.Chmod(tmp, 0o755)); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	c.say("made %s in %.0f s\n", filepath.Base(path), time.Since(start).Seconds())
	return nil
}

func (c Cache) say(format string, args ...any) { fmt.Fprintf(c.Log, format, args...) }

// prune deletes what killed builds left, and folders that are unused and that keep
// does not name. Nobody else builds: the caller holds the lock.
func (c Cache) prune(dir string, keep []string) {
	used := map[string]bool{}
	for _, k := range keep {
		used[filepath.Base(k)] = true
	}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		info, err := e.Info()
		old := err == nil && e.IsDir() && time.Since(info.ModTime()) > unused
		if old && !used[e.Name()] || strings.HasPrefix(e.Name(), ".tmp-") {
			_ = os.RemoveAll(filepath.Join(dir, e.Name()))
		}
	}
}

// point makes the symbolic link at path lead to target, at once.
func point(path, target string) error {
	if now, err := os.Readlink(path); err == nil && now == target {
		return nil
	}
	tmp := path + ".new"
	_ = os.Remove(tmp)
	if err := os.Symlink(target, tmp); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// Package recipe says what a lab's mirror holds: programs built from Go modules,
// and the paths and image names under which the public sites have them. It does
// not know how a program is built, nor how a file is served.
//
// # Decisions
//
// A recipe is data in the folder that also has the Go modules, one file for each
// minor version of Kubernetes, so that a second version is a second file. What a
// recipe makes of the modules depends on nothing else but the Go toolchain, and
// each part's key is the hash of all that goes into it.
package recipe

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// File is the name of a recipe, in the folder of a minor version.
const File = "release.yml"

// Recipe is what the mirror has for one minor version of Kubernetes.
type Recipe struct {
	Release string              `yaml:"-"`       // the minor version, as 1.34
	Version string              `yaml:"version"` // of Kubernetes, as v1.34.4
	Builds  map[string]Build    `yaml:"builds"`
	Files   []Served            `yaml:"files"`
	Bases   map[string][]string `yaml:"bases"` // paths in the hosts' image, which may be patterns
	Images  []Image             `yaml:"images"`
	dir     string              // the folder with all modules
	text    []byte              // as it was read
}

// Build makes programs of one Go module. All programs and copies of a recipe have
// names of their own.
type Build struct {
	Module   string            `yaml:"module"` // its folder
	LDFlags  string            `yaml:"ldflags"`
	Tags     string            `yaml:"tags"`
	CGO      bool              `yaml:"cgo"`
	Needs    string            `yaml:"needs"` // Debian packages that it takes
	Main     *Main             `yaml:"main"`
	Programs map[string]string `yaml:"programs"` // the package of each, in Go's words
	Copies   map[string]Source `yaml:"copies"`   // files of modules, as they are
}

// Source is a file of a module that a build requires.
type Source struct {
	Module string `yaml:"module"`
	File   string `yaml:"file"`
}

// Main is the source of the module's main.go: another module's, without the lines
// that hold one of the given words.
type Main struct {
	Source  `yaml:",inline"`
	Without []string `yaml:"without"`
}

// Served is one file of the public sites: a program or copy, or an archive of some.
type Served struct {
	Path    string            `yaml:"path"` // begins with the site's name
	Holds   string            `yaml:"holds"`
	Archive map[string]string `yaml:"archive"` // path inside -> program or copy
	Digest  string            `yaml:"digest"`  // a file beside it with its SHA-256 alone
	Sums    string            `yaml:"sums"`    // a file beside it as sha256sum writes it
}

// Image is one container image.
type Image struct {
	Name       string            `yaml:"name"` // in full: registry, path and tag
	Base       string            `yaml:"base"`
	Files      map[string]string `yaml:"files"` // path inside -> program or copy
	Entrypoint []string          `yaml:"entrypoint"`
	Cmd        []string          `yaml:"cmd"`
}

// Find gives the folder testdata/lab/mirror that is nearest above the folder from.
// Where there is none, the error is fs.ErrNotExist.
func Find(from string) (string, error) {
	at, err := filepath.Abs(from)
	if err != nil {
		return "", err
	}
	for {
		dir := filepath.Join(at, "testdata", "lab", "mirror")
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("find the mirror's recipes: no testdata/lab/mirror in %s or above; run it in gokube's sources, or name the folder with --recipes: %w", from, fs.ErrNotExist)
		}
		at = filepath.Dir(at)
	}
}

// LoadAll reads all recipes of a folder, the oldest release first.
func LoadAll(dir string) ([]*Recipe, error) {
	found, err := filepath.Glob(filepath.Join(dir, "*", File))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("read the mirror's recipes: %s has no folder with a %s", dir, File)
	}
	var all []*Recipe
	for _, f := range found {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		r, err := Parse(filepath.Base(filepath.Dir(f)), text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		r.dir = dir
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b *Recipe) int { return Compare(a.Release, b.Release) })
	return all, nil
}

// Parse reads the recipe of a release.
func Parse(release string, text []byte) (*Recipe, error) {
	expanded := os.Expand(string(text), func(name string) string {
		if name == "arch" {
			return runtime.GOARCH
		}
		return "${" + name + "}"
	})
	d := yaml.NewDecoder(bytes.NewReader([]byte(expanded)))
	d.KnownFields(true)
	r := &Recipe{Release: release, text: text}
	if err := d.Decode(r); err != nil {
		return nil, fmt.Errorf("read the recipe: %w", err)
	}
	return r, r.check()
}

var releasePattern = regexp.MustCompile(`^[0-9]+\.[0-9]+$`)

// check refuses a recipe that cannot be followed.
func (r *Recipe) check() error {
	if !releasePattern.MatchString(r.Release) || !strings.HasPrefix(r.Version, "v"+r.Release+".") {
		return fmt.Errorf("use Kubernetes %q for release %q: the version begins with v, the release and a dot", r.Version, r.Release)
	}
	things, err := r.things()
	if err != nil {
		return err
	}
	known := func(where string, names ...string) error {
		for _, n := range names {
			if !things[n] {
				return fmt.Errorf("make %s: no build makes %q", where, n)
			}
		}
		return nil
	}
	var errs []error
	for _, f := range r.Files {
		errs = append(errs, f.check(), known(f.Path, f.parts()...))
	}
	for _, i := range r.Images {
		_, hasBase := r.Bases[i.Base]
		if i.Base != "" && !hasBase {
			errs = append(errs, fmt.Errorf("make image %s: there is no base %q", i.Name, i.Base))
		}
		errs = append(errs, i.check(), known("image "+i.Name, values(i.Files)...))
	}
	return errors.Join(errs...)
}

// things collects what all builds make.
func (r *Recipe) things() (map[string]bool, error) {
	things := map[string]bool{}
	for name, b := range r.Builds {
		if !filepath.IsLocal(b.Module) || !filepath.IsLocal(name) || strings.Contains(name, "/") {
			return nil, fmt.Errorf("build %q of %q: both are names below the recipes' folder", name, b.Module)
		}
		for _, n := range append(keys(b.Programs), keys(b.Copies)...) {
			if things[n] || strings.ContainsAny(n, "/") {
				return nil, fmt.Errorf("build %q: %q is made twice, or no file name", name, n)
			}
			things[n] = true
		}
	}
	return things, nil
}

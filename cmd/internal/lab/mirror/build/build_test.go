//go:build linux

package build

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/cmd/internal/lab/mirror/oci"
	"github.com/gokube/gokube/cmd/internal/lab/mirror/recipe"
)

const release = `version: v1.34.4
builds:
  tools: {module: tools-1, programs: {first: example.org/tools/one/v2, second: example.org/tools}}
files:
- {path: example.org/first, holds: first, digest: first.sha256, sums: SUMS}
- {path: example.org/all.tgz, archive: {./first: first, bin/second: second}, sums: SUMS}
bases: {small: [/bin/cp]}
images:
- {name: "example.org/first:1", base: small, files: {/first: first}}
`

// write lays out files below a folder.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for p, text := range files {
		full := filepath.Join(dir, p)
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
}

// recipes lays out a recipe and its module, of which main.go is given.
func recipes(t *testing.T, main string) []*recipe.Recipe {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"1.34/" + recipe.File:    release,
		"tools-1/go.mod":         "module example.org/tools\n\ngo 1.24\n",
		"tools-1/main.go":        main,
		"tools-1/one/v2/main.go": "package main\n\nfunc main() { println(1) }\n",
	})
	all, err := recipe.LoadAll(dir)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

const main = "package main\n\nfunc main() {}\n"

func newCache(t *testing.T) (Cache, Base, *bytes.Buffer) {
	t.Helper()
	base := t.TempDir()
	write(t, base, map[string]string{"bin/cp": "#!/bin/sh\n"})
	log := new(bytes.Buffer)
	return Cache{Root: t.TempDir(), Log: log}, Base{base, "base-1"}, log
}

func none() []string { return nil }

func TestSiteHasTheFilesOfThePublicSites(t *testing.T) {
	t.Parallel()
	c, base, _ := newCache(t)
	sites, err := c.Make(t.Context(), recipes(t, main), base, none)
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(sites[0], FilesDir, "example.org")
	sum, err := digest(at + "/first")
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(at + "/first.sha256"); string(text) != sum {
		t.Errorf("%q", text)
	}
	whole, err := digest(at + "/all.tgz")
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(at + "/SUMS"); string(text) != sum+"  first\n"+whole+"  all.tgz\n" {
		t.Errorf("%q", text)
	}
	if d := cmp.Diff([]string{"./first", "bin/second"}, names(t, at+"/all.tgz")); d != "" {
		t.Error(d)
	}
	images, err := oci.Images(filepath.Join(sites[0], ImagesDir))
	if _, ok := images["example.org/first:1"]; !ok || err != nil {
		t.Error(images, err)
	}
	if d := cmp.Diff(sites, c.Sites()); d != "" {
		t.Error(d)
	}
}

// names lists what is in a tar.gz.
func names(t *testing.T, path string) (all []string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(z)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, h.Name)
	}
}

func TestWhatIsThereIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	c, base, log := newCache(t)
	r := recipes(t, main)
	first, err := c.Make(t.Context(), r, base, none)
	if err != nil {
		t.Fatal(err)
	}
	log.Reset()
	again, err := c.Make(t.Context(), r, base, none)
	if err != nil || log.Len() > 0 || cmp.Diff(first, again) != "" {
		t.Error(again, err, log)
	}
}

func TestWhatNobodyAsksForIsDeletedUnlessALabServesIt(t *testing.T) {
	t.Parallel()
	c, base, _ := newCache(t)
	made := func(text string, inUse ...string) string {
		t.Helper()
		sites, err := c.Make(t.Context(), recipes(t, text), base, func() []string { return inUse })
		if err != nil {
			t.Fatal(err)
		}
		return sites[0]
	}
	served, unasked, recent := made(main), made(main+"\n// two\n"), made(main+"\n// three\n")
	long := time.Now().Add(-2 * unused)
	builds, _ := filepath.Glob(c.builds() + "/*")
	for _, dir := range append(builds, served, unasked) {
		if err := os.Chtimes(dir, long, long); err != nil {
			t.Fatal(err)
		}
	}
	newest := made(main+"\n// four\n", served)
	for dir, want := range map[string]bool{served: true, unasked: false, recent: true, newest: true} {
		if _, err := os.Stat(dir); (err == nil) != want {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if d := cmp.Diff([]string{newest}, c.Sites()); d != "" {
		t.Error(d)
	}
	if left, _ := os.ReadDir(c.builds()); len(left) != 1 {
		t.Errorf("builds that nobody asked for stayed: %v", left)
	}
}

func TestBuildThatFailsOrIsEndedLeavesNothing(t *testing.T) {
	t.Parallel()
	c, base, _ := newCache(t)
	_, err := c.Make(t.Context(), recipes(t, "package main\n\nfunc main() { nonsense }\n"), base, none)
	if err == nil || !strings.Contains(err.Error(), "build tools") || !strings.Contains(err.Error(), "nonsense") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Make(ctx, recipes(t, main), base, none); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for _, dir := range []string{c.builds(), c.sites()} {
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Error(left)
		}
	}
}

func TestWhatAKilledBuildLeftIsClearedAway(t *testing.T) {
	t.Parallel()
	c, base, _ := newCache(t)
	write(t, c.builds(), map[string]string{".tmp-1/half": "x"})
	if _, err := c.Make(t.Context(), recipes(t, main), base, none); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(c.builds() + "/.tmp-1"); err == nil {
		t.Error("it is still there")
	}
}

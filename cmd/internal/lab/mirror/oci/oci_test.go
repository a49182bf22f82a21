package oci

import (
	"archive/tar"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

// root lays out files, and links where the text begins with "->".
func root(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for p, text := range files {
		full := filepath.Join(dir, p)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if to, ok := strings.CutPrefix(text, "->"); ok {
			err = os.Symlink(to, full)
		} else {
			err = os.WriteFile(full, []byte(text), 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLinksOnTheWayToAFileAreCollected(t *testing.T) {
	t.Parallel()
	c := NewCollection(root(t, map[string]string{
		"usr/sbin/tables":         "->/etc/alternatives/tables",
		"etc/alternatives/tables": "->/usr/sbin/tables-nft",
		"usr/sbin/tables-nft":     "->../sbin/multi",
		"usr/sbin/multi":          "#!program",
		"sbin":                    "->usr/sbin",
		"usr/lib/x/a.so":          "1",
		"usr/lib/x/b.so":          "2",
		"usr/lib/x/c.txt":         "3",
	}))
	for _, p := range []string{"/sbin/tables", "/usr/lib/*/*.so"} {
		if err := c.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]string{}
	for _, e := range c.Entries() {
		got[e.Path] = e.Link
	}
	want := map[string]string{
		"/sbin": "usr/sbin", "/usr/sbin/tables": "/etc/alternatives/tables", "/etc/alternatives/tables": "/usr/sbin/tables-nft",
		"/usr/sbin/tables-nft": "../sbin/multi", "/usr/sbin/multi": "", "/usr/lib/x/a.so": "", "/usr/lib/x/b.so": "",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestFilesThatAreNotThereAreNamed(t *testing.T) {
	t.Parallel()
	c := NewCollection(root(t, map[string]string{"loop": "->loop", "out": "->../../../gone"}))
	for pattern, want := range map[string]string{"/none": "/none", "/x/*.so": "/x/*.so", "/loop": "too many symbolic links", "/out": "/out"} {
		if err := c.Add(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}

func TestProgramBringsItsLoaderAndLibraries(t *testing.T) {
	t.Parallel()
	c := NewCollection("")
	if err := c.Add("/bin/sh"); err != nil {
		t.Skipf("this machine's shell is not one that loads libraries: %v", err)
	}
	var all []string
	for _, e := range c.Entries() {
		all = append(all, filepath.Base(e.Path))
	}
	if len(all) > 1 && !slices.ContainsFunc(all, func(n string) bool { return strings.HasPrefix(n, "libc.") || strings.HasPrefix(n, "ld-") }) {
		t.Error(all)
	}
}

// layerOf makes a layer of its own layout and lists what is in it.
func layerOf(t *testing.T, entries []Entry) (Descriptor, []string) {
	t.Helper()
	dir := t.TempDir()
	l, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	d, err := l.AddLayer(entries)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(BlobPath(dir, d.Digest))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var names []string
	r := tar.NewReader(f)
	for h, err := r.Next(); err == nil; h, err = r.Next() {
		names = append(names, h.Name+h.Linkname)
		if _, err := io.Copy(io.Discard, r); err != nil {
			t.Fatal(err)
		}
	}
	return d, names
}

func TestSameFilesMakeTheSameLayer(t *testing.T) {
	t.Parallel()
	dir := root(t, map[string]string{"a": "text"})
	one := []Entry{{Path: "/usr/bin/a", From: dir + "/a"}, {Path: "/bin", Link: "usr/bin"}}
	first, names := layerOf(t, one)
	if d := cmp.Diff([]string{"tmp/", "binusr/bin", "usr/", "usr/bin/", "usr/bin/a"}, names); d != "" {
		t.Error(d)
	}
	slices.Reverse(one)
	if again, _ := layerOf(t, one); again.Digest != first.Digest {
		t.Error("the order of files makes a difference")
	}
}

func TestLayoutIsReadBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	layer, err := l.AddLayer(nil)
	if err != nil {
		t.Fatal(err)
	}
	spec := Spec{Name: "example.org/a:1", Layers: []Descriptor{layer}, Entrypoint: []string{"/a"}, Cmd: []string{"b"}}
	if err := l.AddImage(spec); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	images, err := Images(dir)
	if err != nil || len(images) != 1 {
		t.Fatal(images, err)
	}
	var m v1.Manifest
	read(t, BlobPath(dir, images["example.org/a:1"].Digest), &m)
	var config v1.Image
	read(t, BlobPath(dir, m.Config.Digest), &config)
	if d := cmp.Diff(spec.Entrypoint, config.Config.Entrypoint); d != "" || config.RootFS.DiffIDs[0] != layer.Digest || config.Config.Cmd[0] != "b" {
		t.Error(d, config)
	}
	if left, _ := filepath.Glob(dir + "/blob-*"); len(left) > 0 {
		t.Error(left)
	}
}

func read(t *testing.T, path string, v any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func FuzzImages(f *testing.F) {
	f.Add([]byte(`{"manifests":[{"digest":"sha256:00"}]}`))
	f.Fuzz(func(t *testing.T, index []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, v1.ImageIndexFile), index, 0o644); err != nil {
			t.Fatal(err)
		}
		_, _ = Images(dir)
	})
}

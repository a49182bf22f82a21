package recipe

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const good = `version: v1.34.4
builds:
  one: {module: one-1, programs: {tool: example.org/tool}, copies: {tool.service: {module: example.org/tool, file: tool.service}}}
files:
- {path: "example.org/${arch}/tool", holds: tool, digest: tool.sha256}
- {path: example.org/tool.tgz, archive: {bin/tool: tool, tool.service: tool.service}, sums: SHA256SUMS}
bases: {debian: [/bin/cp]}
images:
- {name: "example.org/a/tool:v1", base: debian, files: {/tool: tool}, entrypoint: [/tool]}
`

func TestRecipeNamesTheMachinesArchitecture(t *testing.T) {
	t.Parallel()
	r, err := Parse("1.34", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if want := "example.org/" + runtime.GOARCH + "/tool"; r.Files[0].Path != want {
		t.Errorf("%q, want %q", r.Files[0].Path, want)
	}
}

func TestRecipeThatCannotBeFollowedIsRefused(t *testing.T) {
	t.Parallel()
	for want, change := range map[string][2]string{
		`Kubernetes "v1.35.0"`:       {"v1.34.4", "v1.35.0"},
		`no build makes "other"`:     {"holds: tool", "holds: other"},
		"begins with a site's name":  {"example.org/${arch}/tool", "../${arch}/tool"},
		"either holds something":     {"holds: tool,", ""},
		"plain name":                 {"digest: tool.sha256", "digest: ../tool.sha256"},
		`no base "debian"`:           {"bases: {debian: [/bin/cp]}", ""},
		"a registry, a path and a t": {"example.org/a/tool:v1", "tool"},
		"no path in an image":        {"files: {/tool: tool}", "files: {../tool: tool}"},
		"below the recipes' folder":  {"module: one-1", "module: ../one"},
		"is made twice":              {"{tool.service: {", "{tool: {"},
		"field bilds not found":      {"builds:", "bilds:"},
	} {
		_, err := Parse("1.34", []byte(strings.Replace(good, change[0], change[1], 1)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v does not say %q", change[1], err, want)
		}
	}
	if _, err := Parse("stable", []byte(good)); err == nil {
		t.Error("a folder that is no release passed")
	}
}

// write lays out files below a folder.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for p, text := range files {
		full := filepath.Join(dir, p)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReleasesAreOrderedByNumber(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, r := range []string{"1.10", "1.9", "2.0"} {
		write(t, dir, map[string]string{r + "/" + File: "version: v" + r + ".1\n"})
	}
	all, err := LoadAll(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range all {
		got = append(got, r.Release)
	}
	if d := cmp.Diff([]string{"1.9", "1.10", "2.0"}, got); d != "" {
		t.Error(d)
	}
}

func TestFolderOfRecipesIsFoundFromBelow(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, root, map[string]string{"testdata/lab/mirror/x": "", "cmd/deep/x": ""})
	got, err := Find(filepath.Join(root, "cmd", "deep"))
	if err != nil || got != filepath.Join(root, "testdata", "lab", "mirror") {
		t.Error(got, err)
	}
	if _, err := Find(t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := LoadAll(t.TempDir()); err == nil {
		t.Error("a folder without recipes passed")
	}
}

func TestKeyFollowsAllThatGoesIntoABuild(t *testing.T) {
	t.Parallel()
	key := func(text, toolchain, mod string) string {
		t.Helper()
		dir := t.TempDir()
		write(t, dir, map[string]string{"1.34/" + File: text, "one-1/go.mod": mod})
		all, err := LoadAll(dir)
		if err != nil {
			t.Fatal(err)
		}
		k, err := all[0].Key("one", toolchain)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	same := key(good, "go1", "module x\n")
	if key(good, "go1", "module x\n") != same || key(strings.ReplaceAll(good, "/a/tool:v1", "/a/tool:v2"), "go1", "module x\n") != same {
		t.Error("the key changes with what is not part of the build")
	}
	for name, other := range map[string]string{
		"toolchain": key(good, "go2", "module x\n"),
		"module":    key(good, "go1", "module y\n"),
		"words":     key(strings.Replace(good, "module: one-1,", "module: one-1, tags: t,", 1), "go1", "module x\n"),
	} {
		if other == same {
			t.Errorf("a change of the %s kept the key", name)
		}
	}
}

func TestOwnRecipesHaveTheirModules(t *testing.T) {
	t.Parallel()
	dir, err := Find(".")
	if err != nil {
		t.Fatal(err)
	}
	all, err := LoadAll(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		for name, b := range r.Builds {
			if _, err := os.Stat(filepath.Join(r.Folder(b), "go.mod")); err != nil {
				t.Errorf("%s: %s: %v", r.Release, name, err)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Fuzz(func(_ *testing.T, text []byte) { _, _ = Parse("1.34", text) })
}

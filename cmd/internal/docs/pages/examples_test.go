package pages_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/inventory"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/playbook/load"
	"github.com/gokube/gokube/engine/vars"
	"github.com/gokube/gokube/modules"
	"github.com/gokube/gokube/playbooks"
	"github.com/gokube/gokube/roles"
)

// fence is a block of code of one kind on a page.
type fence struct {
	page, kind, text string
	line             int
}

var fences = regexp.MustCompile("(?ms)^```([^\n`]+)\n(.*?)^```$")

// manual are the pages that people read, seen from the top: README and below docs.
func manual(t *testing.T) (out []string) {
	t.Helper()
	out = []string{"README.md", "CONTRIBUTING.md"}
	err := filepath.WalkDir(filepath.Join(top, "docs"), func(p string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(p, ".md") {
			p, err = filepath.Rel(top, p)
			out = append(out, filepath.ToSlash(p))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// blocks are the blocks of kind on all pages.
func blocks(t *testing.T, kind string) (out []fence) {
	t.Helper()
	for _, name := range manual(t) {
		text := read(t, name)
		for _, m := range fences.FindAllStringSubmatchIndex(text, -1) {
			if text[m[2]:m[3]] == kind {
				out = append(out, fence{name, kind, text[m[4]:m[5]], strings.Count(text[:m[0]], "\n") + 1})
			}
		}
	}
	if len(out) == 0 {
		t.Fatalf("no block of kind %q", kind)
	}
	return out
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(top, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// site is the folder that examples find themselves in.
func site(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/site")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// shipped are the roles and playbooks that gokube brings along.
type shipped struct{}

// Open implements fs.FS.
func (shipped) Open(name string) (fs.File, error) {
	folder, rest, _ := strings.Cut(name, "/")
	if rest == "" {
		rest = "."
	}
	if folder == "roles" {
		return roles.FS.Open(rest)
	}
	return playbooks.FS.Open(rest)
}

func newLoader() *load.Loader {
	specs := map[string]*module.Spec{}
	var names []string
	for _, m := range modules.All() {
		specs[m.Spec().Name] = m.Spec()
		names = append(names, m.Spec().Name)
	}
	return load.New(load.Options{Files: load.Disk(shipped{}), Names: names, Modules: func(n string) *module.Spec { return specs[n] }})
}

func TestPlaybooksInTheManualLoad(t *testing.T) {
	t.Parallel()
	for _, b := range blocks(t, "yaml play") {
		book := filepath.Join(site(t), "site.yml")
		if err := os.WriteFile(book, []byte(b.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := newLoader().Playbook(context.Background(), book); err != nil {
			t.Errorf("%s:%d: %v", b.page, b.line, err)
		}
	}
}

func TestInventoriesInTheManualLoad(t *testing.T) {
	t.Parallel()
	for kind, name := range map[string]string{"yaml inventory": "hosts.yml", "ini inventory": "hosts.ini"} {
		for _, b := range blocks(t, kind) {
			file := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(file, []byte(b.text), 0o644); err != nil {
				t.Fatal(err)
			}
			inv, err := inventory.Load(context.Background(), inventory.Options{Sources: []string{file}, Hooks: vars.NewReader(nil).Hooks()})
			if err != nil || len(inv.Names()) == 0 {
				t.Errorf("%s:%d: %v", b.page, b.line, err)
			}
		}
	}
}

// heading is one of Markdown, to which links may go.
var (
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	dropped = regexp.MustCompile("[^a-z0-9 _-]")
)

func TestLinksInTheManualLeadSomewhere(t *testing.T) {
	t.Parallel()
	for _, page := range manual(t) {
		text := fences.ReplaceAllString(read(t, page), "")
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			name, anchor, _ := strings.Cut(m[1], "#")
			file := page
			if name != "" {
				file = filepath.ToSlash(filepath.Join(filepath.Dir(page), name))
			}
			if _, err := os.Stat(filepath.Join(top, file)); err != nil {
				t.Errorf("%s: %s leads nowhere", page, m[1])
			} else if anchor != "" && !anchors(read(t, file))[anchor] {
				t.Errorf("%s: %s has no heading %s", page, file, anchor)
			}
		}
	}
}

// anchors are the names that the headings of a page get.
func anchors(text string) map[string]bool {
	out := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fences.ReplaceAllString(text, ""), -1) {
		out[strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")] = true
	}
	return out
}

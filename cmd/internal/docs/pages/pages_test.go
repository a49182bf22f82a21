package pages_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/cmd/internal/docs"
	"github.com/gokube/gokube/cmd/internal/docs/pages"
	"github.com/gokube/gokube/playbooks"
)

const top = "../../../.."

func TestDerivedPagesAreUpToDate(t *testing.T) {
	t.Parallel()
	c, err := docs.Load()
	if err != nil {
		t.Fatal(err)
	}
	all, err := pages.All(top, c)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range all {
		got, err := os.ReadFile(filepath.Join(top, name))
		if d := cmp.Diff(want, string(got)); err != nil || d != "" {
			t.Errorf("run make generate: %s is not what the code says: %v\n%s", name, err, d)
		}
	}
	strays, err := pages.Strays(top, all)
	if err != nil || len(strays) > 0 {
		t.Errorf("run make generate: nothing makes %v (%v)", strays, err)
	}
}

func TestWriteRemovesPagesOfWhatIsGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, folder := range pages.Folders() {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	old := filepath.Join(dir, "docs/modules/gone.md")
	if err := os.WriteFile(old, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := pages.Write(dir, map[string]string{"docs/modules/here.md": "y"}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("it is still there")
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "docs/modules/here.md")); string(got) != "y" {
		t.Errorf("wrote %q", got)
	}
}

func TestWhatIsSaidOfKubesprayIsOfVariablesThatRolesTake(t *testing.T) {
	t.Parallel()
	taken, err := pages.Taken()
	if err != nil {
		t.Fatal(err)
	}
	all := pages.Kubespray()
	for i, k := range all {
		if k.Note != "" && !taken(k.Name) {
			t.Errorf("nothing takes %s, of which kubespray.txt says: %s", k.Name, k.Note)
		}
		if i > 0 && all[i-1].Name >= k.Name {
			t.Errorf("%s is not in the order of names", k.Name)
		}
	}
}

// row is one of the table of playbooks in from-kubespray.md: kubespray's, and ours.
var row = regexp.MustCompile(`(?m)^\| (.*?` + "`[a-z_]+\\.yml`" + `.*?) \| (.*) \|$`)

func TestPlaybooksThatThereAreNotAreSaidNotToBeThere(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`[a-z_]+\.yml`)
	text := read(t, "docs/from-kubespray.md")
	_, text, _ = strings.Cut(text, "## Playbooks")
	text, _, _ = strings.Cut(text, "\n## ")
	rows := row.FindAllStringSubmatch(text, -1)
	if len(rows) < 4 {
		t.Fatalf("found %d rows", len(rows))
	}
	for _, m := range rows {
		ours := name.FindAllString(m[2], -1)
		there := true
		if strings.HasPrefix(m[2], "not there yet") {
			ours, there = name.FindAllString(m[1], -1), false
		}
		for _, n := range ours {
			if _, err := fs.Stat(playbooks.FS, n); (err == nil) != there {
				t.Errorf("%s is there: %v; the manual says the opposite: %s", n, !there, m[0])
			}
		}
	}
}

package image

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// machine lays out a root folder with the given files of /etc.
func machine(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for path, text := range files {
		full := filepath.Join(root, "etc", path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

const bookworm = "ID=debian\nVERSION_CODENAME=bookworm\n"

func TestSourcesAreThoseOfTheMachinesOwnDebianOnly(t *testing.T) {
	t.Parallel()
	root := machine(t, map[string]string{
		"os-release": bookworm,
		"apt/sources.list": `# deb http://commented.example/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] https://one.example/debian bookworm main contrib
deb-src http://one.example/debian bookworm main
deb cdrom:[Debian]/ bookworm main
`,
		"apt/sources.list.d/vendor.list": "deb [signed-by=/k/vendor.gpg] https://vendor.example/apt bookworm main\ndeb http://pg.example/apt bookworm-pgdg main\n",
		"apt/sources.list.d/debian.sources": `Types: deb deb-src
# a comment
URIs: http://two.example/debian
Suites: bookworm bookworm-updates
 sid
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
`,
	})
	s, err := MachineSources(root)
	if err != nil {
		t.Fatal(err)
	}
	const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
	want := Sources{"bookworm", []Source{
		{"https://one.example/debian", []string{"bookworm"}, []string{"main"}, keyring},
		{"http://two.example/debian", []string{"bookworm", "bookworm-updates"}, []string{"main"}, keyring},
	}}
	if d := cmp.Diff(want, s); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"http://two.example/debian", "https://one.example/debian"}, s.Mirrors()); d != "" {
		t.Error(d)
	}
	if strings.Contains(s.deb822(true), "https://") {
		t.Error("hosts were told to ask for https, which the proxy does not tunnel")
	}
	if d := cmp.Diff(s.Entries, parseDeb822(s.deb822(false))); d != "" {
		t.Error("what is written is not read back: " + d)
	}
}

func TestMachineWithoutADebianMirrorIsToldSo(t *testing.T) {
	t.Parallel()
	root := machine(t, map[string]string{"os-release": "ID=other\n", "apt/sources.list": "deb http://x.example/debian bookworm main\n"})
	if _, err := MachineSources(root); err == nil || !strings.Contains(err.Error(), "/etc/apt") {
		t.Error(err)
	}
}

func TestKeyFollowsEveryPartOfTheRecipe(t *testing.T) {
	t.Parallel()
	s := Sources{Suite: "bookworm", Entries: []Source{{"http://a.example/debian", []string{"bookworm"}, []string{"main"}, ""}}}
	same := key(plainRecipe(s))
	if key(plainRecipe(s)) != same {
		t.Error("the key is not stable")
	}
	for name, change := range map[string]func(*recipe){
		"packages": func(r *recipe) { r.Packages = append(r.Packages, "tree") },
		"files":    func(r *recipe) { r.Files["/etc/x"] = "" },
		"masks":    func(r *recipe) { r.Masks = r.Masks[1:] },
		"sources":  func(r *recipe) { r.Sources += "x" },
	} {
		r := plainRecipe(s)
		change(&r)
		if key(r) == same {
			t.Errorf("a change of the %s kept the key", name)
		}
	}
}

func TestPlainImageHasNoPythonAndTimeServicesAreNotMasked(t *testing.T) {
	t.Parallel()
	r := plainRecipe(Sources{})
	for _, p := range r.Packages {
		if strings.Contains(p, "python") {
			t.Error(p)
		}
	}
	for _, m := range r.Masks {
		if strings.Contains(m, "chrony") || strings.Contains(m, "timesyncd") {
			t.Error(m)
		}
	}
}

func TestUnknownVariantIsRefused(t *testing.T) {
	t.Parallel()
	if err := checkVariant("perl"); err == nil || !strings.Contains(err.Error(), "plain and python") {
		t.Error(err)
	}
}

func FuzzSources(f *testing.F) {
	f.Add("Types: deb\nURIs: http://x/debian\n go on\n\n")
	f.Add("deb [a=b] http://x/debian bookworm main # c\n")
	f.Fuzz(func(_ *testing.T, s string) {
		parseDeb822(s)
		parseOneLine(s)
	})
}

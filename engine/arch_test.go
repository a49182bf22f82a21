package engine_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const root = "github.com/gokube/gokube"

// pkg is one package of ours, parsed and not type-checked, so that the rules hold
// for what does not compile too.
type pkg struct {
	path  string // within the repository, with slashes
	files []source
}

// source is one file of a package.
type source struct {
	name    string // within the repository
	test    bool
	lines   int
	ast     *ast.File
	imports []string
}

// tree is the whole repository, read once.
var tree = sync.OnceValues(func() ([]*pkg, error) {
	set, found := fset, map[string]*pkg{}
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel("..", p)
		name = filepath.ToSlash(name)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "bin" || strings.HasPrefix(name, ".") && name != "."):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(p, ".go"):
			return nil
		}
		f, err := read(set, p, name)
		if err != nil {
			return err
		}
		dir := path.Dir(name)
		if found[dir] == nil {
			found[dir] = &pkg{path: dir}
		}
		found[dir].files = append(found[dir].files, f)
		return nil
	})
	var out []*pkg
	for _, p := range found {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *pkg) int { return strings.Compare(a.path, b.path) })
	return out, err
})

// fset knows the places of all that tree has read.
var fset = token.NewFileSet()

func read(set *token.FileSet, p, name string) (source, error) {
	text, err := os.ReadFile(p)
	if err != nil {
		return source{}, err
	}
	f, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	s := source{name: name, test: strings.HasSuffix(name, "_test.go"), lines: strings.Count(string(text), "\n"), ast: f}
	for _, i := range f.Imports {
		what, _ := strconv.Unquote(i.Path.Value)
		s.imports = append(s.imports, what)
	}
	return s, nil
}

// packages are all packages of the repository, or those below one of the folders.
func packages(t *testing.T, below ...string) (out []*pkg) {
	t.Helper()
	all, err := tree()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if len(below) == 0 || in(p.path, below...) {
			out = append(out, p)
		}
	}
	return out
}

// in reports whether dir is one of the folders or below it.
func in(dir string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return dir == f || strings.HasPrefix(dir, f+"/") })
}

// ours are the imports of a file that are of this repository, within it.
func (s source) ours() (out []string) {
	for _, i := range s.imports {
		if in(i, root) {
			out = append(out, strings.TrimPrefix(strings.TrimPrefix(i, root), "/"))
		}
	}
	return out
}

// each calls do for every file of ps that is not a test.
func each(ps []*pkg, do func(p *pkg, s source)) {
	for _, p := range ps {
		for _, s := range p.files {
			if !s.test {
				do(p, s)
			}
		}
	}
}

func TestModulesSeeNothingButAHost(t *testing.T) {
	t.Parallel()
	allowed := []string{"engine/module", "engine/system", "engine/change", "engine/unknown", "engine/json", "modules"}
	each(packages(t, "modules"), func(p *pkg, s source) {
		for _, i := range s.ours() {
			if !in(i, allowed...) || in(i, "engine/system/local", "engine/system/overlay", "engine/system/proxy", "engine/system/systemtest", "engine/module/moduletest") {
				t.Errorf("%s imports %s", s.name, i)
			}
		}
		for _, i := range s.imports {
			if i == "encoding/json" {
				t.Errorf("%s imports %s: engine/json is the one that the runner has", s.name, i)
			}
			if i == "regexp" {
				t.Errorf("%s imports %s: a pattern is a module.Pattern, which the controller compiles", s.name, i)
			}
			if in(i, "os", "net", "syscall", "golang.org/x/sys") {
				t.Errorf("%s imports %s", s.name, i)
			}
		}
	})
}

func TestLeavesImportNothingOfOurs(t *testing.T) {
	t.Parallel()
	for leaf, allowed := range map[string][]string{"engine/diag": nil, "engine/change": nil, "engine/unknown": nil, "engine/schedule": nil, "engine/json": nil, "engine/regex": {"engine/json"}, "engine/system/ip": nil, "engine/system": {"engine/unknown"}} {
		for _, p := range packages(t, leaf) {
			if p.path != leaf {
				continue
			}
			each([]*pkg{p}, func(_ *pkg, s source) {
				for _, i := range s.ours() {
					if !slices.Contains(allowed, i) {
						t.Errorf("%s imports %s", s.name, i)
					}
				}
			})
		}
	}
}

// reserved are imports that only some packages may have.
var reserved = []struct {
	imports string
	exact   bool // not what is below
	only    []string
}{
	{"golang.org/x/crypto/ssh", false, []string{"engine/transport/ssh", "engine/transport/sshtest", "cmd/internal/bench"}},
	{"os/exec", false, []string{"engine/system/local", "engine/transport/local", "cmd/internal/lab", "engine/runner/become", "cmd/internal/cli", "cmd/internal/bench"}},
	{"github.com/schollz/progressbar", false, []string{"cmd/internal/ui"}},
	{"github.com/urfave/cli", false, []string{"cmd/internal/cli", "cmd/internal/labcli"}},
	{root + "/modules", true, []string{"cmd"}},
	{root + "/engine/system/local", true, []string{"cmd"}},
	{root + "/engine/runner", true, []string{"engine/runner", "cmd"}},
}

func TestWhoMayImportWhat(t *testing.T) {
	t.Parallel()
	each(packages(t), func(p *pkg, s source) {
		for _, r := range reserved {
			if slices.ContainsFunc(s.imports, func(i string) bool { return i == r.imports || !r.exact && in(i, r.imports) }) && !in(p.path, r.only...) {
				t.Errorf("%s imports %s, which is for %s", s.name, r.imports, strings.Join(r.only, ", "))
			}
		}
		if in(p.path, "engine", "modules") && slices.ContainsFunc(s.ours(), func(i string) bool { return in(i, "cmd") }) {
			t.Errorf("%s imports a package of cmd", s.name)
		}
		if in(p.path, "engine") && slices.ContainsFunc(s.ours(), func(i string) bool { return in(i, "modules") }) {
			t.Errorf("%s imports a package of modules", s.name)
		}
	})
}

func TestTheRunnerStaysSmall(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("go", "list", "-e", "-deps", "-json=ImportPath", root+"/cmd/gokube-runner", root+"/cmd/gokube-kube-runner")
	cmd.Env = append(os.Environ(), "GOOS=linux")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	heavy := []string{"golang.org/x/crypto/ssh", "gopkg.in/yaml.v3", "github.com/goccy/go-yaml", "github.com/Masterminds", "github.com/urfave", "github.com/schollz",
		"net/http", "net/url", "net/netip", "crypto/tls", "encoding/json", "regexp", "text/template", "html/template", "flag", "testing"}
	d, n := json.NewDecoder(strings.NewReader(string(out))), 0
	for ; d.More(); n++ {
		var p struct{ ImportPath string }
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		if in(p.ImportPath, heavy...) {
			t.Errorf("gokube-runner links %s", p.ImportPath)
		}
	}
	if n == 0 {
		t.Error("gokube-runner links nothing")
	}
}

// printers are what may write where people look, beside main packages: the lab's
// supervisor is a program of its own, with a log.
var printers = []string{"cmd/internal/ui", "cmd/internal/cli", "cmd/internal/lab/supervisor", "cmd/internal/host"}

func TestOnlyTheReporterPrints(t *testing.T) {
	t.Parallel()
	each(packages(t), func(p *pkg, s source) {
		if s.ast.Name.Name == "main" || in(p.path, printers...) {
			return
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			x, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			of, ok := x.X.(*ast.Ident)
			if ok && slices.ContainsFunc([]string{"fmt.Print", "os.Stdout", "os.Stderr", "log.Print", "log.Fatal", "log.Panic", "log.Default"}, func(w string) bool {
				return strings.HasPrefix(of.Name+"."+x.Sel.Name, w)
			}) {
				t.Errorf("%s: %s.%s", at(x), of.Name, x.Sel.Name)
			}
			return true
		})
	})
}

func at(n ast.Node) string {
	p := fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

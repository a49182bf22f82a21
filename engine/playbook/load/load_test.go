package load_test

import (
	"context"
	"errors"
	"flag"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/playbook/load"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

type (
	noArgs  struct{}
	command struct {
		Cmd     string   `arg:"cmd"`
		Argv    []string `arg:"argv"`
		Chdir   string   `arg:"chdir"`
		Creates string   `arg:"creates"`
	}
	copyArgs struct {
		Src     module.Source `arg:"src"`
		Content *string       `arg:"content"`
		Dest    string        `arg:"dest,required,alias=path" target:"path"`
		Mode    module.Mode   `arg:"mode"`
		Force   bool          `arg:"force" default:"true"`
	}
	packageArgs struct {
		Name  []string `arg:"name,required"`
		State string   `arg:"state" default:"present" enum:"present|absent|latest"`
	}
	debugArgs struct {
		Msg any               `arg:"msg"`
		Var module.Expression `arg:"var"`
	}
	assertArgs struct {
		That module.Conditions `arg:"that,required"`
		Msg  string            `arg:"fail_msg"`
	}
	setFact struct {
		Facts map[string]any `arg:"*"`
	}
	meta struct {
		Action string `arg:"action,required" enum:"flush_handlers|end_play|noop"`
	}
)

func specs() map[string]*module.Spec {
	out := map[string]*module.Spec{}
	for _, m := range []module.Module{
		module.Define[*command](module.Spec{Name: "command", FreeForm: "cmd", OneOf: [][]string{{"cmd", "argv"}}, Exclusive: [][]string{{"cmd", "argv"}}}, nil),
		module.Define[*command](module.Spec{Name: "shell", FreeForm: "cmd"}, nil),
		module.Define[*copyArgs](module.Spec{Name: "copy", OneOf: [][]string{{"src", "content"}}}, nil),
		module.Define[*packageArgs](module.Spec{Name: "package"}, nil),
		module.Define[*packageArgs](module.Spec{Name: "systemd"}, nil),
		module.Define[*debugArgs](module.Spec{Name: "debug"}, nil),
		module.Define[*assertArgs](module.Spec{Name: "assert"}, nil),
		module.Define[*setFact](module.Spec{Name: "set_fact"}, nil),
		module.Define[*meta](module.Spec{Name: "meta", FreeForm: "action"}, nil),
		module.Define[*noArgs](module.Spec{Name: "ping"}, nil),
	} {
		out[m.Spec().Name] = m.Spec()
	}
	return out
}

// loaderOf loads the files of fsys, which a playbook sees as built in and as
// lying in the folder it is in.
func loaderOf(fsys fs.FS) *load.Loader {
	specs := specs()
	var names []string
	for name := range specs {
		names = append(names, name)
	}
	return load.New(load.Options{Files: memory{fsys}, Modules: func(n string) *module.Spec { return specs[n] }, Names: names, RolePaths: []string{"shared/roles"}})
}

// memory has every path, of the machine or built in, in one file system.
type memory struct{ fsys fs.FS }

func (m memory) name(s string) string {
	return strings.Trim(strings.Replace(s, playbook.BuiltIn, "builtin/", 1), "/")
}

func (m memory) ReadFile(name string) ([]byte, error)       { return fs.ReadFile(m.fsys, m.name(name)) }
func (m memory) Stat(name string) (fs.FileInfo, error)      { return fs.Stat(m.fsys, m.name(name)) }
func (m memory) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(m.fsys, m.name(name)) }
func (m memory) Open(name string) (fs.File, error)          { return m.fsys.Open(m.name(name)) }

// archive is the files of a txtar archive and what it wants.
func archive(t *testing.T, file string) (*txtar.Archive, fstest.MapFS, string) {
	t.Helper()
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	fsys, want := fstest.MapFS{}, ""
	for _, f := range ar.Files {
		if f.Name == "want" {
			want = string(f.Data)
			continue
		}
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return ar, fsys, want
}

// expect compares got with the archive's want, or rewrites it.
func expect(t *testing.T, file string, ar *txtar.Archive, want, got string) {
	t.Helper()
	if got == want {
		return
	}
	if !*update {
		t.Fatal(cmp.Diff(want, got))
	}
	ar.Files = slices.DeleteFunc(ar.Files, func(f txtar.File) bool { return f.Name == "want" })
	ar.Files = append(ar.Files, txtar.File{Name: "want", Data: []byte(got)})
	writeFile(t, file, txtar.Format(ar))
}

func TestBadPlaybooksAreToldWhole(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("testdata/bad/*.txtar")
	if len(files) < 40 {
		t.Errorf("only %d archives", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			ar, fsys, want := archive(t, file)
			_, err := loaderOf(fsys).Playbook(context.Background(), "site.yml")
			var problems diag.List
			if !errors.As(err, &problems) {
				t.Fatalf("got %v, want a list of problems", err)
			}
			var sb strings.Builder
			for _, p := range problems {
				if p.Pos.File == "" || p.Summary == "" {
					t.Errorf("no place or summary in %#v", p)
				}
				sb.WriteString(p.Error() + "\n")
			}
			expect(t, file, ar, want, sb.String())
		})
	}
}

func TestGoodPlaybooksMakeTheTree(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("testdata/good/*.txtar")
	if len(files) == 0 {
		t.Error("no archives")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			ar, fsys, want := archive(t, file)
			pb, err := loaderOf(fsys).Playbook(context.Background(), "site.yml")
			if err != nil {
				t.Fatal(err)
			}
			expect(t, file, ar, want, render(pb))
		})
	}
}

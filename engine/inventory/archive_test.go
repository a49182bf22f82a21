package inventory_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/inventory"
)

var update = flag.Bool("update", false, "rewrite what the archives in testdata want")

// archive is a directory made of the files of a txtar archive. Its comment has
// lines "sources: a b" and "playbook: dir".
type archive struct {
	dir     string
	options inventory.Options
	want    string
}

func unpack(t *testing.T, file string) *archive {
	t.Helper()
	data, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	a := &archive{dir: t.TempDir()}
	for _, f := range data.Files {
		if f.Name == "want" {
			a.want = string(f.Data)
			continue
		}
		path, mode := filepath.Join(a.dir, f.Name), os.FileMode(0o644)
		if strings.HasPrefix(string(f.Data), "#!") && !strings.Contains(f.Name, "noexec") {
			mode = 0o755
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, mode); err != nil {
			t.Fatal(err)
		}
	}
	for line := range strings.Lines(string(data.Comment)) {
		switch key, value, _ := strings.Cut(strings.TrimSpace(line), ": "); key {
		case "sources":
			for s := range strings.FieldsSeq(value) {
				if !strings.Contains(s, ",") {
					s = filepath.Join(a.dir, s)
				}
				a.options.Sources = append(a.options.Sources, s)
			}
		case "playbook":
			a.options.PlaybookDir = filepath.Join(a.dir, value)
		}
	}
	a.options.Run = a.run
	return a
}

// run plays the executable at dir/x: it prints what is in dir/.x--ARG, or fails
// with what is in dir/.x.stderr.
func (a *archive) run(_ context.Context, path string, args ...string) (stdout, stderr []byte, err error) {
	path = filepath.Join(filepath.Dir(path), "."+filepath.Base(path))
	if text, err := os.ReadFile(path + ".stderr"); err == nil {
		return nil, text, errors.New("exit status 3")
	}
	out, err := os.ReadFile(path + strings.Join(args, "-"))
	if err != nil {
		return nil, nil, fmt.Errorf("unexpected arguments %q", args)
	}
	return out, nil, nil
}

// check compares got with what the archive wants.
func (a *archive) check(t *testing.T, file, got string) {
	t.Helper()
	got = strings.ReplaceAll(got, a.dir+"/", "")
	if *update {
		data, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		data.Files = slices.DeleteFunc(data.Files, func(f txtar.File) bool { return f.Name == "want" })
		data.Files = append(data.Files, txtar.File{Name: "want", Data: []byte(got)})
		if err := os.WriteFile(file, txtar.Format(data), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(strings.Split(a.want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func archives(t *testing.T, pattern string, test func(t *testing.T, file string)) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives %s: %v", pattern, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			test(t, file)
		})
	}
}

func TestGoodInventoriesLoadAsInAnsible(t *testing.T) {
	t.Parallel()
	archives(t, "testdata/good/*.txtar", func(t *testing.T, file string) {
		a := unpack(t, file)
		in, err := inventory.Load(context.Background(), a.options)
		if err != nil {
			t.Fatal(problems(err))
		}
		a.check(t, file, describe(t, in))
	})
}

func TestBadInventoriesAreToldWithPlaceAndWayOut(t *testing.T) {
	t.Parallel()
	archives(t, "testdata/bad/*.txtar", func(t *testing.T, file string) {
		a := unpack(t, file)
		in, err := inventory.Load(context.Background(), a.options)
		if err == nil || in != nil {
			t.Fatalf("it loads")
		}
		a.check(t, file, problems(err))
	})
}

// problems is one line for each problem in err.
func problems(err error) string {
	var list diag.List
	if !errors.As(err, &list) {
		return fmt.Sprintf("not a list of problems: %v\n", err)
	}
	var sb strings.Builder
	for _, d := range list {
		sb.WriteString(d.Error() + "\n")
	}
	return sb.String()
}

// describe is the order of hosts, the graph, and every variable with its level
// and place.
func describe(t *testing.T, in *inventory.Inventory) string {
	t.Helper()
	var sb strings.Builder
	for _, w := range in.Warnings() {
		sb.WriteString("warning: " + w.Error() + "\n")
	}
	all, err := in.Match("all")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&sb, "all: %s\n", strings.Join(all.Names(), " "))
	graph, err := in.Graph("all", false)
	if err != nil {
		t.Fatal(err)
	}
	sb.WriteString(graph)
	for _, h := range in.Hosts() {
		fmt.Fprintf(&sb, "%s in %s\n", h.Name, strings.Join(h.GroupNames(), " "))
		type origin struct {
			inventory.Var
			inventory.Layer
		}
		final := map[string]origin{}
		for _, l := range in.Layers(h) {
			for name, v := range l.Vars {
				final[name] = origin{v, l}
			}
		}
		for _, name := range slices.Sorted(maps.Keys(final)) {
			o := final[name]
			value, err := json.Marshal(o.Value)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&sb, "  %s = %s (%v of %s, %v)\n", name, value, o.Level, o.Of, o.Pos)
		}
	}
	return sb.String()
}

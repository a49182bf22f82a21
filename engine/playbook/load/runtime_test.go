package load_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/playbook/load"
)

func tree(files ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		out[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return out
}

func must(t *testing.T, l *load.Loader, name string) *playbook.Playbook {
	t.Helper()
	pb, err := l.Playbook(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	return pb
}

func TestIncludedTasksInheritWhatIsAround(t *testing.T) {
	t.Parallel()
	l := loaderOf(tree(
		"site.yml", "- hosts: all\n  become: yes\n  tasks:\n    - include_tasks: {file: '{{ .f }}.yml', apply: {tags: [a]}}\n      when: .x\n",
		"tasks/a.yml", "- ping:\n  tags: b\n",
	))
	in := must(t, l, "site.yml").Plays[0].Tasks[0].(*playbook.Include)
	nodes, err := l.Tasks(context.Background(), load.TasksRequest{File: "a.yml", From: ".", Base: in.Apply.Inherit(in.Around), Search: in.Search, Pos: in.Pos})
	if err != nil {
		t.Fatal(err)
	}
	task := nodes[0].(*playbook.Task)
	if task.Become.On != true || len(task.When) != 0 || strings.Join(task.Tags, ",") != "a,b" || strings.Join(task.Search, ",") != "tasks,." {
		t.Errorf("got %+v", task)
	}
}

func TestIncludesAreLoadedOnceForHostsAlike(t *testing.T) {
	t.Parallel()
	l := loaderOf(tree("site.yml", "- hosts: all\n", "a.yml", "- ping:\n", "roles/r/tasks/main.yml", "- ping:\n"))
	must(t, l, "site.yml")
	var wg sync.WaitGroup
	first, err := l.Tasks(context.Background(), load.TasksRequest{File: "a.yml", From: "."})
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		wg.Go(func() {
			again, err := l.Tasks(context.Background(), load.TasksRequest{File: "a.yml", From: "."})
			if err != nil || again[0] != first[0] {
				t.Errorf("loaded anew, %v", err)
			}
			if _, nodes, err := l.Role(context.Background(), load.RoleRequest{Args: map[string]any{"name": "r"}}); err != nil || len(nodes) != 1 {
				t.Errorf("role: %v, %v", nodes, err)
			}
		})
	}
	wg.Wait()
	other, err := l.Tasks(context.Background(), load.TasksRequest{File: "a.yml", From: ".", Base: playbook.Keywords{Tags: []string{"x"}}})
	if err != nil || other[0] == first[0] {
		t.Errorf("other keywords gave the same tasks, %v", err)
	}
}

func TestIncludedRoleBringsItsDependenciesAndTheirHandlers(t *testing.T) {
	t.Parallel()
	l := loaderOf(tree(
		"play/site.yml", "- hosts: all\n",
		"play/roles/r/meta/main.yml", "dependencies: [dep]\n",
		"play/roles/r/tasks/special.yml", "- ping:\n",
		"play/roles/r/handlers/main.yml", "- {name: own, ping: }\n",
		"play/roles/dep/tasks/main.yml", "- ping:\n",
		"play/roles/dep/handlers/main.yml", "- {name: theirs, ping: }\n",
	))
	must(t, l, "play/site.yml")
	role, nodes, err := l.Role(context.Background(), load.RoleRequest{
		Args: map[string]any{"name": "r", "tasks_from": "special"}, Base: playbook.Keywords{Tags: []string{"t"}},
		From: &playbook.Role{Name: "outer", Path: "play/roles/outer"}, Search: []string{"play/roles/outer", "play"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(nodes) != 2 || nodes[0].(*playbook.Block).Enter.Name != "dep" || nodes[1].(*playbook.Block).Enter != role {
		t.Errorf("got nodes %v", nodes)
	}
	if !role.Private || !role.Duplicates || len(role.Handlers) != 2 || role.Parents[0] != "outer" {
		t.Errorf("got role %+v", role)
	}
}

func TestProblemsOfIncludesHaveTheirPlace(t *testing.T) {
	t.Parallel()
	l := loaderOf(tree("site.yml", "- hosts: all\n", "a.yml", "- comand: ls\n- pong:\n"))
	_, err := l.Tasks(context.Background(), load.TasksRequest{File: "a.yml", From: "."})
	var problems diag.List
	if !errors.As(err, &problems) || len(problems) != 2 || problems[0].Pos.String() != "a.yml:1:3" {
		t.Errorf("got %v", err)
	}
	at := diag.Pos{File: "site.yml", Line: 3, Col: 4}
	_, err = l.Tasks(context.Background(), load.TasksRequest{File: "b.yml", From: "x", Pos: at})
	if want := "site.yml:3:4: task file not found: b.yml, looked for x/tasks/b.yml, x/b.yml"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	_, _, err = l.Role(context.Background(), load.RoleRequest{Args: map[string]any{"name": "no"}, Pos: at})
	if err == nil || !strings.HasPrefix(err.Error(), "site.yml:3:4: role not found: no") {
		t.Errorf("got %v", err)
	}
}

func TestCancelledLoadIsNoProblemOfThePlaybook(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := loaderOf(tree("site.yml", "- hosts: all\n")).Playbook(ctx, "site.yml"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestPlaybookOfTheUserHidesTheBuiltInOne(t *testing.T) {
	t.Parallel()
	fsys := tree("a.yml", "- {hosts: all, name: mine}\n", "builtin/playbooks/a.yml", "- {hosts: all, name: theirs}\n", "builtin/playbooks/b.yml", "- {hosts: all, name: theirs}\n")
	for file, want := range map[string]string{"a.yml": "mine", "b.yml": "theirs", "builtin:playbooks/a.yml": "theirs", "./a.yml": "mine"} {
		if got := must(t, loaderOf(fsys), file).Plays[0].Name; got != want {
			t.Errorf("%s: got %v, want %s", file, got, want)
		}
	}
}

func TestDiskReadsBothKindsOfFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "x.yml")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		files playbook.Files
		name  string
		want  string
	}{
		{load.Disk(nil), file, "mine"},
		{load.Disk(tree("a/b.yml", "theirs")), playbook.BuiltIn + "a/b.yml", "theirs"},
		{load.Disk(tree("a/b.yml", "theirs")), file, "mine"},
	} {
		got, err := c.files.ReadFile(c.name)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: got %q, %v", c.name, got, err)
		}
		f, err := c.files.Open(c.name)
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		if info, err := c.files.Stat(c.name); err != nil || info.IsDir() {
			t.Errorf("%s: %v, %v", c.name, info, err)
		}
	}
	if entries, err := load.Disk(tree("a/b.yml", "")).ReadDir(playbook.BuiltIn); err != nil || len(entries) != 1 {
		t.Errorf("got %v, %v", entries, err)
	}
	if _, err := load.Disk(nil).Stat(playbook.BuiltIn + "roles"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// FuzzPlaybook holds loading to: no panic, and every problem has a place.
func FuzzPlaybook(f *testing.F) {
	files, _ := filepath.Glob("testdata/*/*.txtar")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		_, after, _ := strings.Cut(string(data), "-- site.yml --\n")
		site, _, _ := strings.Cut(after, "\n-- ")
		f.Add([]byte(site))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l := loaderOf(tree("site.yml", string(data), "x.yml", string(data), "roles/r/tasks/main.yml", string(data), "roles/r/meta/main.yml", string(data), "roles/r/vars/main.yml", string(data)))
		_, err := l.Playbook(context.Background(), "site.yml")
		_, again := l.Tasks(context.Background(), load.TasksRequest{File: "x.yml", From: "."})
		_, _, third := l.Role(context.Background(), load.RoleRequest{Args: map[string]any{"name": "r"}, Pos: diag.Pos{File: "site.yml", Line: 1}})
		for _, err := range []error{err, again, third} {
			var problems diag.List
			if err != nil && !errors.As(err, &problems) {
				t.Fatalf("no list of problems: %v", err)
			}
			for _, p := range problems {
				if p.Pos.File == "" || p.Summary == "" {
					t.Fatalf("no place or summary: %#v", p)
				}
			}
		}
	})
}

func BenchmarkThirtyTasks(b *testing.B) {
	fsys := tree("site.yml", "- hosts: all\n  vars: {dir: /tmp, n: \"{{ .dir }}\"}\n  tasks:\n"+tasksOf(30, "    "))
	for b.Loop() {
		if _, err := loaderOf(fsys).Playbook(context.Background(), "site.yml"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTwoHundredFiles(b *testing.B) {
	files := []string{"site.yml", ""}
	var roles []string
	for i := range 33 { // 6 files each
		name := fmt.Sprintf("r%d", i)
		roles = append(roles, name)
		dir := "roles/" + name + "/"
		files = append(files, dir+"tasks/main.yml", "- import_tasks: a.yml\n- import_tasks: b.yml\n", dir+"tasks/a.yml", tasksOf(10, ""), dir+"tasks/b.yml", tasksOf(10, ""),
			dir+"defaults/main.yml", "a: 1\nb: \"{{ .a }}\"\n", dir+"handlers/main.yml", "- {name: restart, ping: }\n", dir+"meta/main.yml", "galaxy_info: {}\n")
	}
	files[1] = "- hosts: all\n  roles: [" + strings.Join(roles, ", ") + "]\n"
	fsys := tree(files...)
	for b.Loop() {
		if _, err := loaderOf(fsys).Playbook(context.Background(), "site.yml"); err != nil {
			b.Fatal(err)
		}
	}
}

func tasksOf(n int, indent string) string {
	var sb strings.Builder
	for i := range n {
		fmt.Fprintf(&sb, "%s- name: task %d\n%s  copy: {content: \"{{ .dir }}/%d\", dest: \"/tmp/%d\", mode: \"0644\"}\n%s  when: eq .n \"x\"\n%s  tags: [a, b]\n", indent, i, indent, i, i, indent, indent)
	}
	return sb.String()
}

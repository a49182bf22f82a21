package choice_test

import (
	"compress/gzip"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gokube/gokube/cmd/internal/payload"
	"github.com/gokube/gokube/cmd/internal/payload/choice"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/template"
)

func packed(t *testing.T, text string) *fstest.MapFile {
	t.Helper()
	var b strings.Builder
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: []byte(b.String())}
}

func TestOnlyRunsWithClusterTasksHaveTheLargeRunner(t *testing.T) {
	t.Parallel()
	include := func(kind playbook.IncludeKind, args map[string]any) []playbook.Node {
		return []playbook.Node{&playbook.Include{Kind: kind, Task: &playbook.Task{Args: playbook.Args{Values: args}}}}
	}
	for name, c := range map[string]struct {
		tasks []playbook.Node
		used  string
		large bool
	}{
		"no tasks":                        {},
		"an ordinary module":              {used: "copy"},
		"a module for clusters":           {used: "kubeadm", large: true},
		"tasks that are named":            {tasks: include(playbook.IncludeTasks, map[string]any{"file": "x.yml"})},
		"tasks that a template names":     {tasks: include(playbook.IncludeTasks, map[string]any{"file": &template.Text{}}), large: true},
		"a role that a template names":    {tasks: include(playbook.IncludeRole, map[string]any{"name": &template.Text{}}), large: true},
		"variables that a template names": {tasks: include(playbook.IncludeVars, map[string]any{"file": &template.Text{}})},
	} {
		s := payload.From(fstest.MapFS{"gokube-runner-linux-amd64.gz": packed(t, "small"), "gokube-kube-runner-linux-amd64.gz": packed(t, "large")})
		plays := []*playbook.Play{{Sections: playbook.Sections{Tasks: c.tasks}}}
		p, err := choice.For(s, plays, func(m string) bool { return m == c.used }).Program("gokube-runner", "linux/amd64")
		if err != nil || p.Size != int64(map[bool]int{false: len("small"), true: len("large")}[c.large]) {
			t.Errorf("%s: %d bytes, %v", name, p.Size, err)
		}
	}
}

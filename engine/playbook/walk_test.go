package playbook_test

import (
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/playbook"
)

func TestWalkGoesThroughAllTasksInOrder(t *testing.T) {
	t.Parallel()
	task := func(name string) *playbook.Task { return &playbook.Task{Name: name} }
	s := playbook.Sections{
		Pre:   []playbook.Node{task("a")},
		Roles: []playbook.Node{&playbook.Block{Tasks: []playbook.Node{task("b"), &playbook.Include{Task: task("c")}}}},
		Tasks: []playbook.Node{&playbook.Block{
			Tasks:  []playbook.Node{&playbook.Block{Tasks: []playbook.Node{task("d")}}},
			Rescue: []playbook.Node{task("e")}, Always: []playbook.Node{task("f")}}},
		Post: []playbook.Node{task("g")},
	}
	var got, includes []string
	for task, node := range playbook.Walk(s.Nodes()) {
		got = append(got, task.Name.(string))
		if _, ok := node.(*playbook.Include); ok {
			includes = append(includes, task.Name.(string))
		}
	}
	if strings.Join(got, "") != "abcdefg" || strings.Join(includes, "") != "c" {
		t.Errorf("got %v, includes %v", got, includes)
	}
	for task := range playbook.Walk(s.Nodes()) {
		if task.Name == "d" {
			break
		}
	}
}

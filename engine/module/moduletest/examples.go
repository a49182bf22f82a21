package moduletest

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/gokube/gokube/engine/module"
)

// keywords are what a task of an example may have beside its module.
var keywords = []string{"name", "when", "register", "notify", "loop", "vars", "become", "tags", "until", "retries", "delay",
	"delegate_to", "run_once", "changed_when", "failed_when", "no_log", "environment", "ignore_errors", "check_mode"}

// Examples checks that the Example of m is a list of tasks, that m is one of
// their modules, and that its arguments fit its Spec.
func Examples(t *testing.T, m module.Module) {
	t.Helper()
	var tasks []map[string]any
	if err := yaml.Unmarshal([]byte(m.Spec().Example), &tasks); err != nil {
		t.Fatalf("example of %s: %v", m.Spec().Name, err)
	}
	used := 0
	for i, task := range tasks {
		args, ok := task[m.Spec().Name]
		if !ok {
			continue
		}
		used++
		for _, k := range slices.Sorted(maps.Keys(task)) {
			if k != m.Spec().Name && !slices.Contains(keywords, k) {
				t.Errorf("example of %s: task %d: %q is neither the module nor a keyword", m.Spec().Name, i+1, k)
			}
		}
		for _, e := range m.Spec().Check(exampleArgs(m.Spec(), args), templated) {
			t.Errorf("example of %s: task %d: %v", m.Spec().Name, i+1, &e)
		}
	}
	if used == 0 {
		t.Errorf("example of %s: no task uses it", m.Spec().Name)
	}
}

// exampleArgs are the arguments as a loader would take them.
func exampleArgs(s *module.Spec, v any) module.Args {
	switch v := v.(type) {
	case map[string]any:
		return v
	case string:
		if s.FreeForm != "" {
			return module.Args{s.FreeForm: v}
		}
		args := module.Args{}
		for _, pair := range strings.Fields(v) {
			name, value, _ := strings.Cut(pair, "=")
			args[name] = value
		}
		return args
	}
	return module.Args{}
}

// templated says that v is known only once it is rendered.
func templated(v any) bool {
	s, ok := v.(string)
	return ok && strings.Contains(s, "{{")
}

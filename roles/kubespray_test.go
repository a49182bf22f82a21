package roles_test

import (
	"os"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/gokube/gokube/engine/playbook/argument"
)

// TestVariablesOfKubesprayAreTaken holds every role to take what the variables of
// its group_vars are.
func TestVariablesOfKubesprayAreTaken(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../testdata/kubespray/group_vars.yml")
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]any{}
	if err := yaml.Unmarshal(text, &given); err != nil {
		t.Fatal(err)
	}
	taken := 0
	for _, name := range names(t) {
		r := read(t, name)
		for _, m := range argument.Check(r.Spec.Options, func(v string) any { return given[v] }) {
			if _, is := given[m.Name]; is {
				t.Errorf("%s: %s", name, m)
			}
		}
		for v := range r.Spec.Options {
			if _, is := given[v]; is {
				taken++
			}
		}
	}
	if taken < 20 {
		t.Errorf("only %d variables are taken at all", taken)
	}
}

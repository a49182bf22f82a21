package roles_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/playbook/argument"
	"github.com/gokube/gokube/engine/playbook/load"
	"github.com/gokube/gokube/engine/template"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/roles"
)

// names are those of the roles that lie here.
func names(t *testing.T) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out
}

// read loads a role as a playbook that names it does.
func read(t *testing.T, name string) *playbook.Role {
	t.Helper()
	l, _ := loader()
	role, _, err := l.Role(t.Context(), load.RoleRequest{Args: map[string]any{"name": name}})
	if err != nil {
		t.Fatal(err)
	}
	return role
}

func TestEveryRoleIsBroughtAlongAndDescribed(t *testing.T) {
	t.Parallel()
	for _, name := range names(t) {
		text, err := fs.ReadFile(roles.FS, name+"/README.md")
		if err != nil || !strings.HasPrefix(string(text), "# "+name+"\n\n") {
			t.Errorf("%s/README.md, which begins with # %s, is wanted: %v", name, name, err)
		}
		if r := read(t, name); r.Spec == nil || r.Spec.Summary == "" {
			t.Errorf("%s: meta/main.yml has no argument_specs for main with a short_description", name)
		}
	}
}

func TestDefaultsAreWhatRolesSayTheyTake(t *testing.T) {
	t.Parallel()
	for _, name := range names(t) {
		r := read(t, name)
		if r.Spec == nil {
			continue
		}
		for _, m := range argument.Check(r.Spec.Options, func(v string) any { return known(r.Defaults[v]) }) {
			if !r.Spec.Options[m.Name].Required {
				t.Errorf("%s/defaults: %s", name, m)
			}
		}
		for v := range r.Defaults {
			if _, ok := r.Spec.Options[v]; !ok && name != "cluster-defaults" { // whose most are made of others
				t.Errorf("%s/meta/main.yml: the variable %s of defaults is not described", name, v)
			}
		}
	}
}

// known is x with what only a host knows unknown.
func known(x any) any {
	switch x := x.(type) {
	case *template.Text:
		return unknown.Value{Why: x.Src}
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = known(x[i])
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, v := range x {
			out[k] = known(v)
		}
		return out
	}
	return x
}

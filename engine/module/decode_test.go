package module

import (
	"context"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
)

type inner struct {
	// Mode is permissions.
	Mode Mode `arg:"mode"`
}

type everything struct {
	Name  string            `arg:"name,required,alias=dest" target:"path"`
	State string            `arg:"state" default:"present" enum:"present|absent"`
	Force bool              `arg:"force" default:"yes"`
	Count int               `arg:"count" default:"3"`
	Ratio float64           `arg:"ratio"`
	Items []string          `arg:"items"`
	Ports []int             `arg:"ports" target:"port"`
	Env   map[string]string `arg:"env"`
	Keys  map[string]Secret `arg:"keys"`
	Any   any               `arg:"any"`
	Text  *Text             `arg:"text"`
	Pass  Secret            `arg:"pass"`
	Maybe *bool             `arg:"maybe"`
	inner
}

func decoded(t *testing.T, args Args) (*everything, error) {
	t.Helper()
	var got *everything
	m := Define(Spec{Name: "all"}, func(_ context.Context, _ system.Reader, a *everything) (*Plan, error) {
		got = a
		return &Plan{}, nil
	})
	_, err := m.Plan(t.Context(), nil, args)
	return got, err
}

func TestDecodeTakesWhatAnsibleTakes(t *testing.T) {
	t.Parallel()
	yes := true
	base := everything{State: "present", Force: true, Count: 3}
	for name, x := range map[string]struct {
		args Args
		want func(*everything)
	}{
		"defaults":        {Args{"name": "x"}, func(e *everything) { e.Name = "x" }},
		"alias":           {Args{"dest": "x"}, func(e *everything) { e.Name = "x" }},
		"numbers as text": {Args{"name": 7, "count": "8", "ratio": "0.5"}, func(e *everything) { e.Name, e.Count, e.Ratio = "7", 8, 0.5 }},
		"text as truth":   {Args{"name": "x", "force": "off", "maybe": "Yes"}, func(e *everything) { e.Name, e.Force, e.Maybe = "x", false, &yes }},
		"number as truth": {Args{"name": "x", "force": 0}, func(e *everything) { e.Name, e.Force = "x", false }},
		"comma list":      {Args{"name": "x", "items": "a, b,,c", "ports": "1,2"}, func(e *everything) { e.Name, e.Items, e.Ports = "x", []string{"a", "b", "c"}, []int{1, 2} }},
		"single as list":  {Args{"name": "x", "items": 5}, func(e *everything) { e.Name, e.Items = "x", []string{"5"} }},
		"list":            {Args{"name": "x", "items": []any{"a,b", 1, true, nil}}, func(e *everything) { e.Name, e.Items = "x", []string{"a,b", "1", "true", ""} }},
		"maps":            {Args{"name": "x", "env": map[string]any{"A": 1, "B": nil}}, func(e *everything) { e.Name, e.Env = "x", map[string]string{"A": "1", "B": ""} }},
		"secrets": {Args{"name": "x", "pass": secret.New("p"), "keys": map[string]any{"k": "v"}}, func(e *everything) {
			e.Name, e.Pass, e.Keys = "x", secret.New("p"), map[string]Secret{"k": secret.New("v")}
		}},
		"secret where text is":    {Args{"name": secret.New("x")}, func(e *everything) { e.Name = "x" }},
		"text":                    {Args{"name": "x", "text": "t"}, func(e *everything) { e.Name, e.Text = "x", &Text{Text: "t"} }},
		"secret text":             {Args{"name": "x", "text": secret.New("t")}, func(e *everything) { e.Name, e.Text = "x", &Text{Text: "t", Secret: true} }},
		"unquoted octal mode":     {Args{"name": "x", "mode": 0o644}, func(e *everything) { e.Name, e.Mode = "x", "0644" }},
		"mode":                    {Args{"name": "x", "mode": "u=rw,go=r"}, func(e *everything) { e.Name, e.Mode = "x", "u=rw,go=r" }},
		"null is not given":       {Args{"name": "x", "count": nil, "any": nil}, func(e *everything) { e.Name = "x" }},
		"anything":                {Args{"name": "x", "any": []any{1}}, func(e *everything) { e.Name, e.Any = "x", []any{1} }},
		"whole number with point": {Args{"name": "x", "count": 4.0}, func(e *everything) { e.Name, e.Count = "x", 4 }},
	} {
		want := base
		x.want(&want)
		got, err := decoded(t, x.args)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(&want, got, cmp.AllowUnexported(everything{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestCheckNamesTheArgumentAndTheWayOut(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		args Args
		want []string
	}{
		{Args{}, []string{`missing argument`, `"name" for module all`}},
		{Args{"name": nil}, []string{`"name" is null`}},
		{Args{"name": "x", "sate": "y"}, []string{`unknown argument`, `"sate" for module all`, `did you mean "state"?`}},
		{Args{"name": "x", "zzzzzzz": "y"}, []string{`it takes name, state`}},
		{Args{"name": "x", "dest": "y"}, []string{`argument given twice`, "dest and name"}},
		{Args{"name": "x", "state": "absnt"}, []string{`value not allowed`, `did you mean "absent"?`}},
		{Args{"name": "x", "state": "xyzzy"}, []string{`it may be present, absent`}},
		{Args{"name": "x", "force": "perhaps"}, []string{"wrong type of argument", `force: true or false is wanted, got the text "perhaps"`}},
		{Args{"name": "x", "count": 1.5}, []string{"a whole number is wanted"}},
		{Args{"name": "x", "count": math.Inf(1)}, []string{"a whole number is wanted"}},
		{Args{"name": "x", "count": 1e300}, []string{"a whole number is wanted"}},
		{Args{"name": []any{"x"}}, []string{"a text is wanted, got a list"}},
		{Args{"name": "x", "items": map[string]any{}}, []string{"a list is wanted, got a map"}},
		{Args{"name": "x", "ports": []any{"x"}}, []string{"element 0: a whole number"}},
		{Args{"name": "x", "env": "x"}, []string{"a map is wanted"}},
		{Args{"name": "x", "mode": "u=q"}, []string{"neither octal"}},
		{Args{"name": "x", "force": secret.New("hunter2")}, []string{"the secret is no bool"}},
		{Args{"name": "x", "mode": secret.New("hunter2")}, []string{"wrong type of argument"}},
		{Args{"name": "x", "count": secret.New("hunter2")}, []string{"the secret is no int"}},
		{Args{"name": "x", "state": secret.New("hunter2")}, []string{"value not allowed"}},
	} {
		_, err := decoded(t, x.args)
		for _, want := range x.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v: got %v, want %q", x.args, err, want)
			}
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v: the secret is told: %v", x.args, err)
		}
	}
}

func FuzzConvertNeverPanics(f *testing.F) {
	f.Add("0644", 3, 1.5, true)
	f.Add("a,b", -1, math.NaN(), false)
	f.Fuzz(func(t *testing.T, s string, n int, x float64, b bool) {
		values := []any{nil, s, n, int64(n), x, b, []any{s, n, nil}, map[string]any{s: n}, secret.New(s)}
		a := reflect.TypeFor[everything]()
		for i := range a.NumField() {
			for _, v := range values {
				if v == nil || a.Field(i).Anonymous {
					continue
				}
				got, err := convert(v, a.Field(i).Type)
				if err == nil && got != nil && a.Field(i).Type.Kind() != reflect.Interface && reflect.TypeOf(got) != a.Field(i).Type {
					t.Errorf("%v became a %T, not a %v", v, got, a.Field(i).Type)
				}
			}
		}
	})
}

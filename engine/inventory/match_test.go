package inventory_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/inventory"
)

// load reads an INI inventory.
func load(t *testing.T, text string) *inventory.Inventory {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hosts")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := inventory.Load(context.Background(), inventory.Options{Sources: []string{file}})
	if err != nil {
		t.Fatal(problems(err))
	}
	return in
}

const fleet = `lone
[web]
h[1:3]
[db]
h[4:5]
[app]
h6
db.example.com
[prod:children]
web
app
[late:children]
db
early
[early]
h7
h1
`

func TestPatternsMeanWhatTheyMeanInAnsible(t *testing.T) {
	t.Parallel()
	in := load(t, fleet)
	for pattern, want := range map[string]string{
		"all":              "lone h1 h2 h3 h6 db.example.com h4 h5 h7",
		"web":              "h1 h2 h3",
		"web:db":           "h1 h2 h3 h4 h5",
		"db,web":           "h4 h5 h1 h2 h3",
		"prod:&early":      "h1",
		"!h1:prod:&web":    "h2 h3",
		"!prod":            "lone h4 h5 h7",
		"&web":             "h1 h2 h3",
		"prod:!web:!h6":    "db.example.com",
		"web[0]":           "h1",
		"web[-1]":          "h3",
		"web[1:2]":         "h2 h3",
		"web[1:]":          "h2 h3",
		"web[5:9]":         "",
		"prod[3]":          "h6",
		"all[5:6]":         "db.example.com h4",
		"h*":               "h1 h2 h3 h4 h5 h6 h7",
		"h[14]":            "",
		"~h[14]$":          "h1 h4",
		"~(web|early)":     "h1 h2 h3 h7",
		"*e*":              "lone h1 h2 h3 h4 h5 h7 db.example.com",
		"*.example.com":    "db.example.com",
		"db.example.com":   "db.example.com",
		"h1,h4":            "h1 h4",
		"h1:h2:h1":         "h1 h2",
		"h1 h4":            "h1 h4",
		"late":             "h4 h5 h7 h1",
		"early:late":       "h7 h1 h4 h5",
		"ungrouped":        "lone",
		"localhost":        "localhost",
		"::1":              "::1",
		"all:!*":           "",
		"h7:web[0]:!late":  "",
		"prod[0]:!web[-1]": "h1",
	} {
		got, err := in.Match(pattern)
		if pattern == "h[14]" { // a subscript, as in Ansible
			if got.Unmatched == nil {
				t.Errorf("%q matches", pattern)
			}
			continue
		}
		if err != nil || got.Unmatched != nil {
			t.Errorf("Match(%q): %v, unmatched %v", pattern, err, got.Unmatched)
		}
		if names := strings.Join(got.Names(), " "); names != want {
			t.Errorf("Match(%q) = %q; want %q", pattern, names, want)
		}
	}
}

func TestUnknownNamesAreToldWithSuggestions(t *testing.T) {
	t.Parallel()
	in := load(t, fleet)
	got, err := in.Match("weeb,h1,&prdo,!zzzzzz,h9*,web[0]")
	if err != nil {
		t.Fatal(err)
	}
	want := diag.List{
		{Summary: "unknown host or group", Detail: `"weeb"`, Hint: `did you mean "web"?`},
		{Summary: "unknown host or group", Detail: `"h9*"`},
		{Summary: "unknown host or group", Detail: `"&prdo"`, Hint: `did you mean "prod"?`},
		{Summary: "unknown host or group", Detail: `"!zzzzzz"`},
	}
	if diff := cmp.Diff(want, got.Unmatched); diff != "" {
		t.Errorf("unmatched (-want +got):\n%s", diff)
	}
}

func TestBadPatternsAreErrors(t *testing.T) {
	t.Parallel()
	in := load(t, fleet)
	for pattern, want := range map[string]string{
		"":       `empty host pattern, write "all" for all hosts`,
		", ,":    `empty host pattern, write "all" for all hosts`,
		"web[3]": `no such host in a pattern: "web[3]", but web has 3 hosts`,
		"~(":     "invalid host pattern: \"(\" is no regular expression: error parsing regexp: missing closing ): `^(?:()`",
		"!":      `invalid host pattern: "!" names no host or group`,
	} {
		_, err := in.Match(pattern)
		if d := (diag.Diagnostic{}); !errors.As(err, &d) || err.Error() != want {
			t.Errorf("Match(%q): %v; want %s", pattern, err, want)
		}
	}
}

func TestLimitNarrowsAPattern(t *testing.T) {
	t.Parallel()
	in := load(t, fleet)
	dir := t.TempDir()
	file := filepath.Join(dir, "retry")
	if err := os.WriteFile(file, []byte("h4\n\n  h1\n# a comment\n!h5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[string]string{
		"":                 "h1 h2 h3 h4 h5",
		",,":               "h1 h2 h3 h4 h5",
		",,h1":             "h1",
		"web":              "h1 h2 h3",
		"!web":             "h4 h5",
		"@" + file:         "h1 h4",
		"db,@" + file:      "h1 h4",
		"lone":             "",
		"web[0]:localhost": "h1",
	} {
		all, err := in.Match("web:db")
		if err != nil {
			t.Fatal(err)
		}
		l, err := in.Limit(limit)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(all.Within(l).Names(), " "); got != want {
			t.Errorf("--limit %q leaves %q; want %q", limit, got, want)
		}
	}
	for _, limit := range []string{"", "localhost"} {
		l, err := in.Limit(limit)
		local, _ := in.Match("localhost")
		if err != nil || len(local.Within(l).Hosts) != 1 {
			t.Errorf("--limit %q drops an implicit localhost: %v", limit, err)
		}
	}
	for limit, want := range map[string]string{
		"@" + dir + "/none": dir + "/none: unreadable limit file: no such file or directory",
		"@" + dir:           dir + ": unreadable limit file: is a directory",
		"!":                 `invalid limit: "!" names no host or group`,
	} {
		if _, err := in.Limit(limit); err == nil || err.Error() != want {
			t.Errorf("--limit %q: %v; want %s", limit, err, want)
		}
	}
}

func TestLocalhostIsImplicitUnlessMentioned(t *testing.T) {
	t.Parallel()
	in := load(t, "[all:vars]\nx=1\n[g]\nh1\n")
	h, ok := in.Host("127.0.0.1")
	if !ok || !h.Implicit || h.GroupNames() == nil || len(h.GroupNames()) != 0 {
		t.Fatalf("no implicit localhost: %+v", h)
	}
	if diff := cmp.Diff(map[string]any{"x": 1, "ansible_connection": "local"}, in.HostVars(h)); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	if all, _ := in.Match("all"); strings.Join(all.Names(), " ") != "h1" {
		t.Errorf("all is %v", all.Names())
	}
	in = load(t, "127.0.0.1 ansible_port=2222\n")
	h, ok = in.Host("localhost")
	if !ok || h.Implicit || h.Name != "127.0.0.1" {
		t.Errorf("localhost is not the host that is mentioned: %+v", h)
	}
	if h := in.Lookup("elsewhere"); h.Name != "elsewhere" || len(h.Groups) != 1 || h.In("all") {
		t.Errorf("elsewhere is %+v", h)
	}
}

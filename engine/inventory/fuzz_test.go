package inventory_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/inventory"
)

// FuzzLoad holds every format to: no panic, problems with a place, and a graph
// that agrees with itself.
func FuzzLoad(f *testing.F) {
	for name, text := range map[string]string{
		"hosts": fleet, "i.ini": small, "y.yml": "all:\n  hosts: {h[1:3]: {a: 1}}\n  children: {g: &g {children: {k: *g}}}\n", "noext": "---\ng: {hosts: h, vars: {x: y}}",
		"j.json": `{"g":{"hosts":["a"],"children":["k"]},"k":{"v":1},"_meta":{"hostvars":{"a":{"b":[1e3]}}}}`,
		"p.yml":  "- hosts: all\n", "c.ini": "[a:children]\nb\n[b:children]\na\n[c:vars]\nansible_group_priority=1\n",
	} {
		f.Add(name, []byte(text))
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		ext := filepath.Ext(name)
		if len(ext) > 5 || strings.ContainsAny(ext, "/\x00") {
			ext = ""
		}
		dir := write(t, map[string]string{"hosts" + ext: string(data)})
		in, err := inventory.Load(context.Background(), inventory.Options{Sources: []string{filepath.Join(dir, "hosts"+ext)}})
		var list diag.List
		switch {
		case err == nil:
		case !errors.As(err, &list) || len(list) == 0:
			t.Fatalf("not a list of problems: %v", err)
		default:
			for _, d := range list {
				if d.Pos.File == "" || d.Summary == "" {
					t.Errorf("no place: %#v", d)
				}
			}
			return
		}
		sound(t, in)
	})
}

// sound checks that hosts and groups agree about who is in what.
func sound(t *testing.T, in *inventory.Inventory) {
	t.Helper()
	for _, h := range in.Hosts() {
		if got, ok := in.Host(h.Name); !ok || got != h || len(h.Groups) == 0 || h.Groups[0].Name != inventory.All {
			t.Errorf("host %q: %v", h.Name, h.Groups)
		}
	}
	for _, g := range in.Groups() {
		for _, h := range g.Hosts {
			if !h.In(g.Name) {
				t.Errorf("%q has %q, which is not in it", g.Name, h.Name)
			}
		}
		for _, c := range g.Children {
			if c.Depth <= g.Depth {
				t.Errorf("%q is no deeper than its parent %q", c.Name, g.Name)
			}
		}
	}
}

func FuzzMatch(f *testing.F) {
	file := filepath.Join(f.TempDir(), "hosts")
	if err := os.WriteFile(file, []byte(fleet), 0o600); err != nil {
		f.Fatal(err)
	}
	in, err := inventory.Load(context.Background(), inventory.Options{Sources: []string{file}})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"web:&prod:!h1", "h[1:3],~h.", "all[-1]", "*", "lone:::1", "![", "web[1:0]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		got, err := in.Match(pattern)
		if err != nil {
			return
		}
		seen := map[*inventory.Host]bool{}
		for _, h := range got.Hosts {
			if h == nil || seen[h] {
				t.Errorf("Match(%q) = %v", pattern, got.Names())
			}
			seen[h] = true
		}
	})
}

package search

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

func host() *systemtest.Fake {
	f := systemtest.New()
	for p, text := range map[string]string{"/d/a.conf": "aa", "/d/b.conf": "bbbb", "/d/.hid.conf": "", "/d/c.txt": "", "/d/sub/e.conf": "", "/d/sub/deep/f.conf": ""} {
		f.Files[p] = systemtest.File{Text: text}
	}
	for _, d := range []string{"/d", "/d/sub", "/d/sub/deep"} {
		f.Files[d] = systemtest.Dir()
	}
	f.Files["/d/l.conf"] = systemtest.Link("a.conf")
	return f
}

func paths(t *testing.T, args module.Args) []string {
	t.Helper()
	p, err := Find.Plan(t.Context(), system.ReadOnly(host()), args)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, f := range p.Output["files"].([]any) {
		out = append(out, f.(map[string]any)["path"].(string))
	}
	if p.Output["matched"] != len(out) {
		t.Errorf("matched is %v", p.Output["matched"])
	}
	return out
}

func TestFind(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, Find)
	for name, c := range map[string]struct {
		args module.Args
		want []string
	}{
		"files":       {module.Args{}, []string{"/d/a.conf", "/d/b.conf", "/d/c.txt"}},
		"patterns":    {module.Args{"patterns": []any{"*.conf"}, "excludes": "b*"}, []string{"/d/a.conf"}},
		"hidden":      {module.Args{"patterns": "*.conf", "hidden": true}, []string{"/d/.hid.conf", "/d/a.conf", "/d/b.conf"}},
		"directories": {module.Args{"file_type": "directory", "recurse": true}, []string{"/d/sub", "/d/sub/deep"}},
		"links":       {module.Args{"file_type": "link"}, []string{"/d/l.conf"}},
		"any":         {module.Args{"file_type": "any", "patterns": "l*,s*"}, []string{"/d/l.conf", "/d/sub"}},
		"below":       {module.Args{"recurse": true, "patterns": "[ef].conf"}, []string{"/d/sub/deep/f.conf", "/d/sub/e.conf"}},
		"not so deep": {module.Args{"recurse": true, "depth": 2, "patterns": "[ef].conf"}, []string{"/d/sub/e.conf"}},
		"large":       {module.Args{"size": "3"}, []string{"/d/b.conf"}},
		"small":       {module.Args{"size": "-3b", "patterns": "*.conf"}, []string{"/d/a.conf"}},
		"larger":      {module.Args{"size": "1k"}, []string{}},
		"nowhere":     {module.Args{"paths": "/none"}, []string{}},
	} {
		if c.args["paths"] == nil {
			c.args["paths"] = []any{"/d"}
		}
		if diff := cmp.Diff(c.want, paths(t, c.args)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	moduletest.Run(t, Find, []moduletest.Case{
		{Name: "all of a file", Host: host, Args: module.Args{"paths": "/d", "patterns": "a.conf", "get_checksum": true}, Output: map[string]any{"examined": 6, "files": []any{map[string]any{
			"path": "/d/a.conf", "mode": "0644", "size": 2, "pw_name": "root", "gr_name": "root", "isreg": true, "isdir": false, "islnk": false, "checksum": system.Sum([]byte("aa"))}}}},
		{Name: "no pattern", Host: host, Args: module.Args{"paths": "/d", "patterns": "["}, Err: `pattern "[": syntax error`},
		{Name: "no size", Host: host, Args: module.Args{"paths": "/d", "size": "big"}, Err: `size "big"`},
		{Name: "no path", Host: host, Args: module.Args{"paths": "d"}, Err: "not absolute"},
	})
}

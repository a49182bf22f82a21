package moduletest_test

import (
	"context"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	hidden "github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

type noteArgs struct {
	// Path is the file.
	Path string `arg:"path,required,alias=dest" target:"path"`
	// Text is what it holds.
	Text module.Text `arg:"text"`
}

// note writes a whole file.
var note = module.Define(module.Spec{
	Name: "note", Summary: "Write a note", Contained: true,
	Example: "- name: leave a note\n  note:\n    path: /etc/note\n    text: '{{ .who }} was here'\n- note: path=/etc/note text=hi\n",
}, func(_ context.Context, r system.Reader, a *noteArgs) (*module.Plan, error) {
	p := &module.Plan{Output: map[string]any{"path": a.Path}}
	sum, err := r.Digest(a.Path)
	if err == nil && sum == system.Sum([]byte(a.Text.Text)) || err != nil && !system.Absent(err) {
		return p, err
	}
	c := change.Change{Action: change.Create, Kind: "file", Target: a.Path, After: &change.Value{Secret: a.Text.Secret}}
	if !a.Text.Secret {
		c.After.WithText([]byte(a.Text.Text), "")
	}
	if err == nil {
		c.Action = change.Update
	}
	p.Add(c, func(_ context.Context, s system.System) error {
		return s.WriteFile(a.Path, system.Data([]byte(a.Text.Text)), system.Attrs{})
	})
	return p, nil
})

func TestAModuleThatKeepsItsContractPasses(t *testing.T) {
	t.Parallel()
	text := "hi"
	moduletest.Run(t, note, []moduletest.Case{
		{Name: "create", Args: module.Args{"path": "/etc/note", "text": "hi"},
			Want:   []change.Change{{Action: change.Create, Kind: "file", Target: "/etc/note", After: &change.Value{Text: &text}}},
			Then:   moduletest.Then{Files: map[string]systemtest.File{"/etc/note": {Text: "hi"}}},
			Output: map[string]any{"path": "/etc/note"}},
		{Name: "secret", Args: module.Args{"dest": "/etc/note", "text": secret("hunter2")},
			Want: []change.Change{{Action: change.Create, Kind: "file", Target: "/etc/note", After: &change.Value{Secret: true}}},
			Then: moduletest.Then{Files: map[string]systemtest.File{"/etc/note": {Text: "hunter2"}}}},
		{Name: "no directory", Args: module.Args{"path": "/nope/note", "text": "hi"}, Err: "write /nope/note: file does not exist"},
		{Name: "a directory is there", Args: module.Args{"path": "/etc"}, Err: "open /etc: invalid argument"},
		{Name: "no argument", Args: module.Args{}, Err: `missing argument: "path" for module note`},
	})
	moduletest.Examples(t, note)
}

func secret(s string) module.Secret { return hidden.New(s) }

type joinArgs struct {
	// Mark is the file that says that the host has joined.
	Mark string `arg:"mark,required" target:"path"`
	// Token lets it.
	Token module.Late `arg:"token,required"`
}

// join runs a command that needs a token and makes a file.
var join = module.Define(module.Spec{
	Name: "join", Summary: "Join", Contained: true,
	Example: "- join:\n    mark: /etc/joined\n    token: '{{ .made.token }}'\n",
}, func(ctx context.Context, r system.Reader, a *joinArgs) (*module.Plan, error) {
	p := &module.Plan{}
	there, err := system.Exists(ctx, r, a.Mark)
	if there || err != nil && !system.Absent(err) {
		return p, err
	}
	p.Add(change.Change{Action: change.Run, Kind: "cluster", Target: "join"}, func(ctx context.Context, s system.System) error {
		c := system.Cmd{Argv: []string{"join"}, Feed: a.Token.Feed(func(token string) ([]byte, error) { return []byte("token: " + token), nil })}
		return s.Run(ctx, c, system.Closed(system.Holds(a.Mark, system.Info{Attrs: system.Attrs{Mode: 0o644}})))
	})
	return p, nil
})

func TestACheckOfAModuleWithALateArgumentIsHeldToItsWord(t *testing.T) {
	t.Parallel()
	host := func() *systemtest.Fake {
		f := systemtest.New()
		f.Commands["join"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
			f.Files["/etc/joined"] = systemtest.File{Text: string(c.Stdin), Attrs: system.Attrs{Owner: "root", Group: "root", Mode: 0o644}}
			return system.Output{}
		}
		return f
	}
	moduletest.Run(t, join, []moduletest.Case{
		{Name: "joins", Host: host, Args: module.Args{"mark": "/etc/joined", "token": secret("abc.def")},
			Want: []change.Change{{Action: change.Run, Kind: "cluster", Target: "join"}},
			Then: moduletest.Then{Files: map[string]systemtest.File{"/etc/joined": {Text: "token: abc.def"}}}},
	})
	moduletest.Examples(t, join)
}

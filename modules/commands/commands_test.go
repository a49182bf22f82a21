package commands

import (
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/engine/unknown"
)

// host knows touch and rm of one path, and the commands of systemtest.Posix.
func host() *systemtest.Fake {
	f := systemtest.New()
	systemtest.Posix(f)
	f.Commands["touch"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
		f.Files[c.Argv[1]] = systemtest.File{}
		return system.Output{}
	}
	f.Commands["rm"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
		delete(f.Files, c.Argv[1])
		return system.Output{}
	}
	f.Commands["nag"] = systemtest.Fails(3, "first\nnot today\n\n")
	f.Files["/etc/done"] = systemtest.File{}
	return f
}

func runs(target string) []change.Change {
	return []change.Change{{Action: change.Run, Kind: "command", Target: target}}
}

func TestCommand(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, Command)
	moduletest.Run(t, Command, []moduletest.Case{
		{Name: "text", Host: host, Args: module.Args{"cmd": `echo "a b"  c`}, Want: runs("echo 'a b' c"), OpaqueAgain: true,
			Then:   moduletest.Then{Ran: []string{"echo 'a b' c"}},
			Output: map[string]any{"stdout": "a b c", "stdout_lines": []any{"a b c"}, "stderr": "", "stderr_lines": []any{}, "rc": 0, "cmd": "echo 'a b' c"}},
		{Name: "list", Host: host, Args: module.Args{"argv": []any{"echo", "$HOME; rm", "*"}}, Want: runs("echo '$HOME; rm' '*'"), OpaqueAgain: true,
			Output: map[string]any{"stdout": "$HOME; rm *"}},
		{Name: "newlines kept", Host: host, Args: module.Args{"cmd": "echo a", "strip_empty_ends": false}, Want: runs("echo a"), OpaqueAgain: true,
			Output: map[string]any{"stdout": "a\n", "stdout_lines": []any{"a"}}},
		{Name: "in a folder", Host: host, Args: module.Args{"cmd": "pwd", "chdir": "/etc"}, Want: runs("pwd"), OpaqueAgain: true, Output: map[string]any{"stdout": "/etc"}},
		{Name: "input", Host: host, Args: module.Args{"cmd": "cat", "stdin": "hi"}, Want: runs("cat"), OpaqueAgain: true, Output: map[string]any{"stdout": "hi"}},
		{Name: "secret input", Host: host, Args: module.Args{"cmd": "true", "stdin": secret.New("hunter2")}, Want: runs("true"), OpaqueAgain: true},
		{Name: "creates", Host: host, Args: module.Args{"cmd": "touch /etc/new", "creates": "/etc/new"}, Want: runs("touch /etc/new")},
		{Name: "creates, contained", Host: host, Args: module.Args{"cmd": "touch /etc/new", "creates": "/etc/new", "contained": true}, Want: runs("touch /etc/new")},
		{Name: "contained is a promise", Host: host, Args: module.Args{"cmd": "touch /etc/other", "creates": "/etc/new", "contained": true}, Want: runs("touch /etc/other"),
			Err: "declared effects are closed, but path /etc/other changed"},
		{Name: "created", Host: host, Args: module.Args{"cmd": "nag", "creates": "/etc/done"}, Output: map[string]any{"rc": 0, "stdout": "", "stdout_lines": []any{}}},
		{Name: "removes", Host: host, Args: module.Args{"cmd": "rm /etc/done", "removes": "/etc/done", "contained": true}, Want: runs("rm /etc/done")},
		{Name: "removed", Host: host, Args: module.Args{"cmd": "nag", "removes": "/etc/nothing"}},
		{Name: "only looks", Host: host, Args: module.Args{"cmd": "echo a", "read_only": true}, Output: map[string]any{"stdout": "a", "rc": 0}},
		{Name: "only looks and fails", Host: host, Args: module.Args{"cmd": "nag", "read_only": true}, Err: "nag: exit status 3: not today"},
		{Name: "fails", Host: host, Args: module.Args{"cmd": "nag"}, Want: runs("nag"), Err: "nag: exit status 3: not today"},
		{Name: "no such program", Host: host, Args: module.Args{"cmd": "nope"}, Want: runs("nope"), Err: "run nope: file does not exist"},
		{Name: "no word", Args: module.Args{"cmd": " "}, Err: "the command is empty"},
		{Name: "an empty word", Args: module.Args{"argv": []any{""}}, Err: "the command is empty"},
		{Name: "open quotation", Args: module.Args{"cmd": "echo 'a"}, Err: "inside a quotation"},
		{Name: "neither", Args: module.Args{}, Err: "missing argument: one of cmd, argv"},
		{Name: "both", Args: module.Args{"cmd": "a", "argv": []any{"a"}}, Err: "arguments exclude each other: cmd, argv"},
	})
}

func TestShell(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, Shell)
	moduletest.Run(t, Shell, []moduletest.Case{
		{Name: "line", Host: host, Args: module.Args{"cmd": "exit 0"}, Want: runs("/bin/sh -c 'exit 0'"), OpaqueAgain: true, Output: map[string]any{"rc": 0}},
		{Name: "fails", Host: host, Args: module.Args{"cmd": "echo why >&2; exit 4"}, Want: runs("/bin/sh -c 'echo why >&2; exit 4'"), Err: "exit status 4: why"},
		{Name: "another shell", Host: host, Args: module.Args{"cmd": "x", "executable": "/bin/echo"}, Want: runs("/bin/echo -c x"), OpaqueAgain: true, Output: map[string]any{"stdout": "-c x"}},
		{Name: "no line", Args: module.Args{}, Err: `missing argument: "cmd"`},
	})
}

func TestRaw(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, Raw)
	moduletest.Run(t, Raw, []moduletest.Case{
		{Name: "line", Host: host, Args: module.Args{"cmd": "exit 0"}, Want: runs("exit 0"), OpaqueAgain: true, Then: moduletest.Then{Ran: []string{"sh -c 'exit 0'"}}},
		{Name: "another shell", Host: host, Args: module.Args{"cmd": "x", "executable": "echo"}, Want: runs("x"), OpaqueAgain: true, Output: map[string]any{"stdout": "-c x", "cmd": "x"}},
		{Name: "fails", Host: host, Args: module.Args{"cmd": "exit 4"}, Want: runs("exit 4"), Err: "exit status 4"},
	})
}

// play plans m in a check and applies it to o.
func play(t *testing.T, o *overlay.Overlay, m module.Module, args module.Args) (*module.Plan, error) {
	t.Helper()
	o.Task("")
	p, err := m.Plan(t.Context(), system.ReadOnly(o), args)
	if err != nil {
		return p, err
	}
	_, err = p.Apply(t.Context(), o)
	return p, err
}

func TestACheckKnowsHowFarACommandReaches(t *testing.T) {
	t.Parallel()
	vague := func(o *overlay.Overlay, path string) bool {
		_, err := o.Lstat(path)
		_, is := unknown.Of(err)
		return is
	}
	for _, c := range []struct {
		name                 string
		args                 module.Args
		creates, other, done bool // which paths are unknown afterwards
	}{
		{"nothing said", module.Args{"cmd": "touch /etc/new"}, true, true, false},
		{"creates", module.Args{"cmd": "touch /etc/new", "creates": "/etc/new"}, true, true, false},
		{"contained", module.Args{"cmd": "touch /etc/new", "creates": "/etc/new", "contained": true}, true, false, false},
		{"removes", module.Args{"cmd": "rm /etc/done", "removes": "/etc/done", "contained": true}, false, false, true},
		{"not run", module.Args{"cmd": "nag", "creates": "/etc/done"}, false, false, false},
		{"read only", module.Args{"cmd": "true", "read_only": true}, false, false, false},
	} {
		o := overlay.New(system.ReadOnly(host()))
		if _, err := play(t, o, Command, c.args); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if vague(o, "/etc/new") != c.creates || vague(o, "/etc/other") != c.other || vague(o, "/etc/done") != c.done {
			t.Errorf("%s: unknown are /etc/new %v, /etc/other %v, /etc/done %v; want %v %v %v", c.name,
				vague(o, "/etc/new"), vague(o, "/etc/other"), vague(o, "/etc/done"), c.creates, c.other, c.done)
		}
	}
}

func TestACommandMayRunIfItsPathIsUnknown(t *testing.T) {
	t.Parallel()
	for _, arg := range []string{"creates", "removes"} {
		o := overlay.New(system.ReadOnly(host()))
		o.Taint("x", false)
		p, err := play(t, o, Command, module.Args{"cmd": "true", arg: "/etc/new"})
		if err != nil || len(p.Steps) != 1 || o.Doubt() == nil {
			t.Errorf("%s: %v, doubt %v", arg, err, o.Doubt())
		}
	}
}

func TestAReadOnlyCommandIsUnknownAfterAChange(t *testing.T) {
	t.Parallel()
	o := overlay.New(system.ReadOnly(host()))
	if err := o.WriteFile("/etc/a", system.Data(nil), system.Attrs{}); err != nil {
		t.Fatal(err)
	}
	_, err := play(t, o, Command, module.Args{"cmd": "true", "read_only": true})
	if _, vague := unknown.Of(err); !vague {
		t.Errorf("got %v", err)
	}
}

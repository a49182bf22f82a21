package files

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

func created(p string, after *change.Value) change.Change {
	return change.Change{Action: change.Create, Kind: "file", Target: p, After: after}
}

func updated(p string, before, after *change.Value) change.Change {
	return change.Change{Action: change.Update, Kind: "file", Target: p, Before: before, After: after}
}

// source is a single file of the controller.
func source(name, s string) module.Source {
	return module.Source{Name: name, Entries: []module.Entry{{Path: ".", Mode: 0o755, Content: system.Data([]byte(s))}}}
}

func TestCopyWritesContent(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, Copy)
	host := with(map[string]systemtest.File{"/etc/a": file("old"), "/etc/l": systemtest.Link("a"), "/etc/own": owned(file("old"), "app", "app", 0o600)})
	big := strings.Repeat("x", change.MaxText+1)
	moduletest.Run(t, Copy, []moduletest.Case{
		{Name: "new", Args: module.Args{"dest": "/etc/n", "content": "hi", "mode": "0600"}, Want: []change.Change{created("/etc/n", text("hi", "mode", "0600"))},
			Then: then("/etc/n", owned(file("hi"), "root", "root", 0o600)), Output: map[string]any{"dest": "/etc/n", "checksum": system.Sum([]byte("hi"))}},
		{Name: "empty", Args: module.Args{"dest": "/etc/n", "content": ""}, Want: []change.Change{created("/etc/n", text(""))}, Then: then("/etc/n", file(""))},
		{Name: "changed", Host: host, Args: module.Args{"dest": "/etc/a", "content": "new"}, Want: []change.Change{updated("/etc/a", text("old"), text("new"))}, Then: then("/etc/a", file("new"))},
		{Name: "the attributes that were there stay", Host: host, Args: module.Args{"dest": "/etc/own", "content": "new"}, Want: []change.Change{updated("/etc/own", text("old"), text("new"))},
			Then: then("/etc/own", owned(file("new"), "app", "app", 0o600))},
		{Name: "attributes only", Host: host, Args: module.Args{"dest": "/etc/a", "content": "old", "mode": "0600", "owner": "root"},
			Want: []change.Change{updated("/etc/a", change.Attrs("owner", "root", "mode", "0644"), change.Attrs("owner", "root", "mode", "0600"))}, Then: then("/etc/a", owned(file("old"), "", "", 0o600))},
		{Name: "symbolic mode", Host: host, Args: module.Args{"dest": "/etc/a", "content": "new", "mode": "a+x"},
			Want: []change.Change{updated("/etc/a", text("old", "mode", "0644"), text("new", "mode", "0755"))}},
		{Name: "symbolic mode on a new file", Args: module.Args{"dest": "/etc/n", "content": "new", "mode": "u+x"}, Want: []change.Change{created("/etc/n", text("new", "mode", "0744"))}},
		{Name: "same", Host: host, Args: module.Args{"dest": "/etc/a", "content": "old"}},
		{Name: "kept", Host: host, Args: module.Args{"dest": "/etc/a", "content": "new", "force": false}, Then: then("/etc/a", file("old"))},
		{Name: "kept unless missing", Args: module.Args{"dest": "/etc/n", "content": "new", "force": false}, Want: []change.Change{created("/etc/n", text("new"))}},
		{Name: "a link is replaced", Host: host, Args: module.Args{"dest": "/etc/l", "content": "old"},
			Want: []change.Change{updated("/etc/l", change.Attrs("type", "link"), text("old"))}, Then: then("/etc/l", file("old"))},
		{Name: "a link is followed", Host: host, Args: module.Args{"dest": "/etc/l", "content": "new", "follow": true},
			Want: []change.Change{updated("/etc/a", text("old"), text("new"))}, Then: then("/etc/l", systemtest.Link("a"))},
		{Name: "secret", Host: host, Args: module.Args{"dest": "/etc/a", "content": secret.New("hunter2"), "backup": true},
			Want: []change.Change{{Action: change.Create, Kind: "backup", Target: "/etc/a", After: &change.Value{Secret: true}}, updated("/etc/a", &change.Value{Secret: true}, &change.Value{Secret: true})},
			Then: then("/etc/a", file("hunter2"))},
		{Name: "large", Args: module.Args{"dest": "/etc/n", "content": big}, Want: []change.Change{created("/etc/n", (&change.Value{}).WithDigest(int64(len(big)), system.Sum([]byte(big))))}},
		{Name: "binary", Args: module.Args{"dest": "/etc/n", "content": "a\x00b"}, Want: []change.Change{created("/etc/n", (&change.Value{}).WithDigest(3, system.Sum([]byte("a\x00b"))))}},
		{Name: "a directory is there", Args: module.Args{"dest": "/etc", "content": "x"}, Err: "content has no name"},
		{Name: "no directory", Args: module.Args{"dest": "/nope/n", "content": "x"}, Err: "write /nope/n: directory /nope does not exist"},
		{Name: "neither", Args: module.Args{"dest": "/etc/n"}, Err: "one of content, src"},
		{Name: "both", Args: module.Args{"dest": "/etc/n", "content": "x", "src": source("s", "x")}, Err: "arguments exclude each other"},
		{Name: "preserve without source", Args: module.Args{"dest": "/etc/n", "content": "x", "mode": "preserve"}, Err: "mode preserve is for files"},
	})
}

func TestCopyKeepsABackup(t *testing.T) {
	t.Parallel()
	host := with(map[string]systemtest.File{"/etc/a": owned(file("old"), "app", "app", 0o600)})
	name := "/etc/a." + system.Sum([]byte("old"))[:12] + "~"
	args := module.Args{"dest": "/etc/a", "content": "new", "backup": true}
	keep := change.Change{Action: change.Create, Kind: "backup", Target: "/etc/a", After: change.Attrs("name", name)}
	moduletest.Run(t, Copy, []moduletest.Case{
		{Name: "of what changes", Host: host, Args: args, Want: []change.Change{keep, updated("/etc/a", text("old"), text("new"))},
			Then: then(name, owned(file("old"), "app", "app", 0o600)), Output: map[string]any{"backup_file": name}},
		{Name: "not of nothing", Args: args, Want: []change.Change{created("/etc/a", text("new"))}},
	})
}

func TestCopyValidates(t *testing.T) {
	t.Parallel()
	host := func(code int) func() *systemtest.Fake {
		return func() *systemtest.Fake {
			f := systemtest.New()
			f.Commands["visudo"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
				if got := f.Files[c.Argv[2]].Text; got != "ALL" {
					return system.Output{Code: 99, Stderr: []byte("looked at " + got)}
				}
				return system.Output{Code: code, Stderr: []byte("bad rule")}
			}
			return f
		}
	}
	args := module.Args{"dest": "/etc/n", "content": "ALL", "validate": "visudo -cf '%s'"}
	moduletest.Run(t, Copy, []moduletest.Case{
		{Name: "accepted", Host: host(0), Args: args, Want: []change.Change{created("/etc/n", text("ALL"))},
			Then: moduletest.Then{Files: map[string]systemtest.File{"/etc/n": file("ALL")}, Gone: []string{"/etc/.n.gokube"}}},
		{Name: "refused", Host: host(1), Args: args, Want: []change.Change{created("/etc/n", text("ALL"))}, Err: "exit status 1: bad rule"},
		{Name: "no place for the file", Args: module.Args{"dest": "/etc/n", "content": "ALL", "validate": "true"}, Err: "has no %s"},
		{Name: "open quotes", Args: module.Args{"dest": "/etc/n", "content": "ALL", "validate": "visudo '%s"}, Err: "ends inside quotes"},
	})
}

func TestCopyCopiesFilesAndTrees(t *testing.T) {
	t.Parallel()
	tree := module.Source{Name: "site", Entries: []module.Entry{
		{Path: ".", Type: fs.ModeDir, Mode: 0o755}, {Path: "a", Mode: 0o600, Content: system.Data([]byte("A"))}, {Path: "sub", Type: fs.ModeDir, Mode: 0o700},
		{Path: "sub/b", Mode: 0o755, Content: system.Data([]byte("B"))},
	}}
	inside, hostile := tree, module.Source{Name: "x/", Entries: []module.Entry{{Path: ".", Type: fs.ModeDir}, {Path: "../../etc/passwd", Content: system.Data(nil)}}}
	inside.Name = "site/"
	made := func(p string, pairs ...string) change.Change {
		return change.Change{Action: change.Create, Kind: "directory", Target: p, After: change.Attrs(pairs...)}
	}
	moduletest.Run(t, Copy, []moduletest.Case{
		{Name: "a file into a directory", Args: module.Args{"src": source("conf/app.conf", "x"), "dest": "/etc"}, Want: []change.Change{created("/etc/app.conf", text("x"))}},
		{Name: "a file into a new directory", Args: module.Args{"src": source("app.conf", "x"), "dest": "/etc/app/d/", "mode": "preserve", "directory_mode": "0700"},
			Want: []change.Change{made("/etc/app", "mode", "0700"), made("/etc/app/d", "mode", "0700"), created("/etc/app/d/app.conf", text("x", "mode", "0755"))},
			Then: then("/etc/app/d/app.conf", owned(file("x"), "", "", 0o755)), Output: map[string]any{"dest": "/etc/app/d/app.conf"}},
		{Name: "a tree", Args: module.Args{"src": tree, "dest": "/srv/"},
			Want: []change.Change{made("/srv/site"), created("/srv/site/a", text("A")), made("/srv/site/sub"), created("/srv/site/sub/b", text("B"))},
			Then: then("/srv/site/sub/b", file("B"))},
		{Name: "what is in a tree", Host: with(map[string]systemtest.File{"/srv/sub/b": file("old")}), Args: module.Args{"src": inside, "dest": "/srv", "mode": "preserve"},
			Want: []change.Change{created("/srv/a", text("A", "mode", "0600")), updated("/srv/sub/b", text("old", "mode", "0644"), text("B", "mode", "0755"))}},
		{Name: "into the root", Args: module.Args{"src": source("x", "x"), "dest": "/"}, Want: []change.Change{created("/x", text("x"))}},
		{Name: "a tree into the root", Args: module.Args{"src": tree, "dest": "/", "force": false},
			Want: []change.Change{made("/site"), created("/site/a", text("A")), made("/site/sub"), created("/site/sub/b", text("B"))}},
		{Name: "a tree that leads out", Args: module.Args{"src": hostile, "dest": "/srv"}, Err: "leads out of it"},
		{Name: "a tree over a file", Host: with(map[string]systemtest.File{"/srv/sub": file("x")}), Args: module.Args{"src": inside, "dest": "/srv"}, Err: "make directory /srv/sub: a file is there"},
	})
}

func TestCopyCopiesOnTheHost(t *testing.T) {
	t.Parallel()
	host := with(map[string]systemtest.File{"/opt/d/f": owned(file("F"), "", "", 0o700), "/opt/d/l": systemtest.Link("f"), "/opt/d/sub/g": file("G")})
	args := func(src, dest string) module.Args {
		return module.Args{"src": module.Source{Name: src}, "dest": dest, "remote_src": true}
	}
	moduletest.Run(t, Copy, []moduletest.Case{
		{Name: "a file", Host: host, Args: args("/opt/d/f", "/etc/f"), Want: []change.Change{created("/etc/f", text("F"))}, Then: then("/etc/f", file("F"))},
		{Name: "a link to a file", Host: host, Args: args("/opt/d/l", "/etc/f"), Want: []change.Change{created("/etc/f", text("F"))}},
		{Name: "a tree", Host: host, Args: args("/opt/d/", "/srv/"), Want: []change.Change{
			created("/srv/f", text("F")), {Action: change.Create, Kind: "link", Target: "/srv/l", After: change.Attrs("to", "f")},
			{Action: change.Create, Kind: "directory", Target: "/srv/sub", After: change.Attrs()}, created("/srv/sub/g", text("G"))},
			Then: then("/srv/l", systemtest.Link("f"))},
		{Name: "nothing", Host: host, Args: args("/opt/nope", "/etc/f"), Err: "copy /opt/nope: it is not on the host"},
	})
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, Template)
	tmpl := module.Template{Name: "conf/app.conf", Content: system.Data([]byte("port 80\n"))}
	hidden := tmpl
	hidden.Secret = true
	host := with(map[string]systemtest.File{"/etc/app.conf": file("port 1\n")})
	moduletest.Run(t, Template, []moduletest.Case{
		{Name: "new", Args: module.Args{"src": tmpl, "dest": "/etc/x"}, Want: []change.Change{created("/etc/x", text("port 80\n"))}, Then: then("/etc/x", file("port 80\n"))},
		{Name: "into a directory", Host: host, Args: module.Args{"src": tmpl, "dest": "/etc/"}, Want: []change.Change{updated("/etc/app.conf", text("port 1\n"), text("port 80\n"))}},
		{Name: "secret", Host: host, Args: module.Args{"src": hidden, "dest": "/etc/app.conf"}, Want: []change.Change{updated("/etc/app.conf", &change.Value{Secret: true}, &change.Value{Secret: true})}},
		{Name: "kept", Host: host, Args: module.Args{"src": tmpl, "dest": "/etc/app.conf", "force": false}},
		{Name: "relative", Args: module.Args{"src": tmpl, "dest": "x"}, Err: `path "x" is not absolute`},
	})
}

package files

import (
	"io/fs"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

// with is a maker of hosts that have these files too.
func with(files map[string]systemtest.File) func() *systemtest.Fake {
	return func() *systemtest.Fake {
		f := systemtest.New()
		for p, x := range files {
			f.Files[p] = x
		}
		f.Set("app", system.User{UID: 1000, Group: "app"})
		f.Set("app", system.Group{GID: 1000})
		f.Commands["touch"] = systemtest.Prints("")
		f.Commands["ln"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
			f.Files[c.Argv[len(c.Argv)-1]] = f.Files[c.Argv[len(c.Argv)-2]]
			return system.Output{}
		}
		f.Commands["stat"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
			if f.Files[c.Argv[4]] == f.Files[c.Argv[5]] {
				return system.Output{Stdout: []byte("1:2\n1:2\n")}
			}
			return system.Output{Stdout: []byte("1:2\n1:3\n")}
		}
		return f
	}
}

func one(c change.Change) []change.Change { return []change.Change{c} }

func text(s string, pairs ...string) *change.Value {
	return change.Attrs(pairs...).WithText([]byte(s), system.Sum([]byte(s)))
}

func file(s string) systemtest.File { return systemtest.File{Text: s} }

func owned(x systemtest.File, owner, group string, mode fs.FileMode) systemtest.File {
	x.Attrs = system.Attrs{Owner: owner, Group: group, Mode: mode}
	return x
}

func then(p string, x systemtest.File) moduletest.Then {
	return moduletest.Then{Files: map[string]systemtest.File{p: x}}
}

func TestFileMakesDirectories(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, File)
	made := func(p string, pairs ...string) change.Change {
		return change.Change{Action: change.Create, Kind: "directory", Target: p, After: change.Attrs(pairs...)}
	}
	moduletest.Run(t, File, []moduletest.Case{
		{Name: "with parents", Args: module.Args{"path": "/srv/a/b/", "state": "directory", "mode": "0750"},
			Want: []change.Change{made("/srv/a", "mode", "0750"), made("/srv/a/b", "mode", "0750")},
			Then: then("/srv/a/b", owned(systemtest.Dir(), "root", "root", 0o750)), Output: map[string]any{"path": "/srv/a/b", "state": "directory"}},
		{Name: "there", Args: module.Args{"path": "/srv", "state": "directory"}},
		{Name: "there with another owner", Host: with(nil), Args: module.Args{"path": "/srv", "state": "directory", "owner": "app"},
			Want: one(change.Change{Action: change.Update, Kind: "directory", Target: "/srv", Before: change.Attrs("owner", "root"), After: change.Attrs("owner", "app")}),
			Then: then("/srv", owned(systemtest.Dir(), "app", "", 0))},
		{Name: "below a link", Host: with(map[string]systemtest.File{"/l": systemtest.Link("/opt")}), Args: module.Args{"path": "/l/x", "state": "directory"},
			Want: one(made("/opt/x")), Then: then("/opt/x", systemtest.Dir())},
		{Name: "a file is there", Host: with(map[string]systemtest.File{"/srv/a": file("x")}), Args: module.Args{"path": "/srv/a", "state": "directory"},
			Err: "make directory /srv/a: a file is there"},
		{Name: "a file on the way", Host: with(map[string]systemtest.File{"/srv/a": file("x")}), Args: module.Args{"path": "/srv/a/b", "state": "directory"},
			Err: "make directory /srv/a: a file is there"},
		{Name: "symbolic mode", Args: module.Args{"path": "/srv/n", "state": "directory", "mode": "g+w"},
			Want: one(made("/srv/n", "mode", "0775")), Then: then("/srv/n", owned(systemtest.Dir(), "", "", 0o775))},
		{Name: "recurse", Host: with(map[string]systemtest.File{"/srv/a": systemtest.Dir(), "/srv/a/b": systemtest.Dir(), "/srv/a/b/f": file("x"), "/srv/a/l": systemtest.Link("b")}),
			Args: module.Args{"path": "/srv/a", "recurse": true, "mode": "u=rwX,g=,o="},
			Want: []change.Change{
				{Action: change.Update, Kind: "directory", Target: "/srv/a", Before: change.Attrs("mode", "0755"), After: change.Attrs("mode", "0700")},
				{Action: change.Update, Kind: "directory", Target: "/srv/a/b", Before: change.Attrs("mode", "0755"), After: change.Attrs("mode", "0700")},
				{Action: change.Update, Kind: "file", Target: "/srv/a/b/f", Before: change.Attrs("mode", "0644"), After: change.Attrs("mode", "0600")}},
			Then: then("/srv/a/b/f", owned(file("x"), "", "", 0o600))},
		{Name: "relative path", Args: module.Args{"path": "srv", "state": "directory"}, Err: `path "srv" is not absolute`},
		{Name: "recurse on a file", Args: module.Args{"path": "/srv", "state": "file", "recurse": true}, Err: "recurse is for directories only"},
		{Name: "wrong state", Args: module.Args{"path": "/srv", "state": "dir"}, Err: `value not allowed: state "dir"`},
		{Name: "wrong mode", Args: module.Args{"path": "/srv", "mode": "rwx"}, Err: "neither octal"},
		{Name: "no permission", Args: module.Args{"path": "/srv", "mode": "0000"}, Err: "leaves no permission at all"},
		{Name: "no such owner", Args: module.Args{"path": "/srv", "owner": "joe"}, Err: `there is no user "joe"`,
			Want: one(change.Change{Action: change.Update, Kind: "directory", Target: "/srv", Before: change.Attrs("owner", "root"), After: change.Attrs("owner", "joe")})},
	})
}

func TestFileSetsAttributes(t *testing.T) {
	t.Parallel()
	host := with(map[string]systemtest.File{"/etc/a": file("a"), "/etc/l": systemtest.Link("a"),
		"/etc/passwd": file("root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\n")})
	set := change.Change{Action: change.Update, Kind: "file", Target: "/etc/a", Before: change.Attrs("owner", "root", "mode", "0644"), After: change.Attrs("owner", "app", "mode", "0600")}
	moduletest.Run(t, File, []moduletest.Case{
		{Name: "of a file", Host: host, Args: module.Args{"path": "/etc/a", "mode": 0o600, "owner": "app"}, Want: one(set),
			Then: then("/etc/a", owned(file("a"), "app", "root", 0o600)), Output: map[string]any{"state": "file"}},
		{Name: "owner by number", Host: host, Args: module.Args{"path": "/etc/a", "mode": "600", "owner": 1000}, Want: one(set)},
		{Name: "of what a link leads to", Host: host, Args: module.Args{"path": "/etc/l", "mode": "u=rw,go=", "owner": "app"}, Want: one(set),
			Then: then("/etc/l", systemtest.Link("a"))},
		{Name: "of the link itself", Host: host, Args: module.Args{"path": "/etc/l", "owner": "app", "mode": "0600", "follow": false},
			Want: one(change.Change{Action: change.Update, Kind: "link", Target: "/etc/l", Before: change.Attrs("owner", "root"), After: change.Attrs("owner", "app")})},
		{Name: "already so", Host: host, Args: module.Args{"path": "/etc/a", "mode": "0644", "group": "root"}},
		{Name: "not there", Args: module.Args{"path": "/etc/nope"}, Err: "set attributes of /etc/nope: it is not there"},
		{Name: "a directory", Args: module.Args{"path": "/etc", "state": "file"}, Err: "it is a directory, not a file"},
		{Name: "a loop of links", Host: with(map[string]systemtest.File{"/x": systemtest.Link("y"), "/y": systemtest.Link("x")}),
			Args: module.Args{"path": "/x", "mode": "0600"}, Err: "links form a loop"},
	})
}

func TestFileRemoves(t *testing.T) {
	t.Parallel()
	host := with(map[string]systemtest.File{"/etc/d": systemtest.Dir(), "/etc/d/f": file("x"), "/etc/l": systemtest.Link("d")})
	gone := func(p string) []change.Change {
		return one(change.Change{Action: change.Delete, Kind: "path", Target: p})
	}
	moduletest.Run(t, File, []moduletest.Case{
		{Name: "a tree", Host: host, Args: module.Args{"path": "/etc/d", "state": "absent"}, Want: gone("/etc/d"), Then: moduletest.Then{Gone: []string{"/etc/d", "/etc/d/f"}}},
		{Name: "a link and not the tree", Host: host, Args: module.Args{"dest": "/etc/l", "state": "absent"}, Want: gone("/etc/l"),
			Then: moduletest.Then{Gone: []string{"/etc/l"}, Files: map[string]systemtest.File{"/etc/d/f": file("x")}}},
		{Name: "nothing", Args: module.Args{"path": "/etc/nope", "state": "absent"}},
		{Name: "everything", Args: module.Args{"path": "/", "state": "absent"}, Err: "that would be the whole host"},
	})
}

func TestFileMakesLinks(t *testing.T) {
	t.Parallel()
	host := with(map[string]systemtest.File{"/etc/a": file("a"), "/etc/b": file("b"), "/etc/l": systemtest.Link("b"), "/etc/d": systemtest.Dir(), "/etc/full/x": file("x")})
	link := func(action change.Action, p string, before *change.Value, to string) []change.Change {
		return one(change.Change{Action: action, Kind: "link", Target: p, Before: before, After: change.Attrs("to", to)})
	}
	args := func(src, path string, force bool) module.Args {
		return module.Args{"src": src, "path": path, "state": "link", "force": force}
	}
	moduletest.Run(t, File, []moduletest.Case{
		{Name: "new", Host: host, Args: args("/etc/a", "/etc/new", false), Want: link(change.Create, "/etc/new", nil, "/etc/a"), Then: then("/etc/new", systemtest.Link("/etc/a"))},
		{Name: "other target", Host: host, Args: args("a", "/etc/l", false), Want: link(change.Update, "/etc/l", change.Attrs("to", "b", "owner", "root", "group", "root"), "a"), Then: then("/etc/l", systemtest.Link("a"))},
		{Name: "same target", Host: host, Args: args("b", "/etc/l", false)},
		{Name: "leads nowhere", Host: host, Args: args("/nope", "/etc/new", false), Err: "/nope is not there; force: true"},
		{Name: "leads nowhere and may", Host: host, Args: args("/nope", "/etc/new", true), Want: link(change.Create, "/etc/new", nil, "/nope")},
		{Name: "over a file", Host: host, Args: args("a", "/etc/b", false), Err: "a file is there; force: true replaces it"},
		{Name: "over a file by force", Host: host, Args: args("a", "/etc/b", true), Want: link(change.Update, "/etc/b", change.Attrs("type", "file"), "a"), Then: then("/etc/b", systemtest.Link("a"))},
		{Name: "over an empty directory by force", Host: host, Args: args("a", "/etc/d", true), Want: link(change.Update, "/etc/d", change.Attrs("type", "directory"), "a")},
		{Name: "over a full directory", Host: host, Args: args("a", "/etc/full", true), Err: "a directory is there that is not empty"},
		{Name: "nowhere to be", Host: host, Args: args("/etc/a", "/nope/l", false), Err: "directory /nope does not exist"},
		{Name: "without source", Host: host, Args: module.Args{"path": "/etc/new", "state": "link"}, Err: "src is missing"},
		{Name: "hard", Host: host, Args: module.Args{"src": "/etc/a", "path": "/etc/h", "state": "hard"},
			Want: one(change.Change{Action: change.Create, Kind: "file", Target: "/etc/h", After: change.Attrs("hard link to", "/etc/a")}),
			Then: moduletest.Then{Files: map[string]systemtest.File{"/etc/h": file("a")}, Ran: []string{"ln -- /etc/a /etc/h"}}},
		{Name: "hard over another", Host: host, Args: module.Args{"src": "/etc/a", "path": "/etc/b", "state": "hard"}, Err: "another file is there"},
		{Name: "hard over another by force", Host: host, Args: module.Args{"src": "/etc/a", "path": "/etc/b", "state": "hard", "force": true},
			Want: one(change.Change{Action: change.Update, Kind: "file", Target: "/etc/b", Before: change.Attrs("type", "file"), After: change.Attrs("hard link to", "/etc/a")})},
		{Name: "hard to nothing", Host: host, Args: module.Args{"src": "/etc/nope", "path": "/etc/b", "state": "hard"}, Err: "make hard link /etc/b"},
	})
}

func TestFileTouches(t *testing.T) {
	t.Parallel()
	host := with(map[string]systemtest.File{"/etc/a": file("a")})
	times := func(action change.Action, before *change.Value, pairs ...string) []change.Change {
		return one(change.Change{Action: action, Kind: "file", Target: "/etc/a", Before: before, After: change.Attrs(append(pairs, "times", change.Later)...)})
	}
	moduletest.Run(t, File, []moduletest.Case{
		{Name: "nothing there", Args: module.Args{"path": "/etc/a", "state": "touch"}, Want: times(change.Create, nil), Then: then("/etc/a", file("")), OpaqueAgain: true},
		{Name: "a file", Host: host, Args: module.Args{"path": "/etc/a", "state": "touch", "mode": "0600"},
			Want:        times(change.Update, change.Attrs("mode", "0644"), "mode", "0600"),
			Then:        moduletest.Then{Files: map[string]systemtest.File{"/etc/a": owned(file("a"), "", "", 0o600)}, Ran: []string{"touch -c -m -a -- /etc/a"}},
			OpaqueAgain: true},
		{Name: "times preserved", Host: host, Args: module.Args{"path": "/etc/a", "state": "touch", "modification_time": "preserve", "access_time": "preserve"}},
		{Name: "nowhere", Args: module.Args{"path": "/nope/a", "state": "touch"}, Err: "directory /nope does not exist"},
	})
}

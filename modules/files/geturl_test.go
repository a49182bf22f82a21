package files

import (
	"encoding/json"
	"io/fs"
	"slices"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

// fetch is what the program of that name does, on a web of these URLs.
func fetch(web map[string]string) systemtest.Command {
	return func(f *systemtest.Fake, c system.Cmd) system.Output {
		url := c.Argv[len(c.Argv)-1]
		body, ok := web[url]
		var in struct{ Headers map[string]string }
		if len(c.Stdin) > 0 && (json.Unmarshal(c.Stdin, &in) != nil || in.Headers["Authorization"] != "Basic bWU6aHVudGVyMg==") {
			return system.Output{Code: 5, Stderr: []byte("fetch: 401 Unauthorized")}
		}
		if !ok || !c.Tool {
			return system.Output{Code: 5, Stderr: []byte("fetch: 404 Not Found")}
		}
		if i := slices.Index(c.Argv, "-sha256"); i > 0 && c.Argv[i+1] != system.Sum([]byte(body)) {
			return system.Output{Code: 7, Stderr: []byte("fetch: wrong digest")}
		}
		i := slices.Index(c.Argv, "-o")
		if i < 0 {
			return system.Output{Stdout: []byte(body)}
		}
		f.Files[c.Argv[i+1]] = systemtest.File{Text: body}
		return system.Output{}
	}
}

func TestGetURL(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, GetURL)
	const url = "https://example.org/a/tool"
	sum, old := system.Sum([]byte("TOOL")), system.Sum([]byte("old"))
	host := func(files map[string]systemtest.File) func() *systemtest.Fake {
		return func() *systemtest.Fake {
			f := with(files)()
			f.Commands["fetch"] = fetch(map[string]string{url: "TOOL", url + ".sha256": sum, url + ".sums": "0 other\n" + sum + " *tool\n"})
			return f
		}
	}
	empty := host(nil)
	got := func(p, sum string, pairs ...string) change.Change {
		return created(p, change.Attrs(append(pairs, "url", url, "sha256", sum)...))
	}
	there := host(map[string]systemtest.File{"/etc/t": file("TOOL"), "/etc/old": owned(file("old"), "app", "app", 0o700)})
	moduletest.Run(t, GetURL, []moduletest.Case{
		{Name: "new", Host: empty, Args: module.Args{"url": url, "dest": "/etc/t", "checksum": "sha256:" + sum, "mode": "0755"}, Want: []change.Change{got("/etc/t", sum, "mode", "0755")},
			Then:   moduletest.Then{Files: map[string]systemtest.File{"/etc/t": owned(file("TOOL"), "root", "root", 0o755)}, Ran: []string{"fetch -timeout 10 -sha256 " + sum + " -o /etc/t " + url}},
			Output: map[string]any{"dest": "/etc/t", "checksum": sum, "url": url}},
		{Name: "checksum from a file of one", Host: empty, Args: module.Args{"url": url, "dest": "/etc/t", "checksum": "sha256:" + url + ".sha256"}, Want: []change.Change{got("/etc/t", sum)}},
		{Name: "checksum from a list", Host: empty, Args: module.Args{"url": url, "dest": "/usr/local/bin", "checksum": "sha256:" + url + ".sums"}, Want: []change.Change{got("/usr/local/bin/tool", sum)}},
		{Name: "no checksum", Host: empty, Args: module.Args{"url": url, "dest": "/opt/new/"},
			Want: []change.Change{{Action: change.Create, Kind: "directory", Target: "/opt/new", After: change.Attrs()}, got("/opt/new/tool", change.Later)}, Then: then("/opt/new/tool", file("TOOL"))},
		{Name: "there with its checksum", Host: there, Args: module.Args{"url": url, "dest": "/etc/t", "checksum": "sha256:" + sum}, Then: moduletest.Then{Ran: []string{}}},
		{Name: "there without checksum", Host: there, Args: module.Args{"url": url, "dest": "/etc/old"}, Then: moduletest.Then{Ran: []string{}}},
		{Name: "forced", Host: there, Args: module.Args{"url": url, "dest": "/etc/old", "force": true},
			Want: []change.Change{updated("/etc/old", (&change.Value{}).WithDigest(3, old), change.Attrs("url", url, "sha256", change.Later))}, OpaqueAgain: true},
		{Name: "another, with a backup", Host: there, Args: module.Args{"url": url, "dest": "/etc/old", "checksum": "sha256:" + sum, "backup": true},
			Want: []change.Change{{Action: change.Create, Kind: "backup", Target: "/etc/old", After: change.Attrs("name", "/etc/old."+old[:12]+"~")},
				updated("/etc/old", (&change.Value{}).WithDigest(3, old), change.Attrs("url", url, "sha256", sum))},
			Then: then("/etc/old", owned(file("TOOL"), "app", "app", 0o700))},
		{Name: "mode only", Host: there, Args: module.Args{"url": url, "dest": "/etc/t", "mode": "0700"}, Want: []change.Change{updated("/etc/t", change.Attrs("mode", "0644"), change.Attrs("mode", "0700"))}},
		{Name: "with a password", Host: empty, Args: module.Args{"url": url, "dest": "/etc/t", "url_username": "me", "url_password": secret.New("hunter2")}, Want: []change.Change{got("/etc/t", change.Later)}},
		{Name: "with a wrong header", Host: empty, Args: module.Args{"url": url, "dest": "/etc/t", "headers": map[string]any{"Authorization": secret.New("Bearer z")}},
			Want: []change.Change{got("/etc/t", change.Later)}, Err: "401 Unauthorized"},
		{Name: "not found", Host: empty, Args: module.Args{"url": url + "2", "dest": "/etc/t"}, Err: "404 Not Found"},
		{Name: "other kinds of checksum", Host: empty, Args: module.Args{"url": url, "dest": "/etc/t", "checksum": "md5:0"}, Err: "does not begin with sha256:"},
		{Name: "checksum too short", Host: empty, Args: module.Args{"url": url, "dest": "/etc/t", "checksum": "sha256:0"}, Err: "no SHA-256 digest"},
		{Name: "checksum not listed", Host: empty, Args: module.Args{"url": url + "2", "dest": "/etc/t", "checksum": "sha256:" + url + ".sums"}, Err: `does not list "tool2"`},
		{Name: "checksum not there", Host: empty, Args: module.Args{"url": url, "dest": "/etc/t", "checksum": "sha256:" + url + ".md5"}, Err: "download checksum: fetch"},
		{Name: "no web", Host: empty, Args: module.Args{"url": "ftp://me:hunter2@x/y", "dest": "/etc/t"}, Err: "ftp://me:xxxxx@x/y\" is neither http nor https"},
		{Name: "no directory", Host: empty, Args: module.Args{"url": url, "dest": "/nope/t"}, Err: "directory /nope does not exist"},
	})
}

func TestStat(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, Stat)
	moduletest.Examples(t, Slurp)
	host := with(map[string]systemtest.File{"/etc/a": owned(file("a"), "app", "4711", fs.ModeSetuid|0o750), "/etc/l": systemtest.Link("a")})
	for _, c := range []struct {
		path   string
		follow bool
		want   map[string]any
	}{
		{"/nope", false, map[string]any{"exists": false, "checksum": nil}},
		{"/etc/", false, map[string]any{"exists": true, "isdir": true, "isreg": false, "mode": "0755", "path": "/etc", "uid": 0}},
		{"/etc/a", false, map[string]any{"isreg": true, "mode": "4750", "size": 1, "checksum": system.Sum([]byte("a")), "pw_name": "app", "uid": 1000, "gid": 4711, "isuid": true, "xgrp": true, "roth": false, "executable": true}},
		{"/etc/l", false, map[string]any{"islnk": true, "lnk_target": "a", "lnk_source": "/etc/a", "checksum": nil}},
		{"/etc/l", true, map[string]any{"islnk": false, "isreg": true, "path": "/etc/l", "size": 1}},
	} {
		p, err := Stat.Plan(t.Context(), host(), module.Args{"path": c.path, "follow": c.follow})
		if err != nil || len(p.Steps) > 0 {
			t.Fatalf("%s: %v, %v", c.path, p, err)
		}
		got := p.Output["stat"].(map[string]any)
		for k, want := range c.want {
			if got[k] != want {
				t.Errorf("%s: %s is %v, want %v", c.path, k, got[k], want)
			}
		}
	}
	moduletest.Run(t, Stat, []moduletest.Case{{Name: "a file", Host: host, Args: module.Args{"path": "/etc/a"}}, {Name: "relative", Args: module.Args{"path": "x"}, Err: "not absolute"}})
	moduletest.Run(t, Slurp, []moduletest.Case{
		{Name: "a file", Host: host, Args: module.Args{"src": "/etc/l"}, Output: map[string]any{"content": "YQ==", "encoding": "base64", "source": "/etc/l"}},
		{Name: "nothing", Args: module.Args{"src": "/nope"}, Err: fs.ErrNotExist.Error()},
	})
}

package bring

import (
	"context"
	"io"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/engine/unknown"
)

func source(name, text string) module.Source {
	c := system.Data([]byte(text))
	c.Lazy = true
	return module.Source{Name: name, Entries: []module.Entry{{Path: ".", Mode: 0o644, Content: c}}}
}

func created(p, sum string, size string) change.Change {
	return change.Change{Action: change.Create, Kind: "file", Target: p, After: change.Attrs("mode", "0600", "size", size, "sha256", sum)}
}

func directory(p string) change.Change {
	return change.Change{Action: change.Create, Kind: "directory", Target: p, After: &change.Value{}}
}

func TestFetch(t *testing.T) {
	t.Parallel()
	sum := system.Sum([]byte("the key"))
	full := func() *systemtest.Fake {
		f := systemtest.New()
		f.Files["/srv/x/cp-1/etc/key"] = systemtest.File{Text: "the key", Attrs: system.Attrs{Mode: 0o600}}
		return f
	}
	moduletest.Run(t, Fetch, []moduletest.Case{
		{Name: "below the host's name", Args: module.Args{"src": source("/etc/key", "the key"), "dest": "/srv/x", "from": "cp-1"},
			Want:   []change.Change{directory("/srv/x"), directory("/srv/x/cp-1"), directory("/srv/x/cp-1/etc"), created("/srv/x/cp-1/etc/key", sum, "7")},
			Then:   moduletest.Then{Files: map[string]systemtest.File{"/srv/x/cp-1/etc/key": {Text: "the key", Attrs: system.Attrs{Mode: 0o600}}}},
			Output: map[string]any{"dest": "/srv/x/cp-1/etc/key", "checksum": sum}},
		{Name: "there", Host: full, Args: module.Args{"src": source("/etc/key", "the key"), "dest": "/srv/x/", "from": "cp-1"}},
		{Name: "flat into a directory", Args: module.Args{"src": source("/etc/key", "the key"), "dest": "/srv/", "from": "cp-1", "flat": true},
			Want: []change.Change{created("/srv/key", sum, "7")}},
		{Name: "flat", Args: module.Args{"src": source("/etc/key", "the key"), "dest": "/srv/that", "from": "cp-1", "flat": true},
			Want: []change.Change{created("/srv/that", sum, "7")}},
		{Name: "flat onto a directory", Args: module.Args{"src": source("/etc/key", "the key"), "dest": "/srv", "from": "cp-1", "flat": true},
			Err: "write /srv: a directory is there; a slash at the end puts the file into it"},
		{Name: "missing", Args: module.Args{"src": module.Source{Name: "/etc/key"}, "dest": "/srv/", "from": "cp-1"}, Err: "fetch /etc/key: it is not on cp-1"},
		{Name: "missing, and no matter", Args: module.Args{"src": module.Source{Name: "/etc/key"}, "dest": "/srv/", "from": "cp-1", "fail_on_missing": false}},
	})
	moduletest.Examples(t, Fetch)
}

func TestAFileWithUnknownContentIsFetchedForCertainIfNoneIsThere(t *testing.T) {
	t.Parallel()
	u := unknown.Value{Why: "content of /etc/key on cp-1"}
	src := module.Source{Name: "/etc/key", Entries: []module.Entry{{Path: ".", Content: system.Content{Size: -1, Open: func(context.Context) (io.ReadCloser, error) { return nil, u }}}}}
	f := systemtest.New()
	f.Files["/srv/old"] = systemtest.File{Text: "x"}
	for dest, why := range map[string]string{"/srv/new": "", "/srv/old": u.Why} {
		p, err := Fetch.Plan(t.Context(), f, module.Args{"src": src, "dest": dest, "flat": true, "from": "cp-1"})
		if err != nil || len(p.Steps) != 1 || p.Steps[0].Doubt != why {
			t.Errorf("%s: %+v, %v", dest, p, err)
		}
	}
}

package runner_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/runner"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/engine/wire"
)

func look(t *testing.T, h *runner.Host, path string, only ...string) ([]wire.Found, *wire.Result) {
	t.Helper()
	r := do(t, h, wire.Look, wire.LookArgs(path, only))
	if r.Err != nil || r.Unknown != nil {
		return nil, r
	}
	b, err := wire.EncodeResult(r)
	if err != nil {
		t.Fatal(err)
	}
	back, err := wire.DecodeResult(b)
	if err != nil {
		t.Fatal(err)
	}
	found, err := wire.FoundIn(back.Output)
	if err != nil {
		t.Fatal(err)
	}
	return found, r
}

func TestALookFindsFilesAndTellsTheirDigests(t *testing.T) {
	t.Parallel()
	f := fake()
	f.Files["/srv/t"], f.Files["/srv/t/d"] = systemtest.Dir(), systemtest.Dir()
	f.Files["/srv/t/d/x"] = systemtest.File{Text: "x", Attrs: system.Attrs{Mode: 0o640}}
	f.Files["/srv/t/l"], f.Files["/srv/l"] = systemtest.Link("d/x"), systemtest.Link("t/d/x")
	x := wire.Found{Path: "d/x", Mode: 0o640, Size: 1, SHA256: system.Sum([]byte("x")), File: "/srv/t/d/x"}
	whole := []wire.Found{{Path: ".", Type: fs.ModeDir, Mode: 0o755}, {Path: "d", Type: fs.ModeDir, Mode: 0o755}, x, {Path: "l", Type: fs.ModeSymlink, Mode: 0o777, Target: "d/x"}}
	alone, followed := x, x
	alone.Path, followed.Path = ".", "l"
	for _, c := range []struct {
		path string
		only []string
		want []wire.Found
	}{
		{"/srv/t/", nil, whole}, {"/srv/l", nil, []wire.Found{alone}}, {"/srv/none", nil, []wire.Found{}},
		{"/srv/t", []string{"d/x", "none", "l"}, []wire.Found{x, followed}},
	} {
		for _, h := range []*runner.Host{runner.New(f, options()), runner.New(f, checking())} {
			got, r := look(t, h, c.path, c.only...)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s %q: %+v\n%s", c.path, c.only, r.Err, diff)
			}
		}
	}
	if _, r := look(t, runner.New(f, options()), "srv"); r.Err == nil || !strings.Contains(r.Err.Text, "the path is not absolute") {
		t.Errorf("%+v", r.Err)
	}
}

func TestALookOfACheckSeesWhatIsPredicted(t *testing.T) {
	t.Parallel()
	f := fake()
	f.Files["/srv/old"], f.Files["/srv/kept"] = systemtest.File{Text: "old"}, systemtest.File{Text: "kept"}
	o := checking()
	o.Modules = append([]module.Module{join()}, o.Modules...)
	h := runner.New(f, o)
	do(t, h, "write", args{"dest": "/srv/old", "text": "new"})
	do(t, h, "join", args{"mark": "/srv/mark", "token": "x", "how": "feeds"})
	got, _ := look(t, h, "/srv", "old", "kept", "mark")
	want := []wire.Found{
		{Path: "old", Mode: 0o644, Size: 3, SHA256: system.Sum([]byte("new")), Unknown: "content of /srv/old"},
		{Path: "kept", Mode: 0o644, Size: 4, SHA256: system.Sum([]byte("kept")), File: "/srv/kept"},
		{Path: "mark", Mode: 0o644, Size: -1, Unknown: "content of /srv/mark"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	do(t, h, "run", args{"cmd": "make"})
	got, _ = look(t, h, "/srv", "made", "kept")
	want = []wire.Found{{Path: "made", Unknown: "make", Doubt: "make"}, want[1]}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, r := look(t, h, "/srv"); r.Unknown == nil || r.Unknown.Why != "make" {
		t.Errorf("a listing is known: %+v", r)
	}
}

func TestAReadGivesBytesAsTheyAre(t *testing.T) {
	t.Parallel()
	f := fake()
	f.Files["/srv/x"] = systemtest.File{Text: "the \xff password: hunter2"}
	knows := func(q *wire.Request) { q.Become.Password = secret.New("hunter2") }
	for _, h := range []*runner.Host{runner.New(f, options()), runner.New(f, checking())} {
		text := ""
		for at := int64(0); at < 23; at += 10 {
			r := do(t, h, wire.Read, wire.ReadArgs("/srv/x", at, 10), knows)
			data, _ := r.Output["data"].([]byte)
			text += string(data)
		}
		if text != f.Files["/srv/x"].Text {
			t.Errorf("got %q", text)
		}
		if r := do(t, h, wire.Read, wire.ReadArgs("/srv/none", 0, 10)); r.Err == nil {
			t.Error("no error for a file that is not there")
		}
	}
}

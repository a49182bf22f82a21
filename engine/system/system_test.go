package system_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/engine/unknown"
)

func TestTouches(t *testing.T) {
	t.Parallel()
	p := system.Path
	for _, x := range []struct {
		changed, read system.Key
		want          bool
	}{
		{p("/a"), p("/a"), true}, {p("/a"), p("/a/b"), true}, {p("/a"), p("/ab"), false}, {p("/a/b"), p("/a"), false}, {p("/a/b"), p("/a/"), true},
		{p("/a/"), p("/a/b"), true}, {p("/"), p("/a"), true}, {p("/a"), p("/"), true}, {p("/a"), system.Key{Kind: "package", Name: "/a"}, false},
		{system.Key{Kind: "unit", Name: "x"}, system.Key{Kind: "unit", Name: "x"}, true},
	} {
		if got := x.changed.Touches(x.read); got != x.want {
			t.Errorf("%s touches %s: %v", x.changed, x.read, got)
		}
	}
}

func TestEffectsAreVerified(t *testing.T) {
	t.Parallel()
	f := systemtest.New()
	f.Files["/etc/x"] = systemtest.File{Attrs: system.Attrs{Mode: 0o600}}
	f.Set("p", system.Package{Version: "2"})
	f.Set("u", system.User{UID: 7, Group: "g", Home: "/h", Shell: "/s", PasswordHash: "#"})
	f.Set("g", system.Group{GID: 8, Members: []string{"u"}})
	f.Set("x.service", system.Unit{Active: true})
	for _, e := range []system.Effect{
		system.Holds("p", system.Package{}), system.Holds("p", system.Package{Version: "2"}), system.Gone(system.Path("/etc/y")), system.Vague(system.Path("/etc/y")),
		system.Holds("u", system.User{UID: -1}), system.Holds("u", system.User{UID: 7, Group: "g", Groups: []string{}}), system.Holds("g", system.Group{GID: -1, Members: []string{"u"}}),
		system.Holds("/etc/x", system.Info{}), system.Holds("/etc/x", system.Info{Attrs: system.Attrs{Mode: 0o600}}), system.Holds("x.service", system.Unit{Active: true}),
	} {
		if err := system.Closed(e).Verify(t.Context(), f); err != nil {
			t.Errorf("%+v: %v", e, err)
		}
	}
	for _, e := range []system.Effect{
		system.Holds("p", system.Package{Version: "1"}), system.Holds("q", system.Package{}), system.Gone(system.Path("/etc/x")), system.Holds("/etc/y", system.Info{}),
		system.Holds("/etc/x", system.Info{Type: fs.ModeDir}), system.Holds("/etc/x", system.Info{Attrs: system.Attrs{Mode: 0o644}}),
		system.Holds("u", system.User{UID: 8}), system.Holds("u", system.User{UID: -1, Comment: "c"}), system.Holds("u", system.User{UID: -1, PasswordHash: "?"}),
		system.Holds("u", system.User{UID: -1, Groups: []string{"g"}}), system.Holds("g", system.Group{GID: -1}), system.Holds("x.service", system.Unit{}),
	} {
		if err := system.Closed(e).Verify(t.Context(), f); err == nil || !strings.Contains(err.Error(), e.String()) {
			t.Errorf("%+v: %v", e, err)
		}
	}
}

func TestAttrsOverAndNamed(t *testing.T) {
	t.Parallel()
	got := system.Attrs{Owner: "a"}.Over(system.Attrs{Owner: "b", Group: "c", Mode: 1})
	if want := (system.Attrs{Owner: "a", Group: "c", Mode: 1}); got != want {
		t.Errorf("got %+v", got)
	}
	f := systemtest.New()
	f.Files["/etc/passwd"], f.Files["/etc/group"] = systemtest.File{Text: "x\nkube:x:998:1::/:/\n"}, systemtest.File{Text: "adm:x:4:\n"}
	if got, want := (system.Attrs{Owner: "998", Group: "5"}).Named(f), (system.Attrs{Owner: "kube", Group: "5"}); got != want {
		t.Errorf("got %+v", got)
	}
}

func TestOnlyWhatIsNotThereOrNotKnownIsAbsent(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]bool{nil: false, fs.ErrNotExist: true, fs.ErrPermission: false, unknown.Value{Why: "x"}: true} {
		if got := system.Absent(err); got != want {
			t.Errorf("%v: %v", err, got)
		}
	}
}

func TestAFileThatIsTooLargeIsNotReadIntoMemory(t *testing.T) {
	t.Parallel()
	c := system.Content{Size: -1, Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(zeros{}), nil }}
	if _, err := c.Bytes(t.Context()); !errors.Is(err, system.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestExitErrorsSayTheLastLine(t *testing.T) {
	t.Parallel()
	c := system.Command("apt-get", "install", "a b", "it's", "")
	if got, want := c.String(), `apt-get install 'a b' 'it'\''s' ''`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, x := range []struct {
		out  system.Output
		want string
	}{
		{system.Output{Code: 1, Stdout: []byte("a\n"), Stderr: []byte("b\nE: no\n\n")}, "c: exit status 1: E: no"},
		{system.Output{Code: 2, Stdout: []byte("a\nlast")}, "c: exit status 2: last"}, {system.Output{Code: 3}, "c: exit status 3"},
	} {
		if got := x.out.Err(system.Command("c")).Error(); got != x.want {
			t.Errorf("got %q, want %q", got, x.want)
		}
	}
	long := system.Output{Code: 1}.Err(system.Command("sh", "-c", strings.Repeat("x", 500)+"\nsecond")).Error()
	if len(long) > 150 || strings.Contains(long, "second") {
		t.Errorf("got %q", long)
	}
	if err := (system.Output{}).Err(c); err != nil {
		t.Error(err)
	}
}

func TestReadOnlyHidesWhatChanges(t *testing.T) {
	t.Parallel()
	if _, ok := system.ReadOnly(systemtest.New()).(system.System); ok {
		t.Error("a Reader can change the host")
	}
}

func TestClipKeepsBothEnds(t *testing.T) {
	t.Parallel()
	if got := system.Clip([]byte("short")); string(got) != "short" {
		t.Errorf("got %q", got)
	}
	got := system.Clip([]byte("A" + strings.Repeat("x", system.MaxOutput) + "Z"))
	if got[0] != 'A' || got[len(got)-1] != 'Z' || !strings.Contains(string(got), "\n[2 bytes dropped]\n") {
		t.Errorf("got %d bytes", len(got))
	}
}

// FuzzResolve holds Resolve to what following links means: its result has none,
// and what had none is itself.
func FuzzResolve(f *testing.F) {
	for _, p := range []string{"/a/b", "/l/x", "/../l/../a", "//a//", "/loop/x", "", "a", "/up/up/l"} {
		f.Add(p)
	}
	links := map[string]string{"/l": "/a/b", "/a/up": "..", "/up": "a/up", "/loop": "loop", "/a/b/rel": "../../l/./c", "/e": ""}
	at := func(p string) (system.Info, error) {
		if target, ok := links[p]; ok {
			return system.Info{Type: fs.ModeSymlink, Target: target}, nil
		}
		return system.Info{Type: fs.ModeDir}, nil
	}
	f.Fuzz(func(t *testing.T, p string) {
		got := system.Resolve(at, p, true)
		if got == "" {
			return
		}
		if !path.IsAbs(got) || path.Clean(got) != got {
			t.Errorf("%q: %q is not clean", p, got)
		}
		for d := got; d != "/"; d = path.Dir(d) {
			if _, ok := links[d]; ok {
				t.Errorf("%q: %q goes through the link %s", p, got, d)
			}
		}
		if diff := cmp.Diff(got, system.Resolve(at, got, true)); diff != "" {
			t.Error(diff)
		}
	})
}

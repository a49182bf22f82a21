package overlay_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/unknown"
)

func kind(err error) string {
	switch _, ok := unknown.Of(err); {
	case ok:
		return "unknown"
	case errors.Is(err, fs.ErrNotExist):
		return "absent"
	case err != nil:
		return err.Error()
	}
	return "known"
}

func of[T any](_ T, err error) string { return kind(err) }

func unit(t *testing.T, r system.Reader, name string) system.Unit {
	t.Helper()
	u, err := system.Get[system.Unit](t.Context(), r, name)
	if err != nil {
		t.Fatalf("unit %s: %v", name, err)
	}
	return u
}

// TestReach is the rule of the package comment, line by line.
func TestReach(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	pkg := func(n string) system.Key { return system.Key{Kind: "package", Name: n} }
	ask := func(reads ...system.Key) system.Cmd { return system.Cmd{Argv: []string{"ask"}, Reads: reads} }
	o := overlay.New(host())
	check := func(rule, what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("rule %s: %s: got %s, want %s", rule, what, got, want)
		}
	}
	check("5", "free query, nothing predicted", of(o.Query(ctx, ask())), "known")
	_ = o.Remove("/etc/a")
	check("5", "free query after a prediction", of(o.Query(ctx, ask())), "unknown")
	check("5", "query of something else", of(o.Query(ctx, ask(system.Path("/run/")))), "known")
	check("5", "query of it", of(o.Query(ctx, ask(system.Path("/etc/")))), "unknown")
	check("5", "query of nothing, a program that may come", of(o.Query(ctx, system.Cmd{Argv: []string{"vim"}, Reads: []system.Key{}})), "unknown")
	_ = o.Mkdir("/etc/fresh", system.Attrs{})
	check("3", "in a new directory", of(o.Lstat("/etc/fresh/x")), "absent")
	check("3", "absent before", of(o.Lstat("/etc/new")), "absent")
	_, err := o.Capture(ctx, system.Command("init"), system.Effects{Set: []system.Effect{
		system.Holds("/etc/out", system.Info{}), system.Vague(system.Path("/etc/d/")), system.Holds("etcd", system.Package{Version: "3"}),
	}})
	check("1", "output", kind(err), "unknown")
	check("2", "declared path", of(system.Exists(ctx, o, "/etc/out")), "known")
	check("2", "its content", of(system.ReadFile(o, "/etc/out")), "unknown")
	check("2", "its digest", of(o.Digest("/etc/out")), "unknown")
	check("2", "declared package", of(o.Object(ctx, pkg("etcd"))), "known")
	check("3", "absent then", of(o.Lstat("/etc/new")), "unknown")
	check("3", "removed then", of(o.Lstat("/etc/a")), "unknown")
	check("3", "package absent then", of(o.Object(ctx, pkg("vim"))), "unknown")
	check("3", "unit absent then", of(o.Object(ctx, system.Key{Kind: "unit", Name: "n.service"})), "unknown")
	_ = o.SetAttrs("/etc/fresh", system.Attrs{Mode: 0o700})
	check("3", "in a directory new then", of(o.Lstat("/etc/fresh/x")), "unknown")
	check("3", "listing", of(o.ReadDir("/run")), "unknown")
	_ = o.Remove("/etc/gone")
	check("3", "removed since", of(o.Lstat("/etc/gone")), "absent")
	check("4", "there before", of(system.ReadFile(o, "/run/y")), "known")
	check("4", "package there", of(o.Object(ctx, pkg("curl"))), "known")
	check("4", "unit there", of(o.Object(ctx, system.Key{Kind: "unit", Name: "b.service"})), "known")
	check("4", "declared to be rewritten below", of(o.Lstat("/etc/d/x")), "unknown")
	check("5", "query that says what it reads", of(o.Query(ctx, ask(system.Path("/run/"), pkg("curl")))), "known")
	check("5", "query of what may appear", of(o.Query(ctx, ask(pkg("vim")))), "unknown")
	o.Task("a when")
	_ = o.WriteFile("/run/y", system.Data(nil), system.Attrs{})
	check("maybe", "written by a task that may not run", of(system.ReadFile(o, "/run/y")), "unknown")
	if o.Doubt() == nil || o.Doubt().Why != "a when" {
		t.Errorf("doubt %v", o.Doubt())
	}
}

func TestAttributesLeftAloneOverTheUnknownAreInDoubt(t *testing.T) {
	t.Parallel()
	o := overlay.New(host())
	_ = o.Run(t.Context(), system.Command("init"), system.Effects{})
	o.Task("")
	_ = o.WriteFile("/etc/n", system.Data([]byte("n")), system.Attrs{Mode: 0o600})
	in, err := o.Lstat("/etc/n")
	if err != nil || in.Attrs.Mode != 0o600 || o.Doubt() == nil {
		t.Errorf("guessed owner: %+v, %v, doubt %v", in, err, o.Doubt())
	}
	o.Task("")
	if ok, err := system.Exists(t.Context(), o, "/etc/n"); !ok || err != nil || o.Doubt() != nil {
		t.Errorf("existence: %v, %v, doubt %v", ok, err, o.Doubt())
	}
	_ = o.SetAttrs("/etc/n", system.Attrs{Owner: "root", Group: "root", Mode: 0o600})
	if in, err := o.Lstat("/etc/n"); err != nil || in.Attrs.Owner != "root" || o.Doubt() != nil {
		t.Errorf("owner that was set: %+v, %v, doubt %v", in, err, o.Doubt())
	}
}

func TestContentIsReadOnlyWhenItIsNeeded(t *testing.T) {
	t.Parallel()
	o, opened := overlay.New(host()), 0
	open := func(context.Context) (io.ReadCloser, error) {
		opened++
		return io.NopCloser(strings.NewReader("abc")), nil
	}
	if err := o.WriteFile("/etc/n", system.Content{Size: -1, Open: open}, system.Attrs{}); err != nil {
		t.Fatal(err)
	}
	if in, err := o.Lstat("/etc/n"); err != nil || in.Size != -1 || opened != 0 {
		t.Errorf("size %d, %v, opened %d times", in.Size, err, opened)
	}
	for range 2 {
		if sum, err := o.Digest("/etc/n"); err != nil || sum != system.Sum([]byte("abc")) || opened != 1 {
			t.Errorf("digest %s, %v, opened %d times", sum, err, opened)
		}
	}
	if in, _ := o.Lstat("/etc/n"); in.Size != 3 {
		t.Errorf("size %d after reading", in.Size)
	}
	later := func(context.Context) (io.ReadCloser, error) { return nil, unknown.Value{Why: "download"} }
	_ = o.WriteFile("/etc/n", system.Content{Size: -1, Open: later}, system.Attrs{})
	if got := of(system.ReadFile(o, "/etc/n")); got != "unknown" || o.Doubt().Why != "download" {
		t.Errorf("content of a download: %s, doubt %v", got, o.Doubt())
	}
}

func TestAnOwnerTheHostDoesNotKnowIsFoundByTheCheck(t *testing.T) {
	t.Parallel()
	o := overlay.New(host())
	var missing *system.NoOwnerError
	if err := o.WriteFile("/etc/n", system.Data(nil), system.Attrs{Owner: "kube"}); !errors.As(err, &missing) {
		t.Errorf("got %v", err)
	}
	_ = o.Run(t.Context(), system.Command("useradd", "kube"), system.Closed(system.Holds("kube", system.User{UID: -1, Groups: []string{"adm"}})))
	if err := o.WriteFile("/etc/n", system.Data(nil), system.Attrs{Owner: "kube", Group: "0"}); err != nil {
		t.Error(err)
	}
	if in, _ := o.Lstat("/etc/n"); in.Attrs != (system.Attrs{Owner: "kube", Group: "root", Mode: 0o644}) {
		t.Errorf("got %+v", in.Attrs)
	}
}

package overlay_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
)

const dir = "/etc/systemd/system/"

func write(t *testing.T, s system.System, path, text string) {
	t.Helper()
	if err := s.WriteFile(path, system.Data([]byte(text)), system.Attrs{}); err != nil {
		t.Fatal(err)
	}
}

func TestAPredictedUnitFileIsAUnit(t *testing.T) {
	t.Parallel()
	o := overlay.New(host())
	write(t, o, dir+"n.service", "[Service]\n[Install]\nWantedBy=x")
	write(t, o, dir+"s.socket", "[Socket]\n")
	write(t, o, dir+"p@.service", "[Install]")
	_ = o.Symlink("/dev/null", dir+"m.service")
	_ = o.Symlink("n.service", dir+"alias.service")
	_ = o.Mkdir(dir+"d.service.d", system.Attrs{})
	write(t, o, dir+"d.service.d/x.conf", "[Service]")
	_ = o.Mkdir(dir+"multi-user.target.wants", system.Attrs{})
	_ = o.Symlink("../p@.service", dir+"multi-user.target.wants/p@2.service")
	for name, want := range map[string]system.Unit{
		"n.service": {}, "s.socket": {Enabled: true, Static: true}, "p@1.service": {}, "p@2.service": {Enabled: true},
		"m.service": {Masked: true}, "alias.service": {},
	} {
		if got := unit(t, o, name); got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
	if got := of(o.Object(t.Context(), system.Key{Kind: "unit", Name: "d.service"})); got != "absent" {
		t.Errorf("drop-in alone: %s", got)
	}
}

func TestAPredictedUnitFileOfUnknownContentIsUnknown(t *testing.T) {
	t.Parallel()
	o := overlay.New(host())
	_ = o.Run(t.Context(), system.Command("make"), system.Closed(system.Holds(dir+"n.service", system.Info{})))
	if got := of(o.Object(t.Context(), system.Key{Kind: "unit", Name: "n.service"})); got != "unknown" {
		t.Errorf("got %s", got)
	}
}

func TestAnActiveUnitIsStaleUntilItIsReadAgain(t *testing.T) {
	t.Parallel()
	ctx, o := t.Context(), overlay.New(host())
	_ = o.Mkdir(dir+"b.service.d", system.Attrs{})
	if u := unit(t, o, "b.service"); u.Stale {
		t.Errorf("directory of drop-ins: %+v", u)
	}
	write(t, o, dir+"b.service.d/x.conf", "[Service]")
	write(t, o, dir+"c.service", "[Install]")
	u := unit(t, o, "b.service")
	if want := (system.Unit{Enabled: true, Active: true, Stale: true}); u != want {
		t.Fatalf("drop-in: got %+v, want %+v", u, want)
	}
	u.Enabled = false
	_ = o.Run(ctx, system.Command("systemctl"), system.Closed(system.Holds("b.service", u)))
	if u := unit(t, o, "b.service"); !u.Stale {
		t.Errorf("disabling does not read: %+v", u)
	}
	_ = o.Run(ctx, system.Command("systemctl"), system.Closed(system.Holds("c.service", system.Unit{Active: true})))
	write(t, o, dir+"c.service", "[Service]")
	if u := unit(t, o, "c.service"); !u.Stale || !u.Static {
		t.Errorf("rewritten after start: %+v", u)
	}
	u.Stale = false
	_ = o.Run(ctx, system.Command("systemctl"), system.Closed(system.Holds("b.service", u)))
	if b, c := unit(t, o, "b.service"), unit(t, o, "c.service"); b.Stale || c.Stale {
		t.Errorf("after daemon-reload: %+v, %+v", b, c)
	}
}

func TestARemovedUnitFileIsNoUnit(t *testing.T) {
	t.Parallel()
	o := overlay.New(host())
	write(t, o, dir+"b.service", "[Service]")
	_ = o.Remove("/usr/lib/systemd/system")
	if u := unit(t, o, "b.service"); !u.Static {
		t.Errorf("the other file is left: %+v", u)
	}
	_ = o.Remove(dir + "b.service")
	if got := of(o.Object(t.Context(), system.Key{Kind: "unit", Name: "b.service"})); got != "absent" {
		t.Errorf("got %s", got)
	}
}

func TestAccountsLiveInTheirFiles(t *testing.T) {
	t.Parallel()
	ctx, o := t.Context(), overlay.New(host())
	root := system.Key{Kind: "user", Name: "root"}
	_ = o.Run(ctx, system.Command("useradd"), system.Closed(
		system.Holds("kube", system.User{UID: -1, Groups: []string{"adm"}}), system.Holds("adm", system.Group{GID: 4, Members: []string{"joe"}}),
		system.Holds("joe", system.User{UID: 7})))
	g, err := system.Get[system.Group](ctx, o, "root")
	if diff := cmp.Diff(system.Group{}, g); diff != "" || err != nil {
		t.Error(diff, err)
	}
	_ = o.Run(ctx, system.Command("usermod"), system.Closed(system.Holds("kube", system.User{UID: -1, Groups: []string{"adm", "root"}})))
	if g, _ = system.Get[system.Group](ctx, o, "root"); len(g.Members) != 1 {
		t.Errorf("predicted member: %+v", g)
	}
	if got := of(system.ReadFile(o, "/etc/passwd")); got != "unknown" {
		t.Errorf("/etc/passwd after an account: %s", got)
	}
	if got := of(o.Query(ctx, system.Cmd{Argv: []string{"ask"}, Reads: []system.Key{system.Path("/etc/passwd")}})); got != "unknown" {
		t.Errorf("query of it: %s", got)
	}
	if got := of(o.Object(ctx, root)); got != "known" {
		t.Errorf("another user: %s", got)
	}
	write(t, o, "/etc/passwd", "")
	if got := of(system.ReadFile(o, "/etc/passwd")); got != "known" {
		t.Errorf("rewritten: %s", got)
	}
	if got := of(o.Object(ctx, root)); got != "unknown" {
		t.Errorf("user after a rewrite: %s", got)
	}
}

func TestTheHostNameLivesInItsFile(t *testing.T) {
	t.Parallel()
	ctx, o := t.Context(), overlay.New(host())
	write(t, o, "/etc/hostname", "one\n")
	h, err := system.Get[system.Hostname](ctx, o, "")
	if want := (system.Hostname{Kernel: "fake", Static: "one"}); h != want || err != nil {
		t.Errorf("got %+v, %v", h, err)
	}
	_ = o.Run(ctx, system.Command("hostnamectl"), system.Closed(system.Holds("", system.Hostname{Kernel: "two", Static: "two"})))
	if got := of(o.Digest("/etc/hostname")); got != "unknown" {
		t.Errorf("file: %s", got)
	}
	if h, _ := system.Get[system.Hostname](ctx, o, ""); h.Static != "two" {
		t.Errorf("got %+v", h)
	}
}

func TestViewsShareTheirPredictions(t *testing.T) {
	t.Parallel()
	root, user := host(), host()
	user.Host.User.Name = "joe"
	o := overlay.New(root)
	j := o.As(user)
	write(t, j, "/etc/n", "n")
	in, err := o.Lstat("/etc/n")
	if err != nil || in.Attrs.Owner != "joe" {
		t.Errorf("got %+v, %v", in, err)
	}
	o.Task("a when")
	_ = j.Remove("/etc/n")
	if got := of(j.Lstat("/etc/n")); got != "unknown" || o.Doubt() == nil {
		t.Errorf("got %s, doubt %v", got, o.Doubt())
	}
}

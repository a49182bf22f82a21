package overlay_test

import (
	"io/fs"
	"testing"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
)

func TestWhatIsBelowAnUnknownPathStaysUnknownWhenADirectoryOfItIsDeclared(t *testing.T) {
	t.Parallel()
	o := overlay.New(host())
	_ = o.Run(t.Context(), system.Command("install"), system.Closed(
		system.Vague(system.Path("/etc/app/")), system.Holds("/etc/app", system.Info{Type: fs.ModeDir})))
	if got := of(o.Object(t.Context(), system.Path("/etc/app/app.conf"))); got != "unknown" {
		t.Errorf("a file in it: %s", got)
	}
	if in, err := o.Object(t.Context(), system.Path("/etc/app")); err != nil || in.(system.Info).Type != fs.ModeDir {
		t.Errorf("the directory: %+v, %v", in, err)
	}
	if got := of(o.ReadDir("/etc/app")); got != "unknown" {
		t.Errorf("its listing: %s", got)
	}
	write(t, o, "/etc/app/app.conf", "x")
	if _, err := o.Digest("/etc/app/app.conf"); err != nil {
		t.Errorf("a file written there: %v", err)
	}
	_ = o.Remove("/etc/app")
	if got := of(o.Object(t.Context(), system.Path("/etc/app/app.conf"))); got != "absent" {
		t.Errorf("a file of the removed directory: %s", got)
	}
}

func TestAReloadOfSystemdReadsAllUnits(t *testing.T) {
	t.Parallel()
	o := overlay.New(host())
	_ = o.Mkdir(dir+"b.service.d", system.Attrs{})
	write(t, o, dir+"b.service.d/x.conf", "[Service]")
	if u := unit(t, o, "b.service"); !u.Stale {
		t.Fatalf("a drop-in for an active unit: %+v", u)
	}
	_ = o.Run(t.Context(), system.Command("systemctl", "daemon-reload"), system.Closed(system.Vague(system.AllUnits())))
	if u := unit(t, o, "b.service"); u.Stale || !u.Active {
		t.Errorf("after a reload: %+v", u)
	}
}

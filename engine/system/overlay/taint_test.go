package overlay_test

import (
	"testing"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
)

func TestATaintedPathTakesItsLinkAndItsDirectoriesAlong(t *testing.T) {
	t.Parallel()
	o := overlay.New(host())
	o.Taint("a task", true, system.Path("/etc/up/x"), system.Path("/srv/n/m/f"), system.Path("/run"))
	for p, want := range map[string]string{
		"/etc/d/x": "unknown", "/etc/d": "known", "/srv/n": "unknown", "/srv/n/m": "unknown", "/srv/n/m/f": "unknown", "/srv": "known", "/srv/o": "absent",
		"/run/y": "unknown", "/srv/n/m/f/g": "unknown", "/etc/a": "known",
	} {
		if got := of(o.Lstat(p)); got != want {
			t.Errorf("%s: got %s, want %s", p, got, want)
		}
	}
}

package overlay_test

import (
	"testing"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
)

func TestOverlay(t *testing.T) {
	t.Parallel()
	systemtest.Suite(t, func(t *testing.T) system.System {
		base := systemtest.New()
		systemtest.Posix(base)
		t.Cleanup(func() {
			if len(base.Log) > 0 {
				t.Errorf("the host was touched: %q", base.Log)
			}
		})
		return overlay.New(base)
	})
}

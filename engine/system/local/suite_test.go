package local_test

import (
	"os"
	"testing"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/local"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
)

// rooted is this machine with an empty directory for /.
func rooted(t *testing.T) system.System { return local.New(local.Options{Root: t.TempDir()}) }

func TestLocal(t *testing.T) {
	t.Parallel()
	systemtest.Suite(t, rooted)
	systemtest.SuiteApplied(t, rooted)
}

func TestOverlayOverLocal(t *testing.T) {
	t.Parallel()
	systemtest.Suite(t, func(t *testing.T) system.System {
		dir := t.TempDir()
		t.Cleanup(func() {
			if list, err := os.ReadDir(dir); err != nil || len(list) > 0 {
				t.Errorf("the host was touched: %v, %v", list, err)
			}
		})
		return overlay.New(local.New(local.Options{Root: dir}))
	})
}

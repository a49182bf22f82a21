package systemtest_test

import (
	"testing"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

func posix(*testing.T) system.System {
	f := systemtest.New()
	systemtest.Posix(f)
	return f
}

func TestFake(t *testing.T) {
	t.Parallel()
	systemtest.Suite(t, posix)
	systemtest.SuiteApplied(t, posix)
}

package modules

import (
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/module/moduletest"
)

func TestEveryModuleIsNamedOnceDescribedAndShown(t *testing.T) {
	t.Parallel()
	last := ""
	for _, m := range All() {
		s := m.Spec()
		if s.Name <= last {
			t.Errorf("%s comes after %s", s.Name, last)
		}
		if last = s.Name; s.Summary == "" || strings.HasSuffix(s.Summary, ".") || strings.Contains(s.Summary, "\n") {
			t.Errorf("%s: the summary is %q", s.Name, s.Summary)
		}
		moduletest.Examples(t, m)
	}
}

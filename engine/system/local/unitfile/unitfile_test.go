package unitfile

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheStateOfAUnitFileIsAskedAgainAfterAChange(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	at := func(elem ...string) string { return filepath.Join(append([]string{top}, elem...)...) }
	must(os.MkdirAll(at("etc", "multi-user.target.wants"), 0o755))
	must(os.MkdirAll(at("lib"), 0o755))
	must(os.WriteFile(at("opt"), nil, 0o644))
	must(os.Symlink(at("opt"), at("lib", "x.service")))
	f := States{dirs: []string{at("etc"), at("run", "system"), at("lib")}}
	ask := func(why string, kept bool) {
		t.Helper()
		if state, ok := f.Get("x.service"); ok != kept || ok && state != "enabled" {
			t.Errorf("%s: %q, %v", why, state, ok)
		} else if !ok {
			f.Put("x.service", "enabled")
		}
	}
	ask("the first time", false)
	ask("unchanged", true)
	ask("still unchanged", true)
	for why, change := range map[string]func() error{
		"a link that enables it": func() error { return os.Symlink("x", at("etc", "multi-user.target.wants", "x.service")) },
		"a stronger file":        func() error { return os.WriteFile(at("etc", "x.service"), nil, 0o644) },
		"the file of a link":     func() error { return os.WriteFile(at("opt"), []byte("[Install]"), 0o644) },
		"another directory":      func() error { return os.MkdirAll(at("run", "system"), 0o755) },
		"a directory of links":   func() error { return os.Mkdir(at("lib", "y.target.wants"), 0o755) },
		"a mode":                 func() error { return os.Chmod(at("opt"), 0o600) },
	} {
		must(change())
		ask(why, false)
		ask("after "+why, true)
	}
	f.close()
}

package packages

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system/systemtest"
)

func TestPackageFacts(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, PackageFacts)
	debian, err := os.ReadFile("testdata/list/debian.txt")
	if err != nil {
		t.Fatal(err)
	}
	for manager, c := range map[string]struct {
		program, says, name string
		want                map[string]any
	}{
		"apt":    {"dpkg-query", string(debian), "adduser", map[string]any{"name": "adduser", "version": "3.134", "arch": "all", "category": "admin", "source": "apt"}},
		"dnf":    {"rpm", "bash\t5.2\t1.el9\t(none)\tx86_64\nopenssl\t3.0\t2\t1\tx86_64\n", "openssl", map[string]any{"name": "openssl", "version": "3.0", "release": "2", "epoch": "1", "arch": "x86_64", "source": "rpm"}},
		"pacman": {"pacman", "linux 6.1-1\n", "linux", map[string]any{"name": "linux", "version": "6.1-1", "source": "pacman"}},
		"apk":    {"apk", "busybox-extras-1.36.1-r5 x86_64 {busybox}\nodd\n", "busybox-extras", map[string]any{"name": "busybox-extras", "version": "1.36.1-r5", "source": "apk"}},
	} {
		host := func() *systemtest.Fake {
			f := systemtest.New()
			f.Host.PackageManager = manager
			f.Commands[c.program] = systemtest.Prints(c.says)
			return f
		}
		moduletest.Run(t, PackageFacts, []moduletest.Case{{Name: manager, Host: host, Args: module.Args{}}})
		p, err := PackageFacts.Plan(t.Context(), host(), module.Args{})
		if err != nil {
			t.Fatal(err)
		}
		all := p.Output["ansible_facts"].(map[string]any)["packages"].(map[string]any)
		if diff := cmp.Diff([]any{c.want}, all[c.name]); diff != "" {
			t.Errorf("%s: %s", manager, diff)
		}
		if _, has := all["old"]; has || manager == "apt" && all["held"] == nil {
			t.Errorf("removed and held packages: %v", all)
		}
	}
	moduletest.Run(t, PackageFacts, []moduletest.Case{{Name: "none known", Host: func() *systemtest.Fake { f := systemtest.New(); f.Host.PackageManager = "emerge"; return f }, Args: module.Args{}, Err: `does not know the package manager "emerge"`}})
}

func FuzzPackageList(f *testing.F) {
	f.Add("apt", "ii \ta\t1\tall\tx\n")
	f.Add("apk", "a-b-1-r2 x86_64\n-\n")
	f.Fuzz(func(t *testing.T, manager, text string) {
		l, err := lister(manager)
		if err != nil {
			return
		}
		for name, all := range l.parse(text) {
			if name == "" || len(all.([]any)) == 0 {
				t.Errorf("%q: %v", name, all)
			}
		}
	})
}

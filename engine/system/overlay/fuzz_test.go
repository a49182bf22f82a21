package overlay_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
)

func host() *systemtest.Fake {
	f := systemtest.New()
	for p, x := range map[string]systemtest.File{
		"/etc/a": {Text: "a"}, "/etc/d": systemtest.Dir(), "/etc/d/x": {Text: "x"}, "/run/y": {Text: "y"},
		"/var/run": systemtest.Link("/run"), "/etc/up": systemtest.Link("../etc/d"),
		"/usr/lib/systemd/system/b.service": {Text: "[Install]"}, "/usr/lib/systemd/system/t@.service": {Text: "t"},
		"/etc/passwd": {Text: "root:x:0:0:root:/root:/bin/sh\n"}, "/etc/group": {Text: "root:x:0:\n"},
	} {
		f.Files[p] = x
	}
	f.Set("curl", system.Package{Version: "8"})
	f.Commands["ask"] = systemtest.Prints("yes")
	systemtest.Systemd(f)
	f.Set("b.service", system.Unit{Enabled: true, Active: true})
	return f
}

// FuzzOverlay applies the same mutations to a host and to an overlay over its
// twin, and looks at both with every read after each.
func FuzzOverlay(f *testing.F) {
	for i := range 50 {
		seed := make([]byte, 60)
		rand.NewChaCha8([32]byte{byte(i)}).Read(seed)
		f.Add(seed)
	}
	const units = "/etc/systemd/system/"
	paths := []string{"/etc", "/etc/a", "/etc/d", "/etc/d/x", "/etc/up/x", "/etc/up/n", "/var/run/y", "/run", "/run/y", "/etc/d/n", "/etc/n", "/etc/n/m", "/var/run", "/etc/up",
		units + "u.service", units + "v@.service", units + "w.service"}
	names := []string{"u.service", "v@1.service", "w.service", "t@2.service", "nothing.service"}
	f.Fuzz(func(t *testing.T, seed []byte) {
		real, base := host(), host()
		over := overlay.New(base)
		for ; len(seed) > 2; seed = seed[3:] {
			p, q := paths[int(seed[1])%len(paths)], paths[int(seed[2])%len(paths)]
			do := func(s system.System) error { return mutate(s, seed, p, q) }
			if a, b := do(real), do(over.As(base)); (a == nil) != (b == nil) {
				t.Fatalf("%d %s %s: host %v, overlay %v", seed[0]%6, p, q, a, b)
			}
			for _, p := range paths {
				if a, b := look(real, p), look(over, p); a != b {
					t.Fatalf("after %d %s %s: %s\nhost    %s\noverlay %s", seed[0]%6, paths[int(seed[1])%len(paths)], q, p, a, b)
				}
			}
			for _, n := range names {
				k := system.Key{Kind: "unit", Name: n}
				a, err1 := real.Object(t.Context(), k)
				b, err2 := over.Object(t.Context(), k)
				if a != b || (err1 == nil) != (err2 == nil) {
					t.Fatalf("after %d %s %s: %s\nhost    %+v %v\noverlay %+v %v", seed[0]%6, paths[int(seed[1])%len(paths)], q, k, a, err1, b, err2)
				}
			}
		}
		if len(base.Log) > 0 || !maps.Equal(base.Files, host().Files) {
			t.Fatalf("the host was touched: %q", base.Log)
		}
	})
}

func mutate(s system.System, seed []byte, p, q string) error {
	mode := fs.FileMode(seed[2] | 1)
	switch seed[0] % 6 {
	case 0:
		return s.WriteFile(p, system.Data([]byte{seed[2], 'x'}), system.Attrs{Mode: mode})
	case 1:
		return s.Mkdir(p, system.Attrs{Mode: mode})
	case 2:
		return s.Remove(p)
	case 3:
		return s.SetAttrs(p, system.Attrs{Mode: mode, Owner: "0"})
	case 4:
		return s.WriteFile(p, system.Data([]byte("[Unit]\n[Install]\n")), system.Attrs{})
	}
	return s.Symlink(q, p)
}

func look(r system.Reader, p string) string {
	in, err1 := r.Lstat(p)
	data, err2 := system.ReadFile(r, p)
	list, err3 := r.ReadDir(p)
	sum, err4 := r.Digest(p)
	there, err5 := system.Exists(context.Background(), r, p)
	var names []string
	for _, in := range list {
		names = append(names, fmt.Sprint(in.Path, in.Attrs, in.Type, in.Size))
	}
	return fmt.Sprint(in, err1 == nil, string(data), err2 == nil, names, err3 == nil, sum, err4 == nil, there, err5)
}

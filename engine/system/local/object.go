package local

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/local/proc"
)

// Object asks the kernel, the host's files or systemd for k.
func (s *System) Object(ctx context.Context, k system.Key) (system.Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	switch k.Kind {
	case "path":
		return s.path(k.Name)
	case "package":
		return s.packages.object(ctx, k)
	case "unit":
		return s.unit(ctx, k)
	case "user":
		return s.accounts.user(k)
	case "group":
		return s.accounts.lookGroup(k)
	case "sysctl":
		return s.sysctl(k)
	case "kernel module":
		return s.module(k)
	case "mount":
		return s.mount(k)
	case "swap":
		return s.swap(k)
	case "hostname":
		return system.Hostname{Kernel: s.line("/proc/sys/kernel/hostname"), Static: proc.Hostname(s.read("/etc/hostname"))}, nil
	}
	return nil, fmt.Errorf("look up %s: there are no objects of this kind", k)
}

func (s *System) path(p string) (system.Object, error) {
	in, err := s.Lstat(p)
	if err != nil {
		return nil, err
	}
	return in, nil
}

// sysctlFile is where a setting is; if the first separator of its name is a
// slash, dots are part of the names.
func sysctlFile(name string) (string, bool) {
	if i := strings.IndexAny(name, "./"); i < 0 || name[i] == '.' {
		name = strings.NewReplacer(".", "/", "/", ".").Replace(name)
	}
	return "/proc/sys/" + name, fs.ValidPath(name) && name != "."
}

func (s *System) sysctl(k system.Key) (system.Object, error) {
	p, ok := sysctlFile(k.Name)
	if !ok {
		return nil, system.NotExist(k)
	}
	at := s.real(p, true)
	if in, err := os.Stat(at); err == nil && !in.Mode().IsRegular() {
		return nil, system.NotExist(k)
	}
	data, err := slurp(at)
	if err != nil {
		return nil, fault("look up", k.String(), err)
	}
	return system.Sysctl{Value: strings.Join(strings.Fields(string(data)), " ")}, nil
}

func (s *System) module(k system.Key) (system.Object, error) {
	name := strings.ReplaceAll(k.Name, "-", "_")
	for line := range strings.Lines(s.read("/proc/modules")) {
		if word, _, _ := strings.Cut(line, " "); word == name {
			return system.KernelModule{}, nil
		}
	}
	if fs.ValidPath(name) && !strings.Contains(name, "/") && name != "." && s.exists("/sys/module/"+name) || s.builtIn()[name] {
		return system.KernelModule{BuiltIn: true}, nil
	}
	return nil, system.NotExist(k)
}

// builtIn are the modules that the kernel was built with.
func (s *System) builtIn() map[string]bool {
	p := "/lib/modules/" + s.line("/proc/sys/kernel/osrelease") + "/modules.builtin"
	return s.builtin.get(s, p, func() map[string]bool { return proc.BuiltIn(s.read(p)) })
}

func (s *System) mount(k system.Key) (system.Object, error) {
	at := filepath.Clean("/" + k.Name)
	if p := system.Resolve(s.Lstat, at, true); p != "" {
		at = p
	}
	// The last one mounted hides the others.
	var found system.Object
	for _, m := range proc.Mounts(s.read("/proc/self/mountinfo")) {
		if m.Point == at {
			found = system.Mount{Source: m.Source, FSType: m.FSType, Options: m.Options}
		}
	}
	if found == nil {
		return nil, system.NotExist(k)
	}
	return found, nil
}

func (s *System) swap(k system.Key) (system.Object, error) {
	areas := proc.Swaps(s.read("/proc/swaps"))
	for _, name := range []string{k.Name, system.Resolve(s.Lstat, k.Name, true)} {
		if size, ok := areas[name]; ok {
			return system.Swap{SizeKB: size}, nil
		}
	}
	return nil, system.NotExist(k)
}

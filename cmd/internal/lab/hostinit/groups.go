//go:build linux

package hostinit

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gokube/gokube/cmd/internal/lab/cgroup"
)

// mountGroups mounts the hierarchies, writable, as this machine has them. The
// namespace limits what is seen to the host's own groups.
func (s *Spec) mountGroups() error {
	const at = "/sys/fs/cgroup"
	if cgroup.Pure(s.Groups.Hierarchies) {
		return s.mount("cgroup2", at, quiet, "")
	}
	if err := s.mount("tmpfs", at, quiet, "mode=755,size=1m"); err != nil {
		return err
	}
	for _, h := range s.Groups.Hierarchies {
		name := filepath.Base(h.Mount)
		if err := os.Mkdir(s.Root+at+"/"+name, 0o755); err != nil {
			return err
		}
		if err := s.mount(h.Type, at+"/"+name, quiet, h.Options); err != nil {
			return err
		}
		if err := s.linkControllers(at, name, h.Options); err != nil {
			return err
		}
	}
	return s.hideControllers()
}

// linkControllers gives each of several controllers in one hierarchy its usual name.
func (s *Spec) linkControllers(at, name, options string) error {
	all := strings.Split(options, ",")
	if len(all) < 2 || all[0] == "none" {
		return nil
	}
	for _, c := range all {
		if c == name {
			continue
		}
		if err := os.Symlink(name, s.Root+at+"/"+c); err != nil {
			return err
		}
	}
	return nil
}

// hideControllers says in the host's /proc/cgroups that controllers which this
// machine has not mounted are off. Else its systemd mounts them as new
// hierarchies, which are the whole machine's.
func (s *Spec) hideControllers() error {
	f, err := os.Open("/proc/cgroups")
	if err != nil {
		return nil // a kernel without v1
	}
	defer f.Close()
	shown := s.Scratch + "/cgroups"
	if err := os.WriteFile(shown, []byte(withoutUnmounted(f)), 0o444); err != nil {
		return err
	}
	return s.bind(shown, "/proc/cgroups", 0)
}

// withoutUnmounted rewrites a /proc/cgroups table: name, hierarchy, groups, enabled.
func withoutUnmounted(r io.Reader) string {
	var b strings.Builder
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) == 4 && f[1] == "0" {
			f[3] = "0"
		}
		fmt.Fprintln(&b, strings.Join(f, "\t"))
	}
	return b.String()
}

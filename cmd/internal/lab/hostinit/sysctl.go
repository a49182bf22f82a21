//go:build linux

package hostinit

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

const sys = "/proc/sys/"

// real lists the settings below /proc/sys that belong to one of the host's
// namespaces, or that hold no setting; they stay the kernel's. All of net does.
func real() []string {
	return strings.Fields(`kernel/hostname kernel/domainname kernel/ns_last_pid
		kernel/random/uuid kernel/random/entropy_avail
		kernel/shmmax kernel/shmall kernel/shmmni kernel/shm_rmid_forced kernel/shm_next_id
		kernel/msgmax kernel/msgmnb kernel/msgmni kernel/msg_next_id kernel/auto_msgmni kernel/sem kernel/sem_next_id
		fs/mqueue`)
}

// shadowSysctls lays plain files over the settings that are the whole machine's,
// filled with what the machine has now, as a fresh boot would.
func (s *Spec) shadowSysctls() error {
	areas, err := s.copyAreas()
	if err != nil {
		return err
	}
	if err := freshBootID(s.Scratch + "/kernel/random/boot_id"); err != nil {
		return err
	}
	if err := s.keepReal(); err != nil {
		return err
	}
	for _, a := range areas {
		if err := s.bind(s.Scratch+"/"+a, sys+a, unix.MS_REC); err != nil {
			return err
		}
	}
	return s.hideMachine()
}

// copyAreas copies the settings of the whole machine to the scratch folder and
// gives the names of the folders that it copied.
func (s *Spec) copyAreas() (areas []string, err error) {
	all, err := os.ReadDir(s.Root + sys)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if a.Name() == "net" || a.Name() == "user" {
			continue
		}
		if err := copySettings(s.Root+sys+a.Name(), s.Scratch+"/"+a.Name()); err != nil {
			return nil, err
		}
		areas = append(areas, a.Name())
	}
	return areas, nil
}

// keepReal lays the kernel's own settings over their copies.
func (s *Spec) keepReal() error {
	for _, r := range real() {
		if !exists(s.Root+sys+r) || !exists(s.Scratch+"/"+r) {
			continue
		}
		if err := unix.Mount(s.Root+sys+r, s.Scratch+"/"+r, "", unix.MS_BIND, ""); err != nil {
			return err
		}
	}
	return nil
}

// hideMachine takes away the key that stops the machine, and says that there is
// no swap: the machine's is not the host's to turn off.
func (s *Spec) hideMachine() error {
	if exists(s.Root + "/proc/sysrq-trigger") {
		if err := s.bind("/dev/null", "/proc/sysrq-trigger", 0); err != nil {
			return err
		}
	}
	if !exists(s.Root + "/proc/swaps") {
		return nil
	}
	none := s.Scratch + "/swaps"
	if err := os.WriteFile(none, []byte("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"), 0o444); err != nil {
		return err
	}
	return s.bind(none, "/proc/swaps", 0)
}

// copySettings copies a tree of settings; one that cannot be read is empty.
func copySettings(from, to string) error {
	return filepath.WalkDir(from, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		dest := to + strings.TrimPrefix(p, from)
		if e.IsDir() {
			if slices.Contains([]string{"binfmt_misc", "mqueue"}, e.Name()) {
				if err := os.Mkdir(dest, 0o755); err != nil {
					return err
				}
				return fs.SkipDir
			}
			return os.Mkdir(dest, 0o755)
		}
		info, err := e.Info()
		if err != nil {
			return nil
		}
		value, _ := os.ReadFile(p)
		if err := os.WriteFile(dest, value, 0o644); err != nil {
			return err
		}
		return os.Chmod(dest, info.Mode().Perm())
	})
}

// freshBootID gives this boot an id of its own; the machine's never changes.
func freshBootID(path string) error {
	id, err := os.ReadFile("/proc/sys/kernel/random/uuid")
	if err != nil {
		return err
	}
	_ = os.Remove(path)
	return os.WriteFile(path, id, 0o444)
}

package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// inotifyInstances is the only sysctl of this machine that labs change: each
// systemd holds a few instances, and all hosts' root is one user.
const inotifyInstances = "/proc/sys/fs/inotify/max_user_instances"

const enoughInstances = 8192

// settingsFile holds what the machine's settings were before the first lab, by path.
func (s Store) settingsFile() string { return filepath.Join(s.Root, ".settings.json") }

// Tune raises what hosts need of the machine, having recorded what was there, and
// what is in the files that delegate cgroup controllers, which labs add to. The
// caller holds LockAll.
func (s Store) Tune(delegations []string) error {
	if _, err := os.Stat(s.settingsFile()); errors.Is(err, fs.ErrNotExist) {
		before := map[string]string{}
		for _, f := range append([]string{inotifyInstances}, delegations...) {
			if data, err := os.ReadFile(f); err == nil {
				before[f] = strings.TrimSpace(string(data))
			}
		}
		data, err := json.Marshal(before)
		if err != nil {
			return err
		}
		if err := Replace(s.settingsFile(), data, 0o600); err != nil {
			return err
		}
	}
	data, err := os.ReadFile(inotifyInstances)
	if err != nil {
		return nil // a kernel without inotify limits
	}
	if n, err := strconv.Atoi(strings.TrimSpace(string(data))); err != nil || n >= enoughInstances {
		return nil
	}
	return os.WriteFile(inotifyInstances, []byte(strconv.Itoa(enoughInstances)), 0o644)
}

// Restore puts back what Tune found, if no lab is left. The caller holds LockAll.
func (s Store) Restore() error {
	names, err := s.List()
	if err != nil || len(names) > 0 {
		return err
	}
	data, err := os.ReadFile(s.settingsFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	before := map[string]string{}
	if err := json.Unmarshal(data, &before); err != nil {
		return fmt.Errorf("read %s: %w", s.settingsFile(), err)
	}
	for path, was := range before {
		if err := putBack(path, was); err != nil {
			return err
		}
	}
	return os.Remove(s.settingsFile())
}

func putBack(path, was string) error {
	now, err := os.ReadFile(path)
	if err != nil || strings.TrimSpace(string(now)) == was {
		return nil
	}
	if filepath.Base(path) != "cgroup.subtree_control" {
		return os.WriteFile(path, []byte(was), 0o644)
	}
	for _, c := range added(was, string(now)) {
		// One that somebody else has come to need stays.
		_ = os.WriteFile(path, []byte("-"+c), 0)
	}
	return nil
}

// added lists the words of now that was does not have.
func added(was, now string) []string {
	had := strings.Fields(was)
	return slices.DeleteFunc(strings.Fields(now), func(w string) bool { return slices.Contains(had, w) })
}

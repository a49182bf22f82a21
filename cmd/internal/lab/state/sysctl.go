package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// inotifyInstances is the only sysctl of this machine that labs change: each
// systemd holds a few instances, and all hosts' root is one user.
const inotifyInstances = "/proc/sys/fs/inotify/max_user_instances"

const enoughInstances = 8192

func (s Store) sysctlFile() string { return filepath.Join(s.Root, ".sysctl.json") }

// RaiseSysctls raises what hosts need, having recorded what was there. The caller holds LockAll.
func (s Store) RaiseSysctls() error {
	data, err := os.ReadFile(inotifyInstances)
	if err != nil {
		return nil // a kernel without inotify limits
	}
	was := strings.TrimSpace(string(data))
	if n, err := strconv.Atoi(was); err != nil || n >= enoughInstances {
		return nil
	}
	if _, err := os.Stat(s.sysctlFile()); errors.Is(err, fs.ErrNotExist) {
		saved, _ := json.Marshal(map[string]string{inotifyInstances: was})
		if err := Replace(s.sysctlFile(), saved, 0o600); err != nil {
			return err
		}
	}
	return os.WriteFile(inotifyInstances, []byte(strconv.Itoa(enoughInstances)), 0o644)
}

// RestoreSysctls puts back what RaiseSysctls found, if no lab is left. The caller holds LockAll.
func (s Store) RestoreSysctls() error {
	names, err := s.List()
	if err != nil || len(names) > 0 {
		return err
	}
	data, err := os.ReadFile(s.sysctlFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	saved := map[string]string{}
	if err := json.Unmarshal(data, &saved); err != nil {
		return fmt.Errorf("read %s: %w", s.sysctlFile(), err)
	}
	if was, ok := saved[inotifyInstances]; ok {
		if err := os.WriteFile(inotifyInstances, []byte(was), 0o644); err != nil {
			return err
		}
	}
	return os.Remove(s.sysctlFile())
}

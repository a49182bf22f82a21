package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// Process names one process for good: a pid alone is given out again.
type Process struct {
	Pid   int    `json:"pid"`
	Start uint64 `json:"start"` // clock ticks since the machine started
}

// ProcessOf describes a running process. One that has ended and that nobody has
// waited for yet does not run.
func ProcessOf(pid int) (Process, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return Process{}, err
	}
	start, err := parseStat(data)
	return Process{pid, start}, err
}

// parseStat finds the start time, field 22, in /proc/PID/stat; the second field,
// the name, may hold spaces and parentheses.
func parseStat(stat []byte) (uint64, error) {
	i := bytes.LastIndexByte(stat, ')')
	if i < 0 {
		return 0, fmt.Errorf("read process status %q: it has no name", stat)
	}
	fields := bytes.Fields(stat[i+1:])
	if len(fields) < 20 {
		return 0, fmt.Errorf("read process status %q: it is too short", stat)
	}
	if state := fields[0][0]; state == 'Z' || state == 'X' {
		return 0, os.ErrProcessDone
	}
	return strconv.ParseUint(string(fields[19]), 10, 64)
}

// Alive tells whether that very process still runs.
func (p Process) Alive() bool {
	now, err := ProcessOf(p.Pid)
	return p.Pid > 0 && err == nil && now.Start == p.Start
}

func (s Store) supervisorFile(name string) string {
	return filepath.Join(s.Folder(name), "supervisor.json")
}

// SaveSupervisor records the lab's supervisor; it calls this itself, first of all.
func (s Store) SaveSupervisor(name string, p Process) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return Replace(s.supervisorFile(name), data, 0o600)
}

// Supervisor is the lab's supervisor, if it still runs.
func (s Store) Supervisor(name string) (Process, bool) {
	data, err := os.ReadFile(s.supervisorFile(name))
	if err != nil {
		return Process{}, false
	}
	var p Process
	if json.Unmarshal(data, &p) != nil || !p.Alive() {
		return Process{}, false
	}
	return p, true
}

//go:build linux

// Package cgroup gives each host of a lab a control group of its own in every
// hierarchy of this machine, v1, v2 or both. It does not know what runs in them.
//
// # Decisions
//
// A host gets a group in every hierarchy, also those without controllers: two
// systemds in the root of one hierarchy take each other's units for their own.
// The groups lie below a folder named for the lab at the root of each hierarchy,
// so that they are found again by the lab's name alone.
package cgroup

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Hierarchy is one mounted cgroup hierarchy.
type Hierarchy struct {
	Mount   string `json:"mount"`
	Type    string `json:"type"`    // "cgroup" or "cgroup2"
	Options string `json:"options"` // v1: its controllers or name, as mount(2) takes them
}

// Hierarchies lists the hierarchies mounted on this machine.
func Hierarchies() ([]Hierarchy, error) {
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	found := parseMounts(f)
	if len(found) == 0 {
		return nil, errors.New("find a mounted cgroup hierarchy: there is none, and systemd needs one; mount cgroup2 at /sys/fs/cgroup")
	}
	return found, nil
}

// parseMounts finds the hierarchies in a mountinfo table; one mounted twice counts once.
func parseMounts(r io.Reader) []Hierarchy {
	var found []Hierarchy
	seen := map[string]bool{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		left, right, ok := strings.Cut(lines.Text(), " - ")
		l, f := strings.Fields(left), strings.Fields(right)
		if !ok || len(l) < 5 || len(f) < 3 || !strings.HasPrefix(f[0], "cgroup") {
			continue
		}
		h := Hierarchy{Mount: l[4], Type: f[0]}
		if h.Type == "cgroup" {
			h.Options = controllers(f[2])
		}
		if key := h.Type + h.Options; !seen[key] {
			seen[key] = true
			found = append(found, h)
		}
	}
	return found
}

// controllers keeps of a v1 mount's options those that name the hierarchy.
func controllers(options string) string {
	var keep []string
	for o := range strings.SplitSeq(options, ",") {
		switch o {
		case "rw", "ro", "xattr", "clone_children", "noprefix", "release_agent":
		default:
			if strings.HasPrefix(o, "name=") {
				keep = append(keep, "none")
			}
			if !strings.Contains(o, "release_agent=") {
				keep = append(keep, o)
			}
		}
	}
	return strings.Join(keep, ",")
}

// Pure tells whether all there is is one v2 hierarchy.
func Pure(hs []Hierarchy) bool { return len(hs) == 1 && hs[0].Type == "cgroup2" }

// Set is the groups of all labs, or of one lab, or of one host: the same path in each hierarchy.
type Set struct {
	Hierarchies []Hierarchy
	Path        string // below each hierarchy's mount
}

// OfLab is the set that holds all groups of a lab.
func OfLab(lab string) (Set, error) {
	hs, err := Hierarchies()
	return Set{hs, "gokube-lab-" + lab}, err
}

// Child is the set of the groups called name below s.
func (s Set) Child(name string) Set { return Set{s.Hierarchies, s.Path + "/" + name} }

// Dirs lists the set's folders, one per hierarchy.
func (s Set) Dirs() []string {
	var dirs []string
	for _, h := range s.Hierarchies {
		dirs = append(dirs, filepath.Join(h.Mount, s.Path))
	}
	return dirs
}

// Create makes the groups, whose parents exist.
func (s Set) Create() error {
	for i, dir := range s.Dirs() {
		if s.Hierarchies[i].Type == "cgroup2" {
			delegate(filepath.Dir(dir))
		}
		if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
		if err := seedCpuset(dir); err != nil {
			return err
		}
	}
	return nil
}

// Delegations lists the files, outside the set, that Create adds controllers to.
func (s Set) Delegations() []string {
	var files []string
	for _, h := range s.Hierarchies {
		if h.Type == "cgroup2" {
			files = append(files, filepath.Join(h.Mount, "cgroup.subtree_control"))
		}
	}
	return files
}

// delegate turns on, for a v2 group's children, each controller that can be. One
// that cannot (a v1 hierarchy has it, or processes sit in the group) is left out:
// hosts run without it.
func delegate(dir string) {
	data, err := os.ReadFile(filepath.Join(dir, "cgroup.controllers"))
	if err != nil {
		return
	}
	for c := range strings.FieldsSeq(string(data)) {
		_ = os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte("+"+c), 0)
	}
}

// seedCpuset fills a v1 cpuset, which takes no process while it is empty.
func seedCpuset(dir string) error {
	for _, f := range []string{"cpuset.cpus", "cpuset.mems"} {
		if _, err := os.Stat(filepath.Join(dir, "cgroup.clone_children")); err != nil {
			return nil
		}
		value, err := os.ReadFile(filepath.Join(filepath.Dir(dir), f))
		if err != nil {
			return nil
		}
		if err := os.WriteFile(filepath.Join(dir, f), value, 0); err != nil {
			return fmt.Errorf("seed %s: %w", dir, err)
		}
		if err := os.WriteFile(filepath.Join(dir, "cgroup.clone_children"), []byte("1"), 0); err != nil {
			return err
		}
	}
	return nil
}

// Join moves the calling process into the groups.
func (s Set) Join() error {
	for _, dir := range s.Dirs() {
		if err := os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte("0"), 0); err != nil {
			return fmt.Errorf("join cgroup %s: %w", dir, err)
		}
	}
	return nil
}

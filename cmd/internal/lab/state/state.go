// Package state is what a lab remembers on disk: its name, its hosts, its
// addresses, and the locks that keep two commands off the same lab. It does not
// know how a host, a network or an image is made.
//
// # Decisions
//
// State is written before the first resource is made, and every name of a
// resource derives from the lab's name, so a lab whose making was killed half way
// can be taken down by name alone.
package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// RootVariable names the environment variable that moves the folder all labs
// keep their state in; tests use it.
const RootVariable = "GOKUBE_LAB_STATE"

// Host is one host of a lab.
type Host struct {
	Name    string `json:"name"`
	Address string `json:"address"` // IPv4, without a prefix length
	Port    string `json:"port"`    // its port on the lab's bridge
}

// Lab is all that is remembered of one lab.
type Lab struct {
	Name     string   `json:"name"`
	Dir      string   `json:"dir"`    // inventory, keys and disks
	Image    string   `json:"image"`  // the image's variant
	Layers   []string `json:"layers"` // root file systems, the topmost first
	Subnet   string   `json:"subnet"` // IPv4 prefix of the lab's bridge
	Gateway  string   `json:"gateway"`
	Uplink   string   `json:"uplink"`             // the link on this machine that leads to the bridge
	Password string   `json:"password,omitempty"` // what sudo asks for; empty: it does not ask
	Mirror   []string `json:"mirror,omitempty"`   // the sites that its mirror serves; empty: it has none
	Hosts    []Host   `json:"hosts"`
}

// Host finds a host by name.
func (l *Lab) Host(name string) (Host, error) {
	var names []string
	for _, h := range l.Hosts {
		if h.Name == name {
			return h, nil
		}
		names = append(names, h.Name)
	}
	return Host{}, fmt.Errorf("find host %q in lab %q: it has %v", name, l.Name, names)
}

// Store is the folder that all labs of this machine keep their state in.
type Store struct{ Root string }

// Default is the machine's own store.
func Default() Store {
	if dir := os.Getenv(RootVariable); dir != "" {
		return Store{dir}
	}
	return Store{"/var/lib/gokube-lab"}
}

// Folder is where the lab's state lives, whether it exists or not.
func (s Store) Folder(name string) string { return filepath.Join(s.Root, name) }

// Socket is where the lab's supervisor listens.
func (s Store) Socket(name string) string { return filepath.Join(s.Folder(name), "control.sock") }

// Load reads a lab's state; it is fs.ErrNotExist for one that is not there.
func (s Store) Load(name string) (*Lab, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(s.Folder(name), "state.json"))
	if err != nil {
		return nil, err
	}
	l := new(Lab)
	if err := json.Unmarshal(data, l); err != nil {
		return nil, fmt.Errorf("read state of lab %q: %w", name, err)
	}
	return l, nil
}

// Save writes a lab's state, whole or not at all.
func (s Store) Save(l *Lab) error {
	if err := os.MkdirAll(s.Folder(l.Name), 0o755); err != nil {
		return err
	}
	data, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	return Replace(filepath.Join(s.Folder(l.Name), "state.json"), data, 0o600)
}

// List names the labs that have a folder, sorted, also those without readable state.
func (s Store) List() ([]string, error) {
	entries, err := os.ReadDir(s.Root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && CheckName(e.Name()) == nil {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// Labs loads every lab whose state can be read.
func (s Store) Labs() ([]*Lab, error) {
	names, err := s.List()
	if err != nil {
		return nil, err
	}
	var labs []*Lab
	for _, name := range names {
		if l, err := s.Load(name); err == nil {
			labs = append(labs, l)
		}
	}
	return labs, nil
}

var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,30}$`)

// CheckName refuses a lab name that cannot be part of a path, a cgroup and a host name.
func CheckName(name string) error {
	if !namePattern.MatchString(name) {
		return fmt.Errorf("use %q as the name of a lab: it takes lower case letters, digits and dashes, at most 31", name)
	}
	return nil
}

// Replace writes a file by way of a temporary one beside it.
func Replace(path string, data []byte, mode fs.FileMode) error {
	tmp := path + ".new"
	if err := os.WriteFile(tmp, data, mode); err != nil {
		return err
	}
	if err := os.Chmod(tmp, mode); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// HostDir holds a host's disk.
func (l *Lab) HostDir(host string) string { return filepath.Join(l.Dir, "hosts", host) }

// DataDirs says which folder stands behind each of the paths that a host has
// beside its overlay.
func (l *Lab) DataDirs(host string, paths []string) map[string]string {
	dirs := map[string]string{}
	for _, p := range paths {
		dirs[p] = filepath.Join(l.HostDir(host), "data", filepath.Base(p))
	}
	return dirs
}

package inventory

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/source"
)

// Level is where variables of the inventory come from. Its number is the one
// that Ansible's documentation gives it among all sources of variables.
type Level int

// The levels; the higher one wins.
const (
	FileGroupVars    Level = 3 + iota // groups in inventory files
	GroupVarsAll                      // group_vars/all beside an inventory
	PlayGroupVarsAll                  // group_vars/all beside the playbook
	GroupVars                         // group_vars/* beside an inventory
	PlayGroupVars                     // group_vars/* beside the playbook
	FileHostVars                      // hosts in inventory files
	HostVars                          // host_vars/* beside an inventory
	PlayHostVars                      // host_vars/* beside the playbook
)

// String says in words where variables of the level come from.
func (l Level) String() string {
	names := [...]string{
		"inventory file group vars", "inventory group_vars/all", "playbook group_vars/all", "inventory group_vars", "playbook group_vars",
		"inventory file host vars", "inventory host_vars", "playbook host_vars",
	}
	if l < FileGroupVars || l > PlayHostVars {
		return fmt.Sprintf("level %d", int(l))
	}
	return names[l-FileGroupVars]
}

// Layer is the variables that one group or host has at one level.
type Layer struct {
	Level Level
	Of    string // name of the group or host
	Vars  Vars   // not to be changed
}

// Layers are the variables that h has from the inventory and from the files
// beside it and beside the playbook, the lowest precedence first. A value of a
// later layer replaces that of an earlier one as a whole.
func (in *Inventory) Layers(h *Host) []Layer {
	var out []Layer
	add := func(level Level, of string, vars Vars) {
		if len(vars) > 0 {
			out = append(out, Layer{level, of, vars})
		}
	}
	playbook := []*varsDir{}
	if in.playbook != nil {
		playbook = append(playbook, in.playbook)
	}
	groups := func(level Level, dirs []*varsDir, groups []*Group) {
		for _, d := range dirs {
			for _, g := range groups {
				add(level, g.Name, d.groups[g.Name])
			}
		}
	}
	for _, g := range h.Groups {
		add(FileGroupVars, g.Name, g.Vars)
	}
	all, others := h.Groups[:1], h.Groups[1:]
	groups(GroupVarsAll, in.beside, all)
	groups(PlayGroupVarsAll, playbook, all)
	groups(GroupVars, in.beside, others)
	groups(PlayGroupVars, playbook, others)
	add(FileHostVars, h.Name, h.Vars)
	for _, d := range in.beside {
		add(HostVars, h.Name, d.hosts[h.Name])
	}
	for _, d := range playbook {
		add(PlayHostVars, h.Name, d.hosts[h.Name])
	}
	return out
}

// Origin is where h has the variable called name from, the zero Pos if it has none.
func (in *Inventory) Origin(h *Host, name string) (at diag.Pos) {
	for _, l := range in.Layers(h) {
		if v, ok := l.Vars[name]; ok {
			at = v.Pos
		}
	}
	return at
}

// BesidePlaybook is in with the group_vars and host_vars in dir, the directory of
// a playbook, instead of those of the playbook it was loaded with. in itself does
// not change. The error is a diag.List.
func (in *Inventory) BesidePlaybook(dir string) (*Inventory, error) {
	out := *in
	out.playbook, out.warnings = nil, slices.Clone(in.warnings)
	l := &loader{builder: &builder{in: &out}, options: in.options}
	if dir != "" {
		out.playbook = l.varsDir(dir)
	}
	return &out, l.problems.Err()
}

// varsDir is what the group_vars and host_vars in one directory say.
type varsDir struct{ groups, hosts map[string]Vars }

// addVarsDirs reads the variables beside the sources and the playbook.
func (l *loader) addVarsDirs() {
	for i, dir := range l.dirs {
		if !slices.Contains(l.dirs[i+1:], dir) { // the last place wins
			l.in.beside = append(l.in.beside, l.varsDir(dir))
		}
	}
	if l.options.PlaybookDir != "" {
		l.in.playbook = l.varsDir(l.options.PlaybookDir)
	}
}

func (l *loader) varsDir(dir string) *varsDir {
	d := &varsDir{groups: map[string]Vars{}, hosts: map[string]Vars{}}
	if files := l.listVars(filepath.Join(dir, "group_vars")); files != nil {
		for _, g := range l.in.ordered {
			l.addEntity(d.groups, g.Name, files)
		}
	}
	if files := l.listVars(filepath.Join(dir, "host_vars")); files != nil {
		for name := range l.in.hosts {
			l.addEntity(d.hosts, name, files)
		}
		for name := range l.in.local {
			if _, is := l.in.hosts[name]; !is {
				l.addEntity(d.hosts, name, files)
			}
		}
	}
	return d
}

// varsFiles are the entries of a group_vars or host_vars directory.
type varsFiles struct {
	dir   string
	names map[string]bool
}

// listVars is nil if there is no such directory.
func (l *loader) listVars(dir string) *varsFiles {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		l.warn(diag.Pos{File: dir}, "not a directory", "it is ignored", "")
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			l.fail(diag.Pos{File: dir}, "unreadable variables", reason(err), "")
		}
		return nil
	}
	files := &varsFiles{dir: dir, names: make(map[string]bool, len(entries))}
	for _, e := range entries {
		files.names[e.Name()] = true
	}
	return files
}

// addEntity reads the file or tree of the group or host called name, the first
// there is of name, name.yml, name.yaml and name.json.
func (l *loader) addEntity(into map[string]Vars, name string, files *varsFiles) {
	found := ""
	for _, ext := range []string{"", ".yml", ".yaml", ".json"} {
		switch file := name + ext; {
		case !files.names[file]:
		case found == "":
			found = file
		default:
			l.warn(diag.Pos{File: filepath.Join(files.dir, file)}, "variables are not read", "there is also "+filepath.Join(files.dir, found), "move one into the other")
		}
	}
	if found == "" {
		return
	}
	vars := Vars{}
	l.varsTree(vars, filepath.Join(files.dir, found))
	into[name] = vars
}

// varsTree reads the file at path, or the files below it by name.
func (l *loader) varsTree(into Vars, path string) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		l.fail(diag.Pos{File: path}, "unreadable variables", reason(err), "")
		return
	case !info.IsDir():
		l.varsFile(into, path)
		return
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		l.fail(diag.Pos{File: path}, "unreadable variables", reason(err), "")
	}
	for _, e := range entries {
		full := filepath.Join(path, e.Name())
		ext := filepath.Ext(e.Name())
		if strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), "~") {
			continue
		}
		info, err := os.Stat(full)
		isDir := err == nil && info.IsDir()
		if ext == "" || !isDir && slices.Contains([]string{".yml", ".yaml", ".json"}, ext) {
			l.varsTree(into, full)
		}
	}
}

func (l *loader) varsFile(into Vars, path string) {
	data, ok := l.read(path, "unreadable variables")
	if !ok {
		return
	}
	f, err := source.Parse(path, data)
	if err != nil {
		l.problems.Add(diag.Pos{File: path}, err)
		return
	}
	doc, err := f.Doc()
	if err != nil {
		l.problems.Add(diag.Pos{File: path}, err)
		return
	}
	for name, v := range l.decodeVars(f, doc) {
		into[name] = v
	}
}

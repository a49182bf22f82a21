package load

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/playbook/load/argspec"
	"github.com/gokube/gokube/engine/source"
	"gopkg.in/yaml.v3"
)

// meta reads what a role says of itself and gives the nodes of the roles that it
// depends on.
func (ld *loading) meta(role *playbook.Role, u use, s scope) (nodes []playbook.Node) {
	entry := "main"
	if from := u.from["tasks"]; from != "" {
		entry = strings.TrimSuffix(strings.TrimSuffix(from, ".yml"), ".yaml")
	}
	if file := ld.find(endings(under(role.Path, "meta/main"))); file != "" {
		if r, n, ok := ld.open(file); ok {
			nodes = r.metaMain(n, role, entry, s)
		}
	}
	if file := ld.find(endings(under(role.Path, "meta/argument_specs"))); file != "" {
		if r, n, ok := ld.open(file); ok {
			if p := pair(r.fields(n, "argument specs"), "argument_specs"); p != nil {
				r.argSpecs(p.Value, role, entry)
			}
		}
	}
	return nodes
}

func (r *reader) metaMain(n *yaml.Node, role *playbook.Role, entry string, s scope) (nodes []playbook.Node) {
	for _, p := range r.fields(n, "role metadata") {
		switch p.Key {
		case "dependencies":
			nodes = r.uses(p.Value, "dependencies", s)
		case "allow_duplicates":
			role.Duplicates = role.Duplicates || r.fixed(&p)
		case "argument_specs":
			r.argSpecs(p.Value, role, entry)
		case "galaxy_info", "collections":
		default:
			r.option(p, "role metadata", "dependencies", "allow_duplicates", "argument_specs", "galaxy_info", "collections")
		}
	}
	return nodes
}

func (r *reader) argSpecs(n *yaml.Node, role *playbook.Role, entry string) {
	specs, err := argspec.Decode(r.f, n)
	r.problems.Add(r.at(n), err)
	role.Spec = specs[entry]
}

// endings are the names that a YAML file called name may have.
func endings(name string) []string {
	return []string{name + ".yml", name + ".yaml", name + ".json", name}
}

// roleFiles are the places of one of a role's files; given says that the use
// names it.
func (ld *loading) roleFiles(role *playbook.Role, u use, kind string) (files []string, given bool) {
	folder := under(role.Path, kind)
	from := u.from[kind]
	if from == "" {
		return endings(folder + "/main"), false
	}
	file := under(folder, from)
	if !strings.HasPrefix(file, folder+"/") || path.IsAbs(from) {
		ld.fail(u.at, "file outside its role", kind+"_from: "+from, "it must lie in "+folder)
		return nil, false
	}
	return endings(file), true
}

// roleList reads a role's list of tasks or handlers, if it has one.
func (ld *loading) roleList(role *playbook.Role, u use, kind string, s scope, read func(*reader, *yaml.Node, scope)) {
	files, given := ld.roleFiles(role, u, kind)
	file := ld.find(files)
	if given && file == "" {
		ld.problems = append(ld.problems, ld.missing(u.at, "role file not found", kind+"_from: "+u.from[kind], files)...)
	}
	if file == "" {
		return
	}
	s.search = within(s, dirOf(file))
	if r, n, ok := ld.open(file); ok {
		ld.enter(u.at, "file imports itself", file, func() { read(r, n, s) })
	}
}

// roleVars are a role's defaults or vars: of a file, and of the folder called as
// the file is, in the order of names.
func (ld *loading) roleVars(role *playbook.Role, u use, kind string) (out map[string]any) {
	files, given := ld.roleFiles(role, u, kind)
	if len(files) == 0 {
		return nil
	}
	file, dir := ld.find(files), files[len(files)-1]
	if file != "" {
		out = ld.varsFile(file)
	}
	if ld.exists(dir, true) {
		merged := maps.Clone(out)
		for _, f := range ld.varsBelow(dir) {
			if merged == nil {
				merged = map[string]any{}
			}
			maps.Copy(merged, ld.varsFile(f))
		}
		return merged
	}
	if given && file == "" {
		ld.problems = append(ld.problems, ld.missing(u.at, "role file not found", kind+"_from: "+u.from[kind], files)...)
	}
	return out
}

// varsBelow are the files of variables in dir and its folders, in order.
func (ld *loading) varsBelow(dir string) (out []string) {
	entries, err := ld.opts.Files.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		ld.fail(diag.Pos{File: dir}, "folder cannot be read", err.Error(), "")
	}
	for _, e := range entries {
		name := under(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."), strings.HasSuffix(e.Name(), "~"):
		case e.IsDir():
			out = append(out, ld.varsBelow(name)...)
		case slices.Contains([]string{"", ".yml", ".yaml", ".json"}, path.Ext(e.Name())):
			out = append(out, name)
		}
	}
	return out
}

// varsFile are the variables in the file at name.
func (ld *loading) varsFile(name string) map[string]any {
	r, n, ok := ld.open(name)
	if !ok || source.IsNull(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		r.failAt(n, "variables are not a map", "it is "+source.Describe(n), "write name: value")
		return nil
	}
	return r.vars(source.Pair{Key: "vars", At: r.at(n), Value: n})
}

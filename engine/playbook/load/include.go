package load

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/template"
)

// loaders are what the loader itself understands, with the kind of keywords that
// each takes.
var loaders = map[string]place{"import_tasks": inImport, "import_role": inImport,
	"include_tasks": inInclude, "include_role": inInclude, "include_vars": inTask}

type (
	importTasks struct {
		// File is the file of tasks, seen from the importing file, from the role's
		// tasks folder or from the playbook. It holds no template.
		File string `arg:"file,required"`
	}
	includeTasks struct {
		// File is the file of tasks, looked for as import_tasks does. It may hold a
		// template.
		File string `arg:"file,required"`
		// Apply are keywords for what is included, such as tags and become.
		Apply map[string]any `arg:"apply"`
	}
	importRole struct {
		// Name is the role.
		Name string `arg:"name,required,alias=role"`
		// TasksFrom is the file in the role's tasks folder.
		TasksFrom string `arg:"tasks_from" default:"main"`
		// VarsFrom is the file in the role's vars folder.
		VarsFrom string `arg:"vars_from" default:"main"`
		// DefaultsFrom is the file in the role's defaults folder.
		DefaultsFrom string `arg:"defaults_from" default:"main"`
		// HandlersFrom is the file in the role's handlers folder.
		HandlersFrom string `arg:"handlers_from" default:"main"`
		// AllowDuplicates runs the role again on a host that has run it with the same
		// parameters.
		AllowDuplicates bool `arg:"allow_duplicates" default:"true"`
		// Public shows the role's variables and defaults to the rest of the play; an
		// import does so unless told otherwise, an include does not.
		Public *bool `arg:"public"`
		// RolespecValidate is there for Ansible's sake.
		RolespecValidate bool `arg:"rolespec_validate" default:"true"`
	}
	includeRole struct {
		importRole
		// Apply are keywords for what is included, such as tags and become.
		Apply map[string]any `arg:"apply"`
	}
	includeVars struct {
		// File is a file of variables, looked for in the role's vars folder, beside the
		// task's file and beside the playbook. It may hold a template.
		File string `arg:"file,required"`
		// Name is a variable that takes all that is read, as a map.
		Name string `arg:"name"`
	}
)

// actions are what the loader itself understands, declared as modules are.
func actions() map[string]*module.Spec {
	out := map[string]*module.Spec{}
	for _, m := range []module.Module{
		module.Define[*importTasks](module.Spec{Name: "import_tasks", FreeForm: "file", Summary: "Import a file of tasks when the playbook is loaded",
			Example: "- import_tasks: packages.yml\n  tags: [packages]\n"}, nil),
		module.Define[*includeTasks](module.Spec{Name: "include_tasks", FreeForm: "file", Summary: "Include a file of tasks when a host comes to it",
			Example: "- include_tasks:\n    file: \"{{ .facts.os.family }}.yml\"\n    apply: {become: true}\n"}, nil),
		module.Define[*importRole](module.Spec{Name: "import_role", Summary: "Import a role when the playbook is loaded",
			Example: "- import_role: {name: bootstrap-os, tasks_from: time}\n"}, nil),
		module.Define[*includeRole](module.Spec{Name: "include_role", Summary: "Include a role when a host comes to it",
			Example: "- include_role:\n    name: \"{{ .item }}\"\n  loop: [web, database]\n"}, nil),
		module.Define[*includeVars](module.Spec{Name: "include_vars", FreeForm: "file", Summary: "Read a file of variables when a host comes to it",
			Example: "- include_vars: \"{{ .facts.os.family }}.yml\"\n"}, nil),
	} {
		out[m.Spec().Name] = m.Spec()
	}
	return out
}

// Actions are the words that stand where a module does and that the loader itself
// understands, sorted by name, for documentation.
func Actions() (out []*module.Spec) {
	for _, s := range actions() {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *module.Spec) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// imports are the nodes that the import t brings.
func (r *reader) imports(t *playbook.Task, s scope) []playbook.Node {
	arg, at := "file", t.Pos
	if t.Module == "import_role" {
		arg = "name"
	}
	if arg == "name" && s.handlers {
		r.fail(t.Pos, "role in handlers", "", "a role's own handlers can be notified wherever it is used")
		return nil
	}
	if p, ok := t.Args.At[arg]; ok {
		at = p
	}
	for _, name := range slices.Sorted(maps.Keys(t.Args.Values)) {
		if _, vague := t.Args.Values[name].(*template.Text); vague {
			r.fail(t.Args.At[name], "template in an import", name, "use include_"+strings.TrimPrefix(t.Module, "import_"))
			return nil
		}
	}
	s.keywords = t.Keywords
	if arg == "name" {
		q := RoleRequest{Args: t.Args.Values, Base: t.Keywords, Public: r.public(t, true), From: s.role, Pos: at}
		_, nodes := r.role(q, s.home)
		return nodes
	}
	file, _ := t.Args.Values["file"].(string)
	return r.tasks(at, file, s)
}

// tasks are the nodes in the task file called name.
func (ld *loading) tasks(at diag.Pos, name string, s scope) (nodes []playbook.Node) {
	if name == "" {
		return nil
	}
	tried := taskFiles(name, s)
	file := ld.find(tried)
	if file == "" {
		ld.problems = append(ld.problems, ld.missing(at, "task file not found", name, tried)...)
		return nil
	}
	ld.enter(at, "file imports itself", file, func() {
		r, n, ok := ld.open(file)
		if ok {
			s.search = within(s, dirOf(file))
			nodes = r.nodes(n, "task file", s)
		}
	})
	return nodes
}

// taskFiles are the places where the task file called name may be.
func taskFiles(name string, s scope) (out []string) {
	kind := "tasks"
	if s.handlers {
		kind = "handlers"
	}
	add := func(file string) {
		if !slices.Contains(out, file) {
			out = append(out, file)
		}
	}
	for _, dir := range s.search {
		if s.role != nil && strings.HasPrefix(dir, s.role.Path+"/") {
			add(under(dir, name))
		}
	}
	for _, dir := range s.search {
		add(under(under(dir, kind), name))
		add(under(dir, name))
	}
	return out
}

// within is the search path of what lies in dir: after the role, before the rest.
func within(s scope, dir string) []string {
	if slices.Contains(s.search, dir) {
		return s.search
	}
	first := 0
	if s.role != nil && len(s.search) > 0 {
		first = 1
	}
	return slices.Insert(slices.Clone(s.search), first, dir)
}

// public is the argument of that name, or otherwise.
func (r *reader) public(t *playbook.Task, otherwise bool) bool {
	if b, ok := boolean(t.Args.Values["public"]); ok {
		return b
	}
	return otherwise
}

// include is the including task t.
func (r *reader) include(t *playbook.Task, a *arguments, s scope) []playbook.Node {
	if s.handlers {
		r.fail(t.Pos, "include in handlers", t.Module, "use import_tasks, or put it in a role's handlers")
		return nil
	}
	in := &playbook.Include{Task: t, Around: s.keywords, Public: r.public(t, false)}
	in.Kind = map[string]playbook.IncludeKind{"include_role": playbook.IncludeRole, "include_vars": playbook.IncludeVars}[t.Module]
	if a.apply != nil {
		pairs := r.fields(a.apply.Value, "apply")
		r.checkKeys(pairs, inBlock)
		in.Apply = r.inherited(pairs, inBlock)
		in.Apply.Notified = r.notify(pairs, s)
	}
	r.probe(in, s)
	return []playbook.Node{in}
}

// probe checks what in names without a template, as if it were imported.
func (r *reader) probe(in *playbook.Include, s scope) {
	arg := map[playbook.IncludeKind]string{playbook.IncludeTasks: "file", playbook.IncludeVars: "file", playbook.IncludeRole: "name"}[in.Kind]
	name, ok := in.Args.Values[arg].(string)
	if r.probed == nil || name == "" {
		r.vague = r.vague || !ok && in.Kind != playbook.IncludeVars
		return
	}
	at, stack := in.Args.At[arg], r.stack
	r.stack = nil
	defer func() { r.stack = stack }()
	s.keywords = in.Apply.Inherit(in.Around)
	key := fmt.Sprint(in.Kind, name, s.search, in.Args.Values["tasks_from"])
	switch {
	case r.probed[key]:
		return
	case in.Kind == playbook.IncludeVars:
		r.probeVars(at, name, s)
	case in.Kind == playbook.IncludeTasks:
		r.probed[key] = true
		r.possible = append(r.possible, r.apart(func() { r.tasks(at, name, s) }).handlers...)
	case templated(in.Args.Values):
		r.vague = true
	default:
		r.probed[key] = true
		q := RoleRequest{Args: in.Args.Values, Base: s.keywords, Public: in.Public, From: s.role, Pos: at}
		r.possible = append(r.possible, r.apart(func() { r.role(q, s.home) }).handlers...)
	}
}

// probeVars checks that the file of variables called name is there and sound.
func (r *reader) probeVars(at diag.Pos, name string, s scope) {
	var tried []string
	for _, dir := range s.search {
		tried = append(tried, under(under(dir, "vars"), name), under(dir, name))
	}
	file := r.find(tried)
	if file == "" {
		r.problems = append(r.problems, r.missing(at, "vars file not found", name, tried)...)
		return
	}
	r.varsFile(file)
}

// TasksRequest asks for the tasks that an include brings.
type TasksRequest struct {
	File   string            // as written, templates evaluated
	From   string            // the folder of the including file
	Base   playbook.Keywords // in force for what is included
	Role   *playbook.Role    // nil outside roles
	Search []string          // of the including task
	Pos    diag.Pos          // of the including task
}

type taskKey struct {
	file, search string
	role         *playbook.Role
}

// Tasks are those that an include_tasks brings. The error is a diag.List, as for
// Playbook. Handlers of roles that they import are in the blocks' Enter.
func (l *Loader) Tasks(ctx context.Context, q TasksRequest) ([]playbook.Node, error) {
	key := taskKey{q.File, strings.Join(append(slices.Clone(q.Search), q.From), "\x00"), q.Role}
	return l.tasks.Get(key, q.Base, func() ([]playbook.Node, error) {
		ld := l.start(ctx)
		s := scope{keywords: q.Base, role: q.Role, search: q.Search}
		if q.From != "" {
			s.search = within(s, q.From)
		}
		nodes := ld.tasks(q.Pos, q.File, s)
		return nodes, ld.result()
	})
}

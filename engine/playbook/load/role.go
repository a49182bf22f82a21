package load

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/source"
	"github.com/gokube/gokube/engine/template"
	"gopkg.in/yaml.v3"
)

// use is one use of a role.
type use struct {
	name   string
	at     diag.Pos
	base   playbook.Keywords // with all that is inherited
	own    playbook.Keywords // of the use alone
	params map[string]any
	from   map[string]string // tasks, vars, defaults, handlers: name of the file instead of main
	public bool
	again  bool // runs although the same use has run before
	parent *playbook.Role
	home   string // the playbook's folder
}

// uses are the nodes of the roles in the list n: of a play, or of a role's
// dependencies.
func (r *reader) uses(n *yaml.Node, what string, s scope) (out []playbook.Node) {
	for _, item := range r.items(n, what, "begin each role with a dash") {
		if !r.spend(item) {
			break
		}
		if u, ok := r.use(item, s); ok {
			_, nodes := r.apply(u)
			out = append(out, nodes...)
		}
	}
	return out
}

// use reads one role of a list: its name, or a map.
func (r *reader) use(n *yaml.Node, s scope) (use, bool) {
	u := use{at: r.at(n), base: s.keywords, public: true, parent: s.role, home: s.home}
	if n.Kind != yaml.MappingNode {
		u.name = r.wordAt(source.Pair{Key: "role", Value: n}, n)
		return u, u.name != ""
	}
	pairs := r.fields(n, "role")
	named := false
	for _, p := range pairs {
		switch {
		case p.Key == "role", p.Key == "name":
			u.name, named = r.word(p), true
		case legal(p.Key, inRole):
		case known[p.Key].where&(inTask|inBlock) != 0, p.Key == "async", p.Key == "poll", p.Key == "sudo":
			r.refuse(p, inRole)
		default:
			r.identifier(p.At, p.Key)
			if u.params == nil {
				u.params = map[string]any{}
			}
			u.params[p.Key] = r.value(p.Value)
		}
	}
	if !named {
		r.failAt(n, "role without a name", "", "name it under role")
	}
	u.own = r.inherited(pairs, inRole)
	u.base = u.own.Inherit(s.keywords)
	return u, u.name != ""
}

// apply loads the role that u names, what it depends on first.
func (ld *loading) apply(u use) (role *playbook.Role, nodes []playbook.Node) {
	dir := ld.findRole(u)
	if dir == "" {
		return nil, nil
	}
	what := dir
	if u.from["tasks"] != "" {
		what += " (" + u.from["tasks"] + ")"
	}
	ld.enter(u.at, "role brings itself", what, func() {
		role = &playbook.Role{Pos: u.at, Name: path.Base(u.name), Path: dir, Params: u.params, Private: !u.public, Duplicates: u.again, Key: u.key(dir)}
		if p := u.parent; p != nil {
			role.Parents = append([]string{p.Name}, p.Parents...)
		}
		s := scope{keywords: u.base, role: role, home: u.home, search: []string{dir}}
		if u.home != "" {
			s.search = append(s.search, u.home)
		}
		nodes = ld.meta(role, u, s)
		role.Defaults = ld.roleVars(role, u, "defaults")
		role.Vars = ld.roleVars(role, u, "vars")
		known := slices.ContainsFunc(ld.used, func(r *playbook.Role) bool { return r.Key == role.Key })
		ld.used = append(ld.used, role)
		ld.roleList(role, u, "handlers", s, func(r *reader, n *yaml.Node, s scope) { role.Handlers = r.handlerTasks(n, s) })
		if !known { // the same handlers would run twice
			ld.handlers = append(ld.handlers, role.Handlers...)
		}
		ld.roleList(role, u, "tasks", s, func(r *reader, n *yaml.Node, s scope) { role.Tasks = r.nodes(n, "tasks", s) })
		nodes = append(nodes, &playbook.Block{Pos: u.at, Name: role.Name, Tasks: role.Tasks, Enter: role, Use: u.base})
	})
	return role, nodes
}

// findRole is the folder of the role that u names.
func (ld *loading) findRole(u use) string {
	places := []string{under(u.home, "roles")}
	places = append(places, ld.opts.RolePaths...)
	if u.parent != nil {
		places = append(places, dirOf(u.parent.Path))
	}
	places = append(places, u.home, playbook.BuiltIn+"roles")
	var tried, names []string
	for _, place := range places {
		dir := under(place, u.name)
		if ld.exists(dir, true) && u.name != "." {
			return dir
		}
		if entries, err := ld.opts.Files.ReadDir(place); err == nil && !slices.Contains(tried, dir) {
			for _, e := range entries {
				names = append(names, e.Name())
			}
		}
		if !slices.Contains(tried, dir) {
			tried = append(tried, dir)
		}
	}
	hint := "looked for " + strings.Join(tried, ", ")
	if s := diag.Suggest(u.name, names); s != "" {
		hint = s + " " + hint
	}
	ld.fail(u.at, "role not found", u.name, hint)
	return ""
}

// key is equal for uses of a role that count as the same.
func (u use) key(dir string) string {
	whens := make([]any, len(u.own.When))
	for i, c := range u.own.When {
		whens[i] = c.String()
	}
	return dir + " " + written([]any{u.params, u.own.Scopes, whens, strings.Join(u.own.Tags, ","), fmt.Sprint(u.from)})
}

// written is x as text, templates as they are written.
func written(x any) string {
	switch x := x.(type) {
	case *template.Text:
		return x.Src
	case []any:
		var sb strings.Builder
		for _, e := range x {
			sb.WriteString(written(e) + ";")
		}
		return "[" + sb.String() + "]"
	case []map[string]any:
		if len(x) == 0 {
			return ""
		}
		return written(x[0])
	case map[string]any:
		var sb strings.Builder
		for _, k := range slices.Sorted(maps.Keys(x)) {
			sb.WriteString(k + "=" + written(x[k]) + ";")
		}
		return "{" + sb.String() + "}"
	}
	return fmt.Sprintf("%#v", x)
}

// RoleRequest asks for a role that a task brings.
type RoleRequest struct {
	Args   map[string]any    // of include_role, templates evaluated
	Base   playbook.Keywords // in force for what is included
	Public bool
	From   *playbook.Role // in which the task stands, nil outside roles
	Search []string       // of the including task; if nil, the folders of all playbooks loaded
	Pos    diag.Pos       // of the including task
}

type roleKey struct {
	args   string
	from   *playbook.Role
	at     diag.Pos
	public bool
}

type roleUse struct {
	role  *playbook.Role
	nodes []playbook.Node
}

// Role is the role that an include_role brings, and the nodes to run: those of
// its dependencies, then its own block. Its Handlers are those of all of them.
// The error is a diag.List, as for Playbook.
func (l *Loader) Role(ctx context.Context, q RoleRequest) (*playbook.Role, []playbook.Node, error) {
	got, err := l.roles.Get(roleKey{written(q.Args), q.From, q.Pos, q.Public}, q.Base, func() (roleUse, error) {
		ld := l.start(ctx)
		var got roleUse
		got.role, got.nodes = ld.role(q, l.home(q.Search))
		if err := ld.result(); err != nil {
			return roleUse{}, err
		}
		got.role.Handlers = ld.handlers
		return got, nil
	})
	return got.role, got.nodes, err
}

// home is the playbook's folder, as far as search tells.
func (l *Loader) home(search []string) string {
	if len(search) > 0 {
		return search[len(search)-1]
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.homes) > 0 {
		return l.homes[len(l.homes)-1]
	}
	return "."
}

func (ld *loading) role(q RoleRequest, home string) (*playbook.Role, []playbook.Node) {
	text := func(name string) string {
		v := q.Args[name]
		if v == nil {
			return ""
		}
		return fmt.Sprint(v)
	}
	u := use{name: text("name"), at: q.Pos, base: q.Base, public: q.Public, again: true, parent: q.From, home: home, from: map[string]string{}}
	if u.name == "" {
		u.name = text("role")
	}
	if again, ok := boolean(q.Args["allow_duplicates"]); ok {
		u.again = again
	}
	for _, kind := range []string{"tasks", "vars", "defaults", "handlers"} {
		if from := text(kind + "_from"); from != "main" && from != "main.yml" && from != "" {
			u.from[kind] = from
		}
	}
	if u.name == "" {
		ld.fail(q.Pos, "role without a name", "", "name it under name")
		return nil, nil
	}
	return ld.apply(u)
}

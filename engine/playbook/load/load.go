// Package load reads playbooks, task files and roles into the syntax tree of
// package playbook and checks all that can be checked without a host. It knows
// no inventory, variables' values or connection, and evaluates nothing.
//
// # Decisions
//
// What an include names without a template is read and checked when the playbook
// is loaded, though its tasks are not in the tree: a mistake there must not be
// found by the fortieth host. For the same reason files that are parsed once are
// kept, so an include at run time costs no reading.
//
// Everything that has a meaning in Ansible and none here is an error with a way
// out, never ignored.
package load

import (
	"context"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/playbook/load/memo"
	"github.com/gokube/gokube/engine/source"
	"gopkg.in/yaml.v3"
)

// Options are what a Loader works with. Files and Modules are needed.
type Options struct {
	Files   playbook.Files
	Modules func(name string) *module.Spec // by canonical name; nil if there is none
	Names   []string                       // of all modules, for suggestions
	// RolePaths are looked through for roles after the playbook's own folder.
	RolePaths []string
	// Tag is the value of a scalar with a local tag such as !vault; nil refuses them.
	Tag func(source.Scalar) (any, error)
	// Sealed checks a file of vars_files that is encrypted as a whole, which is
	// read again when the play runs; nil refuses it.
	Sealed func(name string, data []byte) error
}

// Loader loads playbooks. It keeps what it has read, and is safe for concurrent
// use. What it returns is shared and must not be changed.
type Loader struct {
	opts    Options
	actions map[string]*module.Spec // what the loader itself understands
	mu      sync.Mutex
	files   map[string]*file
	homes   []string // the folders of all playbooks so far
	tasks   memo.Table[taskKey, []playbook.Node]
	roles   memo.Table[roleKey, roleUse]
}

// New returns a Loader.
func New(o Options) *Loader {
	if o.Tag == nil {
		o.Tag = func(s source.Scalar) (any, error) {
			d := diag.Diagnostic{Pos: s.At, Summary: "unknown tag", Detail: s.Tag}
			if s.Tag == "!vault" {
				d.Summary, d.Detail, d.Hint = "value is encrypted", "", "give the vault's password"
			}
			return nil, d
		}
	}
	return &Loader{opts: o, actions: actions(), files: map[string]*file{}}
}

// Playbook loads the playbook at name and all that it imports. If no such file
// exists, the one that gokube brings along under that name. The error is a
// diag.List of everything that is wrong.
func (l *Loader) Playbook(ctx context.Context, name string) (*playbook.Playbook, error) {
	ld := l.start(ctx)
	found := ld.find([]string{clean(name), playbook.BuiltIn + "playbooks/" + name})
	if found == "" {
		return nil, ld.missing(diag.Pos{File: name}, "playbook not found", name, []string{name, playbook.BuiltIn + "playbooks/" + name})
	}
	pb := &playbook.Playbook{File: found}
	pb.Plays = ld.plays(found, importing{})
	return pb, ld.result()
}

// loading is one call of a Loader.
type loading struct {
	*Loader
	ctx      context.Context
	problems diag.List
	stack    []string            // files and roles being loaded, to find those that bring themselves
	active   map[*yaml.Node]bool // tasks and blocks being read, for the same reason
	size     int                 // so many tasks and blocks so far
	playState
}

// playState is what is known of the play being loaded.
type playState struct {
	brought
	probed   map[string]bool  // what its includes name, so far; nil asks for no probing
	possible []*playbook.Task // handlers that includes bring, if they are come to
	notified []notification
	vague    bool // there may be handlers that cannot be known
}

// brought is what roles add to their play.
type brought struct {
	handlers []*playbook.Task
	used     []*playbook.Role
}

func (l *Loader) start(ctx context.Context) *loading {
	return &loading{Loader: l, ctx: ctx, active: map[*yaml.Node]bool{}}
}

// apart runs do, and gives what roles brought meanwhile instead of keeping it.
func (ld *loading) apart(do func()) brought {
	kept := ld.brought
	ld.brought = brought{}
	do()
	got := ld.brought
	ld.brought = kept
	return got
}

// result is all problems, or that the context is done.
func (ld *loading) result() error {
	if err := ld.ctx.Err(); err != nil {
		return err
	}
	return ld.problems.Err()
}

func (ld *loading) fail(at diag.Pos, summary, detail, hint string) {
	ld.problems = append(ld.problems, diag.Diagnostic{Pos: at, Summary: summary, Detail: detail, Hint: hint})
}

// missing is the problem that nothing exists at any of tried.
func (ld *loading) missing(at diag.Pos, summary, name string, tried []string) diag.List {
	return diag.List{{Pos: at, Summary: summary, Detail: name, Hint: "looked for " + strings.Join(tried, ", ")}}
}

// enter runs do while what is on the stack. A second entry is a problem at at.
func (ld *loading) enter(at diag.Pos, summary, what string, do func()) {
	for i, s := range ld.stack {
		if s == what {
			ld.fail(at, summary, strings.Join(append(ld.stack[i:len(ld.stack):len(ld.stack)], what), " -> "), "")
			return
		}
	}
	ld.stack = append(ld.stack, what)
	do()
	ld.stack = ld.stack[:len(ld.stack)-1]
}

// clean is name without dots and double slashes; a built-in's root is kept.
func clean(name string) string {
	if rest, ok := strings.CutPrefix(name, playbook.BuiltIn); ok {
		return playbook.BuiltIn + strings.TrimPrefix(path.Clean("/"+rest), "/")
	}
	return filepath.ToSlash(filepath.Clean(name))
}

// dirOf is the folder in which name lies.
func dirOf(name string) string {
	if rest, ok := strings.CutPrefix(name, playbook.BuiltIn); ok {
		if dir := path.Dir(rest); dir != "." {
			return playbook.BuiltIn + dir
		}
		return playbook.BuiltIn
	}
	return path.Dir(name)
}

// under is name seen from dir.
func under(dir, name string) string {
	switch {
	case path.IsAbs(name), strings.HasPrefix(name, playbook.BuiltIn):
		return clean(name)
	case dir == playbook.BuiltIn:
		return clean(dir + name)
	}
	return clean(dir + "/" + name)
}

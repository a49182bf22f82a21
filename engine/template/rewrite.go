package template

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"text/template/parse"

	"github.com/gokube/gokube/engine/diag"
)

// rewriter puts lookups, checks of arguments and a sink into parse trees; the
// first problem in the text stays in err.
type rewriter struct {
	calls  map[string]any // gains the pure functions that are called
	set    map[string]*parse.Tree
	sink   string // what takes the result of an action
	err    error
	offset int // of err
}

// role says how a function's arguments are guarded.
type role int

const (
	pure    role = iota // evaluated to the end
	shapely             // sees no deeper than the shape of its arguments
	compare             // one of Go's comparisons
)

func roleOf(name string) role {
	switch name {
	case "and", "or", "not", "len", "index", "get", "hasKey", "keys", "extract":
		return shapely
	case "eq", "ne", "lt", "le", "gt", "ge":
		return compare
	}
	return pure
}

// guard is the function that an argument of a function of that role goes
// through, "" if none.
func (r role) guard() string { return []string{"_force", "", "_null"}[r] }

// lenient tells whether what is not there is null for argument number i of name,
// counted from 0. What a pipe gives is the last.
func lenient(name string, i int) bool {
	switch name {
	case "default", "coalesce", "empty", "required":
		return true
	case "hasKey":
		return i == 0
	}
	return false
}

func (w *rewriter) list(l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			w.pipe(n.Pipe, false)
			if len(n.Pipe.Decl) == 0 {
				n.Pipe.Cmds = append(n.Pipe.Cmds, call(n, w.sink))
			}
		case *parse.IfNode:
			w.branch(&n.BranchNode)
		case *parse.WithNode:
			w.branch(&n.BranchNode)
		case *parse.RangeNode:
			w.loop(n)
		case *parse.TemplateNode:
			w.template(n)
		}
	}
}

func (w *rewriter) branch(b *parse.BranchNode) {
	w.pipe(b.Pipe, false)
	w.list(b.List)
	w.list(b.ElseList)
}

// loop counts its turns, so that it ends.
func (w *rewriter) loop(n *parse.RangeNode) {
	w.branch(&n.BranchNode)
	n.Pipe.Cmds = append(n.Pipe.Cmds, call(n, "_each"))
	tick := &parse.ActionNode{NodeType: parse.NodeAction, Pos: n.Pos, Line: n.Line, Pipe: pipeline(n, call(n, "_tick"))}
	n.List.Nodes = append([]parse.Node{tick}, n.List.Nodes...)
}

func (w *rewriter) template(n *parse.TemplateNode) {
	if n.Pipe != nil {
		w.pipe(n.Pipe, false)
	}
	if w.set[n.Name] == nil {
		w.fail(n, "template %q is not defined", n.Name)
	}
}

// pipe rewrites the commands of p. What is piped into a function is its last
// argument, so it goes through the guard like the others.
func (w *rewriter) pipe(p *parse.PipeNode, soft bool) {
	var out []*parse.CommandNode
	for i, c := range p.Cmds {
		name := w.function(c.Args[0])
		if i > 0 && name == "" {
			w.fail(c, "%s is not a function, nothing can be piped into it", c)
		}
		if g := roleOf(name).guard(); i > 0 && g != "" {
			out = append(out, call(c, g))
		}
		into := soft
		if i+1 < len(p.Cmds) {
			next := p.Cmds[i+1].Args
			id, ok := next[0].(*parse.IdentifierNode)
			into = ok && lenient(id.Ident, len(next)-1)
		}
		if name != "" {
			w.arity(c, name, len(c.Args)-1+min(i, 1))
		}
		out = append(out, w.command(c, name, into))
	}
	p.Cmds = out
}

func (w *rewriter) command(c *parse.CommandNode, name string, soft bool) *parse.CommandNode {
	if name == "" {
		if len(c.Args) > 1 {
			w.fail(c, "%s is not a function, it takes no arguments", c.Args[0])
		}
		if g := w.lookup(c.Args[0], soft); g != nil {
			return g
		}
		return c
	}
	args := c.Args[:1:1]
	for i, a := range c.Args[1:] {
		args = append(args, w.argument(a, name, i))
	}
	return &parse.CommandNode{NodeType: parse.NodeCommand, Pos: c.Pos, Args: args}
}

func (w *rewriter) argument(a parse.Node, name string, i int) parse.Node {
	if g := w.lookup(a, lenient(name, i)); g != nil {
		a = pipeline(a, g)
	} else if id := w.function(a); id != "" {
		w.arity(a, id, 0)
	} else {
		return a // a literal: its type adapts to the parameter
	}
	if g := roleOf(name).guard(); g != "" {
		a = pipeline(a, call(a, g, a))
	}
	return a
}

// lookup is n as a call of the lookup, or nil if n is a literal or a function's
// name.
func (w *rewriter) lookup(n parse.Node, soft bool) *parse.CommandNode {
	f := "_get"
	if soft {
		f = "_opt"
	}
	dot := &parse.DotNode{NodeType: parse.NodeDot, Pos: n.Position()}
	switch n := n.(type) {
	case *parse.DotNode:
		return call(n, f, dot)
	case *parse.FieldNode:
		return call(n, f, append([]parse.Node{dot}, quoted(n, n.Ident)...)...)
	case *parse.VariableNode:
		root := n.Copy().(*parse.VariableNode)
		root.Ident = root.Ident[:1]
		return call(n, f, append([]parse.Node{root}, quoted(n, n.Ident[1:])...)...)
	case *parse.ChainNode:
		base := n.Node
		if g := w.lookup(base, soft && len(n.Field) > 0 && !isCall(base)); g != nil {
			base = pipeline(n, g)
		} else {
			w.function(base)
		}
		return call(n, f, append([]parse.Node{base}, quoted(n, n.Field)...)...)
	case *parse.PipeNode:
		w.pipe(n, soft && !isCall(n))
		return call(n, f, n)
	}
	return nil
}

// isCall tells whether n calls a function, whose arguments are its own affair.
func isCall(n parse.Node) bool {
	p, ok := n.(*parse.PipeNode)
	if !ok {
		return false
	}
	_, ok = p.Cmds[len(p.Cmds)-1].Args[0].(*parse.IdentifierNode)
	return ok
}

// function is the name n calls, "" if n is no function's name.
func (w *rewriter) function(n parse.Node) string {
	id, ok := n.(*parse.IdentifierNode)
	if !ok {
		return ""
	}
	f, ours := known[id.Ident]
	isSeeing := slices.ContainsFunc(seeing(), func(f Function) bool { return f.Name == id.Ident })
	switch {
	case ours:
		w.calls[id.Ident] = f
	case !isSeeing && !slices.Contains(builtins(), id.Ident):
		w.fail(n, "%q is not a function%s", id.Ident, suggestFunction(id.Ident))
	}
	return id.Ident
}

func suggestFunction(name string) string {
	var names []string
	for _, f := range Functions() {
		names = append(names, f.Name)
	}
	if s := diag.Suggest(name, names); s != "" {
		return ", " + s
	}
	return ""
}

// arity refuses a number of arguments that the function cannot take.
func (w *rewriter) arity(at parse.Node, name string, n int) {
	if least, most := takes(name); n < least || most >= 0 && n > most {
		w.fail(at, "%s takes %s, not %d", name, arguments(least, most), n)
	}
}

// takes is how many arguments name takes; most is -1 if there is no limit.
func takes(name string) (least, most int) {
	if f, ok := known[name]; ok {
		t := reflect.TypeOf(f)
		if t.IsVariadic() {
			return t.NumIn() - 1, -1
		}
		return t.NumIn(), t.NumIn()
	}
	switch name {
	case "not", "len":
		return 1, 1
	case "lt", "le", "gt", "ge", "ne", "hasKey":
		return 2, 2
	case "eq", "extract":
		return 2, -1
	}
	return 1, -1
}

func arguments(least, most int) string {
	switch {
	case most < 0:
		return fmt.Sprintf("at least %d arguments", least)
	case least == 1:
		return "1 argument"
	}
	return fmt.Sprintf("%d arguments", least)
}

func (w *rewriter) fail(at parse.Node, format string, args ...any) {
	if w.err == nil || int(at.Position()) < w.offset {
		w.err, w.offset = fmt.Errorf(format, args...), int(at.Position())
	}
}

func call(at parse.Node, name string, args ...parse.Node) *parse.CommandNode {
	id := parse.NewIdentifier(name).SetPos(at.Position())
	return &parse.CommandNode{NodeType: parse.NodeCommand, Pos: at.Position(), Args: append([]parse.Node{id}, args...)}
}

func pipeline(at parse.Node, c *parse.CommandNode) *parse.PipeNode {
	return &parse.PipeNode{NodeType: parse.NodePipe, Pos: at.Position(), Cmds: []*parse.CommandNode{c}}
}

func quoted(at parse.Node, names []string) (out []parse.Node) {
	for _, s := range names {
		out = append(out, &parse.StringNode{NodeType: parse.NodeString, Pos: at.Position(), Quoted: strconv.Quote(s), Text: s})
	}
	return out
}

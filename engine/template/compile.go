package template

import (
	"fmt"
	"sync"
	"text/template"
	"text/template/parse"
)

// program is a Text made ready to run. It is not changed once it is made.
type program struct {
	literal bool // no action: the text is the result
	native  bool // one single action, whose value is kept

	path   []any // what that action looks up, if it does nothing else
	offset int   // of it in the source

	trees map[string]*parse.Tree
	calls map[string]any // the pure functions it calls
	spare sync.Pool      // of *instance
}

// instance is a copy of a program that one evaluation at a time may use.
type instance struct {
	run  *run
	kept any // the value of a native program
	tm   *template.Template
}

const treeName = "(text)"

// compile parses t and rewrites it.
func compile(t *Text) (*program, error) {
	if err := braces(t); err != nil {
		return nil, err
	}
	if err := statement(t); err != nil {
		return nil, err
	}
	tree, set := parse.New(treeName), map[string]*parse.Tree{}
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(t.source(), "", "", set); err != nil {
		return nil, syntax(t, -1, err)
	}
	p := &program{trees: set, calls: map[string]any{}}
	p.shape(t, set, tree)
	w := &rewriter{calls: p.calls, set: set, sink: "_show"}
	if p.native {
		w.sink = "_keep"
	}
	for _, tr := range set {
		w.list(tr.Root)
	}
	if w.err != nil {
		return nil, syntax(t, w.offset, w.err)
	}
	return p, nil
}

// shape finds what needs no execution, or whose value is to be kept.
func (p *program) shape(t *Text, set map[string]*parse.Tree, tree *parse.Tree) {
	nodes := tree.Root.Nodes
	if len(set) > 1 {
		return
	}
	p.literal = true
	for _, n := range nodes {
		p.literal = p.literal && n.Type() == parse.NodeText && t.Src == string(n.(*parse.TextNode).Text)
	}
	p.literal = p.literal && t.Src != "" || len(nodes) == 0 && t.Src == ""
	if len(nodes) != 1 || t.form == file {
		return
	}
	a, ok := nodes[0].(*parse.ActionNode)
	if p.native = ok && len(a.Pipe.Decl) == 0; !p.native {
		return
	}
	if c := a.Pipe.Cmds[0]; len(a.Pipe.Cmds) == 1 && len(c.Args) == 1 {
		if f, ok := c.Args[0].(*parse.FieldNode); ok {
			for _, name := range f.Ident {
				p.path = append(p.path, name)
			}
			p.offset = int(f.Pos)
		}
	}
}

// take is an instance for one evaluation, to be given back.
func (p *program) take(t *Text) (*instance, error) {
	if i, ok := p.spare.Get().(*instance); ok {
		return i, nil
	}
	i := &instance{}
	i.tm = template.New(treeName).Funcs(p.calls).Funcs(i.functions())
	for name, tr := range p.trees {
		if _, err := i.tm.AddParseTree(name, tr); err != nil {
			return nil, syntax(t, 0, err)
		}
	}
	return i, nil
}

func (p *program) give(i *instance) {
	i.run, i.kept = nil, nil
	p.spare.Put(i)
}

// exec runs the instance. What a function panics with is its error.
func (i *instance) exec(out *output, in Lazy) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return i.tm.Execute(out, in)
}

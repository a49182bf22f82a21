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
	switch {
	case t.Src == "":
		p.literal = true
	case len(set) > 1 || len(nodes) != 1:
		return
	}
	if len(nodes) == 0 {
		return
	}
	switch n := nodes[0].(type) {
	case *parse.TextNode:
		p.literal = t.Src == string(n.Text)
	case *parse.ActionNode:
		p.native = t.form != file && len(n.Pipe.Decl) == 0
		if p.native {
			p.single(n.Pipe)
		}
	}
}

// single finds a pipe that is one field of the variables.
func (p *program) single(pipe *parse.PipeNode) {
	if len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 1 {
		return
	}
	f, ok := pipe.Cmds[0].Args[0].(*parse.FieldNode)
	if !ok {
		return
	}
	for _, name := range f.Ident {
		p.path = append(p.path, name)
	}
	p.offset = int(f.Pos)
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

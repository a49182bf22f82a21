package playbook

import "iter"

// Walk is every task and include below nodes in the order they stand, those of
// rescue and always after their block's; blocks themselves are left out, and so is
// what includes bring. For an include, the Task is the including one.
func Walk(nodes []Node) iter.Seq2[*Task, Node] {
	return func(yield func(*Task, Node) bool) { walk(nodes, yield) }
}

func walk(nodes []Node, yield func(*Task, Node) bool) bool {
	for _, n := range nodes {
		switch n := n.(type) {
		case *Task:
			if !yield(n, n) {
				return false
			}
		case *Include:
			if !yield(n.Task, n) {
				return false
			}
		case *Block:
			if !walk(n.Tasks, yield) || !walk(n.Rescue, yield) || !walk(n.Always, yield) {
				return false
			}
		}
	}
	return true
}

// Nodes are all of s in the order it runs, handlers left out.
func (s *Sections) Nodes() []Node {
	return join(join(s.Pre, s.Roles), join(s.Tasks, s.Post))
}

package cli

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/inventory"
	"github.com/gokube/gokube/engine/playbook"

	"github.com/gokube/gokube/cmd/internal/exit"
)

// list shows the hosts, tasks or tags of plays without running them.
func (k *kit) list(books []*playbook.Playbook) error {
	inv, err := k.inventory(k.c.Context, path.Dir(books[0].File))
	if err != nil {
		return exit.Wrong(err)
	}
	w := k.c.App.Writer
	for _, b := range books {
		fmt.Fprintf(w, "playbook: %s\n", b.File)
		for i, p := range b.Plays {
			fmt.Fprintf(w, "\n  play #%d (%s)%s\n", i+1, written(p.Hosts), behind(": ", written(p.Name)))
			if k.c.Bool("list-hosts") {
				if err := k.listHosts(w, inv, p); err != nil {
					return exit.Wrong(err)
				}
			}
			if k.c.Bool("list-tasks") {
				k.listTasks(w, p)
			}
			if k.c.Bool("list-tags") {
				fmt.Fprintf(w, "    tags: [%s]\n", strings.Join(playTags(p), ", "))
			}
		}
	}
	return nil
}

func (k *kit) listHosts(w io.Writer, inv *inventory.Inventory, p *playbook.Play) error {
	patterns, ok := texts(p.Hosts)
	if !ok {
		fmt.Fprintln(w, "    hosts: known when the play runs, its pattern is a template")
		return nil
	}
	found, err := inv.Match(patterns...)
	if err != nil {
		return err
	}
	for _, d := range found.Unmatched {
		fmt.Fprintf(k.c.App.ErrWriter, "warning: %v\n", d)
	}
	if expr := k.c.String("limit"); expr != "" {
		limit, err := inv.Limit(expr)
		if err == nil {
			err = limit.Unmatched.Err()
		}
		if err != nil {
			return err
		}
		found = found.Within(limit)
	}
	fmt.Fprintf(w, "    hosts (%d):\n", len(found.Hosts))
	for _, h := range found.Names() {
		fmt.Fprintf(w, "      %s\n", h)
	}
	return nil
}

func (k *kit) listTasks(w io.Writer, p *playbook.Play) {
	only, skip := tagList(k.c.StringSlice("tags")), tagList(k.c.StringSlice("skip-tags"))
	fmt.Fprintln(w, "    tasks:")
	for t := range playbook.Walk(p.Sections.Nodes()) {
		if !playbook.Selected(t.Tags, only, skip) {
			continue
		}
		name := written(t.Name)
		if name == "" {
			name = t.Module
		}
		if t.Role != nil {
			name = t.Role.Name + " : " + name
		}
		fmt.Fprintf(w, "      %s\ttags: [%s]\n", name, strings.Join(t.Tags, ", "))
	}
}

// playTags are all tags that some task of p has, sorted.
func playTags(p *playbook.Play) (out []string) {
	for t := range playbook.Walk(p.Sections.Nodes()) {
		out = append(out, t.Tags...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// behind is s with what sets it apart, or nothing.
func behind(mark, s string) string {
	if s == "" {
		return ""
	}
	return mark + s
}

// written is a value as it stands in the playbook.
func written(x any) string {
	if x == nil {
		return ""
	}
	if list, ok := x.([]any); ok {
		var out []string
		for _, e := range list {
			out = append(out, written(e))
		}
		return strings.Join(out, ":")
	}
	return fmt.Sprint(x)
}

// texts are x as texts; false if there is a template among them.
func texts(x any) (out []string, ok bool) {
	list, isList := x.([]any)
	if !isList {
		list = []any{x}
	}
	for _, e := range list {
		s, isText := e.(string)
		if !isText {
			return nil, false
		}
		out = append(out, s)
	}
	return out, true
}

// Package pages makes the files below docs that are derived from the code, and the
// parts of others that are. It knows no command line.
//
// # Decisions
//
// A page that is derived is derived whole; in a page that people write, a derived
// part stands between two comments that Markdown does not show. Both are kept in
// the repository, so that they can be read there, and a test makes them again.
package pages

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gokube/gokube/cmd/internal/docs"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/playbooks"
	"github.com/gokube/gokube/roles"
)

// Folders hold nothing but derived pages.
func Folders() []string { return []string{"docs/modules", "docs/roles"} }

// written are the pages with derived parts, and the parts of each.
func written(s source) map[string][]part {
	return map[string][]part{
		"docs/language.md":       {keywords, refused, functions, levels, s.facts, connection},
		"docs/from-ansible.md":   {jinjaForms},
		"docs/from-kubespray.md": {s.variables, s.missing},
	}
}

// source is what pages are made of.
type source struct {
	top      string // of the repository
	comments docs.Comments
	roles    []docs.Role
	books    []docs.Playbook
	read     map[string]bool // the variables that roles and playbooks read
}

// part is one derived part of a page: its name and its content.
type part func() (name, text string, err error)

// All are the pages as they should be, by name seen from the top of the repository.
func All(top string, c docs.Comments) (map[string]string, error) {
	found, err := docs.Roles(roles.FS)
	if err != nil {
		return nil, err
	}
	books, err := docs.Playbooks(playbooks.FS)
	if err != nil {
		return nil, err
	}
	read, err := mentions(roles.FS, playbooks.FS)
	if err != nil {
		return nil, err
	}
	s := source{top, c, found, books, read}
	out := map[string]string{"docs/modules.md": s.moduleList(), "docs/roles.md": s.roleList()}
	for _, spec := range docs.Specs() {
		out["docs/modules/"+spec.Name+".md"] = c.Module(spec)
	}
	for _, r := range found {
		out["docs/roles/"+r.Name+".md"] = r.Markdown()
	}
	for name, parts := range written(s) {
		text, err := os.ReadFile(filepath.Join(top, name))
		if err != nil {
			return nil, err
		}
		if out[name], err = fill(string(text), parts); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return out, nil
}

// Write writes the pages, and removes what is in Folders and not among them.
func Write(top string, pages map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		file := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(pages[name]), 0o644); err != nil {
			return err
		}
	}
	old, err := Strays(top, pages)
	for _, name := range old {
		if err := os.Remove(filepath.Join(top, name)); err != nil {
			return err
		}
	}
	return err
}

// Strays are the files in Folders that are not among pages.
func Strays(top string, pages map[string]string) (out []string, err error) {
	for _, folder := range Folders() {
		entries, err := os.ReadDir(filepath.Join(top, folder))
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if name := path.Join(folder, e.Name()); pages[name] == "" {
				out = append(out, name)
			}
		}
	}
	return out, nil
}

// moduleList is the page that lists the modules, family by family.
func (s source) moduleList() string {
	families := map[string][]*module.Spec{}
	for _, spec := range docs.Specs() {
		_, family, _ := strings.Cut(spec.Args.Type.PkgPath(), "/modules/")
		family, _, _ = strings.Cut(family, "/")
		families[family] = append(families[family], spec)
	}
	var sb strings.Builder
	sb.WriteString("# Modules\n\n`gokube doc NAME` shows the same pages. `ansible.builtin.NAME` is accepted for each.\n")
	for _, f := range slices.Sorted(maps.Keys(families)) {
		title := f
		if f == "" {
			title = "imports and includes"
		}
		fmt.Fprintf(&sb, "\n## %s\n\n| module | what it does |\n| --- | --- |\n", title)
		for _, spec := range families[f] {
			fmt.Fprintf(&sb, "| [%s](modules/%s.md) | %s |\n", spec.Name, spec.Name, cell(spec.Summary))
		}
	}
	return sb.String() + typeList()
}

// roleList is the page that lists the roles.
func (s source) roleList() string {
	var sb strings.Builder
	sb.WriteString("# Roles and playbooks\n\n## Roles\n\nThese roles come with gokube. `gokube doc NAME` shows the same pages; a role of the same name in the\n" +
		"playbook's `roles` folder takes its place.\n\n| role | what it does |\n| --- | --- |\n")
	for _, r := range s.roles {
		fmt.Fprintf(&sb, "| [%s](roles/%s.md) | %s |\n", r.Name, r.Name, cell(r.Summary))
	}
	sb.WriteString("\n## Playbooks\n\nThese playbooks use them. They are found by name when no such file is there; `gokube playbook show NAME`\n" +
		"prints one, `gokube playbook eject NAME DIR` writes it and the roles into a folder.\n\n| playbook | what it does |\n| --- | --- |\n")
	for _, p := range s.books {
		fmt.Fprintf(&sb, "| `%s` | %s |\n", p.Name, cell(p.Summary))
	}
	return sb.String()
}

// cell is text as it may stand in a table.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}

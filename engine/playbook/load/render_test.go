package load_test

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/template"
)

func writeFile(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// render is a playbook as text: every field that is set, places left out but for
// those of tasks.
func render(pb *playbook.Playbook) string {
	var sb strings.Builder
	for _, p := range pb.Plays {
		fmt.Fprintf(&sb, "play %v%s\n", p.Name, fields(*p, "Name", "Pre", "Roles", "Tasks", "Post", "Handlers", "Used", "Sections", "Keywords", "Dir"))
		fmt.Fprintf(&sb, "  dir=%s%s\n", p.Dir, fields(p.Keywords))
		for _, r := range p.Used {
			fmt.Fprintf(&sb, "  role %s%s\n", r.Name, fields(*r, "Name", "Tasks", "Handlers", "Key"))
		}
		section(&sb, "pre_tasks", p.Pre)
		section(&sb, "roles", p.Roles)
		section(&sb, "tasks", p.Tasks)
		section(&sb, "post_tasks", p.Post)
		for i, h := range p.Handlers {
			if i == 0 {
				sb.WriteString("  handlers\n")
			}
			node(&sb, "    ", h)
		}
	}
	return sb.String()
}

func section(sb *strings.Builder, name string, nodes []playbook.Node) {
	if len(nodes) > 0 {
		fmt.Fprintf(sb, "  %s\n", name)
	}
	for _, n := range nodes {
		node(sb, "    ", n)
	}
}

func node(sb *strings.Builder, in string, n playbook.Node) {
	switch n := n.(type) {
	case *playbook.Task:
		fmt.Fprintf(sb, "%s%v %s%s%s\n", in, n.Pos, n.Module, fields(*n, "Module", "Keywords"), fields(n.Keywords))
	case *playbook.Include:
		fmt.Fprintf(sb, "%s%v %s%s%s apply:%s around:%s\n", in, n.Pos, n.Module, fields(*n.Task, "Module", "Keywords"), fields(n.Keywords), fields(n.Apply), fields(n.Around))
	case *playbook.Block:
		fmt.Fprintf(sb, "%s%v block%s\n", in, n.Pos, fields(*n, "Tasks", "Rescue", "Always", "Enter"))
		if n.Enter != nil {
			fmt.Fprintf(sb, "%s  enter %s\n", in, n.Enter.Name)
		}
		for _, part := range []struct {
			name  string
			nodes []playbook.Node
		}{{"", n.Tasks}, {"rescue", n.Rescue}, {"always", n.Always}} {
			if part.name != "" && len(part.nodes) > 0 {
				fmt.Fprintf(sb, "%s  %s\n", in, part.name)
			}
			for _, c := range part.nodes {
				node(sb, in+"    ", c)
			}
		}
	}
}

// fields are the fields of the struct x that are set, but for those left out.
func fields(x any, left ...string) string {
	var sb strings.Builder
	v := reflect.ValueOf(x)
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || v.Field(i).IsZero() || slices.Contains(left, f.Name) || f.Type == reflect.TypeFor[diag.Pos]() {
			continue
		}
		if s := show(v.Field(i).Interface()); s != "" && s != "{}" && s != "[]" {
			fmt.Fprintf(&sb, " %s=%s", strings.ToLower(f.Name), s)
		}
	}
	return sb.String()
}

func show(x any) string {
	switch x := x.(type) {
	case nil:
		return "null"
	case *module.Spec, *diag.Pos:
		return ""
	case *template.Text:
		return "<" + x.Src + ">"
	case string:
		return fmt.Sprintf("%q", x)
	case *playbook.Role:
		return x.Name
	case playbook.Cond:
		return "(" + x.String() + ")"
	case playbook.Args:
		return show(x.Values)
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(x)) {
			parts = append(parts, k+":"+show(x[k]))
		}
		return "{" + strings.Join(parts, " ") + "}"
	}
	return showOther(reflect.ValueOf(x))
}

func showOther(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer:
		return show(v.Elem().Interface())
	case reflect.Slice:
		var parts []string
		for i := range v.Len() {
			parts = append(parts, show(v.Index(i).Interface()))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case reflect.Struct:
		return "{" + strings.TrimSpace(fields(v.Interface())) + "}"
	case reflect.Map:
		var parts []string
		for _, k := range v.MapKeys() {
			parts = append(parts, fmt.Sprint(k)+":"+show(v.MapIndex(k).Interface()))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, " ") + "}"
	}
	return fmt.Sprint(v)
}

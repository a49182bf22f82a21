package pages

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
)

// facts is the table of facts, read from the source of the struct that they are.
func (s source) facts() (name, text string, err error) {
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(s.top, "engine/system/facts.go"), nil, parser.ParseComments)
	if err != nil {
		return "facts", "", err
	}
	t := factTable{types: map[string]*ast.TypeSpec{}}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			t.types[spec.Name.Name] = spec
		}
		return true
	})
	t.sb.WriteString("| fact | type | |\n| --- | --- | --- |\n")
	t.fields("Facts", ".facts")
	return "facts", t.sb.String(), nil
}

type factTable struct {
	types map[string]*ast.TypeSpec
	sb    strings.Builder
}

// fields adds those of the struct called name.
func (t *factTable) fields(name, at string) {
	for _, f := range t.types[name].Type.(*ast.StructType).Fields.List {
		key := at + "." + reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json")
		kind, many := f.Type, ""
		if list, ok := kind.(*ast.ArrayType); ok {
			kind, many = list.Elt, "list of "
		}
		of := fmt.Sprint(kind)
		below := t.types[of]
		note := cell(f.Comment.Text())
		if below != nil {
			note = cell(strings.TrimPrefix(below.Doc.Text(), of+" is "))
			of = "map"
		}
		fmt.Fprintf(&t.sb, "| `%s` | %s%s | %s |\n", key, many, strings.TrimSuffix(of, "64"), note)
		if below != nil {
			if many != "" {
				key += "[]"
			}
			t.fields(below.Name.Name, key)
		}
	}
}

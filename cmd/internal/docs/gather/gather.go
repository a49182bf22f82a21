// Package gather finds the comments of struct fields in Go source. It knows
// nothing of modules.
package gather

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"strings"
)

// Places are the folders, seen from the top of the repository, in which arguments
// are declared.
func Places() []string { return []string{"modules", "engine/playbook/load"} }

// All are the Comments of all Places of the repository at top.
func All(top string) (map[string]string, error) {
	out := map[string]string{}
	for _, place := range Places() {
		found, err := Comments(filepath.Join(top, place), "github.com/gokube/gokube/"+place)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, found)
	}
	return out, nil
}

// Comments are the comments above exported fields of the structs in the packages
// below dir, whose import path is root, by "import path.Type.Field".
func Comments(dir, root string) (map[string]string, error) {
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, filepath.Dir(p))
		if err != nil {
			return err
		}
		file(out, f, path.Join(root, filepath.ToSlash(rel)))
		return nil
	})
	return out, err
}

func file(out map[string]string, f *ast.File, pkg string) {
	ast.Inspect(f, func(n ast.Node) bool {
		t, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		s, ok := t.Type.(*ast.StructType)
		if !ok {
			return false
		}
		for _, field := range s.Fields.List {
			for _, name := range field.Names {
				if text := strings.TrimSpace(field.Doc.Text()); text != "" && name.IsExported() {
					out[pkg+"."+t.Name.Name+"."+name.Name] = text
				}
			}
		}
		return false
	})
}

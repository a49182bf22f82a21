package engine_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// The hard limits; the linters warn earlier.
const (
	fileLines = 500
	funcLines = 60
	methods   = 7
	filesEach = 12
)

func TestSizes(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		files := 0
		for _, s := range p.files {
			if !s.test {
				files++
			}
			if limit := map[bool]int{false: fileLines, true: fileLines + 100}[s.test]; s.lines > limit {
				t.Errorf("%s has %d lines, more than %d", s.name, s.lines, limit)
			}
		}
		if files > filesEach {
			t.Errorf("%s has %d files, more than %d", p.path, files, filesEach)
		}
	}
	each(packages(t), func(p *pkg, s source) {
		ast.Inspect(s.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if lines := fset.Position(n.End()).Line - fset.Position(n.Pos()).Line + 1; lines > funcLines {
					t.Errorf("%s: %s has %d lines, more than %d", at(n), n.Name.Name, lines, funcLines)
				}
			case *ast.TypeSpec:
				if i, ok := n.Type.(*ast.InterfaceType); ok && n.Name.Name != "System" && i.Methods.NumFields() > methods {
					t.Errorf("%s: %s has %d methods, more than %d", at(n), n.Name.Name, i.Methods.NumFields(), methods)
				}
			}
			return true
		})
	})
}

func TestEveryPackageIsDocumented(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		doc, code := "", false
		for _, s := range p.files {
			if !s.test {
				code = true
				doc += s.ast.Doc.Text()
			}
		}
		if code && doc == "" {
			t.Errorf("%s has no package comment", p.path)
		}
	}
}

func TestEveryExportedNameIsDocumented(t *testing.T) {
	t.Parallel()
	each(packages(t), func(p *pkg, s source) {
		if s.ast.Name.Name == "main" {
			return
		}
		for _, d := range s.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					t.Errorf("%s: %s has no comment", at(d), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					undocumented(t, d, spec)
				}
			}
		}
	})
}

func undocumented(t *testing.T, d *ast.GenDecl, spec ast.Spec) {
	t.Helper()
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if spec.Name.IsExported() && spec.Doc == nil && spec.Comment == nil && (d.Doc == nil || d.Lparen.IsValid()) {
			t.Errorf("%s: %s has no comment", at(spec), spec.Name.Name)
		}
	case *ast.ValueSpec:
		if slices.ContainsFunc(spec.Names, (*ast.Ident).IsExported) && spec.Doc == nil && spec.Comment == nil && d.Doc == nil {
			t.Errorf("%s: %s has no comment", at(spec), spec.Names[0].Name)
		}
	}
}

// exportedReceiver reports whether d is a function, or a method of an exported type.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	x := d.Recv.List[0].Type
	for {
		switch y := x.(type) {
		case *ast.StarExpr:
			x = y.X
		case *ast.IndexExpr:
			x = y.X
		case *ast.IndexListExpr:
			x = y.X
		case *ast.Ident:
			return y.IsExported()
		default:
			return true
		}
	}
}

func TestNothingRunsBeforeMain(t *testing.T) {
	t.Parallel()
	each(packages(t), func(p *pkg, s source) {
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: init", at(f))
			}
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
				for _, spec := range g.Specs {
					v := spec.(*ast.ValueSpec)
					if v.Names[0].Name != "_" && !constant(p, s, g, v) {
						t.Errorf("%s: the package variable %s is none that never changes", at(v), v.Names[0].Name)
					}
				}
			}
		}
	})
}

// constant reports whether a package variable is of a kind that nobody changes: an
// error, a compiled expression, a table, a module, an embedded file, a name that the
// linker sets.
func constant(p *pkg, s source, g *ast.GenDecl, v *ast.ValueSpec) bool {
	name := v.Names[0].Name
	if strings.HasPrefix(name, "err") || strings.HasPrefix(name, "Err") || in(p.path, "modules") {
		return true
	}
	if strings.Contains(g.Doc.Text()+v.Doc.Text(), "go:embed") || embedded(g, v) {
		return true
	}
	if c := v.Comment; c != nil && strings.HasPrefix(c.List[0].Text, "//nolint:gochecknoglobals // ") {
		return true // it says why
	}
	return slices.ContainsFunc(v.Values, unchanging) || p.path == "cmd/internal/cli" && name == "release"
}

// embedded looks for the directive, which Text leaves out.
func embedded(g *ast.GenDecl, v *ast.ValueSpec) bool {
	for _, c := range []*ast.CommentGroup{g.Doc, v.Doc} {
		if c != nil && slices.ContainsFunc(c.List, func(l *ast.Comment) bool { return strings.HasPrefix(l.Text, "//go:embed") }) {
			return true
		}
	}
	return false
}

// unchanging reports whether x makes a value that is only read: a composite literal,
// or a call of one of a few functions.
func unchanging(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.CompositeLit:
		return true
	case *ast.UnaryExpr:
		return unchanging(x.X)
	case *ast.CallExpr:
		return slices.Contains([]string{"regexp.MustCompile", "errors.New", "strings.NewReplacer", "sync.OnceValue", "sync.OnceValues", "module.Define", "strings.Fields", "netip.MustParsePrefix", "reflect.TypeFor"}, callee(x.Fun))
	}
	return false
}

func callee(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.SelectorExpr:
		if of, ok := x.X.(*ast.Ident); ok {
			return of.Name + "." + x.Sel.Name
		}
	case *ast.IndexExpr:
		return callee(x.X)
	}
	return ""
}

func TestEveryFileHasOneName(t *testing.T) {
	t.Parallel()
	banned := []string{"util", "utils", "common", "helper", "helpers", "base", "manager", "misc"}
	each(packages(t), func(p *pkg, s source) {
		file := strings.TrimSuffix(s.name[strings.LastIndexByte(s.name, '/')+1:], ".go")
		if slices.Contains(banned, file) || slices.Contains(banned, s.ast.Name.Name) {
			t.Errorf("%s: the name says nothing", s.name)
		}
	})
}

func TestEveryModuleIsTested(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t, "modules") {
		modules, tested := map[string]string{}, map[string]bool{}
		for _, s := range p.files {
			for _, d := range s.ast.Decls {
				if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR && !s.test {
					defines(g, modules)
				}
			}
			if s.test {
				ast.Inspect(s.ast, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						tested[id.Name] = true
					}
					return true
				})
			}
		}
		for name, place := range modules {
			if !tested[name] {
				t.Errorf("%s: no test names the module %s", place, name)
			}
		}
	}
}

// defines adds the modules that g defines, and where.
func defines(g *ast.GenDecl, to map[string]string) {
	for _, spec := range g.Specs {
		v := spec.(*ast.ValueSpec)
		for i, x := range v.Values {
			if c, ok := x.(*ast.CallExpr); ok && callee(c.Fun) == "module.Define" {
				to[v.Names[i].Name] = at(v)
			}
		}
	}
}

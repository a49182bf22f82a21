package pages_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	verb        = regexp.MustCompile(`%[-+# 0-9.\[\]*]*[a-zA-Z]`)
	action      = regexp.MustCompile(`\{\{.*?\}\}`)
	placeholder = regexp.MustCompile(`<[^>]*>`)
	seam        = regexp.MustCompile(`[:;,()"?]+(?: |$)|[ "(]["(]|^[("]`)
)

// said is all that gokube says: the text in its source and its tests, its roles,
// and what it was seen to print.
func said(t *testing.T) string {
	t.Helper()
	var sb strings.Builder
	err := filepath.WalkDir(top, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if name == "bin" || name == "docs" || strings.HasPrefix(name, ".") && p != top {
				return filepath.SkipDir
			}
			return nil
		}
		switch filepath.Ext(name) {
		case ".go":
			return literals(&sb, p)
		case ".yml":
			data, err := os.ReadFile(p)
			folded := strings.Join(strings.Fields(string(data)), " ")
			sb.WriteString(action.ReplaceAllString(folded, "\n"))
			return err
		case ".txtar", ".golden":
			data, err := os.ReadFile(p)
			sb.Write(data)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sb.String()
}

// literals adds the text in a Go file, a line each, cut where something is put in.
func literals(sb *strings.Builder, name string) error {
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil {
				sb.WriteString(verb.ReplaceAllString(text, "\n") + "\n")
			}
		}
		return true
	})
	return nil
}

// pieces are what stands between the placeholders and punctuation of a message.
func pieces(message string) (out []string) {
	for _, part := range placeholder.Split(message, -1) {
		for _, p := range seam.Split(part, -1) {
			if p = strings.Trim(p, " :;,()\"?\n"); len(p) > 3 {
				out = append(out, p)
			}
		}
	}
	return out
}

func TestMessagesInTheManualAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	all := said(t)
	for _, b := range blocks(t, "text message") {
		for line := range strings.Lines(b.text) {
			found := pieces(line)
			if len(found) == 0 {
				t.Errorf("%s:%d: nothing to look for in %q", b.page, b.line, line)
			}
			for _, p := range found {
				if !strings.Contains(all, p) {
					t.Errorf("%s:%d: nobody says %q", b.page, b.line, p)
				}
			}
		}
	}
}

package vars

import (
	"fmt"
	"regexp"
	"sync"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/source"
	"github.com/gokube/gokube/engine/template"
	"github.com/gokube/gokube/engine/vault"
)

// Decrypter opens encrypted data; *vault.Opener is one.
type Decrypter interface {
	Decrypt(data []byte) ([]byte, error)
}

// Reader reads variables. It remembers which files were encrypted, and is safe
// for concurrent use.
type Reader struct {
	vault  Decrypter
	opened sync.Map // names of the files that were encrypted as a whole
}

// NewReader is a Reader that opens encrypted values and files with d; nil refuses
// them.
func NewReader(d Decrypter) *Reader {
	if d == nil {
		d = (*vault.Opener)(nil)
	}
	return &Reader{vault: d}
}

// Hooks say what becomes of text in files: templates are marked, !vault values
// opened, and all that stands in a file that Decrypt has opened is secret.
func (r *Reader) Hooks() source.Hooks { return source.Hooks{Text: r.Text, Tag: r.Tag} }

// Text is a string of a file: a *template.Text if it holds an action.
func (r *Reader) Text(s source.Scalar) any {
	if _, ok := r.opened.Load(s.At.File); ok {
		return confidential(s.Value, s.At)
	}
	return template.FromScalar(s)
}

// Tag is the value of a !vault scalar; other tags are an error.
func (r *Reader) Tag(s source.Scalar) (any, error) {
	if s.Tag != "!vault" && s.Tag != "!vault-encrypted" {
		return nil, diag.Diagnostic{Pos: s.At, Summary: "unknown tag", Detail: s.Tag, Hint: diag.Suggest(s.Tag, []string{"!vault", "!unsafe"})}
	}
	plain, err := r.vault.Decrypt([]byte(s.Value))
	if err != nil {
		return nil, unopened(s.At, err)
	}
	return confidential(string(plain), s.At), nil
}

// Decrypt is the content of the file called name, which is encrypted as a whole.
// From now on text in it is secret.
func (r *Reader) Decrypt(name string, data []byte) ([]byte, error) {
	plain, err := r.vault.Decrypt(data)
	if err != nil {
		return nil, unopened(diag.Pos{File: name, Line: 1, Col: 1}, err)
	}
	r.opened.Store(name, true)
	return plain, nil
}

// confidential is text that came encrypted: a template still is one.
func confidential(text string, at diag.Pos) any {
	if t, ok := template.FromScalar(source.Scalar{Value: text, At: at}).(*template.Text); ok {
		t.Secret = true
		return t
	}
	return secret.New(text)
}

func unopened(at diag.Pos, err error) error {
	return diag.Diagnostic{Pos: at, Summary: "encrypted value cannot be read", Detail: err.Error(), Hint: "give the password with --vault-password-file"}
}

// Set is variables with the places they are set at.
type Set struct {
	Values map[string]any
	At     map[string]diag.Pos
}

// Parse reads a file of variables, YAML or JSON, that may be encrypted as a
// whole. A file without content has none. The error is a diag.List.
func (r *Reader) Parse(name string, data []byte) (Set, error) {
	out := Set{map[string]any{}, map[string]diag.Pos{}}
	var problems diag.List
	if vault.IsEncrypted(data) {
		var err error
		if data, err = r.Decrypt(name, data); err != nil {
			problems.Add(diag.Pos{}, err)
			return out, problems.Err()
		}
	}
	f, err := source.Parse(name, data)
	if err == nil {
		err = r.decode(f, out)
	}
	problems.Add(diag.Pos{File: name}, err)
	return out, problems.Err()
}

func (r *Reader) decode(f *source.File, out Set) error {
	doc, err := f.Doc()
	if err != nil {
		return err
	}
	if source.IsNull(doc) {
		return nil
	}
	pairs, err := f.Pairs(doc)
	var problems diag.List
	problems.Add(f.Pos(doc), err)
	for _, p := range pairs {
		problems.Add(p.At, CheckName(p.Key, p.At))
		v, err := f.Decode(p.Value, r.Hooks())
		problems.Add(p.At, err)
		out.Values[p.Key], out.At[p.Key] = v, p.At
	}
	return problems.Err()
}

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// CheckName is an error at p if no variable can be called name.
func CheckName(name string, p diag.Pos) error {
	if variable.MatchString(name) {
		return nil
	}
	d := diag.Diagnostic{Pos: p, Summary: "invalid variable name", Detail: fmt.Sprintf("%q", name), Hint: "use letters, digits and underscores"}
	if fixed := regexp.MustCompile(`[-. ]`).ReplaceAllString(name, "_"); fixed != name && variable.MatchString(fixed) {
		d.Hint = fmt.Sprintf("call it %s", fixed)
	}
	return d
}

package load

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/source"
	"gopkg.in/yaml.v3"
)

// file is a parsed file, or why it is none.
type file struct {
	*source.File
	err error
}

// parsed is the file at name, from memory if it was read before.
func (l *Loader) parsed(name string) *file {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, ok := l.files[name]
	if !ok {
		f = l.parse(name)
		l.files[name] = f
	}
	return f
}

func (l *Loader) parse(name string) *file {
	data, err := l.opts.Files.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &file{err: diag.Diagnostic{Pos: diag.Pos{File: name}, Summary: "file not found"}}
	case err != nil:
		return &file{err: diag.Diagnostic{Pos: diag.Pos{File: name}, Summary: "file cannot be read", Detail: err.Error()}}
	case encrypted(data):
		return &file{err: diag.Diagnostic{Pos: diag.Pos{File: name, Line: 1, Col: 1}, Summary: "file is encrypted",
			Hint: "decrypt it, or keep only the secret values in it as !vault"}}
	}
	f, err := source.Parse(name, data)
	return &file{File: f, err: err}
}

// encrypted tells whether a file is encrypted as a whole.
func encrypted(data []byte) bool { return bytes.HasPrefix(data, []byte("$ANSIBLE_VAULT;")) }

// reader reads the nodes of one file and reports what is wrong with them.
type reader struct {
	*loading
	f *source.File
}

// open is a reader of the file at name and its content, nil if it has none. ok
// is false if the file is unsound, which is reported then.
func (ld *loading) open(name string) (r *reader, content *yaml.Node, ok bool) {
	f := ld.parsed(name)
	if f.err != nil {
		ld.problems.Add(diag.Pos{File: name}, f.err)
		return nil, nil, false
	}
	n, err := f.Doc()
	ld.problems.Add(diag.Pos{File: name}, err)
	return &reader{loading: ld, f: f.File}, n, err == nil
}

// exists tells whether name is a file, or a folder if dir is set.
func (l *Loader) exists(name string, dir bool) bool {
	info, err := l.opts.Files.Stat(name)
	return err == nil && info.IsDir() == dir
}

// find is the first of names that is a file, "" if none is.
func (l *Loader) find(names []string) string {
	for _, n := range names {
		if l.exists(n, false) {
			return n
		}
	}
	return ""
}

func (r *reader) at(n *yaml.Node) diag.Pos { return r.f.Pos(n) }

func (r *reader) failAt(n *yaml.Node, summary, detail, hint string) {
	r.fail(r.at(n), summary, detail, hint)
}

// fields are the keys and values of the map n. What is no map is reported as
// being no what.
func (r *reader) fields(n *yaml.Node, what string) []source.Pair {
	n = source.Resolve(n)
	if n != nil && !source.IsNull(n) && n.Kind != yaml.MappingNode {
		r.failAt(n, what+" is not a map", "it is "+source.Describe(n), "")
		return nil
	}
	pairs, err := r.f.Pairs(n)
	r.problems.Add(r.at(n), err)
	return pairs
}

// items are the elements of the list n; an absent n has none.
func (r *reader) items(n *yaml.Node, what, hint string) []*yaml.Node {
	items, err := r.f.Items(n)
	if err != nil {
		r.failAt(n, what+" is not a list", "it is "+source.Describe(n), hint)
	}
	return items
}

// value is n with its templates marked and checked.
func (r *reader) value(n *yaml.Node) any {
	v, err := r.f.Decode(n, source.Hooks{Text: r.text, Tag: r.opts.Tag})
	r.problems.Add(r.at(n), err)
	return v
}

// plain is n with text left alone.
func (r *reader) plain(n *yaml.Node) any {
	v, err := r.f.Decode(n, source.Hooks{Tag: r.opts.Tag})
	r.problems.Add(r.at(n), err)
	return v
}

// spend counts one more task or block, so that aliases cannot make a small file
// into an endless one.
func (r *reader) spend(n *yaml.Node) bool {
	if r.size++; r.size == most {
		r.failAt(n, "too many tasks", fmt.Sprintf("more than %d", most), "")
	}
	return r.size < most
}

// most is how many tasks and blocks one load may bring.
const most = 100_000

// Disk is the files of this machine, and those of builtin below
// playbook.BuiltIn. A nil builtin brings none.
func Disk(builtin fs.FS) playbook.Files { return disk{builtin} }

type disk struct{ builtin fs.FS }

// inside is name as builtin knows it, and false if it is a file of the machine.
func (d disk) inside(name string) (string, bool) {
	rest, ok := strings.CutPrefix(name, playbook.BuiltIn)
	if rest = strings.Trim(rest, "/"); rest == "" {
		rest = "."
	}
	return rest, ok
}

func (d disk) fsys() fs.FS {
	if d.builtin == nil {
		return none{}
	}
	return d.builtin
}

// ReadFile implements playbook.Files.
func (d disk) ReadFile(name string) ([]byte, error) {
	if in, ok := d.inside(name); ok {
		return fs.ReadFile(d.fsys(), in)
	}
	return os.ReadFile(name)
}

// Stat implements playbook.Files.
func (d disk) Stat(name string) (fs.FileInfo, error) {
	if in, ok := d.inside(name); ok {
		return fs.Stat(d.fsys(), in)
	}
	return os.Stat(name)
}

// ReadDir implements playbook.Files.
func (d disk) ReadDir(name string) ([]fs.DirEntry, error) {
	if in, ok := d.inside(name); ok {
		return fs.ReadDir(d.fsys(), in)
	}
	return os.ReadDir(name)
}

// Open implements playbook.Files.
func (d disk) Open(name string) (fs.File, error) {
	if in, ok := d.inside(name); ok {
		return d.fsys().Open(in)
	}
	return os.Open(name)
}

// none is a file system without files.
type none struct{}

// Open implements fs.FS.
func (none) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

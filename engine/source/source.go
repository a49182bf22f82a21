// Package source reads YAML (and so JSON) files into nodes and plain values that
// remember their place. It does not know what the files mean, and never
// evaluates anything.
//
// # Decisions
//
// Values are read as users of Ansible expect (YAML 1.1 without its traps): yes,
// no, on and off are bools, 0644 is octal, but 12:30:45, 2024-01-31, 1e10 and 08
// stay text, and so does an integer too big for 64 bits. Keys are always text.
//
// A key that is there twice is an error: one of the two would be lost silently.
// Aliases are expanded up to a limit, so that a small file cannot fill memory.
package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/gokube/gokube/engine/diag"
	"gopkg.in/yaml.v3"
)

// File is one parsed file. It is not changed after Parse, so it may be used by
// many goroutines.
type File struct {
	Name string
	Docs []*yaml.Node // the value of each document, in order; none for a file without content
	data []byte
	line []int // offset in data at which each line starts
}

// Parse reads every document in data. name is used in places only. An error is
// a diag.Diagnostic that says where and, for the common slips, the way out.
func Parse(name string, data []byte) (*File, error) {
	f := newFile(name, data)
	if err := f.checkBytes(); err != nil {
		return nil, err
	}
	docs, err := parse(data)
	if err != nil {
		return nil, f.syntax(err)
	}
	f.Docs = docs
	return f, nil
}

// Doc is the value of the only document, nil if the file has no content. More
// than one document is an error.
func (f *File) Doc() (*yaml.Node, error) {
	switch len(f.Docs) {
	case 0:
		return nil, nil
	case 1:
		return f.Docs[0], nil
	}
	return nil, diag.Diagnostic{Pos: f.Pos(f.Docs[1]), Summary: "more than one document", Detail: f.Name, Hint: `remove the line "---" before it`}
}

// Pos is the place of n, with the column in bytes.
func (f *File) Pos(n *yaml.Node) diag.Pos {
	if n == nil || n.Line == 0 {
		return diag.Pos{File: f.Name}
	}
	return diag.Pos{File: f.Name, Line: n.Line, Col: f.column(n.Line, n.Column)}
}

func newFile(name string, data []byte) *File {
	f := &File{Name: name, data: data, line: []int{0}}
	for i, b := range data {
		if b == '\n' {
			f.line = append(f.line, i+1)
		}
	}
	return f
}

// text is line number n, counted from 1, without its line end.
func (f *File) text(n int) string {
	if n < 1 || n > len(f.line) {
		return ""
	}
	end := len(f.data)
	if n < len(f.line) {
		end = f.line[n]
	}
	return strings.TrimRight(string(f.data[f.line[n-1]:end]), "\r\n")
}

// column turns a column in characters into one in bytes.
func (f *File) column(line, chars int) int {
	text := f.text(line)
	col := 1
	for range chars - 1 {
		if col > len(text) {
			break
		}
		_, size := utf8.DecodeRuneInString(text[col-1:])
		col += size
	}
	return col
}

func parse(data []byte) (docs []*yaml.Node, err error) {
	defer func() { // the parser panics where its author thought it cannot come to
		if p := recover(); p != nil {
			err = fmt.Errorf("yaml: %v", p)
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
			return docs, nil
		} else if err != nil {
			return nil, err
		}
		docs = append(docs, doc.Content...)
	}
}

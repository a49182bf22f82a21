package edit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// BlockinfileArgs are the arguments of the blockinfile module.
type BlockinfileArgs struct {
	// Path is the file to edit.
	Path string `arg:"path,required,alias=dest,alias=destfile,alias=name" target:"path"`
	// Block is the lines between the markers; none remove the markers too.
	Block module.Text `arg:"block,alias=content"`
	// Marker is the line before and after the block; {mark} in it stands for
	// marker_begin or marker_end. Each block of a file needs a marker of its own.
	Marker string `arg:"marker" default:"# {mark} GOKUBE MANAGED BLOCK"`
	// MarkerBegin is {mark} in the line before the block.
	MarkerBegin string `arg:"marker_begin" default:"BEGIN"`
	// MarkerEnd is {mark} in the line after it.
	MarkerEnd string `arg:"marker_end" default:"END"`
	// State "absent" removes the block with its markers.
	State string `arg:"state" default:"present" enum:"present|absent"`
	// Insertafter says where a block goes that is not there yet: after the last
	// line that matches this, or at the end (EOF).
	Insertafter module.Pattern `arg:"insertafter"`
	// Insertbefore says the same: before the last line that matches, or at the
	// beginning (BOF).
	Insertbefore module.Pattern `arg:"insertbefore"`
	// AppendNewline puts an empty line after a block that is put in.
	AppendNewline bool `arg:"append_newline"`
	// PrependNewline puts an empty line before it.
	PrependNewline bool `arg:"prepend_newline"`
	// Create makes the file if it is not there.
	Create bool `arg:"create"`
	place.FileAttrs
	place.Safety
}

// Blockinfile makes sure of a block of lines between markers.
var Blockinfile = module.Define(module.Spec{
	Name:      "blockinfile",
	Summary:   "Put a block of lines, between markers, into a file, or remove it",
	Contained: true,
	Exclusive: [][]string{{"insertafter", "insertbefore"}},
	Example: `- name: name all hosts of the cluster
  blockinfile:
    path: /etc/hosts
    marker: "# {mark} cluster"
    block: |
      192.0.2.1 one
      192.0.2.2 two
`,
	Output: output,
}, planBlockinfile)

func planBlockinfile(ctx context.Context, r system.Reader, a *BlockinfileArgs) (*module.Plan, error) {
	e, err := a.edit()
	if err != nil {
		return nil, err
	}
	return file{path: a.Path, create: a.Create && e.block != "", absent: e.block == "", secret: a.Block.Secret, attrs: a.FileAttrs, safety: a.Safety}.plan(ctx, r,
		func(s string) (string, error) { return e.apply(s), nil })
}

func (a *BlockinfileArgs) edit() (e blockEdit, err error) {
	e = blockEdit{block: a.Block.Text, blankBefore: a.PrependNewline, blankEnd: a.AppendNewline}
	e.begin = strings.ReplaceAll(a.Marker, "{mark}", a.MarkerBegin)
	e.end = strings.ReplaceAll(a.Marker, "{mark}", a.MarkerEnd)
	if a.State == "absent" {
		e.block = ""
	}
	switch {
	case e.begin == e.end:
		return e, errors.New("marker: the lines before and after the block are the same; {mark} tells them apart")
	case strings.Contains(e.begin+e.end, "\n"):
		return e, errors.New("marker: it is more than one line")
	case e.block != "" && slices.ContainsFunc(e.lines()[1:len(e.lines())-1], func(l string) bool { return l == e.begin || l == e.end }):
		return e, fmt.Errorf("block: it holds its own marker %q", e.begin)
	}
	e.after, e.before, e.top = position(&a.Insertafter, &a.Insertbefore)
	return e, nil
}

// Package bring holds the module that brings a file of a host to the controller. It
// knows neither how the host is reached nor what is in the file.
package bring

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// Args are the arguments of the fetch module.
type Args struct {
	// Src is the file of the host.
	Src module.Source `arg:"src,required"`
	// Dest is the directory of the controller that it gets its place in, below the
	// host's name and its own path. With flat it is the file itself, or ends in a slash
	// and is the directory for it.
	Dest module.LocalPath `arg:"dest,required" target:"path"`
	// Flat leaves out the host's name and the path.
	Flat bool `arg:"flat"`
	// FailOnMissing is off if it is no failure that the file is not there.
	FailOnMissing bool `arg:"fail_on_missing" default:"true"`
	// From is the host; the task's if it is not given.
	From module.HostName `arg:"from"`
	// Mode is the permissions of the file on the controller.
	Mode module.Mode `arg:"mode" default:"0600"`
}

// Fetch brings a file of a host to the controller.
var Fetch = module.Define(module.Spec{
	Name: "fetch", Summary: "Bring a file of the host to the controller", Where: module.AtController, Contained: true,
	Example: `- name: keep what each host says of itself
  fetch:
    src: /etc/os-release
    dest: fetched
- name: bring the CA
  fetch:
    src: /etc/kubernetes/pki/ca.crt
    dest: "{{ .inventory_dir }}/artifacts/"
    flat: true
    mode: "0644"
  run_once: true
`,
	Output: []module.Doc{{Name: "dest", Text: "the file on the controller"}, {Name: "checksum", Text: "SHA-256 of its content"},
		{Name: "remote_checksum", Text: "the same"}, {Name: "file", Text: "the file of the host"}},
}, plan)

func plan(ctx context.Context, r system.Reader, a *Args) (*module.Plan, error) {
	p := &module.Plan{Output: map[string]any{"file": a.Src.Name}}
	if len(a.Src.Entries) == 0 {
		if a.FailOnMissing {
			return nil, fmt.Errorf("fetch %s: it is not on %s", a.Src.Name, a.From)
		}
		p.Note = "it is not there"
		return p, nil
	}
	e := a.Src.Entries[0]
	if e.Type == fs.ModeDir {
		return nil, fmt.Errorf("fetch %s: it is a directory", a.Src.Name)
	}
	dest, err := a.path(r)
	if err != nil {
		return nil, err
	}
	p.Output["dest"] = dest
	if err := (place.FileAttrs{}).MakeAll(r, p, path.Dir(dest)); err != nil {
		return nil, err
	}
	f := place.File{Path: dest, Content: e.Content, Attrs: place.FileAttrs{Mode: a.Mode}, Brief: true, InNew: len(p.Steps) > 0}
	if _, err := f.Plan(ctx, r, p); err != nil {
		return nil, err
	}
	if e.Content.SHA256 != "" {
		p.Output["checksum"], p.Output["remote_checksum"] = e.Content.SHA256, e.Content.SHA256
	}
	return p, nil
}

// path is the file of the controller.
func (a *Args) path(r system.Reader) (string, error) {
	dest, err := place.Abs(r, string(a.Dest))
	switch {
	case err != nil:
		return "", fmt.Errorf("dest: %w", err)
	case !a.Flat:
		return path.Join(dest, string(a.From), a.Src.Name), nil
	case strings.HasSuffix(dest, "/"):
		return path.Join(dest, path.Base(a.Src.Name)), nil
	}
	f, err := place.Look(r, dest)
	if err == nil && f.There && f.In.Type == fs.ModeDir {
		return "", fmt.Errorf("write %s: a directory is there; a slash at the end puts the file into it", dest)
	}
	return dest, err
}

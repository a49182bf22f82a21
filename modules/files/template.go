package files

import (
	"context"
	"path"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// TemplateArgs are the arguments of the template module.
type TemplateArgs struct {
	// Src is a template file of the controller: a Go template.
	Src module.Template `arg:"src,required"`
	// Dest is the file to write, or the directory to write into: that must be there
	// already, or end in a slash.
	Dest string `arg:"dest,required" target:"path"`
	// Force replaces what is there and differs.
	Force bool `arg:"force" default:"true"`
	// Follow writes what a link at dest leads to, instead of replacing the link.
	Follow bool `arg:"follow"`
	place.FileAttrs
	place.Safety
}

// Template writes a rendered template.
var Template = module.Define(module.Spec{
	Name:      "template",
	Summary:   "Write a file from a template of the controller",
	Contained: true,
	Example: `- name: configure the app
  template:
    src: app.conf.tmpl
    dest: /etc/app.conf
    owner: root
    mode: "0640"
  notify: restart app
`,
	Output: []module.Doc{{Name: "dest", Text: "the file that was written"}, {Name: "checksum", Text: "SHA-256 of its content"},
		{Name: "backup_file", Text: "where the old content is, if it was kept"}},
}, planTemplate)

func planTemplate(ctx context.Context, r system.Reader, a *TemplateArgs) (*module.Plan, error) {
	dest, err := place.Abs(r, a.Dest)
	if err != nil {
		return nil, err
	}
	p := &module.Plan{Output: map[string]any{"dest": dest}}
	f := place.File{Content: a.Src.Content, Attrs: a.FileAttrs, Secret: a.Src.Secret, Keep: !a.Force, Safety: a.Safety}
	dirs := place.FileAttrs{Owner: a.Owner, Group: a.Group}
	if f.Path, f.InNew, err = destination(r, p, dest, path.Base(a.Src.Name), a.Follow, dirs); err != nil {
		return nil, err
	}
	return p, write(ctx, r, p, f)
}

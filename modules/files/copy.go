package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// CopyArgs are the arguments of the copy module.
type CopyArgs struct {
	// Dest is the file to write, or the directory to write into: that must be there
	// already, or end in a slash.
	Dest string `arg:"dest,required" target:"path"`
	// Content is all that the file is to hold.
	Content *module.Text `arg:"content"`
	// Src is a file or a directory of the controller; of a directory that ends in a
	// slash only what is in it is copied.
	Src module.Source `arg:"src"`
	// From is another host of the inventory on which src lies. Its bytes come through
	// the controller's memory, and only if they differ; a diff shows none of them.
	From module.HostName `arg:"from"`
	// RemoteSrc says that src lies on the host. Links in a directory are copied as
	// links.
	RemoteSrc bool `arg:"remote_src"`
	// Force replaces what is there and differs.
	Force bool `arg:"force" default:"true"`
	// Follow writes what a link at dest leads to, instead of replacing the link.
	Follow bool `arg:"follow"`
	// DirectoryMode is the permissions of directories that are made.
	DirectoryMode module.Mode `arg:"directory_mode"`
	place.FileAttrs
	place.Safety
}

// Copy makes files hold given content.
var Copy = module.Define(module.Spec{
	Name:      "copy",
	Summary:   "Write files: given content, or files and directories of the controller",
	Contained: true,
	OneOf:     [][]string{{"content", "src"}},
	Exclusive: [][]string{{"content", "src"}, {"content", "from"}, {"from", "remote_src"}},
	Example: `- name: write a short file
  copy:
    dest: /etc/motd
    content: |
      Welcome to {{ .inventory_hostname }}
    mode: "0644"
- name: write sudo rules that sudo accepts
  copy:
    src: sudoers
    dest: /etc/sudoers.d/app
    mode: "0440"
    validate: visudo -cf %s
- name: copy what is in a directory
  copy:
    src: site/
    dest: /srv/www/
    mode: preserve
- name: have the first host's key
  copy:
    from: "{{ index .groups.app 0 }}"
    src: /etc/app/shared.key
    dest: /etc/app/shared.key
    mode: "0600"
`,
	Output: []module.Doc{{Name: "dest", Text: "the path that was written"}, {Name: "checksum", Text: "SHA-256 of a single file's content"},
		{Name: "backup_file", Text: "where the old content is, if it was kept"}},
}, planCopy)

func planCopy(ctx context.Context, r system.Reader, a *CopyArgs) (*module.Plan, error) {
	dest, err := place.Abs(r, a.Dest)
	if err != nil {
		return nil, err
	}
	if a.RemoteSrc && a.Content == nil {
		if a.Src, err = onHost(ctx, r, a.Src.Name); err != nil {
			return nil, err
		}
	}
	if a.From != "" {
		if err := missing(a.Src, a.From); err != nil {
			return nil, err
		}
	}
	p := &module.Plan{Output: map[string]any{"dest": dest}}
	if e := a.Src.Entries; a.Content == nil && (len(e) != 1 || e[0].Path != "." || e[0].Type == fs.ModeDir) {
		return p, a.tree(ctx, r, p, dest)
	}
	return p, a.single(ctx, r, p, dest)
}

// single plans the copy of one file.
func (a *CopyArgs) single(ctx context.Context, r system.Reader, p *module.Plan, dest string) error {
	f := place.File{Attrs: a.FileAttrs, Keep: !a.Force, Safety: a.Safety, Brief: a.From != ""}
	name := ""
	if a.Content != nil {
		f.Content, f.Secret = system.Data([]byte(a.Content.Text)), a.Content.Secret
		if a.Mode == module.Preserve {
			return errors.New("mode preserve is for files that are copied from a src")
		}
	} else {
		name, f.Content = path.Base(a.Src.Name), a.Src.Entries[0].Content
		f.Attrs.Mode = a.modeOf(a.Src.Entries[0])
	}
	var err error
	if f.Path, f.InNew, err = destination(r, p, dest, name, a.Follow, a.directories()); err != nil {
		return err
	}
	return write(ctx, r, p, f)
}

// missing is an error if src is not on the host called from.
func missing(src module.Source, from module.HostName) error {
	if len(src.Entries) == 0 {
		return fmt.Errorf("copy %s: it is not on %s", src.Name, from)
	}
	return nil
}

func (a *CopyArgs) modeOf(e module.Entry) module.Mode {
	if a.Mode == module.Preserve {
		return module.Mode(module.Octal(e.Mode))
	}
	return a.Mode
}

// directories are the attributes of directories that are made.
func (a *CopyArgs) directories() place.FileAttrs {
	return place.FileAttrs{Owner: a.Owner, Group: a.Group, Mode: a.DirectoryMode}
}

// destination is the file that a copy to dest writes: one called name if dest is
// a directory, or ends in a slash and is to become one. isNew says that its
// directory is made by a step of p.
func destination(r system.Reader, p *module.Plan, dest, name string, follow bool, dirs place.FileAttrs) (file string, isNew bool, err error) {
	dir := path.Clean(dest)
	real, err := place.Real(r, dir)
	if err != nil {
		return "", false, err
	}
	f, err := place.Look(r, real)
	switch {
	case err != nil:
		return "", false, err
	case f.There && f.In.Type == fs.ModeDir || strings.HasSuffix(dest, "/"):
		if name == "" {
			return "", false, fmt.Errorf("write %s: it is a directory, and content has no name to be put there", dest)
		}
		before := len(p.Steps)
		err = dirs.MakeAll(r, p, dir)
		return path.Join(dir, name), len(p.Steps) > before, err
	case follow:
		return real, false, nil
	}
	return dir, false, nil
}

// write plans f and says in the output what becomes of it.
func write(ctx context.Context, r system.Reader, p *module.Plan, f place.File) error {
	backup, err := f.Plan(ctx, r, p)
	p.Output["dest"] = f.Path
	if backup != "" {
		p.Output["backup_file"] = backup
	}
	if !f.Secret && f.Content.SHA256 != "" {
		p.Output["checksum"] = f.Content.SHA256
	}
	return err
}

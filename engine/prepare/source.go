package prepare

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/template"
	"github.com/gokube/gokube/engine/unknown"
)

// source is the controller's file or tree called name.
func (p *Preparer) source(search []string, name string) (any, error) {
	file, err := p.find(search, "files", name)
	if err != nil {
		return nil, err
	}
	src, err := p.sources.get(file, func() (module.Source, error) { return p.read(file) })
	src.Name = name
	return src, err
}

// find looks for name in the folder kind of every folder of search, then in
// these folders themselves.
func (p *Preparer) find(search []string, kind, name string) (string, error) {
	tried := []string{name}
	if !path.IsAbs(name) && !strings.HasPrefix(name, "builtin:") {
		tried = nil
		for _, dir := range search {
			tried = append(tried, path.Join(dir, kind, name), path.Join(dir, name))
		}
	}
	for _, file := range tried {
		if _, err := p.files.Stat(file); err == nil {
			return file, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("look up %s: %w", file, err)
		}
	}
	return "", diag.Diagnostic{Summary: "file not found on the controller", Detail: name, Hint: "looked for " + strings.Join(tried, ", ")}
}

func (p *Preparer) read(file string) (module.Source, error) {
	info, err := p.files.Stat(file)
	if err != nil {
		return module.Source{}, err
	}
	if !info.IsDir() {
		c, err := p.content(file, info.Size())
		return module.Source{Entries: []module.Entry{{Path: ".", Mode: info.Mode().Perm(), Content: c}}}, err
	}
	src := module.Source{Entries: []module.Entry{{Path: ".", Type: fs.ModeDir, Mode: info.Mode().Perm()}}}
	return src, p.tree(&src, file, "")
}

// tree adds what is in root/dir to src, parents before children.
func (p *Preparer) tree(src *module.Source, root, dir string) error {
	entries, err := p.files.ReadDir(path.Join(root, dir))
	if err != nil {
		return err
	}
	for _, e := range entries {
		rel := path.Join(dir, e.Name())
		info, err := p.files.Stat(path.Join(root, rel)) // links are followed, as Ansible does
		if err != nil {
			return err
		}
		entry := module.Entry{Path: rel, Mode: info.Mode().Perm(), Type: info.Mode().Type() & fs.ModeDir}
		if !info.IsDir() {
			if entry.Content, err = p.content(path.Join(root, rel), info.Size()); err != nil {
				return err
			}
		}
		src.Entries = append(src.Entries, entry)
		if info.IsDir() {
			if err := p.tree(src, root, rel); err != nil {
				return err
			}
		}
	}
	return nil
}

// content digests a file without keeping it.
func (p *Preparer) content(file string, size int64) (system.Content, error) {
	open := func(context.Context) (io.ReadCloser, error) { return p.files.Open(file) }
	f, err := p.files.Open(file)
	if err != nil {
		return system.Content{}, err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return system.Content{}, fmt.Errorf("read %s: %w", file, err)
	}
	return system.Content{SHA256: hex.EncodeToString(sum.Sum(nil)), Size: size, Open: open}, nil
}

// template is the template file, parsed once.
func (p *Preparer) template(file string) (*template.Text, error) {
	return p.templates.get(file, func() (*template.Text, error) {
		data, err := p.files.ReadFile(file)
		return template.File(file, bytes.ToValidUTF8(data, []byte("\uFFFD"))), err
	})
}

// render is the template file called name, evaluated.
func (p *Preparer) render(search []string, name string, ev Eval) (any, error) {
	file, err := p.find(search, "templates", name)
	if err != nil {
		return nil, err
	}
	t, err := p.template(file)
	if err != nil {
		return nil, err
	}
	v, err := ev.Resolve(t)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case unknown.Value:
		return v, nil
	case secret.String:
		return module.Template{Name: name, Content: system.Data([]byte(v.Reveal())), Secret: true}, nil
	}
	return module.Template{Name: name, Content: system.Data([]byte(fmt.Sprint(v)))}, nil
}

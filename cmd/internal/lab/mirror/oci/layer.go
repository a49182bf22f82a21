package oci

import (
	"archive/tar"
	"cmp"
	"errors"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// Entry is a file or symbolic link of a layer. The folders above it come by themselves.
type Entry struct {
	Path string // absolute
	From string // the file that it is a copy of
	Link string // or where the link leads
}

// layer writes a layer's tar; folders are written once.
type layer struct {
	w    *tar.Writer
	seen map[string]bool
}

// writeLayer writes the entries in the order of their paths, owned by root and
// without times, so that the same files always make the same layer.
func writeLayer(w io.Writer, entries []Entry) error {
	l := layer{tar.NewWriter(w), map[string]bool{"/": true}}
	entries = slices.SortedFunc(slices.Values(entries), func(a, b Entry) int { return cmp.Compare(a.Path, b.Path) })
	if err := l.folder("/tmp", 0o1777); err != nil {
		return err
	}
	for _, e := range entries {
		if err := l.add(e); err != nil {
			return err
		}
	}
	return l.w.Close()
}

func (l layer) add(e Entry) error {
	if err := l.folder(path.Dir(e.Path), 0o755); err != nil {
		return err
	}
	if e.Link != "" {
		return l.header(tar.Header{Typeflag: tar.TypeSymlink, Name: e.Path, Linkname: e.Link, Mode: 0o777})
	}
	f, err := os.Open(e.From)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	err = l.header(tar.Header{Typeflag: tar.TypeReg, Name: e.Path, Mode: int64(info.Mode().Perm()), Size: info.Size()})
	if err != nil {
		return err
	}
	_, err = io.Copy(l.w, f)
	return errors.Join(err, l.w.Flush())
}

func (l layer) folder(p string, mode int64) error {
	if l.seen[p] {
		return nil
	}
	l.seen[p] = true
	if err := l.folder(path.Dir(p), 0o755); err != nil {
		return err
	}
	return l.header(tar.Header{Typeflag: tar.TypeDir, Name: p + "/", Mode: mode})
}

func (l layer) header(h tar.Header) error {
	h.Name = strings.TrimPrefix(h.Name, "/")
	h.ModTime = time.Unix(0, 0)
	return l.w.WriteHeader(&h)
}

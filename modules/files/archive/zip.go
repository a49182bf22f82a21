package archive

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
)

// maxLink is the most bytes that the target of a link may have.
const maxLink = 4096

// The systems, as a zip file names them, that say what permissions a file had.
const (
	fromUnix  = 3
	fromMacOS = 19
)

// zipped reads a zip file, whose table of contents is at its end.
func zipped(r io.Reader, max int64) (func() (Entry, io.Reader, error), error) {
	data, err := io.ReadAll(io.LimitReader(r, max+1))
	if err == nil && int64(len(data)) > max {
		err = fmt.Errorf("it is a zip file of more than %d MiB; a tar file may be of any size", max>>20)
	}
	if err != nil {
		return nil, fmt.Errorf("read archive: %w", err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("read archive: %w", err)
	}
	files, open := z.File, io.Closer(nil)
	return func() (Entry, io.Reader, error) {
		if open != nil {
			_ = open.Close()
			open = nil
		}
		if len(files) == 0 {
			return Entry{}, nil, io.EOF
		}
		f := files[0]
		files = files[1:]
		data, err := f.Open()
		if err != nil {
			return Entry{}, nil, fmt.Errorf("entry %q: %w", f.Name, err)
		}
		open = data
		return unzipped(f, data)
	}, nil
}

func unzipped(f *zip.File, data io.Reader) (Entry, io.Reader, error) {
	e := Entry{Name: f.Name, Mode: bits(f.Mode()), Type: f.Mode().Type(), Size: int64(f.UncompressedSize64)}
	if made := f.CreatorVersion >> 8; made != fromUnix && made != fromMacOS {
		e.Mode = bits(e.Type) // others keep no permissions
	}
	switch e.Type {
	case 0, fs.ModeDir:
		return e, data, nil
	case fs.ModeSymlink:
		to, err := io.ReadAll(io.LimitReader(data, maxLink))
		e.Link = string(to)
		return e, nil, err
	}
	return e, nil, fmt.Errorf("entry %q is no file, directory or link", f.Name)
}

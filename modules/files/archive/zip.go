package archive

import (
	"fmt"
	"io"
	"io/fs"
)

// maxLink is the most bytes that the target of a link may have.
const maxLink = 4096

// zipped reads a zip file, whose table of contents is at its end.
func zipped(r io.Reader, max int64) (func() (Entry, io.Reader, error), error) {
	data, err := io.ReadAll(io.LimitReader(r, max+1))
	if err == nil && int64(len(data)) > max {
		err = fmt.Errorf("it is a zip file of more than %d MiB; a tar file may be of any size", max>>20)
	}
	if err != nil {
		return nil, fmt.Errorf("read archive: %w", err)
	}
	members, err := directory(data)
	if err != nil {
		return nil, err
	}
	return func() (Entry, io.Reader, error) {
		if len(members) == 0 {
			return Entry{}, nil, io.EOF
		}
		m := members[0]
		members = members[1:]
		content, err := m.open(data)
		if err != nil {
			return Entry{}, nil, fmt.Errorf("entry %q: %w", m.name, err)
		}
		return unzipped(m, content)
	}, nil
}

func unzipped(m member, data io.Reader) (Entry, io.Reader, error) {
	e := Entry{Name: m.name, Mode: bits(m.mode), Type: m.mode.Type(), Size: int64(m.size)}
	switch e.Type {
	case 0, fs.ModeDir:
		return e, data, nil
	case fs.ModeSymlink:
		to, err := io.ReadAll(io.LimitReader(data, maxLink))
		e.Link = string(to)
		return e, nil, err
	}
	return e, nil, fmt.Errorf("entry %q is no file, directory or link", m.name)
}

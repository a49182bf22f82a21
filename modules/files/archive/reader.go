package archive

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// ErrPacked is the answer for a tar file packed in a way that needs a program:
// with xz or zstd.
var ErrPacked = errors.New("the archive is packed with xz or zstd")

// Reader gives the entries of an archive in order. Not safe for concurrent use.
type Reader struct {
	next  func() (Entry, io.Reader, error)
	guard guard
}

// Open reads an archive of any kind; what kind it is, is told by its first bytes.
// A zip file is read into memory, up to max bytes.
func Open(r io.Reader, max int64, o Options) (*Reader, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	head, err := in.Peek(262)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read archive: %w", err)
	}
	a := &Reader{guard: guard{opts: o, links: map[string]bool{}}}
	switch {
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")), bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")):
		return nil, ErrPacked
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		a.next, err = zipped(in, max)
		return a, err
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("read archive: %w", err)
		}
		a.next = tarred(z)
	case bytes.HasPrefix(head, []byte("BZh")):
		a.next = tarred(bzip2.NewReader(in))
	case len(head) == 262 && string(head[257:]) == "ustar":
		a.next = tarred(in)
	default:
		return nil, errors.New("read archive: it is neither tar (plain, gzip, bzip2, xz, zstd) nor zip")
	}
	return a, nil
}

// Next is the next entry that is wanted, and its content if it is a file, valid
// until the next call; io.EOF after the last.
func (a *Reader) Next() (Entry, io.Reader, error) {
	for {
		e, data, err := a.next()
		if err != nil {
			if !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = fmt.Errorf("read archive: %w", err)
			}
			return Entry{}, nil, err
		}
		ok, err := a.guard.admit(&e)
		if err != nil || ok {
			return e, data, err
		}
	}
}

func tarred(r io.Reader) func() (Entry, io.Reader, error) {
	t := tar.NewReader(r)
	return func() (Entry, io.Reader, error) {
		for {
			h, err := t.Next()
			if err != nil {
				return Entry{}, nil, err
			}
			if h.Typeflag == tar.TypeXGlobalHeader {
				continue
			}
			e := Entry{Name: h.Name, Mode: bits(h.FileInfo().Mode()), Size: h.Size}
			switch h.Typeflag {
			case tar.TypeReg, 0:
				if sparse(h) {
					return e, nil, fmt.Errorf("entry %q is a sparse file, whose holes would be written out", h.Name)
				}
			case tar.TypeDir:
				e.Type = fs.ModeDir
			case tar.TypeSymlink:
				e.Type, e.Link = fs.ModeSymlink, h.Linkname
			case tar.TypeLink:
				e.Hard = h.Linkname
			default:
				return e, nil, fmt.Errorf("entry %q is no file, directory or link", h.Name)
			}
			return e, t, nil
		}
	}
}

// sparse reports whether h's file is stored with holes: a short archive could then
// hold any size.
func sparse(h *tar.Header) bool {
	for name := range h.PAXRecords {
		if strings.HasPrefix(name, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// bits are the mode bits of m, the usual ones if it has none.
func bits(m fs.FileMode) fs.FileMode {
	b := m & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky)
	switch {
	case b != 0:
		return b
	case m.IsDir():
		return 0o755
	}
	return 0o644
}

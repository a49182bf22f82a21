package local

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"github.com/gokube/gokube/engine/system/local/digests"
)

// file is a small regular file, open for reading. Package os would try to have the
// kernel tell when it can be read, which takes as long as to read it.
type file struct {
	fd   int
	path string
}

func openSmall(at string) (*file, error) {
	for {
		// What has taken its place since it was looked at must not keep us waiting.
		fd, err := unix.Open(at, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if !errors.Is(err, unix.EINTR) {
			return &file{fd, at}, err
		}
	}
}

// Read reads as io.Reader says.
func (f *file) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	for {
		n, err := unix.Read(f.fd, b)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return 0, &fs.PathError{Op: "read", Path: f.path, Err: err}
		case n == 0:
			return 0, io.EOF
		}
		return n, nil
	}
}

// Close closes the file; a second time it is an error.
func (f *file) Close() error {
	if f.fd < 0 {
		return fs.ErrClosed
	}
	fd := f.fd
	f.fd = -1
	return unix.Close(fd)
}

// slurp is all of a file of the system's, such as one in /proc.
func slurp(at string) ([]byte, error) {
	f, err := openSmall(at)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// open is the regular file that p leads to and how large it is, or was a moment ago.
// One that is not small is an *os.File.
func (s *System) open(p string) (f io.ReadCloser, size int64, err error) {
	at := s.real(p, true)
	var st unix.Stat_t
	// Opening a device or a pipe may do something, so it is looked at first.
	for err = unix.Stat(at, &st); errors.Is(err, unix.EINTR); {
		err = unix.Stat(at, &st)
	}
	switch {
	case err != nil:
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		err = fs.ErrInvalid
	case st.Size < digests.Smallest:
		f, err = openSmall(at)
	default:
		f, err = os.OpenFile(at, os.O_RDONLY|unix.O_NONBLOCK, 0)
	}
	if err != nil {
		return nil, 0, fault("open", p, err)
	}
	return f, st.Size, nil
}

package hostkeys

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// appendLine adds a line to a file that other programs add to as well: under a
// lock, with one write.
func appendLine(path, line string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	open, err := endsOpen(f)
	if err != nil {
		return err
	}
	if open {
		line = "\n" + line
	}
	_, err = f.WriteString(line + "\n")
	return err
}

// endsOpen tells whether the last line of f has no line end.
func endsOpen(f *os.File) (bool, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil || size == 0 {
		return false, err
	}
	last := make([]byte, 1)
	_, err = f.ReadAt(last, size-1)
	return last[0] != '\n', err
}

// Package upload writes a file at the other end of a byte stream, by SFTP or by a
// shell command that reads it from stdin. Either way it appears under its name
// only when it is complete. It does not know SSH.
package upload

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/pkg/sftp"
)

// ErrNoSFTP is a stream at whose other end nobody speaks SFTP.
var ErrNoSFTP = errors.New("no SFTP at the other end")

// SFTP writes size bytes of r to name by SFTP over rd and wr; wr is closed at the
// end.
func SFTP(rd io.Reader, wr io.WriteCloser, r io.Reader, size int64, name string, mode fs.FileMode) error {
	c, err := sftp.NewClientPipe(rd, wr, sftp.UseConcurrentWrites(true))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoSFTP, err)
	}
	// Closing waits for the end of the stream, which may never come; its outcome
	// says nothing about the file.
	defer func() { _ = wr.Close() }()
	temporary := temporaryName(name)
	if err := fill(c, temporary, r, size, mode); err != nil {
		_ = c.Remove(temporary)
		return explain(c, name, err)
	}
	if err := rename(c, temporary, name); err != nil {
		_ = c.Remove(temporary)
		return explain(c, name, err)
	}
	return nil
}

// temporaryName is beside name, so that it can be renamed to it.
func temporaryName(name string) string {
	return path.Join(path.Dir(name), ".gokube-"+rand.Text())
}

// fill sets the mode before there is anything to read.
func fill(c *sftp.Client, name string, r io.Reader, size int64, mode fs.FileMode) error {
	f, err := c.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	err = f.Chmod(mode.Perm())
	if err == nil {
		err = copyAll(f, r, size)
	}
	return errors.Join(err, f.Close())
}

func copyAll(f *sftp.File, r io.Reader, size int64) error {
	n, err := f.ReadFrom(&io.LimitedReader{R: r, N: size})
	if err == nil && n != size {
		err = Short(n, size)
	}
	return err
}

// Short is a source that ended after n bytes of size.
func Short(n, size int64) error { return fmt.Errorf("read %d bytes of %d", n, size) }

// rename replaces a file that is there, which plain SFTP cannot do at once.
func rename(c *sftp.Client, from, to string) error {
	if _, ok := c.HasExtension("posix-rename@openssh.com"); ok {
		return c.PosixRename(from, to)
	}
	if err := c.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return c.Rename(from, to)
}

// readOnly is the flag of a file system that cannot be written to.
const readOnly = 1

// explain says why, where SFTP only says that it went wrong.
func explain(c *sftp.Client, name string, err error) error {
	if errors.Is(err, sftp.ErrSSHFxConnectionLost) {
		return io.ErrUnexpectedEOF
	}
	var status *sftp.StatusError
	if !errors.As(err, &status) || status.FxCode() != sftp.ErrSSHFxFailure {
		return err
	}
	if _, ok := c.HasExtension("statvfs@openssh.com"); !ok {
		return err
	}
	vfs, vfsErr := c.StatVFS(path.Dir(name))
	switch {
	case vfsErr != nil:
		return err
	case vfs.Flag&readOnly != 0:
		return syscall.EROFS
	case vfs.Bavail == 0 || vfs.Ffree == 0 && vfs.Files > 0:
		return syscall.ENOSPC
	}
	return err
}

// Command is a command line for any login shell that writes size bytes of its
// stdin to name. It fails, and leaves nothing behind, if fewer come.
func Command(name string, size int64, mode fs.FileMode) string {
	if !path.IsAbs(name) {
		name = "./" + name // or it might be taken for an option
	}
	script := fmt.Sprintf(`d=%s; test -d "$d" || exit %d; test -w "$d" || exit %d
t=%s; umask 077; trap 'rm -f "$t"' EXIT; trap 'exit 1' HUP INT TERM
cat >"$t" && test $(wc -c <"$t") -eq %d && chmod %o "$t" && mv -f "$t" %s`,
		quote(path.Dir(name)), exitNoDirectory, exitReadOnly, quote(temporaryName(name)), size, mode.Perm(), quote(name))
	return "exec /bin/sh -c " + quote(script)
}

// quote makes s one word of a shell, which need not be a POSIX one: csh and fish
// read it alike, but for history expansion, which non-interactive shells lack.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// The exit statuses by which Command tells why.
const (
	exitNoDirectory = 98
	exitReadOnly    = 99
)

// Reason is why Command ended with status, err, after it said stderr.
func Reason(status int, stderr string, err error) error {
	switch status {
	case exitNoDirectory:
		return fs.ErrNotExist
	case exitReadOnly:
		return fs.ErrPermission
	}
	last := ""
	for line := range strings.Lines(stderr) {
		if line = strings.TrimSpace(line); line != "" {
			last = line
		}
	}
	if last == "" {
		return err
	}
	return fmt.Errorf("%s: %w", strings.Map(printable, last), err)
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return '?'
	}
	return r
}

package program

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/gokube/gokube/engine/runner"
)

// tools are the programs that the controller brings along, one program under several
// names or not: each is kept once, by its digest. For this user they are
// kept in the runner's cache; for others they are put, like the runner itself, into a
// directory that is made when it is first needed and removed at the end.
type tools struct {
	mu     sync.Mutex
	source runner.FindTool
	dir    string
	paths  map[string]string // in dir
	kept   map[string]string // in the cache, verified, by digest
}

// offer says how tools are got from the controller.
func (t *tools) offer(find runner.FindTool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.source = find
}

// find is the path of the tool called name, for this user.
func (t *tools) find(ctx context.Context, name string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	sum, open, err := t.look(name)
	if err != nil {
		return "", err
	}
	if p := t.kept[sum]; p != "" {
		return p, nil
	}
	p, err := keep(ctx, sum, open)
	if err != nil { // a home directory that takes nothing
		return t.publish(ctx, tool+sum, open)
	}
	if t.kept == nil {
		t.kept = map[string]string{}
	}
	t.kept[sum] = p
	return p, nil
}

// share is the path of the tool called name, for every user.
func (t *tools) share(ctx context.Context, name string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	sum, open, err := t.look(name)
	if err != nil {
		return "", err
	}
	return t.publish(ctx, tool+sum, open)
}

// self is the path of this program, for every user.
func (t *tools) self(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.publish(ctx, "gokube-runner", func(context.Context) (io.ReadCloser, error) { return os.Open("/proc/self/exe") })
}

func (t *tools) look(name string) (string, func(context.Context) (io.ReadCloser, error), error) {
	if t.source == nil {
		return "", nil, &fs.PathError{Op: "run", Path: name, Err: fs.ErrNotExist}
	}
	return t.source(name)
}

const tool = "gokube-tool-"

// keep is the path in the cache of the program with digest sum, which is put there
// if it is not.
func keep(ctx context.Context, sum string, open func(context.Context) (io.ReadCloser, error)) (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(home, ".cache", "gokube")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if !mine(dir) || !runs(dir) {
		return "", fs.ErrPermission
	}
	p := filepath.Join(dir, tool+sum)
	if digest(p) == sum {
		return p, nil
	}
	r, err := open(ctx)
	if err != nil {
		return "", err
	}
	defer r.Close()
	return p, errors.Join(write(p+".new", r), os.Rename(p+".new", p))
}

// mine reports whether dir is this user's, and nobody else may write there.
func mine(dir string) bool {
	in, err := os.Lstat(dir)
	if err != nil || !in.IsDir() || in.Mode()&0o022 != 0 {
		return false
	}
	st, ok := in.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Getuid()
}

// digest is that of the file at p, "" if it cannot be read.
func digest(p string) string {
	f, err := os.Open(p)
	if err != nil {
		return ""
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

// publish writes a program to where every user of the host can start it, once.
func (t *tools) publish(ctx context.Context, name string, open func(context.Context) (io.ReadCloser, error)) (string, error) {
	if p := t.paths[name]; p != "" {
		return p, nil
	}
	r, err := open(ctx)
	if err != nil {
		return "", err
	}
	defer r.Close()
	if t.dir == "" {
		dir, err := publicDir()
		if err != nil {
			return "", err
		}
		t.dir, t.paths = dir, map[string]string{}
	}
	p := filepath.Join(t.dir, name)
	if err := write(p, r); err != nil {
		return "", fmt.Errorf("write %s: %w", p, err)
	}
	t.paths[name] = p
	return p, nil
}

// write makes the program at p, or nothing. No process is made meanwhile: it would
// hold the file open for writing, and then it could not be started.
func write(p string, r io.Reader) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	_ = os.Remove(p) // what an earlier attempt has left
	f, err := os.OpenFile(p, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Chmod(0o755)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(p) // the error that matters is err
	}
	return err
}

const noExec = 8 // ST_NOEXEC

// runs reports whether programs can be run from the file system of dir.
func runs(dir string) bool {
	var st syscall.Statfs_t
	return syscall.Statfs(dir, &st) != nil || st.Flags&noExec == 0
}

// publicDir makes a directory of our own, on a file system that runs programs, that
// others can enter and not list.
func publicDir() (string, error) {
	var tried []error
	for _, parent := range []string{"/var/tmp", "/tmp", "/dev/shm", "/run"} {
		if !runs(parent) {
			tried = append(tried, fmt.Errorf("%s: no programs can be run there", parent))
			continue
		}
		dir, err := os.MkdirTemp(parent, "gokube-*")
		if err == nil {
			err = os.Chmod(dir, 0o711)
		}
		if err == nil {
			return dir, nil
		}
		tried = append(tried, err)
	}
	return "", fmt.Errorf("find a place for programs: %w", errors.Join(tried...))
}

func (t *tools) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dir != "" {
		_ = os.RemoveAll(t.dir) // made by us, with a random name
		t.dir, t.paths = "", nil
	}
}

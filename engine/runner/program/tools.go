package program

import (
	"context"
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

// tools are the programs that the controller brings along, and the directory in
// which programs lie that other users start. The directory is made when it is first
// needed, and removed at the end.
type tools struct {
	mu     sync.Mutex
	source runner.OpenTool
	dir    string
	paths  map[string]string
}

// offer says how tools are got from the controller.
func (t *tools) offer(open runner.OpenTool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.source = open
}

// find is the path of the tool called name.
func (t *tools) find(ctx context.Context, name string) (string, error) {
	r, err := t.fetch(ctx, name)
	if err != nil {
		return "", err
	}
	defer r.Close()
	return t.publish(name, r)
}

// fetch is the tool called name; one that is published already need not be read.
func (t *tools) fetch(ctx context.Context, name string) (io.ReadCloser, error) {
	t.mu.Lock()
	open, have := t.source, t.paths[name] != ""
	t.mu.Unlock()
	if have {
		return io.NopCloser(nil), nil
	}
	if open == nil {
		return nil, &fs.PathError{Op: "run", Path: name, Err: fs.ErrNotExist}
	}
	return open(ctx, name)
}

// publish writes a program to where every user of the host can start it, once.
func (t *tools) publish(name string, r io.Reader) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.paths[name]; p != "" {
		return p, nil
	}
	if t.dir == "" {
		dir, err := publicDir()
		if err != nil {
			return "", err
		}
		t.dir, t.paths = dir, map[string]string{}
	}
	p := filepath.Join(t.dir, name)
	if err := write(p, r); err != nil {
		_ = os.Remove(p) // it may not even be there
		return "", fmt.Errorf("write %s: %w", p, err)
	}
	t.paths[name] = p
	return p, nil
}

func write(p string, r io.Reader) error {
	f, err := os.OpenFile(p, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Chmod(0o755)
	}
	return errors.Join(err, f.Close())
}

const noExec = 8 // ST_NOEXEC

// publicDir makes a directory of our own, on a file system that runs programs, that
// others can enter and not list.
func publicDir() (string, error) {
	var tried []error
	for _, parent := range []string{"/var/tmp", "/tmp", "/dev/shm", "/run"} {
		var st syscall.Statfs_t
		if err := syscall.Statfs(parent, &st); err == nil && st.Flags&noExec != 0 {
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

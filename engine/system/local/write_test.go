package local_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/local"
)

func put(t *testing.T, p, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return p
}

// mount is skipped by who may not mount.
func mount(t *testing.T, source, target, kind string, flags uintptr, data string) {
	t.Helper()
	if err := unix.Mount(source, target, kind, flags, data); err != nil {
		t.Skipf("mount: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(target, unix.MNT_DETACH) })
}

func read(t *testing.T, p string) string {
	t.Helper()
	data, err := os.ReadFile(p)
	if err != nil {
		t.Error(err)
	}
	return string(data)
}

// alone wants a directory to hold nothing but one name.
func alone(t *testing.T, dir, name string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 1 || list[0].Name() != name {
		t.Errorf("%s holds %v, %v", dir, list, err)
	}
}

func TestAFileThatIsAMountPointIsWrittenInPlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, other := put(t, dir+"/a/hosts", ""), put(t, dir+"/b/hosts", "old and long")
	mount(t, other, p, "", unix.MS_BIND, "")
	s := local.New(local.Options{})
	if err := s.WriteFile(p, system.Data([]byte("new")), system.Attrs{Mode: 0o600}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, other); got != "new" {
		t.Errorf("got %q", got)
	}
	if in, _ := s.Lstat(p); in.Attrs.Mode != 0o600 {
		t.Errorf("mode %v", in.Attrs.Mode)
	}
	short := system.Data([]byte("x"))
	short.Size = 7
	if err := s.WriteFile(p, short, system.Attrs{}); err == nil || !strings.Contains(err.Error(), "content changed") {
		t.Errorf("got %v", err)
	}
	if got := read(t, other); got != "new" {
		t.Errorf("not put back: %q", got)
	}
	alone(t, dir+"/a", "hosts")
}

func TestAFullDiskLeavesTheOldFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mount(t, "tmpfs", dir, "tmpfs", 0, "size=256k")
	p := put(t, dir+"/f", "old")
	s := local.New(local.Options{})
	err := s.WriteFile(p, system.Data(bytes.Repeat([]byte("x"), 1<<20)), system.Attrs{})
	if !errors.Is(err, unix.ENOSPC) || !strings.Contains(err.Error(), p+": no space left on device") {
		t.Errorf("got %v", err)
	}
	if got := read(t, p); got != "old" {
		t.Errorf("got %q", got)
	}
	alone(t, dir, "f")
}

func TestAReadOnlyFileSystemSaysSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mount(t, "tmpfs", dir, "tmpfs", unix.MS_RDONLY, "")
	s := local.New(local.Options{})
	err := s.WriteFile(dir+"/f", system.Data(nil), system.Attrs{})
	if err == nil || err.Error() != "write "+dir+"/f: read-only file system" {
		t.Errorf("got %v", err)
	}
}

func TestAnImmutableFileSaysSo(t *testing.T) {
	t.Parallel()
	p := put(t, t.TempDir()+"/f", "old")
	f, err := os.Open(p)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, 0x10); err != nil {
		t.Skip(err)
	}
	defer func() { _ = unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, 0) }()
	err = local.New(local.Options{}).WriteFile(p, system.Data(nil), system.Attrs{})
	if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "chattr -i") {
		t.Errorf("got %v", err)
	}
	alone(t, filepath.Dir(p), "f")
}

func TestAContentThatIsNotWhatItPromisesIsNotWritten(t *testing.T) {
	t.Parallel()
	s := local.New(local.Options{})
	p := put(t, t.TempDir()+"/f", "old")
	for _, spoil := range []func(*system.Content){
		func(c *system.Content) { c.Size = 2 }, func(c *system.Content) { c.SHA256 = system.Sum(nil) },
	} {
		c := system.Data([]byte("new"))
		spoil(&c)
		if err := s.WriteFile(p, c, system.Attrs{}); err == nil || !strings.Contains(err.Error(), "content changed while it was copied") {
			t.Errorf("got %v", err)
		}
	}
	if got := read(t, p); got != "old" {
		t.Errorf("got %q", got)
	}
	alone(t, filepath.Dir(p), "f")
}

func TestAReaderNeverSeesHalfAFile(t *testing.T) {
	t.Parallel()
	s := local.New(local.Options{})
	p := put(t, t.TempDir()+"/f", strings.Repeat("a", 1<<20))
	done := make(chan error, 1)
	go func() {
		var err error
		for i := 0; i < 40 && err == nil; i++ {
			err = s.WriteFile(p, system.Data(bytes.Repeat([]byte{byte('a' + i%2)}, 1<<20)), system.Attrs{})
		}
		done <- err
	}()
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			return
		default:
		}
		if text := read(t, p); strings.Trim(text, text[:1]) != "" || len(text) != 1<<20 {
			t.Fatalf("torn: %d bytes", len(text))
		}
	}
}

func TestLabelsAreKept(t *testing.T) {
	t.Parallel()
	p := put(t, t.TempDir()+"/f", "old")
	if err := unix.Setxattr(p, "user.gokube", []byte("kept"), 0); err != nil {
		t.Skip(err)
	}
	if err := local.New(local.Options{}).WriteFile(p, system.Data([]byte("new")), system.Attrs{}); err != nil {
		t.Fatal(err)
	}
	value := make([]byte, 10)
	if n, err := unix.Getxattr(p, "user.gokube", value); err != nil || string(value[:n]) != "kept" {
		t.Errorf("got %q, %v", value[:max(n, 0)], err)
	}
}

func TestSpecialFilesAreNotOpened(t *testing.T) {
	t.Parallel()
	s := local.New(local.Options{})
	p := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(p, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{p, "/dev/zero"} {
		if _, err := s.Open(p); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("open: %v", err)
		}
		if _, err := s.Digest(p); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("digest: %v", err)
		}
	}
	if in, err := s.Lstat(p); err != nil || in.Type != fs.ModeNamedPipe {
		t.Errorf("got %+v, %v", in, err)
	}
}

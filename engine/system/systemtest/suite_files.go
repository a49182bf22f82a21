package systemtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/system"
)

func absent(t *testing.T, s system.System) {
	tree(t, s)
	for _, p := range []string{"/suite/no", "/suite/no/no", "/suite/dir/file/x", "/suite/loop1/x", "/suite/dangling/x", "/suite/rel/x"} {
		_, err := s.Lstat(p)
		is(t, "Lstat "+p, err, fs.ErrNotExist)
		_, err = s.Open(p)
		is(t, "Open "+p, err, fs.ErrNotExist)
		_, err = s.Digest(p)
		is(t, "Digest "+p, err, fs.ErrNotExist)
		_, err = s.ReadDir(p)
		is(t, "ReadDir "+p, err, fs.ErrNotExist)
		_, err = s.Object(t.Context(), system.Path(p))
		is(t, "Object "+p, err, fs.ErrNotExist)
	}
}

func links(t *testing.T, s system.System) {
	tree(t, s)
	for _, p := range []string{"/suite/rel", "/suite/abs/file", "/suite/abs/../rel", "/suite/dir/../abs/file"} {
		holds(t, s, p, "text")
	}
	in := mode(t, s, "/suite/rel", fs.ModeSymlink, 0o777)
	if in.Target != "dir/file" {
		t.Errorf("target %q", in.Target)
	}
	mode(t, s, "/suite/abs/file", 0, 0o644)
	mode(t, s, "/suite/dangling", fs.ModeSymlink, 0o777)
	mode(t, s, "/suite/loop1", fs.ModeSymlink, 0o777)
	for _, p := range []string{"/suite/dangling", "/suite/loop1"} {
		_, err := s.Open(p)
		is(t, "Open "+p, err, fs.ErrNotExist)
		_, err = s.ReadDir(p)
		is(t, "ReadDir "+p, err, fs.ErrNotExist)
		ok, err := system.Exists(t.Context(), s, p)
		if !ok || err != nil {
			t.Errorf("Exists %s: %v, %v", p, ok, err)
		}
	}
	must(t, s.WriteFile("/suite/abs/new", system.Data([]byte("new")), system.Attrs{}))
	holds(t, s, "/suite/dir/new", "new")
}

func listing(t *testing.T, s system.System) {
	tree(t, s)
	write(t, s, "/suite/dir/B", "")
	write(t, s, "/suite/dir/.a", "abc")
	list, err := s.ReadDir("/suite/abs")
	must(t, err)
	var names []string
	for _, in := range list {
		names = append(names, in.Path)
		if again, err := s.Lstat(in.Path); err != nil || again != in {
			t.Errorf("listed %+v, Lstat says %+v, %v", in, again, err)
		}
	}
	if diff := cmp.Diff([]string{"/suite/abs/.a", "/suite/abs/B", "/suite/abs/file"}, names); diff != "" {
		t.Error(diff)
	}
	_, err = s.ReadDir("/suite/rel")
	is(t, "listing a file", err, fs.ErrNotExist)
	_, err = s.Open("/suite/abs")
	is(t, "opening a directory", err, fs.ErrInvalid)
	must(t, s.Mkdir("/suite/empty", system.Attrs{}))
	if list, err := s.ReadDir("/suite/empty"); err != nil || len(list) != 0 {
		t.Errorf("empty directory: %v, %v", list, err)
	}
}

func writing(t *testing.T, s system.System) {
	must(t, s.Mkdir("/suite", system.Attrs{}))
	write(t, s, "/suite/a", "abc")
	if in := mode(t, s, "/suite/a", 0, 0o644); in.Size != 3 {
		t.Errorf("size %d", in.Size)
	}
	holds(t, s, "/suite/a", "abc")
	must(t, s.WriteFile("/suite/b", system.Data(nil), system.Attrs{Mode: 0o711 | fs.ModeSetuid}))
	mode(t, s, "/suite/b", 0, 0o711|fs.ModeSetuid)
	holds(t, s, "/suite/b", "")
	must(t, s.WriteFile("/suite/c", system.Data([]byte("\x00\xff\r\n")), system.Attrs{Mode: 0o400}))
	mode(t, s, "/suite/c", 0, 0o400)
	holds(t, s, "/suite/c", "\x00\xff\r\n")
}

func replacing(t *testing.T, s system.System) {
	tree(t, s)
	must(t, s.SetAttrs("/suite/dir/file", system.Attrs{Mode: 0o600}))
	write(t, s, "/suite/dir/file", "other")
	mode(t, s, "/suite/dir/file", 0, 0o600)
	holds(t, s, "/suite/rel", "other")
	must(t, s.WriteFile("/suite/dir/file", system.Data([]byte("more")), system.Attrs{Mode: 0o640}))
	mode(t, s, "/suite/dir/file", 0, 0o640)
	write(t, s, "/suite/rel", "own")
	mode(t, s, "/suite/rel", 0, 0o644)
	holds(t, s, "/suite/rel", "own")
	holds(t, s, "/suite/dir/file", "more")
	write(t, s, "/suite/dangling", "d")
	holds(t, s, "/suite/dangling", "d")
}

func misplaced(t *testing.T, s system.System) {
	tree(t, s)
	for p, kind := range map[string]error{
		"/suite/dir": fs.ErrExist, "/suite/no/x": fs.ErrNotExist, "/suite/dir/file/x": fs.ErrNotExist, "/suite/loop1/x": fs.ErrNotExist, "/suite/dangling/x": fs.ErrNotExist,
	} {
		is(t, "WriteFile "+p, s.WriteFile(p, system.Data(nil), system.Attrs{}), kind)
		is(t, "Mkdir "+p, s.Mkdir(p, system.Attrs{}), kind)
		is(t, "Symlink "+p, s.Symlink("x", p), kind)
	}
	for _, p := range []string{"/suite/dir/file", "/suite/rel", "/suite/dangling", "/suite/loop1"} {
		is(t, "Mkdir "+p, s.Mkdir(p, system.Attrs{}), fs.ErrExist)
		is(t, "Symlink "+p, s.Symlink("x", p), fs.ErrExist)
	}
	holds(t, s, "/suite/dir/file", "text")
}

func directories(t *testing.T, s system.System) {
	must(t, s.Mkdir("/suite", system.Attrs{}))
	mode(t, s, "/suite", fs.ModeDir, 0o755)
	must(t, s.Mkdir("/suite/d", system.Attrs{Mode: 0o777 | fs.ModeSticky}))
	mode(t, s, "/suite/d", fs.ModeDir, 0o777|fs.ModeSticky)
	write(t, s, "/suite/d/x", "x")
	holds(t, s, "/suite/d/x", "x")
}

func symlinks(t *testing.T, s system.System) {
	must(t, s.Mkdir("/suite", system.Attrs{}))
	must(t, s.Symlink("../suite/./x y", "/suite/l"))
	if in := mode(t, s, "/suite/l", fs.ModeSymlink, 0o777); in.Target != "../suite/./x y" {
		t.Errorf("target %q", in.Target)
	}
	write(t, s, "/suite/x y", "x")
	holds(t, s, "/suite/l", "x")
}

func attributes(t *testing.T, s system.System) {
	tree(t, s)
	must(t, s.SetAttrs("/suite/dir", system.Attrs{Mode: 0o700}))
	mode(t, s, "/suite/dir", fs.ModeDir, 0o700)
	holds(t, s, "/suite/dir/file", "text")
	must(t, s.SetAttrs("/suite/dir/file", system.Attrs{Mode: 0o755 | fs.ModeSetgid}))
	must(t, s.SetAttrs("/suite/dir/file", system.Attrs{}))
	mode(t, s, "/suite/dir/file", 0, 0o755|fs.ModeSetgid)
	must(t, s.SetAttrs("/suite/rel", system.Attrs{Mode: 0o600}))
	mode(t, s, "/suite/rel", fs.ModeSymlink, 0o777)
	mode(t, s, "/suite/dir/file", 0, 0o755|fs.ModeSetgid)
	is(t, "attributes of nothing", s.SetAttrs("/suite/no", system.Attrs{Mode: 0o600}), fs.ErrNotExist)
}

func owners(t *testing.T, s system.System) {
	tree(t, s)
	me := s.Facts().User
	own := system.Attrs{Owner: me.Name, Group: me.Group}
	in := mode(t, s, "/suite/dir/file", 0, 0o644)
	if in.Attrs.Owner != own.Owner || in.Attrs.Group != own.Group {
		t.Errorf("got %+v, want %+v", in.Attrs, own)
	}
	must(t, s.SetAttrs("/suite/dir/file", own))
	must(t, s.WriteFile("/suite/dir/file", system.Data([]byte("own")), own))
	mode(t, s, "/suite/dir/file", 0, 0o644)
	nobody := system.Attrs{Owner: "no-such-user"}
	for what, err := range map[string]error{
		"WriteFile": s.WriteFile("/suite/dir/file", system.Data(nil), nobody), "Mkdir": s.Mkdir("/suite/new", nobody),
		"SetAttrs": s.SetAttrs("/suite/dir/file", nobody), "group": s.SetAttrs("/suite/dir", system.Attrs{Group: "no-such-group"}),
	} {
		var missing *system.NoOwnerError
		if !errors.As(err, &missing) {
			t.Errorf("%s: got %v", what, err)
		}
	}
	holds(t, s, "/suite/dir/file", "own")
	_, err := s.Lstat("/suite/new")
	is(t, "directory of nobody", err, fs.ErrNotExist)
}

func removing(t *testing.T, s system.System) {
	tree(t, s)
	for _, p := range []string{"/suite/no", "/suite/no/no", "/suite/dir/file/x", "/suite/loop1/x"} {
		must(t, s.Remove(p))
	}
	must(t, s.Remove("/suite/rel"))
	holds(t, s, "/suite/dir/file", "text")
	must(t, s.Remove("/suite/abs"))
	holds(t, s, "/suite/dir/file", "text")
	must(t, s.Remove("/suite/loop1"))
	must(t, s.Remove("/suite/dir"))
	must(t, s.Remove("/suite/dir"))
	_, err := s.Lstat("/suite/dir/file")
	is(t, "below what is removed", err, fs.ErrNotExist)
	must(t, s.Mkdir("/suite/dir", system.Attrs{}))
	if list, err := s.ReadDir("/suite/dir"); err != nil || len(list) != 0 {
		t.Errorf("made again: %v, %v", list, err)
	}
	must(t, s.Remove("/suite"))
	_, err = s.Lstat("/suite")
	is(t, "all", err, fs.ErrNotExist)
	if err := s.Remove("/"); err == nil {
		t.Error("/ was removed")
	}
}

func streams(t *testing.T, s system.System) {
	must(t, s.Mkdir("/suite", system.Attrs{}))
	data := pattern(9 << 20)
	c := system.Content{Size: -1, Open: func(context.Context) (io.ReadCloser, error) {
		// A reader that is nothing but one: nobody may look at its bytes otherwise.
		return io.NopCloser(io.MultiReader(bytes.NewReader(data))), nil
	}}
	must(t, s.WriteFile("/suite/big", c, system.Attrs{}))
	sum, err := s.Digest("/suite/big")
	if err != nil || sum != system.Sum(data) {
		t.Errorf("digest %s, %v", sum, err)
	}
	r, err := s.Open("/suite/big")
	must(t, err)
	defer r.Close()
	h := sha256.New()
	n, err := io.Copy(h, r)
	if err != nil || n != int64(len(data)) || hex.EncodeToString(h.Sum(nil)) != sum {
		t.Errorf("read %d bytes, %v", n, err)
	}
	half, err := s.Open("/suite/big")
	must(t, err)
	_, err = io.CopyN(io.Discard, half, 70000)
	must(t, err)
	must(t, half.Close())
	if in := mode(t, s, "/suite/big", 0, 0o644); in.Size != int64(len(data)) {
		t.Errorf("size %d", in.Size)
	}
}

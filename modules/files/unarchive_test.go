package files

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
)

type packed struct{ name, text, link string }

// tarball is a tar.gz file of these; one without text or link is a directory.
func tarball(t *testing.T, ps ...packed) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, p := range ps {
		h := &tar.Header{Name: p.name, Mode: 0o755, Size: int64(len(p.text)), Linkname: p.link}
		switch {
		case p.link != "":
			h.Typeflag = tar.TypeSymlink
		case p.text == "":
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, p.text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	_ = z.Close()
	return b.String()
}

func digest(s string) *change.Value {
	return change.Attrs("mode", "0755").WithDigest(int64(len(s)), system.Sum([]byte(s)))
}

func TestUnarchive(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, Unarchive)
	data := tarball(t, packed{name: "./"}, packed{name: "top/"}, packed{name: "top/a", text: "A"}, packed{name: "top/deep/b", text: "B"}, packed{name: "top/l", link: "a"})
	src := source("x.tgz", data)
	dir := func(p string, pairs ...string) change.Change {
		return change.Change{Action: change.Create, Kind: "directory", Target: p, After: change.Attrs(pairs...)}
	}
	link := change.Change{Action: change.Create, Kind: "link", Target: "/opt/top/l", After: change.Attrs("to", "a")}
	full := with(map[string]systemtest.File{"/opt/top/a": file("old"), "/opt/top/deep/b": owned(file("B"), "", "", 0o755), "/opt/top/l": systemtest.Link("a"), "/srv/x.tgz": file(data), "/srv/made": file("")})
	moduletest.Run(t, Unarchive, []moduletest.Case{
		{Name: "all", Args: module.Args{"src": src, "dest": "/opt/"},
			Want:   []change.Change{dir("/opt/top", "mode", "0755"), created("/opt/top/a", digest("A")), dir("/opt/top/deep"), created("/opt/top/deep/b", digest("B")), link},
			Then:   moduletest.Then{Files: map[string]systemtest.File{"/opt/top/a": owned(file("A"), "root", "root", 0o755), "/opt/top/deep/b": file("B"), "/opt/top/l": systemtest.Link("a")}},
			Output: map[string]any{"dest": "/opt", "src": "x.tgz"}},
		{Name: "only what differs", Host: full, Args: module.Args{"src": src, "dest": "/opt"},
			Want: []change.Change{updated("/opt/top/a", change.Attrs("mode", "0644").WithDigest(3, system.Sum([]byte("old"))), digest("A"))}, Then: then("/opt/top/a", file("A"))},
		{Name: "stripped and chosen", Args: module.Args{"src": src, "dest": "/opt", "extra_opts": "--strip-components=1", "exclude": []any{"l"}, "mode": "0700"},
			Want: []change.Change{created("/opt/a", change.Attrs("mode", "0700").WithDigest(1, system.Sum([]byte("A")))), dir("/opt/deep"), created("/opt/deep/b", change.Attrs("mode", "0700").WithDigest(1, system.Sum([]byte("B"))))}},
		{Name: "of the host", Host: full, Args: module.Args{"src": module.Source{Name: "/srv/x.tgz"}, "dest": "/opt", "remote_src": true, "include": "top/a"},
			Want: []change.Change{updated("/opt/top/a", change.Attrs("mode", "0644").WithDigest(3, system.Sum([]byte("old"))), digest("A"))}},
		{Name: "not needed", Host: full, Args: module.Args{"src": src, "dest": "/opt", "creates": "/srv/made"}},
		{Name: "needed", Args: module.Args{"src": src, "dest": "/opt", "creates": "/opt/a", "strip_components": 1, "include": []any{"top/a"}}, Want: []change.Change{created("/opt/a", digest("A"))}},
		{Name: "nowhere", Args: module.Args{"src": src, "dest": "/nope"}, Err: "unpack into /nope: it is not there"},
		{Name: "a file is there", Host: full, Args: module.Args{"src": src, "dest": "/opt/top/a"}, Err: "it is not a directory"},
		{Name: "no archive", Args: module.Args{"src": source("x", "hello"), "dest": "/opt"}, Err: "neither tar"},
		{Name: "leads out", Args: module.Args{"src": source("x", tarball(t, packed{name: "../x", text: "x"})), "dest": "/opt"}, Err: `entry "../x" leads out`},
		{Name: "other options", Args: module.Args{"src": src, "dest": "/opt", "extra_opts": []any{"--transform", "s/a/b/"}}, Err: `"--transform" is not understood`},
		{Name: "no number", Args: module.Args{"src": src, "dest": "/opt", "extra_opts": []any{"--strip-components", "x"}}, Err: "takes a number"},
		{Name: "xz of the controller", Args: module.Args{"src": source("x.txz", "\xfd7zXZ\x00"), "dest": "/opt"}, Err: "copy it to the host"},
		{Name: "a directory", Args: module.Args{"src": module.Source{Name: "d", Entries: []module.Entry{{Path: ".", Type: fs.ModeDir}}}, "dest": "/opt"}, Err: "unpack d: it is not a file"},
	})
}

func TestUnarchiveReadsTheArchiveOnceToApply(t *testing.T) {
	t.Parallel()
	data := tarball(t, packed{name: "a", text: "A"}, packed{name: "b", text: "B"}, packed{name: "c", text: "C"})
	opened := 0
	src := source("x", data)
	src.Entries[0].Content.Open = func(context.Context) (io.ReadCloser, error) {
		opened++
		return io.NopCloser(bytes.NewReader([]byte(data))), nil
	}
	f := systemtest.New()
	p, err := Unarchive.Plan(t.Context(), f, module.Args{"src": src, "dest": "/opt"})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := p.Apply(t.Context(), f); n != 3 || err != nil || opened != 2 || f.Files["/opt/c"].Text != "C" {
		t.Errorf("%d steps, %v, opened %d times, %v", n, err, opened, f.Files["/opt/c"])
	}
}

func TestUnarchiveZip(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, _ := z.Create("d/f")
	_, _ = io.WriteString(w, "F")
	_ = z.Close()
	moduletest.Run(t, Unarchive, []moduletest.Case{{Name: "zip", Args: module.Args{"src": source("x.zip", b.String()), "dest": "/opt"},
		Want: []change.Change{{Action: change.Create, Kind: "directory", Target: "/opt/d", After: change.Attrs()},
			created("/opt/d/f", change.Attrs("mode", "0644").WithDigest(1, system.Sum([]byte("F"))))}, Then: then("/opt/d/f", file("F"))}})
}

func TestUnarchiveOfAURL(t *testing.T) {
	t.Parallel()
	data := tarball(t, packed{name: "a", text: "A"})
	host := func() *systemtest.Fake {
		f := systemtest.New()
		f.Commands["fetch"] = fetch(map[string]string{"https://example.org/x.tgz": data, "https://example.org/y.tgz": "y"})
		return f
	}
	args := func(url string) module.Args {
		return module.Args{"src": module.Source{Name: url}, "dest": "/opt", "remote_src": true, "creates": "/opt/a"}
	}
	all := func(url string) []change.Change {
		return one(change.Change{Action: change.Update, Kind: "directory", Target: "/opt", After: change.Attrs("unpacked from", url, "content", change.Later)})
	}
	moduletest.Run(t, Unarchive, []moduletest.Case{
		{Name: "fetched", Host: host, Args: args("https://example.org/x.tgz"), Want: all("https://example.org/x.tgz"),
			Then: moduletest.Then{Files: map[string]systemtest.File{"/opt/a": file("A")}, Gone: []string{"/opt/.gokube-unarchive"}}},
		{Name: "no archive", Host: host, Args: args("https://example.org/y.tgz"), Want: all("https://example.org/y.tgz"), Err: "neither tar"},
		{Name: "not found", Host: host, Args: args("https://example.org/z.tgz"), Want: all("https://example.org/z.tgz"), Err: "404 Not Found"},
	})
}

func TestUnarchiveByTheHostsTar(t *testing.T) {
	t.Parallel()
	host := func(differs string) func() *systemtest.Fake {
		return func() *systemtest.Fake {
			f := systemtest.New()
			f.Files["/srv/x.txz"] = file("\xfd7zXZ\x00...")
			f.Commands["tar -d -f /srv/x.txz -C /opt --strip-components=1"] = func(f *systemtest.Fake, _ system.Cmd) system.Output {
				if _, err := f.Lstat("/opt/a"); err == nil {
					return system.Output{Code: 1, Stdout: []byte("a: Mod time differs\na: Uid differs\n")}
				}
				return system.Output{Code: 1, Stdout: []byte(differs)}
			}
			f.Commands["tar -x -f /srv/x.txz -C /opt --strip-components=1"] = systemtest.Does(func(f *systemtest.Fake) { f.Files["/opt/a"] = file("A") })
			return f
		}
	}
	args := module.Args{"src": module.Source{Name: "/srv/x.txz"}, "dest": "/opt", "remote_src": true, "strip_components": 1}
	moduletest.Run(t, Unarchive, []moduletest.Case{
		{Name: "differs", Host: host("a: Contents differ\n"), Args: args,
			Want: one(change.Change{Action: change.Update, Kind: "directory", Target: "/opt", After: change.Attrs("unpacked from", "/srv/x.txz")}), Then: then("/opt/a", file("A"))},
		{Name: "the same", Host: host("a: Uid differs\n"), Args: args},
		{Name: "owner", Host: host(""), Args: module.Args{"src": module.Source{Name: "/srv/x.txz"}, "dest": "/opt", "remote_src": true, "owner": "root"}, Err: "owner, group and mode cannot be set"},
	})
}

func TestUnarchiveForeseesWhatIsNamed(t *testing.T) {
	t.Parallel()
	const url = "https://example.org/x.tgz"
	for _, c := range []struct {
		name    string
		args    module.Args
		certain []string
		unsure  bool
	}{
		{"new files", module.Args{"include": []any{"top/a", "./top/deep/b"}, "strip_components": 1, "mode": "0755"}, []string{"/opt/a", "/opt/deep/b"}, false},
		{"a file that is there", module.Args{"include": []any{"old", "new"}, "mode": "0755"}, []string{"/opt/new"}, false},
		{"patterns", module.Args{"include": []any{"top/*"}, "mode": "0755"}, nil, true},
		{"no mode", module.Args{"include": []any{"top/a"}}, nil, true},
	} {
		f := with(map[string]systemtest.File{"/opt/old": file("old")})()
		f.Commands["fetch"] = fetch(map[string]string{url: "no archive at all"})
		o := overlay.New(system.ReadOnly(f))
		p, err := GetURL.Plan(t.Context(), o, module.Args{"url": url, "dest": "/srv/x.tgz"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Predict(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		c.args["src"], c.args["dest"], c.args["remote_src"] = module.Source{Name: "/srv/x.tgz"}, "/opt", true
		p, err = Unarchive.Plan(t.Context(), o, c.args)
		if (err != nil) != c.unsure {
			t.Fatalf("%s: %v", c.name, err)
		}
		if err != nil {
			continue
		}
		var certain []string
		for _, st := range p.Steps {
			if st.Certain {
				certain = append(certain, st.Target)
			}
		}
		if _, err := p.Predict(t.Context(), o); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.certain, certain); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

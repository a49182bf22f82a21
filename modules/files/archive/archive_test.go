package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func tarOf(t testing.TB, headers ...*tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		body := strings.Repeat("x", int(h.Size))
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func list(data []byte, o Options) ([]Listed, error) {
	r, err := Open(bytes.NewReader(data), 1<<20, o)
	if err != nil {
		return nil, err
	}
	return List(r)
}

func names(ls []Listed) (out []string) {
	for _, l := range ls {
		out = append(out, l.Name)
	}
	return out
}

func tree(t testing.TB) []byte {
	return tarOf(t, &tar.Header{Name: "./", Typeflag: tar.TypeDir, Mode: 0o755}, &tar.Header{Name: "./a/", Typeflag: tar.TypeDir, Mode: 0o700},
		&tar.Header{Name: "./a/f.conf", Mode: 0o600, Size: 3}, &tar.Header{Name: "./a/g.md", Size: 1}, &tar.Header{Name: "./a/l", Typeflag: tar.TypeSymlink, Linkname: "f.conf"},
		&tar.Header{Name: "./a/h", Typeflag: tar.TypeLink, Linkname: "./a/f.conf"}, &tar.Header{Name: "./a/g.md", Size: 2})
}

func TestEveryKindIsRead(t *testing.T) {
	t.Parallel()
	var gz, zp bytes.Buffer
	g := gzip.NewWriter(&gz)
	_, _ = g.Write(tree(t))
	_ = g.Close()
	z := zip.NewWriter(&zp)
	for _, n := range []string{"a/", "a/f.conf"} {
		_, _ = z.Create(n)
	}
	h := &zip.FileHeader{Name: "a/l"}
	h.SetMode(fs.ModeSymlink | 0o777)
	w, _ := z.CreateHeader(h)
	_, _ = io.WriteString(w, "f.conf")
	_ = z.Close()
	bz, _ := base64.StdEncoding.DecodeString(bzipped)
	for name, x := range map[string]struct {
		data []byte
		want []string
	}{
		"tar":       {tree(t), []string{"a", "a/f.conf", "a/l", "a/h", "a/g.md"}},
		"tar.gz":    {gz.Bytes(), []string{"a", "a/f.conf", "a/l", "a/h", "a/g.md"}},
		"tar.bz2":   {bz, []string{"b"}},
		"zip":       {zp.Bytes(), []string{"a", "a/f.conf", "a/l"}},
		"empty zip": {[]byte("PK\x05\x06" + strings.Repeat("\x00", 18)), nil},
	} {
		got, err := list(x.data, Options{})
		if diff := cmp.Diff(x.want, names(got)); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

// bzipped is a tar file of one file, b, packed with bzip2.
const bzipped = "QlpoOTFBWSZTWTmCW+UAAG3fgMmQQAB1ABAAAADwAB4ABAggAFRBNADQD1BFSYj0mhoB9zETRCKgiWleC97VQSQb69UMqK4mmFrlHKjwhen0ARMzIvi7kinChIHMEt8o"

func TestEntriesTellWhatTheyAre(t *testing.T) {
	t.Parallel()
	got, err := list(tree(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	const sum = "cd2eb0837c9b4c962c22d2ff8b5441b7b45805887f051d39bf133b583baf6860" // of "xxx"
	want := []Listed{
		{Entry: Entry{Name: "a", Type: fs.ModeDir, Mode: 0o700}}, {Entry: Entry{Name: "a/f.conf", Mode: 0o600, Size: 3}, SHA256: sum},
		{Entry: Entry{Name: "a/l", Type: fs.ModeSymlink, Mode: 0o644, Link: "f.conf"}}, {Entry: Entry{Name: "a/h", Mode: 0o644, Hard: "a/f.conf", Size: 3}, SHA256: sum},
	}
	if diff := cmp.Diff(want, got[:4]); diff != "" || got[4].Size != 2 {
		t.Error(diff)
	}
}

func TestOptionsChooseAndStrip(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		o    Options
		want []string
	}{
		{Options{Strip: 1}, []string{"f.conf", "l", "h", "g.md"}},
		{Options{Exclude: []string{"*.md", "a/l"}}, []string{"a", "a/f.conf", "a/h"}},
		{Options{Include: []string{"a/f.conf"}}, []string{"a/f.conf"}},
		{Options{Include: []string{"./a"}, Exclude: []string{"h"}, Strip: 1}, []string{"f.conf", "l", "g.md"}},
		{Options{Strip: 5}, nil},
	} {
		got, err := list(tree(t), x.o)
		if diff := cmp.Diff(x.want, names(got)); err != nil || diff != "" {
			t.Errorf("%+v: %v\n%s", x.o, err, diff)
		}
	}
}

func TestHostileArchivesAreRefused(t *testing.T) {
	t.Parallel()
	link := func(name, to string) *tar.Header {
		return &tar.Header{Name: name, Typeflag: tar.TypeSymlink, Linkname: to}
	}
	for want, data := range map[string][]byte{
		`entry "../x" leads out`:                    tarOf(t, &tar.Header{Name: "../x"}),
		`entry "/etc/x" leads out`:                  tarOf(t, &tar.Header{Name: "/etc/x"}),
		`entry "a/../../x" leads out`:               tarOf(t, &tar.Header{Name: "a/../../x"}),
		`link "l" to "/etc" leads out`:              tarOf(t, link("l", "/etc")),
		`link "a/l" to "../../x" leads out`:         tarOf(t, link("a/l", "../../x")),
		`entry "l/x" lies below the link "l"`:       tarOf(t, link("l", "."), &tar.Header{Name: "l/x"}),
		`hard link "h" to "../x" leads out`:         tarOf(t, &tar.Header{Name: "h", Typeflag: tar.TypeLink, Linkname: "../x"}),
		`entry "dev" is no file, directory or link`: tarOf(t, &tar.Header{Name: "dev", Typeflag: tar.TypeChar}),
		"neither tar (plain":                        []byte("hello"),
		"packed with xz or zstd":                    []byte("\xfd7zXZ\x00..."),
		"unexpected EOF":                            tree(t)[:700],
		"not a valid zip":                           []byte("PK\x03\x04"),
		"gzip":                                      []byte("\x1f\x8bxxxxxxxxxxxxx"),
	} {
		if got, err := list(data, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v, %v", want, names(got), err)
		}
	}
	if _, err := Open(strings.NewReader("PK\x03\x04"+strings.Repeat("x", 99)), 50, Options{}); err == nil || !strings.Contains(err.Error(), "a zip file of more than") {
		t.Errorf("large zip: %v", err)
	}
	if _, err := Open(strings.NewReader("\x28\xb5\x2f\xfd"), 0, Options{}); !errors.Is(err, ErrPacked) {
		t.Errorf("zstd: %v", err)
	}
}

func FuzzArchiveNeverLeadsOut(f *testing.F) {
	f.Add(tree(f), 1)
	f.Add([]byte("PK\x05\x06"+strings.Repeat("\x00", 18)), 0)
	f.Fuzz(func(t *testing.T, data []byte, strip int) {
		got, err := list(data, Options{Strip: max(0, strip)})
		if err != nil {
			return
		}
		for _, l := range got {
			if !fs.ValidPath(l.Name) && !strings.ContainsRune(l.Name, '\\') && strings.ToValidUTF8(l.Name, "") == l.Name || l.Name == "." {
				t.Errorf("entry %q", l.Name)
			}
		}
	})
}

package archive

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// zipOf packs each name with itself as content, in turns packed and plain.
func zipOf(t testing.TB, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i, name := range names {
		h := &zip.FileHeader{Name: name, Method: []uint16{zip.Deflate, zip.Store}[i%2]}
		if h.SetMode(0o640 | fs.ModeSetgid); strings.HasSuffix(name, "/") {
			h.SetMode(0o750 | fs.ModeDir)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "/") {
			_, err = io.WriteString(f, strings.Repeat(name, 99))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.SetComment("the end"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestZipFilesAreReadAlsoBehindAProgram(t *testing.T) {
	t.Parallel()
	data := zipOf(t, "a/", "a/b", "c", "ü")
	for _, before := range []string{"", "#!/bin/sh\n"} {
		ms, err := directory(append([]byte(before), data...))
		if err != nil || len(ms) != 4 {
			t.Fatalf("%v, %d entries", err, len(ms))
		}
		for _, m := range ms {
			r, err := m.open(append([]byte(before), data...))
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if want := strings.Repeat(m.name, 99); err != nil || !strings.HasSuffix(m.name, "/") && string(got) != want {
				t.Errorf("%s: %v, %q", m.name, err, got)
			}
		}
		if ms[0].mode != fs.ModeDir|0o750 || ms[1].mode != fs.ModeSetgid|0o640 {
			t.Errorf("%v %v", ms[0].mode, ms[1].mode)
		}
	}
}

func TestManyEntriesNeedTheLargeForm(t *testing.T) {
	t.Parallel()
	names := make([]string, 1<<16+1)
	for i := range names {
		names[i] = "x/"
	}
	if ms, err := directory(zipOf(t, names...)); err != nil || len(ms) != len(names) {
		t.Errorf("%v, %d entries", err, len(ms))
	}
}

func TestDamagedMembersAreFound(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(m *member){
		"its checksum does not match": func(m *member) { m.crc++ },
		"it holds more than it says":  func(m *member) { m.size-- },
		"unexpected EOF":              func(m *member) { m.size++ },
		"it is packed by method 12":   func(m *member) { m.method = 12 },
		"not a valid zip":             func(m *member) { m.at++ },
	} {
		data := zipOf(t, "a", "b")
		ms, err := directory(data)
		if err != nil {
			t.Fatal(err)
		}
		spoil(&ms[1])
		r, err := ms[1].open(data)
		if err == nil {
			_, err = io.ReadAll(r)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// FuzzZip holds the reader to the standard library's: what both can read is the
// same.
func FuzzZip(f *testing.F) {
	f.Add(zipOf(f, "a/", "a/b", "c"))
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, data []byte) {
		ours, err := directory(data)
		if err != nil {
			return
		}
		theirs, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil || len(theirs.File) != len(ours) {
			return
		}
		for i, m := range ours {
			got, err1 := content(m.open(data))
			var want []byte
			r, err2 := theirs.File[i].Open()
			if err2 == nil {
				want, err2 = content(r, nil)
			}
			if err1 == nil && err2 == nil && (!slices.Equal(got, want) || m.name != theirs.File[i].Name) {
				t.Error(cmp.Diff(want, got))
			}
		}
	})
}

func content(r io.Reader, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, 1<<20))
}

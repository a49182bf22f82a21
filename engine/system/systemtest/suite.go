package systemtest

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"testing"

	"github.com/gokube/gokube/engine/system"
)

// Suite is what every System must pass, one that only predicts as well. make is
// asked for a fresh one for each test: root or not, with a / that can be written
// to, and with the programs that Posix teaches.
func Suite(t *testing.T, make func(t *testing.T) system.System) {
	t.Helper()
	run(t, make, map[string]func(*testing.T, system.System){
		"what is not there":        absent,
		"links":                    links,
		"listing":                  listing,
		"writing":                  writing,
		"replacing":                replacing,
		"writing where it may not": misplaced,
		"directories":              directories,
		"symlinks":                 symlinks,
		"attributes":               attributes,
		"owners":                   owners,
		"removing":                 removing,
		"streams":                  streams,
		"facts and objects":        known,
		"queries":                  queries,
		"the environment":          environment,
		"queries that cannot be":   refusals,
	})
}

// SuiteApplied is what a System must pass that does what it is told to.
func SuiteApplied(t *testing.T, make func(t *testing.T) system.System) {
	t.Helper()
	run(t, make, map[string]func(*testing.T, system.System){
		"a content that fails": failing,
		"commands":             commands,
		"long output":          longOutput,
	})
}

func run(t *testing.T, make func(t *testing.T) system.System, tests map[string]func(*testing.T, system.System)) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, make(t))
		})
	}
}

// must stops the test at an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// is wants err to be of a kind.
func is(t *testing.T, what string, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("%s: got %v, want %v", what, err, kind)
	}
}

// holds wants the file at p to read as text.
func holds(t *testing.T, s system.Reader, p, text string) {
	t.Helper()
	data, err := system.ReadFile(s, p)
	if err != nil || string(data) != text {
		t.Errorf("%s: got %q, %v; want %q", p, data, err, text)
	}
	sum, err := s.Digest(p)
	if want := system.Sum([]byte(text)); err != nil || sum != want {
		t.Errorf("digest of %s: got %s, %v; want %s", p, sum, err, want)
	}
}

// mode wants p to be of a type and to have a mode.
func mode(t *testing.T, s system.Reader, p string, kind, want fs.FileMode) system.Info {
	t.Helper()
	in, err := s.Lstat(p)
	if err != nil || in.Type != kind || in.Attrs.Mode != want || in.Path != p {
		t.Errorf("%s: got %+v, %v; want type %v, mode %v", p, in, err, kind, want)
	}
	return in
}

func write(t *testing.T, s system.System, p, text string) {
	t.Helper()
	must(t, s.WriteFile(p, system.Data([]byte(text)), system.Attrs{}))
}

// tree is /suite with a file, a directory and links.
func tree(t *testing.T, s system.System) {
	t.Helper()
	must(t, s.Mkdir("/suite", system.Attrs{}))
	must(t, s.Mkdir("/suite/dir", system.Attrs{Mode: 0o750}))
	write(t, s, "/suite/dir/file", "text")
	must(t, s.Symlink("/suite/dir", "/suite/abs"))
	must(t, s.Symlink("dir/file", "/suite/rel"))
	must(t, s.Symlink("nowhere", "/suite/dangling"))
	must(t, s.Symlink("loop2", "/suite/loop1"))
	must(t, s.Symlink("loop1", "/suite/loop2"))
}

// failingReader gives some bytes and then an error.
type failingReader struct{ io.Reader }

var errCut = errors.New("the line was cut")

func (f *failingReader) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err == io.EOF {
		err = errCut
	}
	return n, err
}

// pattern is n bytes that are not all the same.
func pattern(n int) []byte {
	return bytes.Repeat([]byte("0123456789abcde\x00"), n/16)
}

package proxy

import (
	"bytes"
	"context"
	"io"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

func seeds() []message {
	cmd := system.Cmd{Argv: []string{"echo", "x"}, Stdin: []byte{}, Reads: []system.Key{}}
	e := packEffects(system.Closed(system.Holds("u", system.User{UID: -1}), system.Vague(system.Path("/x/")), system.Gone(system.Path("/y"))))
	return []message{
		{ID: 1, Call: &call{Op: opLstat, Path: "/etc"}},
		{ID: 2, Call: &call{Op: opRun, Cmd: cmd, Effects: e}},
		{ID: 3, Call: &call{Op: opWrite, Path: "/etc/x", Size: -1, Handle: 7}},
		{ID: 4, Call: &call{Op: opOpen, Path: "/etc/os"}},
		{ID: 5, Call: &call{Op: opPull, Handle: 1}},
		{ID: 5, Call: &call{Op: opCancel}},
		{ID: 1, Reply: &reply{Err: packError(&system.ExitError{Command: "x"}), Infos: []system.Info{{Path: "/"}}, Facts: &system.Facts{}}},
		{ID: 1, Reply: &reply{Err: packError(&system.NoOwnerError{Kind: "user"}), Object: packObject(system.Group{})}},
	}
}

// FuzzMessage takes any bytes for a message: what is understood is what would be
// sent again.
func FuzzMessage(f *testing.F) {
	for _, m := range seeds() {
		f.Add(marshal(m))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var m, again message
		if unmarshal(data, &m) != nil {
			return
		}
		if err := unmarshal(marshal(m), &again); err != nil || !reflect.DeepEqual(m, again) {
			t.Fatalf("%v\n%s", err, cmp.Diff(m, again))
		}
		if m.Reply != nil {
			_ = m.Reply.Err.unpack()
			_, _ = m.Reply.Object.unpack()
		}
	})
}

// FuzzServe takes any bytes for a connection: it ends.
func FuzzServe(f *testing.F) {
	var all bytes.Buffer
	for _, m := range seeds() {
		if m.Call != nil && m.Call.Op == opWrite {
			continue
		}
		var one bytes.Buffer
		for _, w := range []io.Writer{&one, &all} {
			if err := writeMessage(w, m); err != nil {
				f.Fatal(err)
			}
		}
		f.Add(one.Bytes())
	}
	f.Add(all.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &locked{System: systemtest.New()}
		_ = Serve(struct {
			io.Reader
			io.Writer
		}{bytes.NewReader(data), io.Discard}, s)
	})
}

// locked is a System of which nothing is asked that changes it: a fake does not
// stand two calls at once, which a hostile caller may make.
type locked struct{ system.System }

func (l *locked) Mkdir(string, system.Attrs) error                     { return nil }
func (l *locked) Symlink(string, string) error                         { return nil }
func (l *locked) SetAttrs(string, system.Attrs) error                  { return nil }
func (l *locked) Remove(string) error                                  { return nil }
func (l *locked) WriteFile(string, system.Content, system.Attrs) error { return nil }

func (l *locked) Run(context.Context, system.Cmd, system.Effects) error { return nil }

func (l *locked) Capture(context.Context, system.Cmd, system.Effects) (system.Output, error) {
	return system.Output{}, nil
}

package dbus

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// answer is a reply as a peer would send it: kind 2 with a value, kind 3 with an
// error's name and words, kind 4 a signal.
func answer(kind byte, serial int, name, signature string, body []byte) []byte {
	var w writer
	w.b = append(w.b, 'l', kind, 0, 1)
	w.u32(len(body))
	w.u32(99)
	w.u32(0)
	w.align(8)
	w.b = append(w.b, byte(fieldReplySerial))
	w.signature("u")
	w.u32(serial)
	w.field(fieldError, "s", name)
	w.field(7, "s", ":1.0") // the sender
	w.field(fieldSignature, "g", signature)
	binary.LittleEndian.PutUint32(w.b[12:], uint32(len(w.b)-16))
	w.align(8)
	return append(w.b, body...)
}

func text(s string) []byte { var w writer; w.text(s); return w.b }

func variant(kind string, value any) []byte {
	var w writer
	w.signature(kind)
	switch v := value.(type) {
	case string:
		w.text(v)
	case int:
		w.u32(v)
	}
	return w.b
}

// peerOf greets, and answers every call as it comes with what replies says.
func peerOf(t *testing.T, calls int, replies ...[]byte) *Conn {
	t.Helper()
	near, far := net.Pipe()
	go func() {
		in := bufio.NewReader(far)
		_, _ = in.ReadString('\n')
		_, _ = io.WriteString(far, "OK 1234\r\n")
		_, _ = in.ReadString('\n')
		for range calls {
			if _, _, err := read(in); err != nil {
				break
			}
		}
		for _, r := range replies {
			_, _ = far.Write(r)
		}
		_ = far.Close()
	}()
	c, err := New(near)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestRepliesAreTakenInAnyOrder(t *testing.T) {
	t.Parallel()
	c := peerOf(t, 4,
		answer(4, 1, "", "s", text("a signal")), answer(methodReturn, 2, "", "v", variant("b", 1)), answer(methodReturn, 4, "", "", nil),
		answer(failed, 3, "org.example.No", "s", text("no such unit")), answer(methodReturn, 1, "", "v", variant("s", "loaded")))
	call := Call{Path: "/x", Interface: "org.example.X", Member: "Get", Args: []string{"a", "bc"}}
	got, err := c.Do(call, call, call, call)
	if err != nil {
		t.Fatal(err)
	}
	want := []Reply{{Text: "loaded"}, {Yes: true}, {Err: &Error{Name: "org.example.No", Text: "no such unit"}}, {}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := c.Do(call); err == nil {
		t.Error("a connection that has ended answered")
	}
}

func TestACallIsEncodedAsTheSpecificationSays(t *testing.T) {
	t.Parallel()
	got := encode(Call{Destination: "d.e", Path: "/p", Interface: "i.f", Member: "M", Args: []string{"a"}}, 7)
	want := "l\x01\x00\x01\x06\x00\x00\x00\x07\x00\x00\x00\x47\x00\x00\x00" +
		"\x01\x01o\x00\x02\x00\x00\x00/p\x00\x00\x00\x00\x00\x00" +
		"\x06\x01s\x00\x03\x00\x00\x00d.e\x00\x00\x00\x00\x00" +
		"\x02\x01s\x00\x03\x00\x00\x00i.f\x00\x00\x00\x00\x00" +
		"\x03\x01s\x00\x01\x00\x00\x00M\x00\x00\x00\x00\x00\x00\x00" +
		"\x08\x01g\x00\x01s\x00"
	want += strings.Repeat("\x00", -len(want)&7) + "\x01\x00\x00\x00a\x00"
	if diff := cmp.Diff([]byte(want), got); diff != "" {
		t.Error(diff)
	}
}

func TestARefusalToTalkIsAnError(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"REJECTED EXTERNAL\r\n", strings.Repeat("x", 600), ""} {
		near, far := net.Pipe()
		go func() {
			_, _ = bufio.NewReader(far).ReadString('\n')
			_, _ = io.WriteString(far, line)
			_ = far.Close()
		}()
		if _, err := New(near); err == nil {
			t.Errorf("%.10q: no error", line)
		}
	}
	if _, err := Dial(t.TempDir()+"/no", 1); err == nil {
		t.Error("connected to nothing")
	}
}

func TestValuesThatAreNotUnderstoodAreAnError(t *testing.T) {
	t.Parallel()
	_, _, err := read(bytes.NewReader(answer(methodReturn, 1, "", "a", nil)))
	if err == nil || !strings.Contains(err.Error(), `"a"`) {
		t.Errorf("got %v", err)
	}
	big := answer(methodReturn, 1, "", "", nil)
	binary.LittleEndian.PutUint32(big[4:], 1<<31-1)
	if _, _, err := read(bytes.NewReader(big)); err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("too large: %v", err)
	}
}

// FuzzRead takes any bytes for messages.
func FuzzRead(f *testing.F) {
	f.Add(answer(methodReturn, 2, "", "v", variant("b", 1)))
	f.Add(answer(failed, 3, "org.example.No", "s", text("no")))
	f.Add(answer(methodReturn, 3, "", "v", variant("v", "")))
	f.Add(encode(Call{Path: "/x", Member: "M", Args: []string{"a"}}, 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		in := bytes.NewReader(data)
		for {
			_, r, err := read(in)
			if err != nil {
				return
			}
			if len(r.Text) > len(data) {
				t.Error("longer than its message")
			}
		}
	})
}

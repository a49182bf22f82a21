package dbus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// maxMessage is the most bytes of a message that are read.
const maxMessage = 1 << 20

// The kinds of messages and of header fields that are used.
const (
	methodCall, methodReturn, failed = 1, 2, 3

	fieldPath, fieldInterface, fieldMember, fieldError     = 1, 2, 3, 4
	fieldReplySerial, fieldDestination, fieldSignature int = 5, 6, 8
)

type writer struct{ b []byte }

func (w *writer) align(n int) {
	for len(w.b)%n != 0 {
		w.b = append(w.b, 0)
	}
}

func (w *writer) u32(n int) {
	w.align(4)
	w.b = binary.LittleEndian.AppendUint32(w.b, uint32(n))
}

func (w *writer) text(s string) {
	w.u32(len(s))
	w.b = append(append(w.b, s...), 0)
}

func (w *writer) signature(s string) {
	w.b = append(append(append(w.b, byte(len(s))), s...), 0)
}

func (w *writer) field(code int, kind, s string) {
	if s == "" {
		return
	}
	w.align(8)
	w.b = append(w.b, byte(code))
	w.signature(kind)
	if kind == "g" {
		w.signature(s)
		return
	}
	w.text(s)
}

// encode is the message of a call.
func encode(c Call, serial uint32) []byte {
	var body, w writer
	kinds := ""
	for _, a := range c.Args {
		body.text(a)
		kinds += "s"
	}
	w.b = append(w.b, 'l', methodCall, 0, 1)
	w.u32(len(body.b))
	w.u32(int(serial))
	w.u32(0)
	w.field(fieldPath, "o", c.Path)
	w.field(fieldDestination, "s", c.Destination)
	w.field(fieldInterface, "s", c.Interface)
	w.field(fieldMember, "s", c.Member)
	w.field(fieldSignature, "g", kinds)
	binary.LittleEndian.PutUint32(w.b[12:], uint32(len(w.b)-16))
	w.align(8)
	return append(w.b, body.b...)
}

var errShort = errors.New("read D-Bus message: it is cut short or malformed")

// reader reads values; after the first error all it reads is empty.
type reader struct {
	b     []byte
	at    int
	order binary.ByteOrder
	err   error
}

func (r *reader) take(n int) []byte {
	if r.err == nil && (n < 0 || n > len(r.b)-r.at) {
		r.err = errShort
	}
	if r.err != nil {
		return nil
	}
	r.at += n
	return r.b[r.at-n : r.at]
}

func (r *reader) align(n int) { r.take((n - r.at%n) % n) }

func (r *reader) u32() int {
	r.align(4)
	if b := r.take(4); b != nil {
		return int(r.order.Uint32(b))
	}
	return 0
}

func (r *reader) text() string {
	s := string(r.take(r.u32()))
	r.take(1)
	return s
}

func (r *reader) signature() string {
	n := r.take(1)
	if n == nil {
		return ""
	}
	s := string(r.take(int(n[0])))
	r.take(1)
	return s
}

// value is a string, a boolean or a variant that holds one.
func (r *reader) value(kind string, depth int) (out Reply) {
	switch {
	case kind == "s" || kind == "o":
		out.Text = r.text()
	case kind == "g":
		out.Text = r.signature()
	case kind == "b" || kind == "u":
		n := r.u32()
		out.Yes = n != 0
	case kind == "v" && depth < 4:
		return r.value(r.signature(), depth+1)
	case r.err == nil:
		r.err = fmt.Errorf("read D-Bus message: values of type %q are not understood", kind)
	}
	return out
}

// read is the next message's reply and the serial of the call it is for, 0 if it
// is no reply.
func read(in io.Reader) (serial uint32, out Reply, err error) {
	fixed := make([]byte, 16)
	if _, err := io.ReadFull(in, fixed); err != nil {
		return 0, out, err
	}
	r := &reader{b: fixed, order: binary.LittleEndian, at: 4}
	if fixed[0] == 'B' {
		r.order = binary.BigEndian
	} else if fixed[0] != 'l' {
		return 0, out, errShort
	}
	size := r.u32()
	r.u32()
	fields := r.u32()
	if size > maxMessage || fields > maxMessage {
		return 0, out, fmt.Errorf("read D-Bus message: %d bytes are too many", size+fields)
	}
	padded := (fields + 7) &^ 7
	r.b = make([]byte, 16+padded+size)
	copy(r.b, fixed)
	if _, err := io.ReadFull(in, r.b[16:]); err != nil {
		return 0, out, err
	}
	return r.reply(fixed[1], 16+fields, 16+padded)
}

// reply reads the header fields, which end at end, and the body.
func (r *reader) reply(kind byte, end, body int) (serial uint32, out Reply, err error) {
	serial, signature, name := r.header(end)
	if r.err != nil || kind != methodReturn && kind != failed {
		return 0, out, r.err
	}
	r.at = body
	if signature != "" {
		out = r.value(signature[:1], 0)
	}
	if kind == failed {
		// An error without words is one nevertheless.
		return serial, Reply{Err: &Error{Name: name, Text: out.Text}}, nil
	}
	return serial, out, r.err
}

func (r *reader) header(end int) (serial uint32, signature, name string) {
	for r.at < end && r.err == nil {
		r.align(8)
		code := r.take(1)
		if code == nil {
			break
		}
		mark := r.at
		value := r.value("v", 0)
		switch int(code[0]) {
		case fieldReplySerial:
			serial = r.number(mark)
		case fieldError:
			name = value.Text
		case fieldSignature:
			signature = value.Text
		}
	}
	return serial, signature, name
}

// number is the 32 bits of the variant that begins at mark.
func (r *reader) number(mark int) uint32 {
	v := &reader{b: r.b, at: mark, order: r.order}
	if v.signature() != "u" {
		return 0
	}
	return uint32(v.u32())
}

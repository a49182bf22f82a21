package proxy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/gokube/gokube/engine/system"
)

// maxFrame is the most bytes of a message.
const maxFrame = 128 << 20

// chunk is the most bytes of a content that travel at once.
const chunk = 256 << 10

// The things that one side may ask of the other.
const (
	opCancel   = "cancel" // the call with this id; there is no reply
	opFacts    = "facts"
	opOpen     = "open"   // a file; replied to with a handle
	opPull     = "pull"   // the next bytes of a handle
	opClose    = "close"  // a handle
	opSource   = "source" // open the content of a running write; replied to with a handle
	opDigest   = "digest"
	opLstat    = "lstat"
	opReadDir  = "readdir"
	opObject   = "object"
	opQuery    = "query"
	opWrite    = "write"
	opMkdir    = "mkdir"
	opSymlink  = "symlink"
	opSetAttrs = "attrs"
	opRemove   = "remove"
	opRun      = "run"
	opCapture  = "capture"
)

// message is a call, or the reply to one.
type message struct {
	ID    uint64
	Call  *call
	Reply *reply
}

type call struct {
	Op           string
	Path, Target string
	Attrs        system.Attrs
	Key          system.Key
	Cmd          system.Cmd
	Effects      effects
	Handle       uint64
	Size         int64
	SHA256       string
}

type reply struct {
	Err    *fault
	Text   string
	Handle uint64
	Data   []byte
	End    bool
	Infos  []system.Info
	Object object
	Output system.Output
	Facts  *system.Facts
}

type effects struct {
	Closed bool
	Set    []effect
}

type effect struct {
	Key   system.Key
	Value object
}

// object is a system.Object; Kind is "" for none and "unknown" for an Unknown.
type object struct {
	Kind string
	Data []byte
}

func packObject(o system.Object) object {
	switch o.(type) {
	case nil:
		return object{}
	case system.Unknown:
		return object{Kind: "unknown"}
	}
	return object{o.Kind(), marshal(o)}
}

func (o object) unpack() (system.Object, error) {
	if o.Kind == "" {
		return nil, nil //nolint:nilnil // no object is what an effect may declare
	}
	as := map[string]func([]byte) (system.Object, error){
		"unknown": unpackAs[system.Unknown], "path": unpackAs[system.Info], "package": unpackAs[system.Package], "unit": unpackAs[system.Unit],
		"user": unpackAs[system.User], "group": unpackAs[system.Group], "sysctl": unpackAs[system.Sysctl], "kernel module": unpackAs[system.KernelModule],
		"mount": unpackAs[system.Mount], "swap": unpackAs[system.Swap], "hostname": unpackAs[system.Hostname],
	}[o.Kind]
	if as == nil {
		return nil, fmt.Errorf("read message: there are no objects of kind %q", o.Kind)
	}
	return as(o.Data)
}

func unpackAs[T system.Object](data []byte) (system.Object, error) {
	var v T
	err := unmarshal(data, &v)
	return v, err
}

func packEffects(e system.Effects) effects {
	out := effects{Closed: e.Closed}
	for _, x := range e.Set {
		out.Set = append(out.Set, effect{x.Key, packObject(x.Value)})
	}
	return out
}

func (e effects) unpack() (system.Effects, error) {
	out := system.Effects{Closed: e.Closed}
	for _, x := range e.Set {
		v, err := x.Value.unpack()
		if err != nil {
			return out, err
		}
		out.Set = append(out.Set, system.Effect{Key: x.Key, Value: v})
	}
	return out, nil
}

func writeMessage(w io.Writer, m message) error {
	b := encode(make([]byte, 4, 512), reflect.ValueOf(m))
	if len(b) > maxFrame {
		return fmt.Errorf("send message: %d bytes are too many", len(b))
	}
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	_, err := w.Write(b)
	return err
}

func readMessage(r io.Reader) (m message, err error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return m, err
	}
	n := int64(binary.BigEndian.Uint32(head[:]))
	if n > maxFrame {
		return m, fmt.Errorf("read message: %d bytes are too many", n)
	}
	// What is announced is believed only as it arrives.
	var b bytes.Buffer
	b.Grow(int(min(n, 2*chunk)))
	if _, err := io.CopyN(&b, r, n); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return m, err
	}
	return m, unmarshal(b.Bytes(), &m)
}

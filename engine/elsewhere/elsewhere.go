// Package elsewhere finds files of one host that another one is to have. It knows
// no tasks, and nothing of how a host is reached.
//
// # Decisions
//
// A file is told of by its digest. Its bytes travel only if a host asks for them,
// piece by piece through the controller's memory: a session is blocked by none of
// them for long, and nothing of them is ever on the controller's disk.
package elsewhere

import (
	"context"
	"fmt"
	"io"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/engine/wire"
)

// Host is a host that files are found on. Do has its runner answer q; the result is
// never nil.
type Host struct {
	Name   string // for messages
	Task   string // likewise
	Become wire.Become
	Do     func(ctx context.Context, q *wire.Request) *wire.Result
}

// Find is the file or tree called name, a module.Source without entries if it is not
// there; in a check as it would be then, an unknown.Value if that is not known. Of a
// directory only the paths in only are told of; nil means all. The contents of what
// it finds may be read as long as the host can be reached.
func (h Host) Find(ctx context.Context, name string, only []string) (any, error) {
	r := h.Do(ctx, &wire.Request{Task: h.Task, Module: wire.Look, Args: wire.LookArgs(name, only), Become: h.Become})
	if r.Err != nil {
		return nil, fmt.Errorf("look at %s on %s: %w", name, h.Name, r.Err)
	}
	if r.Unknown != nil {
		return h.vague(r.Unknown.Why), nil
	}
	found, err := wire.FoundIn(r.Output)
	if err != nil {
		return nil, fmt.Errorf("look at %s on %s: %w", name, h.Name, err)
	}
	src := module.Source{Name: name}
	for _, f := range found {
		e := module.Entry{Path: f.Path, Type: f.Type, Mode: f.Mode, Target: f.Target, Doubt: f.Doubt}
		if f.Type == 0 {
			e.Content = h.content(f)
		}
		src.Entries = append(src.Entries, e)
	}
	return src, nil
}

func (h Host) vague(why string) unknown.Value { return unknown.Value{Why: why + " on " + h.Name} }

// content is what f holds.
func (h Host) content(f wire.Found) system.Content {
	if f.File == "" {
		return system.Content{Size: -1, Open: func(context.Context) (io.ReadCloser, error) { return nil, h.vague(f.Unknown) }}
	}
	open := func(ctx context.Context) (io.ReadCloser, error) {
		return io.NopCloser(&pieces{ctx: ctx, host: h, file: f.File, left: f.Size}), nil
	}
	return system.Content{SHA256: f.SHA256, Size: f.Size, Open: open, Lazy: true}
}

// most is how many bytes travel at once.
const most = 256 << 10

// pieces reads a file of a host.
type pieces struct {
	ctx      context.Context
	host     Host
	file     string
	at, left int64
	data     []byte
}

// Read gives what is left of the last piece, or asks for the next.
func (p *pieces) Read(b []byte) (int, error) {
	if len(p.data) == 0 {
		if p.left <= 0 {
			return 0, io.EOF
		}
		if err := p.next(); err != nil {
			return 0, fmt.Errorf("read %s on %s: %w", p.file, p.host.Name, err)
		}
	}
	n := copy(b, p.data)
	p.data = p.data[n:]
	return n, nil
}

func (p *pieces) next() error {
	r := p.host.Do(p.ctx, &wire.Request{Task: p.host.Task, Module: wire.Read, Args: wire.ReadArgs(p.file, p.at, most), Become: p.host.Become})
	if r.Err != nil {
		return r.Err
	}
	p.data, _ = r.Output["data"].([]byte)
	n := int64(len(p.data))
	p.at, p.left = p.at+n, p.left-n
	if n == 0 {
		return io.ErrUnexpectedEOF
	}
	return nil
}

package proxy

import (
	"context"
	"fmt"
	"io"

	"github.com/gokube/gokube/engine/system"
)

// Serve answers what the other end of rw, a System made by Dial, asks of s, until
// rw ends; it does not close rw. Commands that run then are cancelled. It returns
// nil if rw has ended between two messages.
func Serve(rw io.ReadWriter, s system.System) error {
	p := newPeer(rw)
	p.answer = func(ctx context.Context, c *call) *reply {
		switch c.Op {
		case opFacts, opOpen, opDigest, opLstat, opReadDir, opObject, opQuery:
			return look(ctx, p, s, c)
		case opRun, opCapture:
			return command(ctx, s, c)
		}
		return &reply{Err: packError(apply(p, s, c))}
	}
	return p.loop()
}

func look(ctx context.Context, p *peer, s system.Reader, c *call) *reply {
	r := &reply{}
	var err error
	switch c.Op {
	case opFacts:
		r.Facts = s.Facts()
	case opOpen:
		return p.lend(s.Open(c.Path))
	case opDigest:
		r.Text, err = s.Digest(c.Path)
	case opLstat:
		r.Infos = make([]system.Info, 1)
		r.Infos[0], err = s.Lstat(c.Path)
	case opReadDir:
		r.Infos, err = s.ReadDir(c.Path)
	case opObject:
		var o system.Object
		if o, err = s.Object(ctx, c.Key); err == nil {
			r.Object = packObject(o)
		}
	case opQuery:
		r.Output, err = s.Query(ctx, c.Cmd)
	}
	r.Err = packError(err)
	return r
}

func command(ctx context.Context, s system.System, c *call) *reply {
	r := &reply{}
	e, err := c.Effects.unpack()
	switch {
	case err != nil:
	case c.Op == opRun:
		err = s.Run(ctx, c.Cmd, e)
	default:
		r.Output, err = s.Capture(ctx, c.Cmd, e)
	}
	r.Err = packError(err)
	return r
}

func apply(p *peer, s system.System, c *call) error {
	switch c.Op {
	case opWrite:
		return s.WriteFile(c.Path, p.content(c), c.Attrs)
	case opMkdir:
		return s.Mkdir(c.Path, c.Attrs)
	case opSymlink:
		return s.Symlink(c.Target, c.Path)
	case opSetAttrs:
		return s.SetAttrs(c.Path, c.Attrs)
	case opRemove:
		return s.Remove(c.Path)
	}
	return fmt.Errorf("answer %q: it is not understood", c.Op)
}

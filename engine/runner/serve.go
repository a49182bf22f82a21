package runner

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gokube/gokube/engine/runner/blob"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/wire"
)

// Serving is what Serve needs beside a Host.
type Serving struct {
	In  io.Reader
	Out io.Writer
	// Hello says who the runner is; Serve fills in Protocol, PID and BootID.
	Hello wire.Hello
	Facts bool // send the host's facts unasked
	// Gather makes the facts that a controller asks for anew; nil takes those of the
	// Host's System.
	Gather func() *system.Facts
	// Tools is told how to get the programs that the controller brings along; it may
	// be nil.
	Tools func(FindTool)
	// Attach gives the connections that take the place of a lost or silent one; nil
	// means that there are none, and that the runner ends with its connection.
	Attach <-chan io.ReadWriteCloser
	// Linger is how long it waits for one without a task to work at.
	Linger time.Duration
	// Tidy is called before a goodbye is answered; it may be nil.
	Tidy func()
}

// FindTool is the digest of a program that the controller brings along, and how to
// get it; fs.ErrNotExist if it has none of that name.
type FindTool func(name string) (sum string, open func(context.Context) (io.ReadCloser, error), err error)

// Serve answers one controller until that says goodbye, or vanishes and does not
// come back in time. A task that is running then is finished, unless the controller
// said goodbye: then it is cancelled, and the last that is said is a goodbye too. It
// closes h.
func Serve(ctx context.Context, h *Host, o Serving) error {
	defer h.Close()
	o.Hello.Protocol, o.Hello.PID = wire.Version, os.Getpid()
	if id, err := system.ReadFile(h.System(), "/proc/sys/kernel/random/boot_id"); err == nil {
		o.Hello.BootID = string(trim(id))
	}
	if o.Gather == nil {
		o.Gather = h.System().Facts
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &server{host: h, o: o, ctx: ctx, ended: make(chan ending), idle: make(chan struct{}, 1), crew: newCrew(ctx)}
	s.jobs = jobs{known: map[uint64]*job{}}
	s.blobs = blob.New(s.wantBlob, "/var/tmp", os.TempDir())
	if o.Tools != nil {
		o.Tools(s.tool)
	}
	err := s.loop()
	cancel()
	s.blobs.Fail("the runner ends")
	s.jobs.running.Wait()
	if err == nil {
		s.part()
	}
	return err
}

// part answers a goodbye when nothing is left to be done.
func (s *server) part() {
	s.host.Close()
	if s.o.Tidy != nil {
		s.o.Tidy()
	}
	l := s.cur.get()
	if l == nil {
		return
	}
	said := make(chan struct{})
	go func() {
		defer close(said)
		_ = l.w.Send(wire.TypeBye) // to one who may be gone
	}()
	select {
	case <-said:
	case <-time.After(time.Second): // or does not listen
	}
}

func trim(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == '\n' {
		b = b[:len(b)-1]
	}
	return b
}

type server struct {
	host  *Host
	o     Serving
	ctx   context.Context
	jobs  jobs
	crew  *crew
	blobs *blob.Store
	ended chan ending   // a link's end, told by its reader
	idle  chan struct{} // the last running task has ended
	cur   current
	// taking is held while one frame is handled, so that nothing more of a link that
	// was replaced is taken in.
	taking sync.Mutex
	tools  atomic.Pointer[map[string]wire.Tool]
}

// ending is how a link came to its end: nil after a Bye, io.EOF without.
type ending struct {
	link *link
	err  error
}

// loop goes from connection to connection.
func (s *server) loop() error {
	s.greet(newLink(s.o.In, s.o.Out, nil), s.o.Facts)
	linger := time.NewTimer(time.Hour)
	linger.Stop()
	defer linger.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return s.ctx.Err()
		case c := <-s.o.Attach:
			linger.Stop()
			s.greet(newLink(c, c, c), false)
		case e := <-s.ended:
			if e.link != s.cur.get() {
				continue // it was replaced before it ended
			}
			if over, err := s.lost(e.err); over {
				return err
			}
			linger.Reset(s.o.Linger)
		case <-s.idle:
			if s.cur.get() == nil {
				linger.Reset(s.o.Linger)
			}
		case <-linger.C:
			s.blobs.Fail("the controller is gone")
			if s.jobs.busy() == 0 {
				return errors.New("serve requests: the controller is gone")
			}
		}
	}
}

// lost takes leave of the current link. over says that there is nothing to wait
// for.
func (s *server) lost(err error) (over bool, _ error) {
	var broken *wire.ProtocolError
	if err == nil || errors.As(err, &broken) {
		return true, err
	}
	s.cur.swap(nil)
	if s.o.Attach == nil {
		s.blobs.Fail("the controller is gone")
		s.jobs.running.Wait()
		return true, nil
	}
	return false, nil
}

// greet makes l the current link and reads from it.
func (s *server) greet(l *link, facts bool) {
	s.replace(l)
	go func() {
		// What cannot be sent is no end: the reader notices one.
		_ = l.w.SendMarker()
		_ = l.w.Send(wire.TypeHello, wire.Encode(&s.o.Hello))
		if facts {
			s.facts(l, 0)
		}
	}()
	go func() {
		err := s.read(l)
		select {
		case s.ended <- ending{l, err}:
		case <-s.ctx.Done():
		}
	}()
}

// replace ends what came on the link before l.
func (s *server) replace(l *link) {
	if old := s.cur.get(); old != nil {
		old.close()
	}
	s.taking.Lock()
	defer s.taking.Unlock()
	s.cur.swap(l)
	s.blobs.Again()
}

func (s *server) facts(l *link, id uint64) {
	f := wire.Facts{ID: id, Facts: s.o.Gather()}
	if err := l.w.Send(wire.TypeFacts, wire.Encode(&f)); errors.Is(err, wire.ErrTooLarge) {
		_ = l.w.Send(wire.TypeFacts, wire.Encode(&wire.Facts{ID: id, Err: "the host's facts are too large"}))
	}
}

func (s *server) wantBlob(d wire.Digest) {
	if l := s.cur.get(); l != nil {
		go func() { _ = l.w.Send(wire.TypeBlobWanted, d[:]) }() // asked again after a reconnect
	}
}

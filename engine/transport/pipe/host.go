package pipe

import (
	"errors"
	"io/fs"
	"maps"
	"sync"

	"github.com/gokube/gokube/engine/transport"
)

// File is what an upload left on a host.
type File struct {
	Data []byte
	Mode fs.FileMode
}

// Counts is what happened on all connections of a host so far.
type Counts struct {
	Dials, Starts, Uploads int
	RoundTrips             int   // how often a process was written to after reading from it
	Sent, Received         int64 // bytes of stdin and of stdout
}

// Host is a host in this process. It is safe for concurrent use.
type Host struct {
	shell Shell

	mu     sync.Mutex
	files  map[string]File
	counts Counts
	faults Faults
	conns  map[*conn]struct{}
}

// Faults is what goes wrong on a host; zero is nothing.
type Faults struct {
	Dial       error // what Dial returns
	Start      error // what Start returns
	Upload     error // what Upload returns, with nothing written
	Sessions   int   // processes at the same time on one connection, any number if 0
	StallAfter int64 // bytes of stdout of a process, after which its connection is silent; never if 0
	ResetAfter int64 // bytes of stdout of a process, after which its connection is lost; never if 0
}

// NewHost returns a host whose commands are run by shell.
func NewHost(shell Shell) *Host {
	return &Host{shell: shell, files: map[string]File{}, conns: map[*conn]struct{}{}}
}

// SetFaults says what goes wrong from now on.
func (h *Host) SetFaults(f Faults) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.faults = f
}

// Counts is what happened so far.
func (h *Host) Counts() Counts {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.counts
}

// Files is a copy of what was uploaded, by the path given to Upload.
func (h *Host) Files() map[string]File {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.files)
}

// Reset loses all connections of the host, as a reset by the peer does.
func (h *Host) Reset() {
	for _, c := range h.open() {
		c.lose(errReset)
	}
}

// Stall makes all open connections of the host silent: nothing that is written on
// either side arrives any more.
func (h *Host) Stall() {
	for _, c := range h.open() {
		c.stall()
	}
}

var errReset = errors.New("connection reset by peer")

func (h *Host) dial(t transport.Target) (transport.Conn, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts.Dials++
	if h.faults.Dial != nil {
		return nil, h.faults.Dial
	}
	c := &conn{host: h, name: t.Name(), done: make(chan struct{}), procs: map[*process]struct{}{}}
	h.conns[c] = struct{}{}
	return c, nil
}

func (h *Host) open() []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []*conn
	for c := range h.conns {
		all = append(all, c)
	}
	return all
}

func (h *Host) count(f func(*Counts)) Faults {
	h.mu.Lock()
	defer h.mu.Unlock()
	f(&h.counts)
	return h.faults
}

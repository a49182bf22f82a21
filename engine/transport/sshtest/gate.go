package sshtest

import (
	"io"
	"net"
	"sync"
)

// gate is a connection that can be made to fail.
type gate struct {
	net.Conn
	faults Faults
	shut   chan struct{} // closed by Close
	once   sync.Once

	mu       sync.Mutex
	received int64
	stalled  bool
}

func newGate(c net.Conn, f Faults) *gate {
	return &gate{Conn: c, faults: f, shut: make(chan struct{}), stalled: f.Mute}
}

// Read counts what is received, and blocks on a stalled connection.
func (g *gate) Read(b []byte) (int, error) {
	if g.silent() {
		<-g.shut
		return 0, io.EOF
	}
	n, err := g.Conn.Read(b)
	g.count(n)
	if g.silent() {
		<-g.shut
		return 0, io.EOF
	}
	return n, err
}

func (g *gate) count(n int) {
	g.mu.Lock()
	g.received += int64(n)
	stall := g.faults.StallAfter > 0 && g.received > g.faults.StallAfter
	reset := g.faults.ResetAfter > 0 && g.received > g.faults.ResetAfter
	g.stalled = g.stalled || stall
	g.mu.Unlock()
	if reset {
		g.reset()
	}
}

// Write loses everything on a stalled connection.
func (g *gate) Write(b []byte) (int, error) {
	if g.silent() {
		return len(b), nil
	}
	return g.Conn.Write(b)
}

func (g *gate) silent() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.stalled
}

func (g *gate) stall() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stalled = true
}

func (g *gate) reset() {
	if c, ok := g.Conn.(*net.TCPConn); ok {
		_ = c.SetLinger(0)
	}
	_ = g.Close()
}

// Close ends reads that wait on a stalled connection, too.
func (g *gate) Close() error {
	g.once.Do(func() { close(g.shut) })
	return g.Conn.Close()
}

package link_test

import (
	"errors"
	"io"
	"net"
	"testing"

	"github.com/gokube/gokube/engine/transport/ssh/link"
)

func TestLinkRemembersThatItBroke(t *testing.T) {
	t.Parallel()
	here, there := net.Pipe()
	l := link.Wrap(here)
	before := l.Silent()
	go there.Write([]byte("x"))
	if _, err := io.ReadFull(l, make([]byte, 1)); err != nil || l.Broken() {
		t.Fatalf("%v, broken %t", err, l.Broken())
	}
	if before < 0 || l.Silent() < 0 {
		t.Errorf("silent for %s, then %s", before, l.Silent())
	}
	there.Close()
	if _, err := l.Read(make([]byte, 1)); !errors.Is(err, io.EOF) || !l.Broken() {
		t.Errorf("%v, broken %t", err, l.Broken())
	}
}

// stuck is a channel whose peer never answers.
type stuck struct{ over chan struct{} }

func (s stuck) Read([]byte) (int, error)    { <-s.over; return 0, io.EOF }
func (s stuck) Write(b []byte) (int, error) { return len(b), nil }
func (s stuck) Close() error                { <-s.over; return nil }

func TestClosingAChannelEndsItsReads(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	defer close(over)
	c := link.NewChannel(stuck{over}, "a:22")
	result := make(chan error)
	go func() {
		_, err := c.Read(make([]byte, 1))
		result <- err
	}()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := <-result; err == nil {
		t.Error("read something")
	}
	if c.RemoteAddr().String() != "a:22" {
		t.Error(c.RemoteAddr())
	}
}

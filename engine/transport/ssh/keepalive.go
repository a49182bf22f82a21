package ssh

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// keepalive asks a silent host whether it still lives, and closes the link when no
// answer comes. It has a goroutine only while it asks.
type keepalive struct {
	conn     *conn
	interval time.Duration // of silence after which to ask
	limit    time.Duration // of silence

	mu      sync.Mutex
	timer   *time.Timer
	stopped bool
}

func startKeepalive(c *conn, interval, limit time.Duration) *keepalive {
	k := &keepalive{conn: c, interval: interval, limit: limit}
	if interval > 0 {
		k.again(interval)
	}
	return k
}

func (k *keepalive) again(wait time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.stopped {
		k.timer = time.AfterFunc(wait, k.check)
	}
}

func (k *keepalive) stop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stopped = true
	if k.timer != nil {
		k.timer.Stop()
	}
}

// check asks if nothing was heard for a while.
func (k *keepalive) check() {
	if silent := k.conn.link.Silent(); silent < k.interval {
		k.again(k.interval - silent)
		return
	}
	// The request blocks until there is an answer, perhaps for ever, so that the
	// limit must be watched from outside.
	watch := time.AfterFunc(k.limit-k.interval, k.giveUp)
	_, _, err := k.conn.ssh.SendRequest("keepalive@openssh.com", true, nil)
	watch.Stop()
	if err == nil {
		k.again(k.interval)
	}
}

// giveUp ends the connection unless something else was heard meanwhile.
func (k *keepalive) giveUp() {
	if silent := k.conn.link.Silent(); silent < k.limit {
		time.AfterFunc(k.limit-silent, k.giveUp)
		return
	}
	k.conn.lose(silence(k.limit))
}

// silence is the cause of a connection lost without a word.
type silence time.Duration

func (s silence) Error() string {
	return fmt.Sprintf("the host did not answer for %s", time.Duration(s))
}
func (s silence) Is(e error) bool { return e == os.ErrDeadlineExceeded }

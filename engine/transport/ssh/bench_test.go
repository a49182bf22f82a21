package ssh_test

import (
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/transport/ssh"
	"github.com/gokube/gokube/engine/transport/sshtest"
)

// BenchmarkDial is the handshake of both sides, on one core for the two of them.
func BenchmarkDial(b *testing.B) {
	l := newLab(b, sshtest.Config{})
	d := ssh.NewDialer(l.options)
	for b.Loop() {
		c, err := d.Dial(b.Context(), l.target())
		check(b, err)
		c.Close()
	}
}

// BenchmarkDialAmongManyKnownHosts is BenchmarkDial with a known_hosts file of a
// thousand lines.
func BenchmarkDialAmongManyKnownHosts(b *testing.B) {
	l := newLab(b, sshtest.Config{})
	text := sshtest.Known(l.host)
	for i := range 1000 {
		text += "host" + strconv.Itoa(i) + ".example.org " + l.key.Public() + "\n"
	}
	check(b, os.WriteFile(l.known, []byte(text), 0o600))
	d := ssh.NewDialer(l.options)
	for b.Loop() {
		c, err := d.Dial(b.Context(), l.target())
		check(b, err)
		c.Close()
	}
}

// BenchmarkSession is a command on an open connection.
func BenchmarkSession(b *testing.B) {
	l := newLab(b, sshtest.Config{})
	c := l.dial(b)
	for b.Loop() {
		p, err := c.Start(b.Context(), "true")
		check(b, err)
		check(b, p.Wait())
	}
}

// BenchmarkRoundTrip is a kilobyte there and back in a process that runs already.
func BenchmarkRoundTrip(b *testing.B) {
	l := newLab(b, sshtest.Config{Shell: echo})
	p, err := l.dial(b).Start(b.Context(), "cat")
	check(b, err)
	buf := make([]byte, 1024)
	for b.Loop() {
		_, err := p.Stdin().Write(buf)
		check(b, err)
		for n := 0; n < len(buf); {
			k, err := p.Stdout().Read(buf)
			check(b, err)
			n += k
		}
	}
}

// BenchmarkIdleConnection tells the memory of an open connection with a process,
// client and host together: about half of it is the client's.
func BenchmarkIdleConnection(b *testing.B) {
	l := newLab(b, sshtest.Config{Shell: echo})
	d := ssh.NewDialer(l.options)
	const many = 200
	for b.Loop() {
		before, goroutines := memory(), runtime.NumGoroutine()
		conns := make([]transport.Conn, many)
		for i := range conns {
			c, err := d.Dial(b.Context(), l.target())
			check(b, err)
			_, err = c.Start(b.Context(), "cat")
			check(b, err)
			conns[i] = c
		}
		b.ReportMetric(float64(memory()-before)/many/1024, "KB/conn")
		b.ReportMetric(float64(runtime.NumGoroutine()-goroutines)/many, "goroutines/conn")
		for _, c := range conns {
			c.Close()
		}
	}
}

func memory() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// BenchmarkThousandHosts connects to a thousand hosts of this process and starts a
// command on each.
func BenchmarkThousandHosts(b *testing.B) {
	l := newLab(b, sshtest.Config{Shell: echo})
	hosts := make([]*sshtest.Host, 1000)
	for i := range hosts {
		hosts[i] = listen(b, sshtest.Config{Shell: echo, Keys: []sshtest.Key{l.key}})
	}
	l.know(b, hosts...)
	for b.Loop() {
		d := ssh.NewDialer(l.options)
		slots := make(chan struct{}, 64)
		var wg sync.WaitGroup
		conns := make([]transport.Conn, len(hosts))
		for i, h := range hosts {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				c, err := d.Dial(b.Context(), h.Target(l.keyFile, l.known))
				if err == nil {
					_, err = c.Start(b.Context(), "cat")
				}
				if err != nil {
					b.Error(err)
					return
				}
				conns[i] = c
			})
		}
		wg.Wait()
		b.ReportMetric(float64(memory())/float64(len(hosts))/1024, "KB/host-of-both-sides")
		for _, c := range conns {
			c.Close()
		}
	}
}

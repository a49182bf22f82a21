//go:build linux

package network

import (
	"io"
	"testing"
	"testing/synctest"
	"time"
)

func TestPumpKeepsOrderAndHoldsEachFrameForTheDelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in, feed := io.Pipe()
		out, sink := io.Pipe()
		go pump(in, sink, 20*time.Millisecond)
		start := time.Now()
		go func() {
			for _, s := range []string{"one", "two"} {
				_, _ = feed.Write([]byte(s))
			}
		}()
		buf := make([]byte, 16)
		for _, want := range []string{"one", "two"} {
			n, err := out.Read(buf)
			if err != nil || string(buf[:n]) != want {
				t.Fatalf("read %q, %v; want %q", buf[:n], err, want)
			}
			if d := time.Since(start); d != 20*time.Millisecond {
				t.Errorf("%s came after %v", want, d)
			}
		}
		feed.Close()
		synctest.Wait()
	})
}

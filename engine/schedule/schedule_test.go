package schedule

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEachKeepsToItsWidth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		for range 3 {
			Each(t.Context(), 100, 10, func(int) { time.Sleep(time.Second) })
		}
		if got := time.Since(start); got != 30*time.Second {
			t.Fatalf("took %v of fake time, want 30s", got)
		}
	})
}

func TestEachBeginsNothingAfterCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var ended atomic.Int32
		begun := Each(ctx, 10, 3, func(i int) {
			time.Sleep(time.Second)
			if i == 2 {
				cancel()
			}
			ended.Add(1)
		})
		if begun < 3 || begun > 6 || int(ended.Load()) != begun {
			t.Fatalf("begun %d, ended %d", begun, ended.Load())
		}
	})
}

func TestWorkersAreKeptAndEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which fails if a goroutine is left
		var w Workers
		defer w.Close()
		var n atomic.Int32
		for range 5 {
			w.Each(t.Context(), 3, 2, func(int) {
				w.Each(t.Context(), 4, 0, func(int) { n.Add(1) })
			})
		}
		if n.Load() != 60 || len(w.idle) > 10 {
			t.Errorf("%d calls, %d goroutines", n.Load(), len(w.idle))
		}
	})
}

func TestEachOfNothingReturns(t *testing.T) {
	if n := Each(t.Context(), 0, 0, func(int) { t.Error("called") }); n != 0 {
		t.Fatal(n)
	}
}

func TestBatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n      int
		serial []Size
		want   []int
	}{
		{6, nil, []int{6}},
		{0, nil, nil},
		{6, []Size{{Count: 1}, {Percent: 40}, {Count: 10}}, []int{1, 2, 3}},
		{6, []Size{{Percent: 30}}, []int{1, 1, 1, 1, 1, 1}},
		{5, []Size{{Count: 2}}, []int{2, 2, 1}},
		{5, []Size{{Count: 0}}, []int{5}},
		{200, []Size{{Percent: 100}}, []int{200}},
	} {
		if d := cmp.Diff(c.want, Batches(c.n, c.serial)); d != "" {
			t.Errorf("%v: %s", c, d)
		}
	}
}

func TestTooManyIsStrict(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		failed, n int
		percent   float64
		want      bool
	}{{3, 6, 50, false}, {3, 6, 49, true}, {1, 100, 0, true}, {0, 6, 0, false}, {0, 0, 0, false}} {
		if got := TooMany(c.failed, c.n, c.percent); got != c.want {
			t.Errorf("%v: %v", c, got)
		}
	}
}

func TestGateLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, start := NewGate(2), time.Now()
		Each(t.Context(), 6, 0, func(int) {
			if err := g.Enter(t.Context()); err != nil {
				t.Error(err)
			}
			defer g.Leave()
			time.Sleep(time.Second)
		})
		if got := time.Since(start); got != 3*time.Second {
			t.Fatalf("took %v, want 3s", got)
		}
	})
}

// BenchmarkEach is the cost of scheduling 1,000 hosts through 100 tasks that do nothing.
func BenchmarkEach(b *testing.B) {
	for _, width := range []int{50, 1000} {
		b.Run(fmt.Sprint(width), func(b *testing.B) {
			for range b.N {
				for range 100 {
					Each(b.Context(), 1000, width, func(int) {})
				}
			}
		})
	}
}

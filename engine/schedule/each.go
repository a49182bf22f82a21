package schedule

import (
	"context"
	"sync"
	"sync/atomic"
)

// Workers are goroutines that are kept from one Each to the next: a task grows a
// deep stack, and a new goroutine would have to grow it again for every task and
// host. The zero Workers has none yet; it is safe for concurrent use.
type Workers struct {
	mu   sync.Mutex
	idle []chan work
}

// work is what one goroutine does of an Each.
type work struct {
	do   func()
	over *sync.WaitGroup
}

// Each calls do for 0 to n-1, at most width at once (0 means all), and returns
// when all calls have returned. Once ctx is done no further call begins; begun
// says how many did, which are always the first ones. do may call Each.
func (w *Workers) Each(ctx context.Context, n, width int, do func(i int)) (begun int) {
	if width <= 0 || width > n {
		width = n
	}
	var next atomic.Int64
	var over sync.WaitGroup
	share := func() {
		for ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			do(i)
		}
	}
	over.Add(width)
	for range width {
		w.run(work{share, &over})
	}
	over.Wait()
	return min(int(next.Load()), n)
}

// Close ends the goroutines that are idle. No Each may be at work.
func (w *Workers) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.idle {
		close(c)
	}
	w.idle = nil
}

// run has x done by a goroutine that is idle, or by a new one.
func (w *Workers) run(x work) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if last := len(w.idle) - 1; last >= 0 {
		w.idle[last] <- x // it has room for one, and nobody else has it
		w.idle = w.idle[:last]
		return
	}
	go w.loop(make(chan work, 1), x)
}

// loop does x and what comes after it. It is idle before x is over, so that whoever
// waits for that finds it.
func (w *Workers) loop(c chan work, x work) {
	for open := true; open; x, open = <-c {
		x.do()
		w.mu.Lock()
		w.idle = append(w.idle, c)
		w.mu.Unlock()
		x.over.Done()
	}
}

// Each is that of Workers which are not kept.
func Each(ctx context.Context, n, width int, do func(i int)) (begun int) {
	var w Workers
	defer w.Close()
	return w.Each(ctx, n, width, do)
}

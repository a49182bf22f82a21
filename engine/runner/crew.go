package runner

import "context"

// crew is goroutines that are kept from request to request: a task grows a deep
// stack, which a new goroutine would have to grow again.
type crew struct {
	ctx  context.Context // they end with it
	next chan func()     // taken by one that has nothing to do
}

func newCrew(ctx context.Context) *crew { return &crew{ctx, make(chan func())} }

// do has one of them do work. It does not wait.
func (c *crew) do(work func()) {
	select {
	case c.next <- work:
	default:
		go c.member(work)
	}
}

func (c *crew) member(work func()) {
	for {
		work()
		select {
		case work = <-c.next:
		case <-c.ctx.Done():
			return
		}
	}
}

package schedule

import "context"

// Gate lets a limited number pass at once. The nil Gate lets all pass.
type Gate chan struct{}

// NewGate is a Gate for width at once, nil if width is 0 or less.
func NewGate(width int) Gate {
	if width <= 0 {
		return nil
	}
	return make(Gate, width)
}

// Enter waits until there is room, or gives ctx's error. Each Enter that gave no
// error needs one Leave.
func (g Gate) Enter(ctx context.Context) error {
	if g == nil {
		return ctx.Err()
	}
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Leave makes room.
func (g Gate) Leave() {
	if g != nil {
		<-g
	}
}

package client

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Pauses between two looks: short at first, as most things happen soon.
const (
	shortest = 200 * time.Millisecond
	longest  = time.Second
)

// Until asks done again and again until nothing is missing. What was missing last
// is the error when the time is over; an API that does not answer counts as such.
func Until(ctx context.Context, limit time.Duration, done func(context.Context) (missing string, err error)) error {
	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	last, look := "", ctx // so that there is one look however short the time is
	for pause := shortest; ; pause, look = min(pause*3/2, longest), timed {
		missing, err := done(look)
		switch {
		case look.Err() != nil:
		case Passing(err):
			last = err.Error()
		case err != nil:
			return err
		case missing == "":
			return nil
		default:
			last = missing
		}
		select {
		case <-time.After(pause):
		case <-timed.Done():
			if !errors.Is(timed.Err(), context.DeadlineExceeded) || ctx.Err() != nil {
				return ctx.Err()
			}
			return &Overdue{limit, last}
		}
	}
}

// Overdue is the end of a wait's time.
type Overdue struct {
	Limit time.Duration
	Last  string // what was missing
}

// Error says what was missing last.
func (o *Overdue) Error() string { return fmt.Sprintf("not so after %s: %s", o.Limit, o.Last) }

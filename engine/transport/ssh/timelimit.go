package ssh

import (
	"context"
	"os"
	"time"
)

// timeLimit is ctx with a limit that stands still while somebody is asked.
type timeLimit struct {
	context.Context
	limit  time.Duration
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

// noAnswer is the end of a time limit.
type noAnswer time.Duration

func (n noAnswer) Error() string   { return "no answer within " + time.Duration(n).String() }
func (n noAnswer) Timeout() bool   { return true }
func (n noAnswer) Is(e error) bool { return e == os.ErrDeadlineExceeded }

func newTimeLimit(ctx context.Context, limit time.Duration) *timeLimit {
	inner, cancel := context.WithCancelCause(ctx)
	return &timeLimit{inner, limit, time.AfterFunc(limit, func() { cancel(noAnswer(limit)) }), cancel}
}

// pause stops the clock until the function it returns is called, which starts it
// anew.
func (t *timeLimit) pause() (resume func()) {
	t.timer.Stop()
	return func() { t.timer.Reset(t.limit) }
}

func (t *timeLimit) end() {
	t.timer.Stop()
	t.cancel(context.Canceled)
}

package runner

import (
	"context"
	"fmt"
	"sync"

	"github.com/gokube/gokube/engine/wire"
)

// How many answers are kept for a controller that comes back, and their size in
// all. The last one is kept whatever its size.
const (
	keptAnswers = 64
	keptBytes   = 16 << 20
)

// jobs are the requests that are at work, and the answers of those done last.
type jobs struct {
	running sync.WaitGroup

	mu     sync.Mutex
	known  map[uint64]*job
	done   []uint64 // kept answers, oldest first
	size   int
	active int
	lost   uint64 // the highest id whose answer was dropped
}

type job struct {
	cancel context.CancelFunc
	answer []byte // nil while it is at work
}

// begin notes a request, unless it is known: then answer is what to send again,
// nil if it is still at work.
func (j *jobs) begin(id uint64, cancel context.CancelFunc) (fresh bool, answer []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if x := j.known[id]; x != nil {
		return false, x.answer
	}
	if id <= j.lost {
		r := wire.Result{ID: id, Err: &wire.Error{Kind: wire.Lost, Text: "fetch result: the runner keeps it no longer"}}
		answer, _ = wire.EncodeResult(&r) // texts only
		return false, answer
	}
	j.known[id] = &job{cancel: cancel}
	j.active++
	j.running.Add(1)
	return true, nil
}

// end keeps the answer of a request. last says that no other is at work.
func (j *jobs) end(id uint64, answer []byte) (last bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.known[id].answer = answer
	j.done = append(j.done, id)
	j.size += len(answer)
	for len(j.done) > keptAnswers || j.size > keptBytes && len(j.done) > 1 {
		old := j.done[0]
		j.size -= len(j.known[old].answer)
		delete(j.known, old)
		j.lost = max(j.lost, old)
		j.done = j.done[1:]
	}
	j.active--
	j.running.Done()
	return j.active == 0
}

func (j *jobs) busy() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.active
}

func (j *jobs) cancel(id uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if x := j.known[id]; x != nil {
		x.cancel()
	}
}

// request starts what a frame asks for, or answers again what was done already: a
// step is never repeated.
func (s *server) request(payload []byte) {
	q, err := wire.DecodeRequest(payload, s.fetch)
	if err != nil {
		q = &wire.Request{ID: wire.ID(payload)}
	}
	ctx, cancel := context.WithCancel(s.ctx)
	fresh, answer := s.jobs.begin(q.ID, cancel)
	if !fresh {
		cancel()
		if answer != nil {
			go s.send(answer)
		}
		return
	}
	s.crew.do(func() {
		defer cancel()
		r := &wire.Result{ID: q.ID, Err: &wire.Error{Kind: wire.BadArgs, Text: fmt.Sprintf("read request: %v", err)}}
		if err == nil {
			r = s.host.Do(ctx, q)
		}
		answer := encode(r)
		if s.jobs.end(q.ID, answer) {
			select {
			case s.idle <- struct{}{}:
			default:
			}
		}
		s.send(answer)
	})
}

// send answers on the link of the moment. If that is lost the controller asks
// again.
func (s *server) send(answer []byte) {
	if l := s.cur.get(); l != nil {
		_ = l.w.Send(wire.TypeResult, answer)
	}
}

// encode is r, or if it cannot be sent, what can be said of it.
func encode(r *wire.Result) []byte {
	answer, err := wire.EncodeResult(r)
	if err == nil && len(answer) <= wire.MaxMessage {
		return answer
	}
	if err == nil {
		err = fmt.Errorf("it takes %d MiB", len(answer)>>20)
	}
	r.Output = nil
	r.Err = &wire.Error{Kind: wire.Failed, Text: fmt.Sprintf("send result: %v", err)}
	answer, err = wire.EncodeResult(r)
	if err == nil && len(answer) <= wire.MaxMessage {
		return answer
	}
	r.Changes = nil
	answer, _ = wire.EncodeResult(r) // texts and numbers only
	return answer
}

package memo_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/gokube/gokube/engine/playbook/load/memo"
)

type kw struct {
	A any
	L []any
	M map[string]any
}

func TestAlikeComparesDataAndPointersAsSuch(t *testing.T) {
	t.Parallel()
	p, q := new(int), new(int)
	for _, c := range []struct {
		a, b any
		want bool
	}{
		{nil, nil, true},
		{nil, 1, false},
		{1, 1.0, false},
		{kw{A: p}, kw{A: p}, true},
		{kw{A: p}, kw{A: q}, false},
		{kw{L: []any{"a", 1}}, kw{L: []any{"a", 1}}, true},
		{kw{L: []any{"a", 1}}, kw{L: []any{"a"}}, false},
		{kw{M: map[string]any{"a": []any{1}}}, kw{M: map[string]any{"a": []any{1}}}, true},
		{kw{M: map[string]any{"a": nil}}, kw{M: map[string]any{"b": nil}}, false},
		{func() {}, func() {}, false},
	} {
		if got := memo.Alike(c.a, c.b); got != c.want {
			t.Errorf("%v, %v: got %v", c.a, c.b, got)
		}
	}
}

func TestWhatIsAlikeIsMadeOnce(t *testing.T) {
	t.Parallel()
	var table memo.Table[string, int]
	made := 0
	produce := func() (int, error) { made++; return made, nil }
	for _, like := range []any{1, 2, 1, 2} {
		if got, err := table.Get("k", like, produce); err != nil || got != like {
			t.Errorf("%v: got %d, %v", like, got, err)
		}
	}
}

func TestErrorsAreNotKept(t *testing.T) {
	t.Parallel()
	var table memo.Table[string, int]
	if _, err := table.Get("k", nil, func() (int, error) { return 0, errors.New("no") }); err == nil {
		t.Fatal("no error")
	}
	if got, err := table.Get("k", nil, func() (int, error) { return 7, nil }); got != 7 || err != nil {
		t.Fatal(got, err)
	}
}

func TestManyMayAskAtOnce(t *testing.T) {
	t.Parallel()
	var table memo.Table[int, int]
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			if got, _ := table.Get(i%3, i%5, func() (int, error) { return i % 5, nil }); got != i%5 {
				t.Errorf("%d: got %d", i, got)
			}
		})
	}
	wg.Wait()
}

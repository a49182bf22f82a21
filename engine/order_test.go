package engine_test

import (
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gokube/gokube/engine"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

func TestEveryOrderIsThatOfTheHosts(t *testing.T) {
	t.Parallel()
	want := map[string]string{"inventory": "b c a", "sorted": "a b c", "reverse_sorted": "c b a", "reverse_inventory": "a c b", "shuffle": ""}
	for _, order := range playbook.Orders() {
		w := newWorld(t, "b", "c", "a")
		w.file("site.yml", "- hosts: all\n  order: "+order+"\n  tasks:\n    - {name: t, ping: }\n")
		l, _ := w.play(engine.Options{Forks: 1})
		var hosts []string
		for _, line := range l.lines {
			hosts = append(hosts, line[:1])
		}
		got, sorted := strings.Join(hosts, " "), slices.Sorted(slices.Values(hosts))
		wanted, known := want[order]
		if !known || wanted != "" && got != wanted || !slices.Equal(sorted, []string{"a", "b", "c"}) {
			t.Errorf("%s: %s", order, got)
		}
	}
}

func TestThrottleHoldsWhereHostsGoTheirOwnWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a", "b", "c", "d")
	w.file("site.yml", "- hosts: all\n  strategy: free\n  gather_facts: false\n  tasks:\n    - {name: t, command: join, throttle: 1}\n")
	var inside atomic.Int32
	for _, f := range w.hosts {
		f.Commands["join"] = func(*systemtest.Fake, system.Cmd) system.Output {
			if inside.Add(1) > 1 {
				t.Error("two hosts at once")
			}
			for range 1000 {
				runtime.Gosched()
			}
			inside.Add(-1)
			return system.Output{}
		}
	}
	if l, _ := w.play(engine.Options{Forks: 4}); len(l.lines) != 4 {
		t.Errorf("%q", l.lines)
	}
}

package engine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine"
	"github.com/gokube/gokube/engine/playbook"
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

package inventory_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/inventory"
)

// many is an INI inventory of n hosts in n/20 racks, each with variables.
func many(n int) string {
	var sb strings.Builder
	for rack := range n / 20 {
		fmt.Fprintf(&sb, "[rack%d]\n", rack)
		for i := range 20 {
			fmt.Fprintf(&sb, "node-%d ansible_host=10.0.%d.%d weight=%d\n", rack*20+i, rack/250, i, i)
		}
		fmt.Fprintf(&sb, "[dc%d:children]\nrack%d\n[rack%d:vars]\nrack=%d\n", rack%4, rack, rack, rack)
	}
	sb.WriteString("[workers]\n")
	for i := range n {
		fmt.Fprintf(&sb, "node-%d\n", i)
	}
	return sb.String()
}

// manyYAML is the same as one YAML group.
func manyYAML(n int) string {
	var sb strings.Builder
	sb.WriteString("all:\n  children:\n    workers:\n      hosts:\n")
	for i := range n {
		fmt.Fprintf(&sb, "        node-%d: {ansible_host: 10.0.0.%d, weight: %d}\n", i, i%250, i)
	}
	return sb.String()
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		for name, text := range map[string]string{"ini": many(n), "hosts.yml": manyYAML(n)} {
			dir := write(b, map[string]string{name: text, "group_vars/all.yml": "a: 1\nb: [1, 2]\n", "group_vars/workers.yml": "c: 1\n"})
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					in, err := inventory.Load(context.Background(), inventory.Options{Sources: []string{filepath.Join(dir, name)}})
					if err != nil || len(in.Hosts()) != n {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	dir := write(b, map[string]string{"hosts": many(10_000)})
	in, err := inventory.Load(context.Background(), inventory.Options{Sources: []string{dir + "/hosts"}})
	if err != nil {
		b.Fatal(err)
	}
	for _, p := range []string{"node-77", "workers:&dc1:!rack1", "node-*5", "~node-1.*0$"} {
		b.Run(p, func(b *testing.B) {
			for b.Loop() {
				if _, err := in.Match(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLayers(b *testing.B) {
	dir := write(b, map[string]string{"hosts": many(10_000), "group_vars/all": "a: 1", "host_vars/node-5": "b: 1"})
	in, err := inventory.Load(context.Background(), inventory.Options{Sources: []string{dir + "/hosts"}})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for _, h := range in.Hosts() {
			in.Layers(h)
		}
	}
}

package roles_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/inventory"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

// TestSampleInventoriesAreSound holds the samples to preflight, on hosts with the
// addresses that they name.
func TestSampleInventoriesAreSound(t *testing.T) {
	t.Parallel()
	samples, err := filepath.Glob("../inventories/*/hosts.yml")
	if err != nil || len(samples) < 4 {
		t.Fatalf("%q, %v", samples, err)
	}
	for _, file := range samples {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			t.Parallel()
			in, err := inventory.Load(t.Context(), inventory.Options{Sources: []string{file}})
			if err != nil {
				t.Fatal(err)
			}
			hosts := map[string]*systemtest.Fake{}
			for i, name := range in.Names() {
				h, _ := in.Host(name)
				hosts[name] = sound()["a"]
				hosts[name].Host.MachineID = strings.Repeat("x", i+1)
				hosts[name].Host.Network.Interfaces = []system.Interface{{Name: "eth0", IPv4: []string{fmt.Sprint(h.Vars["ip"].Value, "/24")}, IPv6: []string{}}}
			}
			if said := playFile(t, "preflight.yml", file, hosts, nil); len(said) > 0 {
				t.Error(said)
			}
		})
	}
}

package overlay

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/engine/unknown"
)

func TestAPredictedKernelModuleMovesSettings(t *testing.T) {
	t.Parallel()
	f := systemtest.New()
	f.Set("vm.swappiness", system.Sysctl{Value: "60"})
	f.Set("bridge", system.KernelModule{})
	o := New(system.ReadOnly(f))
	answer := func(k system.Key) string {
		_, err := o.Object(t.Context(), k)
		if u, vague := unknown.Of(err); vague {
			return u.Why
		}
		if errors.Is(err, fs.ErrNotExist) {
			return "absent"
		}
		return "there"
	}
	run := func(e ...system.Effect) {
		if err := o.Run(t.Context(), system.Command("modprobe"), system.Closed(e...)); err != nil {
			t.Fatal(err)
		}
	}
	there, absent := system.Named("sysctl", "vm.swappiness"), system.Named("sysctl", "net.bridge.x")
	needed, loaded := system.Named("kernel module", "llc"), system.Named("kernel module", "bridge")
	expect := func(when string, want ...string) {
		t.Helper()
		for i, k := range []system.Key{there, absent, needed, loaded} {
			if got := answer(k); got != want[i] {
				t.Errorf("%s, %s is %q, want %q", when, k, got, want[i])
			}
		}
	}
	expect("before", "there", "absent", "absent", "there")
	run(system.Holds("br_netfilter", system.KernelModule{}))
	expect("after loading", "there", "change of kernel module br_netfilter", "change of kernel module br_netfilter", "there")
	run(system.Holds("net.bridge.x", system.Sysctl{Value: "1"}))
	expect("after setting", "there", "there", "change of kernel module br_netfilter", "there")
	run(system.Gone(system.Named("kernel module", "br_netfilter")))
	why := "change of kernel module br_netfilter"
	expect("after unloading", why, why, "absent", why)
}

package kubeadm

import "testing"

func TestStepsBetweenVersions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"v1.33.1", "v1.34.4", true}, {"v1.34.4", "v1.34.4", true}, {"v1.34.3", "v1.34.4", true}, {"v1.34.0-rc.1", "v1.34.0", true},
		{"v1.32.1", "v1.34.4", false}, {"v1.34.5", "v1.34.4", false}, {"v1.35.0", "v1.34.4", false}, {"v1.34.4", "v2.0.0", false}, {"", "v1.34.4", false}, {"v1.34.4", "latest", false},
	} {
		if err := step(c.from, c.to); (err == nil) != c.ok {
			t.Errorf("from %s to %s: %v", c.from, c.to, err)
		}
	}
}

func FuzzNumbers(f *testing.F) {
	f.Add("v1.34.4")
	f.Fuzz(func(t *testing.T, v string) {
		if n := numbers(v); n != nil && len(n) != 3 {
			t.Errorf("%q has %d numbers", v, len(n))
		}
	})
}

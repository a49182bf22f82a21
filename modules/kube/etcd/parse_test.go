package etcd

import "testing"

func TestWhatIsNoListOfMembersIsRefused(t *testing.T) {
	t.Parallel()
	if ms, err := parse("oops\n"); err == nil {
		t.Errorf("read %v", ms)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("861efb5d63795cb, unstarted, , http://127.0.0.1:22380, , true\nddd67b312462fd7b, started, e1, http://127.0.0.1:12380, http://127.0.0.1:12379, false\n")
	f.Fuzz(func(t *testing.T, text string) {
		ms, err := parse(text)
		if err == nil {
			_, _ = shown(ms), sound(ms)
			_ = initial(ms, "x", nil)
		}
	})
}

package module

import (
	"io/fs"
	"testing"
)

func TestModeIsWhatChmodMakesOfIt(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		mode Mode
		old  fs.FileMode
		dir  bool
		want string
	}{
		{"", 0o640, false, "0640"}, {"0644", 0, false, "0644"}, {"755", 0, false, "0755"}, {"1777", 0, true, "1777"}, {"04755", 0, false, "4755"}, {"0o644", 0, false, ""},
		{"u=rwx,g=rx,o=", 0, false, "0750"}, {"u=rw,go=r", 0o777, false, "0644"}, {"+x", 0o644, false, "0755"}, {"a-w", 0o666, false, "0444"}, {"go-rwx", 0o755, false, "0700"},
		{"u+rwX", 0o644, false, "0644"}, {"a+X", 0o744, false, "0755"}, {"a+X", 0o644, true, "0755"}, {"u+s", 0o755, false, "4755"}, {"g+s", 0o755, true, "2755"},
		{"+t", 0o777, true, "1777"}, {"u=rw-x", 0o100, false, "0600"}, {"u+r-w", 0o200, false, "0400"}, {"u=rwx,u-x", 0, false, "0600"}, {"=r", 0o777, false, "0444"},
		{"rw", 0, false, ""}, {"u", 0, false, ""}, {"x=r", 0, false, ""}, {"u=rq", 0, false, ""}, {"0999", 0, false, ""}, {"77777", 0, false, ""}, {"u=rw,", 0, false, ""},
		{"u=rwxs", 0, false, "4700"}, {"g=u", 0o740, false, "0770"}, {"o=g", 0o750, false, "0755"}, {"go+u", 0o600, false, "0666"},
		{"u=rw", fs.ModeSetuid | 0o755, false, "0655"}, {"g=rx", fs.ModeSetgid | 0o755, false, "0755"}, {"o=", fs.ModeSticky | 0o777, true, "0770"}, {"g=rx", fs.ModeSetgid | 0o755, true, "2755"}, {"g=rxs", 0o755, true, "2755"}, {"u=rwx", fs.ModeSetuid | fs.ModeSetgid | 0o700, true, "6700"}, {Preserve, 0, false, ""},
	} {
		got, err := x.mode.On(x.old, x.dir)
		switch {
		case x.want == "" && err == nil:
			t.Errorf("%q: got %s, want an error", x.mode, Octal(got))
		case x.want != "" && (err != nil || Octal(got) != x.want):
			t.Errorf("%q on %s: got %s (%v), want %s", x.mode, Octal(x.old), Octal(got), err, x.want)
		}
	}
}

func FuzzModeIsStable(f *testing.F) {
	f.Add("u=rwX,g+s,o-t", uint32(0o755), true)
	f.Add("0644", uint32(0), false)
	f.Fuzz(func(t *testing.T, s string, old uint32, dir bool) {
		m := Mode(s)
		once, err := m.On(fromUnix(uint64(old&0o7777)), dir)
		if err != nil {
			return
		}
		if toUnix(once) > 0o7777 {
			t.Errorf("%q gives %o", s, toUnix(once))
		}
		if again, err := Mode(Octal(once)).On(0, dir); err != nil || again != once {
			t.Errorf("%q gives %s, which reads as %v (%v)", s, Octal(once), again, err)
		}
	})
}

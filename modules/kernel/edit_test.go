package kernel

import (
	"strings"
	"testing"
)

func TestSettingsAreEditedWhereTheyAre(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, with, without string }{
		{"nothing", "", "a.b = 1\n", ""},
		{"as it is, without a newline", "a.b=1", "a.b=1", ""},
		{"another value", "# x\na.b = 0\nc.d = 2\n", "# x\na.b = 1\nc.d = 2\n", "# x\nc.d = 2\n"},
		{"twice", "a.b=2\nc.d=1\na.b=1\n", "a.b = 1\nc.d=1\n", "c.d=1\n"},
		{"with slashes", "a/b = 0\n", "a.b = 1\n", ""},
		{"ignoring errors", "-a.b = 1\n", "-a.b = 1\n", ""},
		{"comments", "#a.b=0\n;a.b=0\n", "#a.b=0\n;a.b=0\na.b = 1\n", "#a.b=0\n;a.b=0\n"},
		{"no setting", "a.b\n", "a.b\na.b = 1\n", "a.b\n"},
	} {
		if got := withSetting(c.text, "a.b", "1"); got != c.with {
			t.Errorf("%s: with it %q, want %q", c.name, got, c.with)
		}
		if got := withoutSetting(c.text, "a.b"); got != c.without {
			t.Errorf("%s: without it %q, want %q", c.name, got, c.without)
		}
	}
}

func TestEntriesAreEditedWhereTheyAre(t *testing.T) {
	t.Parallel()
	e := entry{"/dev/b", "/mnt/a b", "ext4", "defaults", "0", "2"}
	line := `/dev/b /mnt/a\040b ext4 defaults 0 2` + "\n"
	for _, c := range []struct{ name, text, with, without string }{
		{"nothing", "", line, ""},
		{"as it is, in columns", "/dev/b\t/mnt/a\\040b ext4  defaults 0 2", "/dev/b\t/mnt/a\\040b ext4  defaults 0 2", ""},
		{"another source", "# /\n/dev/a /mnt/a\\040b/ ext4 x 0 2\n/dev/r / ext4 x 0 1\n", "# /\n" + line + "/dev/r / ext4 x 0 1\n", "# /\n/dev/r / ext4 x 0 1\n"},
		{"twice", line + line, line, ""},
		{"swap and odd lines", "/dev/s none swap sw 0 0\nx\n", "/dev/s none swap sw 0 0\nx\n" + line, "/dev/s none swap sw 0 0\nx\n"},
	} {
		if got := withEntry(c.text, e); got != c.with {
			t.Errorf("%s: with it %q, want %q", c.name, got, c.with)
		}
		if got := withoutEntry(c.text, e.point); got != c.without {
			t.Errorf("%s: without it %q, want %q", c.name, got, c.without)
		}
	}
	swaps := "/dev/s none swap sw 0 0\n#/dev/t none swap sw 0 0\n/dev/u /mnt ext4 x 0 0\n"
	if got, want := withoutSwap(swaps), "# "+swaps; got != want {
		t.Errorf("without swap %q, want %q", got, want)
	}
}

// once holds that f changes its own result no more.
func once(t *testing.T, what, text string, f func(string) string) string {
	t.Helper()
	got := f(text)
	if again := f(got); again != got {
		t.Errorf("%s: once %q, twice %q", what, got, again)
	}
	return got
}

func FuzzSettings(f *testing.F) {
	f.Add("a.b = 1\n# c\n", "a.b", "2")
	f.Add("a/b=1\r\n\n;x\n-a.b=3", "a/b", "1 2")
	f.Fuzz(func(t *testing.T, text, name, value string) {
		name, err := dotted(name)
		value = strings.Join(strings.Fields(value), " ")
		if err != nil || value == "" {
			return
		}
		with := once(t, "with", text, func(s string) string { return withSetting(s, name, value) })
		found := 0
		for l := range strings.Lines(with) {
			if n, v, ok := setting(l); ok && n == name {
				if found++; v != value {
					t.Errorf("%q is set to %q, want %q", name, v, value)
				}
			}
		}
		if found != 1 {
			t.Errorf("%q is set %d times in %q", name, found, with)
		}
		if without := once(t, "without", with, func(s string) string { return withoutSetting(s, name) }); without != withoutSetting(text, name) && text != "" && strings.HasSuffix(text, "\n") {
			t.Errorf("set and taken away: %q, only taken away: %q", without, withoutSetting(text, name))
		}
	})
}

func FuzzFstab(f *testing.F) {
	f.Add("/dev/a / ext4 x 0 0\n", "/dev/b", "/mnt")
	f.Add("#x\n/dev/a\t/a\\040b swap x 0 0", "UUID=1", "/a b")
	f.Fuzz(func(t *testing.T, text, source, point string) {
		a := MountArgs{Path: point, Src: source, FSType: "ext4", Opts: "defaults", Dump: "0", Passno: "0", State: "mounted"}
		if a.check() != nil {
			return
		}
		e := entry{source, a.Path, "ext4", "defaults", "0", "0"}
		with := once(t, "with", text, func(s string) string { return withEntry(s, e) })
		found := 0
		for l := range strings.Lines(with) {
			if mounts(l, a.Path) {
				found++
				if fs := fields(l); unescape(fs[0]) != source {
					t.Errorf("the source of %q is %q, want %q", l, unescape(fs[0]), source)
				}
			}
		}
		if found != 1 {
			t.Errorf("%d entries for %q in %q", found, a.Path, with)
		}
		once(t, "without", with, func(s string) string { return withoutEntry(s, a.Path) })
		once(t, "without swap", text, withoutSwap)
	})
}

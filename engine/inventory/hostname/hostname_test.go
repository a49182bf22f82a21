package hostname_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/inventory/hostname"
)

func TestSplitTakesThePortOffAnAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, name string
		port     int
		ok       bool
	}{
		{"db", "db", 0, true},
		{"db:2222", "db", 2222, true},
		{"n[1:3]", "n[1:3]", 0, true},
		{"n[1:3]:22", "n[1:3]", 22, true},
		{"n[1:7:3].example.com:22", "n[1:7:3].example.com", 22, true},
		{"[a:c].example.com", "[a:c].example.com", 0, true},
		{"10.0.0.1:22", "10.0.0.1", 22, true},
		{"10.0.0.[1:9]", "10.0.0.[1:9]", 0, true},
		{"fe80::1", "fe80::1", 0, true},
		{"::1", "::1", 0, true},
		{"fe80::1:22", "fe80::1:22", 0, true},
		{"[fe80::1]:22", "fe80::1", 22, true},
		{"[db]:22", "db", 22, true},
		{"fe80::[1:f]", "fe80::[1:f]", 0, true},
		{"[fe80::[1:3]]:22", "fe80::[1:3]", 22, true},
		{"a_b-c.d", "a_b-c.d", 0, true},
		{"bücher", "bücher", 0, true},
		{"web:db", "web:db", 0, false},
		{"db:", "db:", 0, false},
		{"db:0", "db:0", 0, false},
		{"db:70000", "db:70000", 0, false},
		{"-db", "-db", 0, false},
		{"db-", "db-", 0, false},
		{"a..b", "a..b", 0, false},
		{"web[0]", "web[0]", 0, false},
		{"web*", "web*", 0, false},
		{"", "", 0, false},
	} {
		name, port, ok := hostname.Split(c.in)
		if name != c.name || port != c.port || ok != c.ok {
			t.Errorf("Split(%q) = %q, %d, %v; want %q, %d, %v", c.in, name, port, ok, c.name, c.port, c.ok)
		}
	}
}

func TestExpandListsWhatRangesStandFor(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"n":            "n",
		"n[1:3]":       "n1 n2 n3",
		"n[01:03]":     "n01 n02 n03",
		"n[001:002].x": "n001.x n002.x",
		"n[:2]":        "n0 n1 n2",
		"n[8:11]":      "n8 n9 n10 n11",
		"m[1:7:3]":     "m1 m4 m7",
		"m[1:6:3]":     "m1 m4",
		"l[a:c]":       "la lb lc",
		"l[y:B]":       "ly lz lA lB",
		"l[a:e:2]-x":   "la-x lc-x le-x",
		"a[1:2]b[x:y]": "a1bx a1by a2bx a2by",
		"[1:2]":        "1 2",
	} {
		got, err := hostname.Expand(in)
		if err != nil {
			t.Errorf("Expand(%q): %v", in, err)
		}
		if diff := cmp.Diff(strings.Fields(want), got); diff != "" {
			t.Errorf("Expand(%q) (-want +got):\n%s", in, diff)
		}
	}
}

func TestExpandRefusesBadRanges(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"n[1:]":                "the end is missing",
		"n[1]":                 "a range is begin:end or begin:end:step",
		"n[1:2:3:4]":           "a range is begin:end or begin:end:step",
		"n[1:2":                "the bracket is not closed",
		"n[01:3]":              `"01" and "3" are not of equal length`,
		"n[3:1]":               "it begins after its end, 3 after 1",
		"n[c:a]":               `it begins after its end, "c" after "a"`,
		"n[1:9:0]":             `the step "0" is not a positive number`,
		"n[1:9:x]":             `the step "x" is not a positive number`,
		"n[a:9]":               `"a" and "9" are not two numbers or two letters`,
		"n[ab:cd]":             `"ab" and "cd" are not two numbers or two letters`,
		"n[0:999999999]":       "it stands for more than 100000 hosts",
		"n[0:999]x[0:999]":     "it stands for more than 100000 hosts",
		"n[0:99999999999]":     `"0" and "99999999999" are not two numbers or two letters`,
		"[1:2][1:2][1:99999]":  "it stands for more than 100000 hosts",
		"n[1:5:9999999999999]": "",
	} {
		_, err := hostname.Expand(in)
		switch {
		case want == "" && err != nil:
			t.Errorf("Expand(%q): %v", in, err)
		case want != "" && (err == nil || err.Error() != want):
			t.Errorf("Expand(%q): %v; want %q", in, err, want)
		}
	}
}

func FuzzExpand(f *testing.F) {
	for _, seed := range []string{"n[01:03]", "[a:c]", "n[1:7:3]:22", "[fe80::1]:22", "a[1:2]b[x:y]", "]["} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		name, port, ok := hostname.Split(in)
		if !ok && (name != in || port != 0) {
			t.Errorf("Split(%q) = %q, %d of no address", in, name, port)
		}
		names, err := hostname.Expand(name)
		if err == nil && (len(names) == 0 || len(names) > hostname.Limit) {
			t.Errorf("Expand(%q): %d names", name, len(names))
		}
	})
}

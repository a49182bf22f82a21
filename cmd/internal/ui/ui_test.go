package ui_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/cmd/internal/ui"
	"github.com/gokube/gokube/engine/event"
)

var update = flag.Bool("update", false, "rewrite the golden files") //nolint:gochecknoglobals // a flag

// golden compares got with testdata/name.golden.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	p := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", p, diff)
	}
}

func render(es []event.Event, o ui.TextOptions) []byte {
	var out bytes.Buffer
	r := ui.NewText(&out, o)
	for _, e := range es {
		r.Report(e)
	}
	return out.Bytes()
}

// clock is one by which every look takes ten seconds.
func clock() func() time.Time {
	now := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	return func() time.Time { now = now.Add(10 * time.Second); return now }
}

func TestTextIsAsRecorded(t *testing.T) {
	t.Parallel()
	plain := func(width int) ui.Style { return ui.Style{Width: width} }
	color := ui.Style{Color: true, Width: 80}
	for name, c := range map[string]struct {
		events  []event.Event
		options ui.TextOptions
	}{
		"run":              {usual(false), ui.TextOptions{}},
		"run-color":        {usual(false), ui.TextOptions{Style: color}},
		"run-diff":         {usual(false), ui.TextOptions{Style: plain(80), Diff: true}},
		"run-diff-color":   {usual(false), ui.TextOptions{Style: color, Diff: true}},
		"run-verbose":      {usual(false), ui.TextOptions{Style: plain(120), Verbose: 3}},
		"check":            {usual(true), ui.TextOptions{Style: plain(80)}},
		"check-diff":       {usual(true), ui.TextOptions{Style: plain(120), Diff: true}},
		"check-verbose":    {usual(true), ui.TextOptions{Style: plain(120), Verbose: 2}},
		"failures":         {troubled(), ui.TextOptions{Style: plain(80)}},
		"failures-color":   {troubled(), ui.TextOptions{Style: color}},
		"failures-verbose": {troubled(), ui.TextOptions{Style: color, Verbose: 1}},
		"times":            {cluster(), ui.TextOptions{Style: plain(80), Now: clock()}},
		"loop":             {looping(), ui.TextOptions{Style: plain(80)}},
		"loop-diff":        {looping(), ui.TextOptions{Style: plain(80), Diff: true, Verbose: 1}},
		"thousand-80":      {many(1000), ui.TextOptions{Style: plain(80)}},
		"thousand-120":     {many(1000), ui.TextOptions{Style: plain(120)}},
		"thousand-unbound": {many(1000), ui.TextOptions{}},
		"hostile":          {hostile(), ui.TextOptions{Style: plain(120), Diff: true, Verbose: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name, render(c.events, c.options))
		})
	}
}

func TestJSONLIsAsRecorded(t *testing.T) {
	t.Parallel()
	for name, es := range map[string][]event.Event{"check": usual(true), "failures": troubled(), "loop": looping(), "hostile": hostile()} {
		var out bytes.Buffer
		now := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
		r := ui.NewJSONL(&out, func() time.Time { now = now.Add(time.Second); return now })
		for _, e := range es {
			r.Report(e)
		}
		golden(t, name+".jsonl", out.Bytes())
		if strings.Contains(out.String(), "hunter2") {
			t.Errorf("%s shows what is hidden", name)
		}
	}
}

func TestNothingHiddenIsShown(t *testing.T) {
	t.Parallel()
	for _, es := range [][]event.Event{troubled(), looping(), usual(false)} {
		if out := render(es, ui.TextOptions{Diff: true, Verbose: 3}); bytes.Contains(out, []byte("hunter2")) {
			t.Errorf("shown:\n%s", out)
		}
	}
}

// harmless is an error if s holds what could steer a terminal.
func harmless(s string) error {
	for i, r := range s {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			return fmt.Errorf("%U at %d of %q", r, i, s)
		}
	}
	if !utf8.ValidString(s) {
		return fmt.Errorf("%q is invalid", s)
	}
	return nil
}

func TestNobodySteersTheTerminal(t *testing.T) {
	t.Parallel()
	if err := harmless(string(render(hostile(), ui.TextOptions{Diff: true, Verbose: 3}))); err != nil {
		t.Error(err)
	}
	colors := regexp.MustCompile("\x1b\\[[0-9]+m")
	colored := render(hostile(), ui.TextOptions{Style: ui.Style{Color: true}, Diff: true, Verbose: 3})
	if err := harmless(string(colors.ReplaceAll(colored, nil))); err != nil {
		t.Error(err)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"a\tb\n", "\x1b[2J\r\x7f", "\u009b\u202e\u2028\xff\ufeff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := ui.Clean(s)
		if err := harmless(got); err != nil {
			t.Error(err)
		}
		if again := ui.Clean(got); again != got {
			t.Errorf("cleaned again %q, want %q", again, got)
		}
		if harmless(s) == nil && got != s {
			t.Errorf("%q became %q", s, got)
		}
	})
}

func TestTextFitsTheWidth(t *testing.T) {
	t.Parallel()
	for _, width := range []int{60, 80, 120} {
		for l := range strings.Lines(string(render(many(1000), ui.TextOptions{Style: ui.Style{Width: width}}))) {
			if strings.Contains(l, " ... and ") && !strings.Contains(l, "=") && utf8.RuneCountInString(l) > width+1 {
				t.Errorf("%d columns, %d wanted: %s", utf8.RuneCountInString(l)-1, width, l)
			}
		}
	}
}

// screen is what stays on a terminal after out: carriage returns go to the start of
// a line, which what follows covers.
func screen(out string) string {
	var sb strings.Builder
	for l := range strings.SplitSeq(out, "\n") {
		var row []rune
		for part := range strings.SplitSeq(strings.ReplaceAll(l, "\x1b[2K", "\r\v"), "\r") {
			if rest, all := strings.CutPrefix(part, "\v"); all {
				row, part = nil, rest
			}
			for i, r := range []rune(part) {
				if i < len(row) {
					row[i] = r
				} else {
					row = append(row, r)
				}
			}
		}
		sb.WriteString(strings.TrimRight(string(row), " ") + "\n")
	}
	return strings.TrimRight(sb.String(), "\n")
}

// watched is all that a terminal of a width gets while es happen, a third of a
// second between them.
func watched(t *testing.T, es []event.Event, width int) (out string) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		var b bytes.Buffer
		bar := ui.NewBar(&b, width)
		r := ui.NewText(&b, ui.TextOptions{Bar: bar})
		asked := false
		for _, e := range es {
			r.Report(e)
			time.Sleep(333 * time.Millisecond)
			if _, ok := e.(event.HostStart); ok && !asked {
				asked = true
				resume := bar.Pause()
				b.WriteString("a question: ")
				time.Sleep(time.Second)
				b.WriteString("answered\n")
				resume()
			}
		}
		out = b.String()
	})
	return out
}

func TestTheBarLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for name, es := range map[string][]event.Event{"run": usual(false), "failures": troubled(), "loop": looping()} {
		got := screen(watched(t, es, 80))
		if diff := cmp.Diff(screen(string(render(es, ui.TextOptions{}))), strings.Replace(got, "a question: answered\n", "", 1)); diff != "" {
			t.Errorf("%s (-without +with a bar):\n%s", name, diff)
		}
		if !strings.Contains(got, "a question: answered") {
			t.Errorf("%s: the question was drawn over", name)
		}
	}
}

func TestTheBarSaysHowFarThePlayIs(t *testing.T) {
	t.Parallel()
	for _, width := range []int{40, 80, 120} {
		var lines []string
		for part := range strings.SplitSeq(watched(t, cluster(), width), "\r") {
			l, _, _ := strings.Cut(part, "\x1b[2K")
			if strings.Contains(l, "% |") && !strings.Contains(l, "\n") {
				lines = append(lines, l)
				if n := utf8.RuneCountInString(l); n >= width {
					t.Errorf("%d columns of %d: %q", n, width, l)
				}
			}
		}
		golden(t, fmt.Sprintf("bar-%d", width), []byte(strings.Join(lines, "\n")+"\n"))
	}
}

func BenchmarkRecapOf1000Hosts(b *testing.B) {
	es := many(1000)
	end := es[len(es)-1]
	for b.Loop() {
		var out bytes.Buffer
		ui.NewText(&out, ui.TextOptions{Style: ui.Style{Width: 80}}).Report(end)
	}
}

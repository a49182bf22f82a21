package module

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

type joining struct {
	Path  string `arg:"path"`
	Token Late   `arg:"token,required,alias=secret"`
}

func TestALateArgumentMayBeUnknownAndIsReadByValue(t *testing.T) {
	t.Parallel()
	var got Late
	m := Define(Spec{Name: "join"}, func(_ context.Context, _ system.Reader, a *joining) (*Plan, error) {
		got = a.Token
		return &Plan{}, nil
	})
	u := unknown.Value{Why: "token of task \"make one\""}
	for name, given := range map[string]any{"text": "abc.def", "secret": secret.New("abc.def"), "unknown": u} {
		if _, err := m.Plan(t.Context(), nil, Args{"token": given}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text, err := got.Value()
		if vague, ok := unknown.Of(err); ok != (given == u) || ok && vague != u || !ok && text != "abc.def" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	if _, err := m.Plan(t.Context(), nil, Args{"token": []any{"x"}}); err == nil || !strings.Contains(err.Error(), "wrong type of argument: token") {
		t.Errorf("a list: %v", err)
	}
	schema := m.Spec().Args
	if _, vague := schema.Unknown(Args{"secret": u}); vague {
		t.Error("the plan would read a late argument, by its alias")
	}
	if found, vague := schema.Unknown(Args{"token": u, "path": u}); !vague || found != u {
		t.Error("the plan would not read path")
	}
	if (Late{}).Given() || !got.Given() || schema.Field("token").Type != LateText {
		t.Error("given or type is wrong")
	}
}

func TestALateArgumentIsMaskedHoweverItIsPrinted(t *testing.T) {
	t.Parallel()
	l := NewLate("hunter2")
	encoded, err := json.Marshal(map[string]any{"l": l})
	shown := fmt.Sprintf("%v %+v %#v %s %q %x", l, l, l, l, l, struct{ L Late }{l}) + string(encoded)
	if err != nil || strings.Contains(shown, "hunter2") || strings.Contains(shown, fmt.Sprintf("%x", "hunter2")) {
		t.Errorf("%s, %v", shown, err)
	}
}

func TestAFeedAndAContentAreMadeWhenTheValueIsKnown(t *testing.T) {
	t.Parallel()
	u := unknown.Value{Why: "a token"}
	line := func(s string) []byte { return []byte("token=" + s) }
	feed := func(s string) ([]byte, error) { return line(s), nil }
	now, later := NewLate("x"), Late{why: u, given: true}
	c, err := system.Cmd{Argv: []string{"join"}, Feed: now.Feed(feed)}.Fed()
	if err != nil || string(c.Stdin) != "token=x" || c.Feed != nil {
		t.Errorf("fed: %q, %v", c.Stdin, err)
	}
	if _, err := (system.Cmd{Feed: later.Feed(feed)}).Fed(); !errors.Is(err, u) {
		t.Errorf("fed with an unknown: %v", err)
	}
	if data, err := now.Content(line).Bytes(t.Context()); err != nil || string(data) != "token=x" {
		t.Errorf("content: %q, %v", data, err)
	}
	if _, err := later.Content(line).Bytes(t.Context()); !errors.Is(err, u) {
		t.Errorf("content of an unknown: %v", err)
	}
}

func TestAStepThatReadsAnUnknownItselfIsBlind(t *testing.T) {
	t.Parallel()
	later := Late{why: unknown.Value{Why: "a token"}, given: true}
	var p Plan
	p.Add(change.Change{Action: change.Run, Kind: "thing", Target: "x"}, func(context.Context, system.System) error { return unknown.Value{Why: "output"} })
	if _, err := p.Apply(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, blind := p.Blind(); blind {
		t.Error("a step that ends in a System's unknown counts as blind")
	}
	p.Add(change.Change{Action: change.Run, Kind: "thing", Target: "x"}, func(context.Context, system.System) error {
		_, err := later.Value()
		return fmt.Errorf("make input: %w", err)
	})
	if done, err := p.Apply(t.Context(), nil); err != nil || done != 2 {
		t.Fatal(done, err)
	}
	if why, blind := p.Blind(); !blind || why != later.why {
		t.Errorf("blind is %v, %v", why, blind)
	}
}

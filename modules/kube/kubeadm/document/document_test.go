package document

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/gokube/gokube/engine/module"
)

func TestShownIsYAMLOfTheSame(t *testing.T) {
	t.Parallel()
	d := Document{"kind": "A", "empty": Document{}, "none": []any{}, "null": nil, "yes": "yes", "n": 1, "f": 1.5, "b": true, "port": "6443", "a": "10.0.0.1:6443", "text": "two\nlines",
		"list": []any{"x", Document{"name": "a", "value": "- b: #c", "deep": []any{Document{"k": "v"}, []any{"z", Document{"m": "n"}}}}, []any{}}, "url": "https://a.b/c"}
	text := Shown(d)
	var got Document
	if err := yaml.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if diff := cmp.Diff(d, got); diff != "" {
		t.Errorf("%s\n%s", diff, text)
	}
	if got := Shown(Document{"token": module.NewSecret("hunter2")}, Document{"count": 1e6}); got != "token: ********\n---\ncount: 1000000\n" {
		t.Error(got)
	}
}

func TestAStreamHoldsItsSecrets(t *testing.T) {
	t.Parallel()
	got, err := Stream([]Document{{"a": "<x>"}, {"token": module.NewSecret("hunter2")}})
	if string(got) != "{\"a\":\"<x>\"}\n---\n{\"token\":\"hunter2\"}\n" || err != nil {
		t.Errorf("%s, %v", got, err)
	}
}

func TestDiffering(t *testing.T) {
	t.Parallel()
	a := Document{"apiVersion": "v1beta3", "dns": Document{}, "net": Document{"pods": "x", "dns": ""}, "list": []any{"a"}, "n": 1.0, "gone": "y"}
	b := Document{"apiVersion": "v1beta4", "net": Document{"pods": "x"}, "list": []any{"b"}, "n": 1.0, "proxy": Document{"a": Document{}}}
	if diff := cmp.Diff([]string{"gone", "list"}, Differing(a, b)); diff != "" {
		t.Error(diff)
	}
	if !Same(nil, Document{"a": nil}) || Same("", "x") || Same(Document{"a": "x"}, "x") {
		t.Error("what is empty says nothing, what is of another kind something")
	}
}

func TestWhatIsLaidOver(t *testing.T) {
	t.Parallel()
	have := Document{"grace": "1m0s", "hard": Document{"memory": "1"}, "swap": true, "list": []any{"a"}}
	if got := Over(have, Document{"grace": "60s", "hard": Document{"memory": "1"}, "off": false, "none": 0, "swap": true}); !Same(have, got) {
		t.Errorf("what says the same became %v", got)
	}
	got := Over(have, Document{"hard": Document{"disk": "2"}, "swap": false, "list": []any{"b"}, "new": Document{"x": 1}})
	want := Document{"grace": "1m0s", "hard": Document{"memory": "1", "disk": "2"}, "swap": false, "list": []any{"b"}, "new": Document{"x": 1}}
	if diff := cmp.Diff(want, got); diff != "" || have["swap"] != true {
		t.Error(diff)
	}
}

func TestFillingACopy(t *testing.T) {
	t.Parallel()
	d := Document{"a": Document{"b": []any{Document{"c": "d"}}}}
	c, _ := Clone(d).(Document)
	Fill(Make(c, "a"), "x", 1)
	Fill(Make(c, "new"), "y", 2)
	Fill(c, "a", "not taken")
	if At(c, "a.x") != 1 || At(c, "new.y") != 2 || At(d, "a.x") != nil || Map(d, "new") != nil || At(c, "a.b.c") != nil {
		t.Errorf("%v, from %v", c, d)
	}
}

func FuzzShown(f *testing.F) {
	f.Add(`{"a":["b",{"c":null}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var d Document
		if json.Unmarshal([]byte(text), &d) != nil || d == nil {
			return
		}
		var got any
		if err := yaml.Unmarshal([]byte(Shown(d)), &got); err != nil {
			t.Errorf("%v\n%s", err, Shown(d))
		}
	})
}

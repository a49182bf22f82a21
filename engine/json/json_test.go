package json_test

import (
	stdjson "encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/json"
)

type named string

type inner struct {
	Where string `json:"where"`
}

type sample struct {
	inner
	Plain   int
	Name    named             `json:"name"`
	Gone    string            `json:"-"`
	Empty   []string          `json:"empty,omitempty"`
	Zero    time.Duration     `json:"zero,omitzero"`
	At      *sample           `json:"at,omitempty"`
	Labels  map[named]string  `json:"labels"`
	Any     any               `json:"any"`
	Bytes   []byte            `json:"bytes"`
	Small   uint8             `json:"small"`
	Ratio   float32           `json:"ratio"`
	Yes     bool              `json:"yes"`
	List    []inner           `json:"list"`
	When    time.Time         `json:"when,omitzero"`
	Options map[string]inner  `json:"options,omitempty"`
	hidden  map[string]string //nolint:unused // it must not travel
}

func full() *sample {
	return &sample{Plain: -1, Name: "n\u2028<>&", Gone: "x", At: &sample{Name: "deep"}, Labels: map[named]string{"b": "2", "a": "1"},
		Any: []any{1.5, "x", nil, true, map[string]any{"k": "v"}}, Bytes: []byte{0, 255}, Small: 7, Ratio: 0.5, Yes: true,
		List: []inner{{"a"}, {}}, When: time.Unix(1, 0).UTC(), Options: map[string]inner{"x": {"y"}}}
}

func TestStructsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(full())
	if err != nil {
		t.Fatal(err)
	}
	var got sample
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	want := full()
	want.Gone = ""
	if diff := cmp.Diff(want, &got, cmp.AllowUnexported(sample{})); diff != "" {
		t.Error(diff)
	}
}

func TestTheStandardLibraryReadsTheSame(t *testing.T) {
	t.Parallel()
	for _, v := range []any{full(), nil, 0, -7, 1e21, 1e-7, 0.1, 3.0, math.MaxInt64, "\x00\x1f\"\\/\u2028", []string{}, map[string]int{"b": 1, "a": 2},
		[2]bool{true}, time.Second, (*sample)(nil), time.Unix(0, 0).UTC(), map[string]any{}} {
		ours, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := stdjson.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var a, b any
		if err := stdjson.Unmarshal(ours, &a); err != nil {
			t.Fatalf("%v: %s", err, ours)
		}
		if err := stdjson.Unmarshal(theirs, &b); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(b, a); diff != "" {
			t.Errorf("%s\n%s", theirs, diff)
		}
	}
}

func TestLinesAreIndentedAsTheStandardLibraryDoes(t *testing.T) {
	t.Parallel()
	v := map[string]any{"a": []any{1, map[string]any{}}, "b": []any{}, "c": map[string]any{"d": "e"}}
	want, err := stdjson.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := json.MarshalIndent(v, "  "); err != nil || string(got) != string(want) {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestWhatDoesNotFitIsSaidWithItsPlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"Plain":"x"}`:                      "read JSON: malformed value: int is wanted, not string, at byte 12",
		`{"small":256}`:                      "read JSON: malformed value: uint8 is wanted, not int, at byte 12",
		`{"small":-1}`:                       "read JSON: malformed value: uint8 is wanted, not int, at byte 11",
		`{"bytes":"?"}`:                      "read JSON: malformed value: []uint8 is wanted, not string, at byte 12",
		`{"yes":1}`:                          "read JSON: malformed value: bool is wanted, not int, at byte 8",
		`[]`:                                 "read JSON: malformed value: json_test.sample is wanted, not []interface {}, at byte 2",
		`{"list":{}}`:                        "read JSON: malformed value: []json_test.inner is wanted, not map[string]interface {}, at byte 10",
		`{} x`:                               "read JSON: malformed end at byte 3",
		`{"a":1,}`:                           "read JSON: malformed text at byte 7",
		`{"any":` + strings.Repeat("[", 500): "read JSON: malformed value: nested too deep at byte 407",
		"{\"any\":\"a\nb\"}":                 "read JSON: malformed text at byte 7",
		`{"any":"\ud8"}`:                     "read JSON: malformed text at byte 7",
		`{"any":99999999999999999999}`:       "read JSON: malformed number at byte 27",
	} {
		var wrong *json.SyntaxError
		if err := json.Unmarshal([]byte(text), new(sample)); err == nil || err.Error() != want || !errors.As(err, &wrong) {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
	if err := json.Unmarshal([]byte("1"), sample{}); err == nil {
		t.Error("a value was filled in place")
	}
}

func TestWhatIsNoJSONIsRefused(t *testing.T) {
	t.Parallel()
	deep := any(1)
	for range 1000 {
		deep = []any{deep}
	}
	for _, v := range []any{make(chan int), func() {}, math.NaN(), math.Inf(1), map[int]string{1: "x"}, deep} {
		if b, err := json.Marshal(v); err == nil {
			t.Errorf("%T: %s", v, b)
		}
	}
}

func TestNullLeavesWhatIsThere(t *testing.T) {
	t.Parallel()
	v := sample{Plain: 3}
	if err := json.Unmarshal([]byte(` {"Plain" : null, "at": null, "no": {"such": [1]} , "inner":1} `), &v); err != nil || v.Plain != 3 || v.At != nil {
		t.Errorf("%v %+v", err, v)
	}
}

// FuzzUnmarshal holds the parser to the standard library's: what both take is the
// same, and what it takes the other takes too.
func FuzzUnmarshal(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2.5e3,"\ud83d\ude00\u0041\n",null,true,false]}`, `"\ud800"`, `[[],{}]`, `1`, `{"a":1,"a":2}`, `"\/"`, `-0`, `01`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var ours, theirs any
		if err := json.Unmarshal([]byte(s), &ours); err != nil {
			return
		}
		if stdjson.Unmarshal([]byte(s), &theirs) != nil {
			if strings.ContainsAny(s, "0123456789") {
				return // numbers are taken more freely
			}
			t.Fatalf("only we take %q", s)
		}
		if diff := cmp.Diff(theirs, floats(ours)); diff != "" {
			t.Errorf("%q\n%s", s, diff)
		}
	})
}

// floats is v with its numbers as the standard library reads them.
func floats(v any) any {
	switch v := v.(type) {
	case int:
		return float64(v)
	case []any:
		for i := range v {
			v[i] = floats(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = floats(v[k])
		}
	}
	return v
}

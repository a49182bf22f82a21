package yaml

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

func call(t *testing.T, in string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := Run(t.Context(), args, strings.NewReader(in), &out)
	return out.String(), err
}

func TestDocumentsBecomeAList(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                      "[]",
		"---\n---\n# nothing\n":                 "[]",
		"a: 1\n---\nb: [x, null, 1.5]\n":        `[{"a":1},{"b":["x",null,1.5]}]`,
		"1: a\ntrue: b\nnull: c\n":              `[{"1":"a","null":"c","true":"b"}]`,
		"a: &x {b: yes}\nc: *x\n":               `[{"a":{"b":"yes"},"c":{"b":"yes"}}]`,
		"- 9007199254740993\n- 0o17\n- '<&>'":   `[[9007199254740993,15,"<&>"]]`,
		`{"a": {"b": [1, true, "2024-01-01"]}}`: `[{"a":{"b":[1,true,"2024-01-01"]}}]`,
	} {
		got, err := call(t, in, "to-json")
		if diff := cmp.Diff(want+"\n", got); diff != "" || err != nil {
			t.Errorf("%q: %v %s", in, err, diff)
		}
	}
}

func TestAListBecomesDocuments(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"[]":                          "",
		`{"b": 1, "a": ["x", "yes"]}`: "a:\n  - x\n  - \"yes\"\nb: 1\n",
		`[{"a": 9007199254740993}, 1.5, 18446744073709551615]`: "a: 9007199254740993\n---\n1.5\n---\n18446744073709551615\n",
	} {
		got, err := call(t, in, "from-json")
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v %s", in, err, diff)
		}
	}
}

func TestWhatIsNoDocumentIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		word, in string
		code     int
		want     string
	}{
		{"to-json", "a: 1\n---\na: [", outcome.Input, "read document 2: yaml: line"},
		{"to-json", "a: .nan", outcome.Input, "no number NaN"},
		{"to-json", "[a]: 1", outcome.Input, "read document 1"},
		{"from-json", "{", outcome.Input, "read JSON: unexpected EOF"},
		{"from-json", "{}{}", outcome.Input, "more than one value"},
		{"fly", "", outcome.Usage, "to-json or from-json"},
	} {
		if _, err := call(t, c.in, c.word); outcome.Code(err) != c.code || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q: %v", c.word, c.in, err)
		}
	}
}

func FuzzDocuments(f *testing.F) {
	f.Add("a: 1\n---\nb: [x, {y: z}]\n")
	f.Add("1: &a [b]\n? c\n: *a\n")
	f.Fuzz(func(t *testing.T, in string) {
		docs, err := Documents([]byte(in))
		if err != nil {
			return
		}
		text, err := json.Marshal(docs)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := fromJSON(text, &out); err != nil {
			t.Fatal(err)
		}
		again, err := Documents(out.Bytes())
		if err != nil {
			t.Fatalf("%q: %v", out.String(), err)
		}
		if back, _ := json.Marshal(again); string(back) != string(text) {
			t.Errorf("%s became %s", text, back)
		}
	})
}

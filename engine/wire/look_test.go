package wire_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/engine/wire"
)

func TestALazyContentIsSentOnlyIfItIsAskedFor(t *testing.T) {
	t.Parallel()
	c := system.Content{SHA256: system.Sum([]byte("key")), Size: 3, Lazy: true, Open: func(context.Context) (io.ReadCloser, error) { return nil, errors.New("it was opened") }}
	src := module.Source{Name: "/pki", Entries: []module.Entry{{Path: "ca.key", Mode: 0o600, Content: c, Doubt: "a command"}}}
	var offered []system.Content
	b, err := wire.AppendValue(t.Context(), nil, src, func(c system.Content) { offered = append(offered, c) })
	if err != nil || len(offered) != 1 || offered[0].SHA256 != c.SHA256 {
		t.Fatalf("%v, offered %+v", err, offered)
	}
	v, err := wire.DecodeValue(b, nil)
	got, _ := v.(module.Source)
	if err != nil || len(got.Entries) != 1 || got.Entries[0].Content.SHA256 != c.SHA256 || got.Entries[0].Content.Size != 3 || got.Entries[0].Doubt != "a command" {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestDocumentsTravelWithTheirSecretsAndUnknowns(t *testing.T) {
	t.Parallel()
	docs := module.Documents{{"kind": "A", "$ref": 1.0, "key": secret.New("x")}, {"later": unknown.Value{Why: "a token"}}}
	b, err := wire.AppendValue(t.Context(), nil, docs, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := wire.DecodeValue(b, nil)
	want := []any{map[string]any{"kind": "A", "$ref": 1.0, "key": secret.New("x")}, map[string]any{"later": unknown.Value{Why: "a token"}}}
	if diff := cmp.Diff(any(want), got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestAnAnswerToALookThatIsNoneIsAnError(t *testing.T) {
	t.Parallel()
	whole := wire.FoundOutput([]wire.Found{{Path: "x", Size: 1}})
	if _, err := wire.FoundIn(whole); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []any{nil, "x", []any{"x"}, []any{[]any{"x"}}, []any{[]any{"x", "0", 0, "", 0, "", "", "", ""}}, []any{[]any{"x", 0, 0, 1, 0, "", "", "", ""}}} {
		var broken *wire.ProtocolError
		if _, err := wire.FoundIn(map[string]any{"found": bad}); !errors.As(err, &broken) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

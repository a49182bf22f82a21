// Package yaml is the subcommand that turns YAML into JSON and back. It does not
// know what documents mean.
//
// # Decisions
//
// The words are those of YAML 1.1 that Kubernetes understands too, as gopkg.in/yaml.v3
// reads them: yes and no are text. Keys of maps are sorted, so that the same
// documents always give the same text.
package yaml

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

const maxInput = 64 << 20

// Run is `yaml to-json`, which prints a list of the documents on in, empty ones left
// out, and `yaml from-json`, which prints a list, or one value that is no list, as
// documents.
func Run(_ context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 || args[0] != "to-json" && args[0] != "from-json" {
		return outcome.Misuse("to-json or from-json is wanted")
	}
	text, err := io.ReadAll(io.LimitReader(in, maxInput+1))
	switch {
	case err != nil:
		return outcome.Bad("read standard input: %w", err)
	case len(text) > maxInput:
		return outcome.Bad("read standard input: it is larger than %d bytes", maxInput)
	}
	if args[0] == "from-json" {
		return fromJSON(text, out)
	}
	docs, err := Documents(text)
	if err != nil {
		return err
	}
	return outcome.Print(out, docs)
}

// Documents are those in a YAML text, as JSON would have them; never nil.
func Documents(text []byte) ([]any, error) {
	docs, d := []any{}, yaml.NewDecoder(bytes.NewReader(text))
	for {
		var doc any
		err := d.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return nil, outcome.Bad("read document %d: %w", len(docs)+1, err)
		}
		if doc == nil {
			continue
		}
		if doc, err = plain(doc); err != nil {
			return nil, outcome.Bad("read document %d: %w", len(docs)+1, err)
		}
		docs = append(docs, doc)
	}
}

// plain is v with keys that are text, and numbers that JSON has.
func plain(v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			y, err := plain(x)
			if err != nil {
				return nil, err
			}
			v[k] = y
		}
		return v, nil
	case map[any]any:
		return named(v)
	case []any:
		for i, x := range v {
			y, err := plain(x)
			if err != nil {
				return nil, err
			}
			v[i] = y
		}
		return v, nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("JSON has no number %v", v)
		}
	}
	return v, nil
}

func named(v map[any]any) (any, error) {
	out := map[string]any{}
	for k, x := range v {
		var name string
		switch k := k.(type) {
		case string:
			name = k
		case int, int64, uint64, bool:
			name = fmt.Sprint(k)
		case float64:
			name = strconv.FormatFloat(k, 'g', -1, 64)
		case nil:
			name = "null"
		default:
			return nil, fmt.Errorf("JSON has no key %v", k)
		}
		y, err := plain(x)
		if err != nil {
			return nil, err
		}
		out[name] = y
	}
	return out, nil
}

func fromJSON(text []byte, out io.Writer) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return outcome.Bad("read JSON: %w", err)
	}
	if d.More() {
		return outcome.Bad("read JSON: more than one value; several documents are one list")
	}
	docs, ok := v.([]any)
	if !ok {
		docs = []any{v}
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	for _, doc := range docs {
		if err := e.Encode(numbers(doc)); err != nil {
			return outcome.Bad("print YAML: %w", err)
		}
	}
	if len(docs) > 0 {
		if err := e.Close(); err != nil {
			return outcome.Bad("print YAML: %w", err)
		}
	}
	if _, err := out.Write(b.Bytes()); err != nil {
		return &outcome.Failure{Code: outcome.Write, Err: err}
	}
	return nil
}

// numbers is v with numbers of Go's, whole ones exact.
func numbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = numbers(x)
		}
	case []any:
		for i, x := range v {
			v[i] = numbers(x)
		}
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return n
		}
		if n, err := strconv.ParseUint(v.String(), 10, 64); err == nil {
			return n
		}
		n, err := v.Float64()
		if err != nil {
			return v.String()
		}
		return n
	}
	return v
}

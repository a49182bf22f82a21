package inventory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/gokube/gokube/engine/diag"
)

// member is a key of a JSON object with its value.
type member struct {
	key   string
	value json.RawMessage
}

// members are the keys of the JSON object data in their order.
func members(data []byte) ([]member, error) {
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(whole))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("it is not an object of groups")
	}
	var out []member
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		m := member{key: fmt.Sprint(key)}
		if err := dec.Decode(&m.value); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// where adds the line to what is wrong with the JSON data.
func where(data []byte, err error) string {
	if se := (*json.SyntaxError)(nil); errors.As(err, &se) {
		return fmt.Sprintf("line %d: %v", 1+bytes.Count(data[:min(int(se.Offset), len(data))], []byte("\n")), err)
	}
	return err.Error()
}

// isListing tells whether data is JSON as executable inventories print it: with
// "_meta", or with hosts as a list.
func isListing(data []byte) bool {
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return false
	}
	var groups map[string]json.RawMessage
	if json.Unmarshal(data, &groups) != nil {
		return false
	}
	if _, is := groups["_meta"]; is {
		return true
	}
	for _, raw := range groups {
		var g struct{ Hosts json.RawMessage }
		if bytes.HasPrefix(raw, []byte("[")) || json.Unmarshal(raw, &g) == nil && bytes.HasPrefix(g.Hosts, []byte("[")) {
			return true
		}
	}
	return false
}

// fileText makes of strings in the file at path what the hook says.
func (l *loader) fileText(path string) func(string) any {
	return func(s string) any { return l.text(s, diag.Pos{File: path}, false) }
}

// vars are the members of a JSON object as variables.
func (r *listing) vars(data json.RawMessage) (Vars, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var object map[string]any
	if err := dec.Decode(&object); err != nil {
		return nil, errors.New("not an object")
	}
	vars := make(Vars, len(object))
	for name, v := range object {
		vars[name] = Var{r.value(v), diag.Pos{File: r.path}}
	}
	return vars, nil
}

// value is a decoded JSON value as variables have it.
func (r *listing) value(v any) any {
	switch v := v.(type) {
	case string:
		return r.text(v)
	case json.Number:
		return number(v.String())
	case []any:
		for i := range v {
			v[i] = r.value(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = r.value(v[k])
		}
	}
	return v
}

// number is an int where it can be, else a float64, or text that is too big for
// both.
func number(s string) any {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return f
	}
	return s
}

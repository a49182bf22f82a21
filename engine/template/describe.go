package template

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/unknown"
)

// Describe says in a few words what x is, for messages: `the string "web"`, a
// list, null. It shows no secret.
func Describe(x any) string {
	switch x := x.(type) {
	case nil, *null:
		return "null"
	case string:
		return fmt.Sprintf("the string %q", short(x))
	case secret.String:
		return "a secret"
	case unknown.Value:
		return "unknown"
	case Omit:
		return "omit"
	case bool:
		return fmt.Sprint(x)
	case *Text:
		return "the template " + short(x.String())
	case Lazy:
		return "a map"
	}
	switch v := reflect.ValueOf(x); {
	case v.Kind() == reflect.Map:
		return "a map"
	case v.Kind() == reflect.Slice:
		return "a list"
	case v.CanInt(), v.CanUint(), v.CanFloat():
		return fmt.Sprintf("the number %v", x)
	}
	return fmt.Sprintf("%T", x)
}

// describe is Describe, but in an evaluation that has read a secret it shows no
// value at all.
func (r *run) describe(x any) string {
	switch x.(type) {
	case string, int, float64, int64:
		if r.top().tainted {
			return "text or a number (withheld: the template has read a secret)"
		}
	}
	return Describe(x)
}

// Label names x in one short line, for the item of a loop: text as it is,
// anything else as JSON. It shows no secret.
func Label(x any) string {
	switch x := x.(type) {
	case nil:
		return "null"
	case string:
		return short(x)
	case secret.String:
		return secret.Mask
	case unknown.Value:
		return "(known after apply)"
	}
	b, err := json.Marshal(labels(x))
	if err != nil {
		return Describe(x)
	}
	return short(string(b))
}

// labels is x with unknowns as text.
func labels(x any) any {
	switch x := x.(type) {
	case unknown.Value:
		return "(known after apply)"
	case Omit:
		return "omit"
	case *Text:
		return x.String()
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = labels(x[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(x))
		for k := range x {
			out[k] = labels(x[k])
		}
		return out
	}
	return x
}

// Omit is the value of `omit`: what has it is to be left out.
type Omit struct{}

// IsOmit tells whether x is Omit.
func IsOmit(x any) bool {
	_, ok := x.(Omit)
	return ok
}

// WithoutOmitted is x without the elements of maps and lists, however deep, that
// are Omit. It copies what it changes. What is Omit itself stays: ask IsOmit.
func WithoutOmitted(x any) any {
	switch x := x.(type) {
	case []any:
		out := make([]any, 0, len(x))
		for _, e := range x {
			if !IsOmit(e) {
				out = append(out, WithoutOmitted(e))
			}
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			if !IsOmit(e) {
				out[k] = WithoutOmitted(e)
			}
		}
		return out
	}
	return x
}

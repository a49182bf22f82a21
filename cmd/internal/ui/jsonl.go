package ui

import (
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/event"
)

// JSONL is a Reporter that writes one JSON object a line: its "event" names the
// type of event (run_start, play_start, task_start, done, ...), "time" when it was
// written, all else is the event's fields in snake case. Not safe for concurrent use.
type JSONL struct {
	w   io.Writer
	now func() time.Time
}

// NewJSONL writes to w; now tells the time.
func NewJSONL(w io.Writer, now func() time.Time) *JSONL { return &JSONL{w, now} }

// Report writes e. Outcomes of no_log tasks carry nothing but their status.
func (j *JSONL) Report(e event.Event) {
	if d, ok := e.(event.Done); ok && d.Hidden {
		e = event.Done{ID: d.ID, Host: d.Host, Loop: d.Loop, Status: d.Status, Ignored: d.Ignored, Rescued: d.Rescued, Elapsed: d.Elapsed, Hidden: true, Err: hide(d.Err)}
	}
	m := map[string]any{"event": snake(reflect.TypeOf(e).Name()), "time": j.now().UTC().Format(time.RFC3339Nano)}
	fields(m, reflect.ValueOf(e))
	text, err := json.Marshal(m)
	if err != nil {
		text, _ = json.Marshal(map[string]any{"event": m["event"], "error": err.Error()})
	}
	_, _ = j.w.Write(append(text, '\n'))
}

// fields adds the fields of a struct to m, zero ones left out.
func fields(m map[string]any, v reflect.Value) {
	for i := range v.NumField() {
		f, x := v.Type().Field(i), v.Field(i)
		if f.Anonymous {
			fields(m, x)
		} else if !x.IsZero() {
			m[snake(f.Name)] = value(x)
		}
	}
}

// value is x with the fields of our own structs in snake case.
func value(x reflect.Value) any {
	switch x.Kind() {
	case reflect.Pointer:
		return value(x.Elem())
	case reflect.Struct:
		if _, ok := x.Interface().(json.Marshaler); ok {
			return x.Interface()
		}
		m := map[string]any{}
		fields(m, x)
		return m
	case reflect.Slice:
		out := make([]any, x.Len())
		for i := range out {
			out[i] = value(x.Index(i))
		}
		return out
	}
	if d, ok := x.Interface().(time.Duration); ok {
		return d.Seconds()
	}
	return x.Interface()
}

// snake is a Go name in snake case.
func snake(s string) string {
	var sb strings.Builder
	for i, r := range s {
		upper := r >= 'A' && r <= 'Z'
		if upper && i > 0 && (s[i-1] < 'A' || s[i-1] > 'Z') {
			sb.WriteByte('_')
		}
		sb.WriteString(strings.ToLower(string(r)))
	}
	return sb.String()
}

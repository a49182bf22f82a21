package scope

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/schedule"
	"github.com/gokube/gokube/engine/unknown"
)

// The methods below read keyword values. What cannot be evaluated or does not fit
// is as if it were not set; the loader has checked what is literal.

// Text is x as text; a template that cannot be evaluated is shown as written.
func (s *Scope) Text(x any) string {
	got, err := s.Resolve(x)
	if err != nil {
		return source(x)
	}
	if u, ok := got.(unknown.Value); ok {
		return "(" + u.Error() + ")"
	}
	if got == nil {
		return ""
	}
	return fmt.Sprint(got)
}

// source is a template as written.
func source(x any) string {
	if w, ok := x.(fmt.Stringer); ok {
		return w.String()
	}
	return fmt.Sprint(x)
}

// Title is a task's name, or the module's.
func (s *Scope) Title(t *playbook.Task) string {
	if name := s.Text(t.Name); name != "" {
		return name
	}
	return t.Module
}

// Truth is x as true or false; what is unset is false.
func (s *Scope) Truth(x any) bool {
	if x == nil {
		return false
	}
	got, err := s.Resolve(x)
	if err != nil {
		return false
	}
	switch got := got.(type) {
	case bool:
		return got
	case string:
		return strings.EqualFold(got, "true") || strings.EqualFold(got, "yes")
	case int:
		return got != 0
	}
	return false
}

// Number is x as a number, 0 if it is none.
func (s *Scope) Number(x any) float64 {
	got, err := s.Resolve(x)
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(fmt.Sprint(got)), "%"), 64)
	return n
}

// Whole is x as a whole number, 0 if it is none.
func (s *Scope) Whole(x any) int { return s.WholeOr(x, 0) }

// WholeOr is Whole, or otherwise if x is not set.
func (s *Scope) WholeOr(x any, otherwise int) int {
	if x == nil {
		return otherwise
	}
	return int(s.Number(x))
}

// Seconds is x as a time.
func (s *Scope) Seconds(x any, otherwise time.Duration) time.Duration {
	if x == nil {
		return otherwise
	}
	return time.Duration(s.Number(x) * float64(time.Second))
}

// List is x as a list of texts.
func (s *Scope) List(x any) (out []string) {
	got, err := s.Resolve(x)
	if err != nil {
		return []string{source(x)}
	}
	items, ok := got.([]any)
	if !ok {
		items = []any{got}
	}
	for _, i := range items {
		if text := fmt.Sprint(i); i != nil && text != "" {
			out = append(out, text)
		}
	}
	return out
}

// Size is one element of serial.
func (s *Scope) Size(x any, at diag.Pos) (schedule.Size, error) {
	got, err := s.Resolve(x)
	if err != nil {
		return schedule.Size{}, err
	}
	written := strings.TrimSpace(fmt.Sprint(got))
	number, percent := strings.CutSuffix(written, "%")
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 {
		return schedule.Size{}, diag.Diagnostic{Pos: at, Summary: "serial is not a number of hosts or a share", Detail: fmt.Sprintf("%q", written), Hint: `write 2 or "30%"`}
	}
	if percent {
		return schedule.Size{Percent: n}, nil
	}
	return schedule.Size{Count: n}, nil
}

package engine

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

// text is x as text; a template that cannot be evaluated is shown as written.
func (v *view) text(x any) string {
	got, err := v.Resolve(x)
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
	if s, ok := x.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprint(x)
}

// title is a task's name, or the module's.
func (v *view) title(t *playbook.Task) string {
	if s := v.text(t.Name); s != "" {
		return s
	}
	return t.Module
}

// handlerTitle is a handler's name as its play sees it.
func (p *play) handlerTitle(t *playbook.Task) string { return p.playView().text(t.Name) }

// truth is x as true or false; what is unset is false.
func (v *view) truth(x any) bool {
	if x == nil {
		return false
	}
	got, err := v.Resolve(x)
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

// number is x as a number, 0 if it is none.
func (v *view) number(x any) float64 {
	got, err := v.Resolve(x)
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(fmt.Sprint(got)), "%"), 64)
	return n
}

// whole is x as a whole number, 0 if it is none.
func (v *view) whole(x any) int { return v.wholeOr(x, 0) }

func (v *view) wholeOr(x any, otherwise int) int {
	if x == nil {
		return otherwise
	}
	return int(v.number(x))
}

// seconds is x as a time.
func (v *view) seconds(x any, otherwise time.Duration) time.Duration {
	if x == nil {
		return otherwise
	}
	return time.Duration(v.number(x) * float64(time.Second))
}

// list is x as a list of texts.
func (v *view) list(x any) (out []string) {
	got, err := v.Resolve(x)
	if err != nil {
		return []string{source(x)}
	}
	items, ok := got.([]any)
	if !ok {
		items = []any{got}
	}
	for _, i := range items {
		if s := fmt.Sprint(i); i != nil && s != "" {
			out = append(out, s)
		}
	}
	return out
}

// size is one element of serial.
func (v *view) size(x any) (schedule.Size, error) {
	got, err := v.Resolve(x)
	if err != nil {
		return schedule.Size{}, err
	}
	s := strings.TrimSpace(fmt.Sprint(got))
	number, percent := strings.CutSuffix(s, "%")
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 {
		return schedule.Size{}, diag.Diagnostic{Pos: v.Pos, Summary: "serial is not a number of hosts or a share", Detail: fmt.Sprintf("%q", s), Hint: `write 2 or "30%"`}
	}
	if percent {
		return schedule.Size{Percent: n}, nil
	}
	return schedule.Size{Count: n}, nil
}

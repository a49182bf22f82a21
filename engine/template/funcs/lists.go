package funcs

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

func lists() []Function {
	return []Function{
		{"until", "until COUNT", "Is the list 0, 1, ... COUNT-1.", until},
		{"untilStep", "untilStep START STOP STEP", "Is the list from START to before STOP in steps.", untilStep},
		{"seq", "seq [FIRST [STEP]] LAST", "Is the text of numbers from FIRST (1) to LAST, separated by spaces, as seq(1) prints them.", seq},
		{"flatten", "flatten LIST", "Is the list with the elements of all lists in it, however deep.", flatten},
		{"union", "union OTHER LIST", "Is LIST and what OTHER has beside it, each once.", union},
		{"intersect", "intersect OTHER LIST", "Is what is in both lists, each once, in the order of LIST.", intersect},
		{"difference", "difference OTHER LIST", "Is what is in LIST and not in OTHER, each once.", difference},
		{"where", "where KEY VALUE LIST", "Is the maps of LIST whose KEY is VALUE; a.b names a key in a map.", where},
		{"whereNot", "whereNot KEY VALUE LIST", "Is the maps of LIST whose KEY is not VALUE or not there.", whereNot},
		{"pluck", "pluck KEY LIST", "Is the values of KEY in the maps of LIST that have it; the maps may also be given one by one.", pluck},
		{"sortBy", "sortBy KEY LIST", "Is the maps of LIST, in the order of the values of KEY.", sortBy},
		{"groupBy", "groupBy KEY LIST", "Is a map from each value of KEY to the maps of LIST that have it.", groupBy},
		{"zip", "zip A B", "Is the list of pairs of elements of A and B, as long as the shorter one.", zip},
		{"sum", "sum LIST", "Is the sum of the numbers in LIST.", sum},
	}
}

// elementsOf is list as a list; null has no elements.
func elementsOf(list any) ([]any, error) {
	switch l := list.(type) {
	case nil:
		return nil, nil
	case []any:
		return l, nil
	}
	v := reflect.ValueOf(list)
	if v.Kind() != reflect.Slice {
		return nil, errors.New("not a list")
	}
	out := make([]any, v.Len())
	for i := range out {
		out[i] = v.Index(i).Interface()
	}
	return out, nil
}

func until(count int) ([]any, error) {
	if count < 0 {
		return untilStep(0, count, -1)
	}
	return untilStep(0, count, 1)
}

func untilStep(start, stop, step int) ([]any, error) {
	way, stride := uint64(stop-start), uint64(step)
	if step < 0 {
		way, stride = uint64(start-stop), uint64(-step)
	}
	if step == 0 || (start < stop) != (step > 0) || start == stop {
		return []any{}, nil
	}
	n := (way-1)/stride + 1
	if n > MaxList {
		return nil, fmt.Errorf("%w: a list of %d numbers", errTooBig, n)
	}
	out := make([]any, n)
	for i := range out {
		out[i] = start + i*step
	}
	return out, nil
}

func seq(args ...int) (string, error) {
	first, step := 1, 1
	switch len(args) {
	case 0:
		return "", nil
	case 1:
		if args[0] < 1 {
			step = -1
		}
	case 2:
		first = args[0]
		if args[1] < first {
			step = -1
		}
	case 3:
		first, step = args[0], args[1]
	default:
		return "", errors.New("more than three numbers")
	}
	stop := args[len(args)-1] + 1
	if step < 0 {
		stop -= 2
	}
	ns, err := untilStep(first, stop, step)
	return strings.Trim(fmt.Sprint(ns), "[]"), err
}

func flatten(list any) ([]any, error) {
	elements, err := elementsOf(list)
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, e := range elements {
		if inner, ok := e.([]any); ok {
			inner, err := flatten(inner)
			if err != nil {
				return nil, err
			}
			out = append(out, inner...)
			continue
		}
		out = append(out, e)
	}
	return out, nil
}

// set remembers values; those that cannot be keys of a map by their text.
type set map[any]bool

func key(v any) any {
	switch v.(type) {
	case string, int, int64, float64, bool, nil:
		return v
	}
	return fmt.Sprintf("%T %[1]v", v)
}

// add tells whether v was not there.
func (s set) add(v any) bool {
	k := key(v)
	if s[k] {
		return false
	}
	s[k] = true
	return true
}

func setOf(list any) (set, error) {
	elements, err := elementsOf(list)
	s := set{}
	for _, e := range elements {
		s.add(e)
	}
	return s, err
}

func union(other, list any) ([]any, error) {
	a, err := elementsOf(list)
	if err != nil {
		return nil, err
	}
	b, err := elementsOf(other)
	seen, out := set{}, []any{}
	for _, e := range slices.Concat(a, b) {
		if seen.add(e) {
			out = append(out, e)
		}
	}
	return out, err
}

func intersect(other, list any) ([]any, error)  { return filtered(other, list, true) }
func difference(other, list any) ([]any, error) { return filtered(other, list, false) }

// filtered is the elements of list of which the presence in other is want.
func filtered(other, list any, want bool) ([]any, error) {
	in, err := setOf(other)
	if err != nil {
		return nil, err
	}
	elements, err := elementsOf(list)
	seen, out := set{}, []any{}
	for _, e := range elements {
		if in[key(e)] == want && seen.add(e) {
			out = append(out, e)
		}
	}
	return out, err
}

func zip(a, b any) ([]any, error) {
	x, err := elementsOf(a)
	if err != nil {
		return nil, err
	}
	y, err := elementsOf(b)
	out := []any{}
	for i := range min(len(x), len(y)) {
		out = append(out, []any{x[i], y[i]})
	}
	return out, err
}

func sum(list any) (any, error) {
	elements, err := elementsOf(list)
	if err != nil {
		return nil, err
	}
	var total float64
	whole := true
	for _, e := range elements {
		n, ok := number(fmt.Sprint(e))
		if !ok {
			return nil, errors.New("an element is not a number")
		}
		if i, is := n.(int); is {
			total += float64(i)
		} else {
			total, whole = total+n.(float64), false
		}
	}
	if whole {
		return int(total), nil
	}
	return total, nil
}

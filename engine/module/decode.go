package module

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/secret"
)

// decode fills the struct that a points to from args and defaults.
func (s *Schema) decode(args Args, a any) error {
	to := reflect.ValueOf(a).Elem()
	fs := s.Fields()
	for i := range fs {
		f := &fs[i]
		if f.Name == rest {
			to.FieldByIndex(f.index).Set(reflect.ValueOf(s.others(args)))
			continue
		}
		v := f.value(args)
		if v == nil && f.Default == "" {
			continue
		}
		if v == nil {
			v = f.Default
		}
		got, err := convert(v, f.goType)
		if err != nil {
			return f.misfit(v, err)
		}
		to.FieldByIndex(f.index).Set(reflect.ValueOf(got))
	}
	return nil
}

// misfit says that v is no value for f, without telling a secret.
func (f *Field) misfit(v any, err error) *ArgError {
	if _, hidden := secret.Reveal(v); hidden {
		err = fmt.Errorf("the secret is no %s", f.Type)
	}
	return &ArgError{Arg: f.Name, Summary: "wrong type of argument", Detail: fmt.Sprintf("%s: %v", f.Name, err)}
}

// others are the arguments that no field is called.
func (s *Schema) others(args Args) map[string]any {
	out := map[string]any{}
	for name, v := range args {
		if s.Field(name) == nil {
			out[name] = v
		}
	}
	return out
}

// convert makes a value of type t out of v as Ansible would: scalars become text
// or are read from it, a scalar becomes a list of its comma-separated parts.
func convert(v any, t reflect.Type) (any, error) {
	if t.Kind() == reflect.Pointer {
		x, err := convert(v, t.Elem())
		if err != nil {
			return nil, err
		}
		p := reflect.New(t.Elem())
		p.Elem().Set(reflect.ValueOf(x))
		return p.Interface(), nil
	}
	if reflect.TypeOf(v) == t {
		return v, nil
	}
	switch t {
	case reflect.TypeFor[Secret]():
		s, err := text(v)
		return secret.New(s), err
	case reflect.TypeFor[Documents]():
		return documents(v)
	case reflect.TypeFor[Pattern]():
		return pattern(v)
	case reflect.TypeFor[Late]():
		return late(v)
	case reflect.TypeFor[Text]():
		s, err := text(v)
		_, hidden := v.(Secret)
		return Text{Text: s, Secret: hidden}, err
	case reflect.TypeFor[Mode]():
		return mode(v)
	}
	return convertKind(v, t)
}

func convertKind(v any, t reflect.Type) (any, error) {
	switch t.Kind() {
	case reflect.String:
		s, err := text(v)
		return reflect.ValueOf(s).Convert(t).Interface(), err
	case reflect.Bool:
		return truth(v)
	case reflect.Int, reflect.Int64:
		n, err := integer(v)
		return reflect.ValueOf(n).Convert(t).Interface(), err
	case reflect.Float64:
		return float(v)
	case reflect.Slice:
		return list(v, t)
	case reflect.Map:
		return dict(v, t)
	case reflect.Interface:
		return v, nil
	}
	return nil, fmt.Errorf("%s is wanted, got %s", t, describe(v))
}

func text(v any) (string, error) {
	switch x := v.(type) {
	case string:
		return x, nil
	case Secret:
		return x.Reveal(), nil
	case bool, int, int64, float64:
		return fmt.Sprint(x), nil
	}
	return "", fmt.Errorf("a text is wanted, got %s", describe(v))
}

func truth(v any) (bool, error) {
	switch x := v.(type) {
	case bool:
		return x, nil
	case int:
		if x == 0 || x == 1 {
			return x == 1, nil
		}
	case string:
		switch strings.ToLower(x) {
		case "yes", "true", "on", "1", "y", "t":
			return true, nil
		case "no", "false", "off", "0", "n", "f":
			return false, nil
		}
	}
	return false, fmt.Errorf("true or false is wanted, got %s", describe(v))
}

func integer(v any) (int, error) {
	switch x := v.(type) {
	case int:
		return x, nil
	case int64:
		return int(x), nil
	case float64:
		if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
			return int(x), nil
		}
	case string:
		if n, err := strconv.Atoi(strings.TrimSpace(x)); err == nil {
			return n, nil
		}
	}
	return 0, fmt.Errorf("a whole number is wanted, got %s", describe(v))
}

func float(v any) (float64, error) {
	switch x := v.(type) {
	case int:
		return float64(x), nil
	case float64:
		return x, nil
	case string:
		if n, err := strconv.ParseFloat(strings.TrimSpace(x), 64); err == nil {
			return n, nil
		}
	}
	return 0, fmt.Errorf("a number is wanted, got %s", describe(v))
}

// mode takes an unquoted 0644, which YAML reads as the number 420, for what was
// meant.
func mode(v any) (Mode, error) {
	if n, ok := v.(int); ok {
		return Mode("0" + strconv.FormatInt(int64(n), 8)), nil
	}
	s, err := text(v)
	if err == nil && s != "" && Mode(s) != Preserve {
		_, err = Mode(s).On(0, false)
	}
	return Mode(s), err
}

func list(v any, t reflect.Type) (any, error) {
	items, ok := v.([]any)
	if !ok {
		switch x := v.(type) {
		case string:
			for part := range strings.SplitSeq(x, ",") {
				if part = strings.TrimSpace(part); part != "" {
					items = append(items, part)
				}
			}
		case map[string]any:
			return nil, fmt.Errorf("a list is wanted, got %s", describe(v))
		default:
			items = []any{v}
		}
	}
	out := reflect.MakeSlice(t, 0, len(items))
	for i, item := range items {
		if item == nil {
			out = reflect.Append(out, reflect.Zero(t.Elem()))
			continue
		}
		x, err := convert(item, t.Elem())
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		out = reflect.Append(out, reflect.ValueOf(x))
	}
	return out.Interface(), nil
}

func dict(v any, t reflect.Type) (any, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("a map is wanted, got %s", describe(v))
	}
	out := reflect.MakeMapWithSize(t, len(m))
	for k, e := range m {
		if e == nil {
			out.SetMapIndex(reflect.ValueOf(k), reflect.Zero(t.Elem()))
			continue
		}
		x, err := convert(e, t.Elem())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
		out.SetMapIndex(reflect.ValueOf(k), reflect.ValueOf(x))
	}
	return out.Interface(), nil
}

// describe names a value without printing what may be secret or long.
func describe(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case string:
		if len(x) > 40 {
			x = x[:40] + "..."
		}
		return fmt.Sprintf("the text %q", x)
	case []any:
		return "a list"
	case map[string]any:
		return "a map"
	case Secret:
		return "a secret"
	}
	return fmt.Sprint(v)
}

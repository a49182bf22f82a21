package funcs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gokube/gokube/engine/source"
	"gopkg.in/yaml.v3"
)

func conversions() []Function {
	return []Function{
		{"toJson", "toJson VALUE", "Encodes a value as JSON on one line, keys sorted.", toJSON},
		{"toRawJson", "toRawJson VALUE", "Is toJson.", toJSON},
		{"toPrettyJson", "toPrettyJson VALUE", "Encodes a value as JSON with an indentation of two spaces.", toPrettyJSON},
		{"fromJson", "fromJson TEXT", "Decodes JSON; integers stay integers.", fromJSON},
		{"toYaml", "toYaml VALUE", "Encodes a value as YAML with an indentation of two spaces, keys sorted, without a line end at the end.", toYAML},
		{"fromYaml", "fromYaml TEXT", "Decodes one YAML document.", fromYAML},
		{"bool", "bool VALUE", "Is true for true, yes, on, 1 and false for false, no, off, 0, null and the empty text, in any case.", toBool},
		{"required", "required MESSAGE VALUE", "Gives VALUE, or ends with MESSAGE if there is none or it is empty.", required},
		{"div", "div A B", "Divides integers; a division by zero is an error.", div},
		{"mod", "mod A B", "Is the rest of a division of integers.", mod},
	}
}

func encode(v any, indent string) (string, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	err := enc.Encode(v)
	return strings.TrimSuffix(buf.String(), "\n"), err
}

func toJSON(v any) (string, error) { return encode(v, "") }

func toPrettyJSON(v any) (string, error) { return encode(v, "  ") }

func fromJSON(s string) (any, error) {
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return numbers(v)
}

// numbers makes json.Numbers ints where they are integers, in place.
func numbers(v any) (any, error) {
	var err error
	switch x := v.(type) {
	case json.Number:
		n, ok := number(x.String())
		if !ok {
			return nil, fmt.Errorf("number %s is out of range", x)
		}
		return n, nil
	case []any:
		for i := 0; i < len(x) && err == nil; i++ {
			x[i], err = numbers(x[i])
		}
	case map[string]any:
		for k := range x {
			if x[k], err = numbers(x[k]); err != nil {
				break
			}
		}
	}
	return v, err
}

func toYAML(v any) (string, error) {
	var buf bytes.Buffer
	enc := yaml.NewEncoder(&buf)
	enc.SetIndent(2)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(buf.String(), "\n"), enc.Close()
}

func fromYAML(s string) (any, error) {
	f, err := source.Parse("text", []byte(s))
	if err != nil {
		return nil, err
	}
	doc, err := f.Doc()
	if err != nil {
		return nil, err
	}
	return f.Decode(doc, source.Hooks{})
}

func toBool(v any) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(fmt.Sprint(noNull([]any{v})...))) {
	case "true", "yes", "on", "1", "t", "y":
		return true, nil
	case "false", "no", "off", "0", "f", "n", "":
		return false, nil
	}
	return false, errors.New("neither true nor false")
}

func required(message string, v any) (any, error) {
	if v == nil || v == "" {
		return nil, errors.New(message)
	}
	return v, nil
}

func div(a, b any) (int64, error) {
	x, y, err := divisible(a, b)
	if err != nil {
		return 0, err
	}
	return x / y, nil
}

func mod(a, b any) (int64, error) {
	x, y, err := divisible(a, b)
	if err != nil {
		return 0, err
	}
	return x % y, nil
}

func divisible(a, b any) (x, y int64, err error) {
	x, err = integer(a)
	if err == nil {
		y, err = integer(b)
	}
	if err == nil && y == 0 {
		err = errors.New("division by zero")
	}
	return x, y, err
}

// integer is v as sprig's int64 takes it, but what is no number is an error.
func integer(v any) (int64, error) {
	n, ok := number(strings.TrimSpace(fmt.Sprint(v)))
	switch n := n.(type) {
	case int:
		return int64(n), nil
	case float64:
		if ok && n > -1<<62 && n < 1<<62 {
			return int64(n), nil
		}
	}
	return 0, errors.New("not a number")
}

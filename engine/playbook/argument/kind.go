package argument

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/secret"
)

// misfit says why v is not of the type called name, "" if it is.
func misfit(name string, v any) string {
	k, known := kinds()[name]
	plain, _ := secret.Reveal(v)
	if !known || k.fits(plain) {
		return ""
	}
	return k.wanted + " is wanted, got " + describe(v)
}

// kind is a type of argument.
type kind struct {
	wanted string
	fits   func(v any) bool
}

// kinds are the types that say something of a value; raw does not.
func kinds() map[string]kind {
	return map[string]kind{
		"str":   {"a text", scalar},
		"path":  {"a path", func(v any) bool { _, ok := v.(string); return ok }},
		"int":   {"a whole number", whole},
		"float": {"a number", number},
		"bool":  {"true or false", truth},
		"list":  {"a list", func(v any) bool { _, ok := v.([]any); return ok }},
		"dict":  {"a map", func(v any) bool { _, ok := v.(map[string]any); return ok }},
	}
}

func scalar(v any) bool {
	switch v.(type) {
	case []any, map[string]any:
		return false
	}
	return true
}

func whole(v any) bool {
	switch v := v.(type) {
	case int, int64:
		return true
	case float64:
		return v == math.Trunc(v)
	case string:
		_, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		return err == nil
	}
	return false
}

func number(v any) bool {
	switch v := v.(type) {
	case int, int64, float64:
		return true
	case string:
		_, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		return err == nil
	}
	return false
}

func truth(v any) bool {
	switch v := v.(type) {
	case bool:
		return true
	case int:
		return v == 0 || v == 1
	case string:
		return slices.Contains([]string{"yes", "true", "on", "1", "y", "t", "no", "false", "off", "0", "n", "f"}, strings.ToLower(v))
	}
	return false
}

// describe names a value without showing a secret, or much.
func describe(v any) string {
	switch x := v.(type) {
	case secret.String:
		return "a secret"
	case string:
		if r := []rune(x); len(r) > 40 {
			x = string(r[:40]) + "..."
		}
		return fmt.Sprintf("the text %q", x)
	case []any:
		return "a list"
	case map[string]any:
		return "a map"
	}
	return fmt.Sprint(v)
}

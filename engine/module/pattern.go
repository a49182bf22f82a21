package module

import (
	"fmt"

	"github.com/gokube/gokube/engine/regex"
)

// pattern is v, compiled by the controller, as a Pattern: what a frame makes of one.
func pattern(v any) (Pattern, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return Pattern{}, fmt.Errorf("a compiled pattern is wanted, got %s", describe(v))
	}
	written, err := text(m["text"])
	if err != nil {
		return Pattern{}, err
	}
	code, err := text(m["code"])
	if err != nil {
		return Pattern{}, err
	}
	return regex.Read(written, code)
}

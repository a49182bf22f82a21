package compile

import (
	"errors"
	"fmt"

	"github.com/gokube/gokube/engine/regex"
	"github.com/gokube/gokube/engine/secret"
)

// Argument is v, what was given for a pattern, as a module takes it: a regex.Pattern,
// or if v is a secret the fields of one, kept secret. What is no text stays as it is.
func Argument(flags string, v any) (any, error) {
	switch v := v.(type) {
	case regex.Pattern:
		return v, nil
	case string:
		return Pattern(flags, v)
	case bool, int, int64, float64:
		return Pattern(flags, fmt.Sprint(v))
	case secret.String:
		p, err := Pattern(flags, v.Reveal())
		if err != nil {
			return nil, errors.New("the secret is none")
		}
		return secret.Hide(map[string]any{"text": p.Text, "code": p.Code}), nil
	}
	return v, nil
}

package moduletest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/module"
)

// keepsSecrets looks for the secret arguments in everything of p and err that
// may be shown to somebody.
func (c *Case) keepsSecrets(t *testing.T, p *module.Plan, err error) {
	t.Helper()
	var secrets []string
	collect(map[string]any(c.Args), &secrets)
	if len(secrets) == 0 {
		return
	}
	shown := fmt.Sprintln(err)
	if p != nil {
		shown += show(p.Changes()) + p.Note + p.Next + fmt.Sprintf("%+v", p.Output)
		if out, err := json.Marshal(p.Output); err == nil {
			shown += string(out)
		}
	}
	for i, s := range secrets {
		if strings.Contains(shown, s) {
			t.Errorf("secret argument %d is shown: %s", i+1, strings.ReplaceAll(shown, s, "<THE SECRET>"))
		}
	}
}

// collect appends every secret at or below v.
func collect(v any, to *[]string) {
	switch v := v.(type) {
	case module.Secret:
		if v.Reveal() != "" {
			*to = append(*to, v.Reveal())
		}
	case []any:
		for _, e := range v {
			collect(e, to)
		}
	case map[string]any:
		for _, e := range v {
			collect(e, to)
		}
	}
}

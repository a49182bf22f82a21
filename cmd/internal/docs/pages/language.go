package pages

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/inventory"
	"github.com/gokube/gokube/engine/template"
	"github.com/gokube/gokube/engine/vars"
)

// functions is the table of functions that templates may call.
func functions() (name, text string, err error) {
	var sb strings.Builder
	plain := map[string][]string{}
	sb.WriteString("| function | what it does |\n| --- | --- |\n")
	for _, f := range template.Functions() {
		if f.Summary == "" {
			plain[f.Origin] = append(plain[f.Origin], "`"+f.Name+"`")
			continue
		}
		fmt.Fprintf(&sb, "| `%s` | %s |\n", cell(f.Signature), cell(f.Summary))
	}
	fmt.Fprintf(&sb, "\nFrom Go: %s.\n\nFrom [sprig](https://masterminds.github.io/sprig/): %s.\n",
		strings.Join(plain["go"], ", "), strings.Join(plain["sprig"], ", "))
	return "functions", sb.String(), nil
}

// levels is the list of variable levels, from the lowest.
func levels() (name, text string, err error) {
	var sb strings.Builder
	for l := vars.RoleDefaults; l <= vars.Magic; l++ {
		fmt.Fprintf(&sb, "%d. %s\n", int(l-vars.RoleDefaults)+1, l)
	}
	return "levels", sb.String(), nil
}

// connection is the list of variables that say how hosts are reached: those that
// the inventory asks for.
func connection() (name, text string, err error) {
	var asked []string
	_, err = inventory.Connection("host", func(name string) (any, bool) {
		if !slices.Contains(asked, name) {
			asked = append(asked, name)
		}
		return nil, false
	})
	slices.Sort(asked)
	return "connection variables", "`" + strings.Join(asked, "`, `") + "`", err
}

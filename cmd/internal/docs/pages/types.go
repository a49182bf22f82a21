package pages

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/module"
)

// types say what may be given for an argument of each type.
var types = map[module.Type]string{
	module.String:       "text; a number is taken as it is written",
	module.Bool:         "`true` or `false`; also `yes`, `no`, `on`, `off`, `1`, `0`",
	module.Int:          "a whole number",
	module.Float:        "a number",
	module.List:         "a list, or text with commas between the elements",
	module.Dict:         "a map",
	module.Any:          "any value",
	module.ModeBits:     "permissions: octal (`\"0644\"`) or symbolic (`u=rw,g=r`)",
	module.Masked:       "text that is masked wherever gokube shows something",
	module.LateText:     "a secret; when it is unknown in a check, the task is planned all the same",
	module.FileSource:   "a file or folder of the controller: in the role's `files`, or beside the playbook",
	module.DocumentList: "maps, YAML text, or names of files and folders of the controller with it; what lies in `templates` is evaluated first",
	module.Regexp:       "a regular expression in [Go's syntax](https://pkg.go.dev/regexp/syntax)",
	module.SourceHost:   "the name of a host of the inventory",
	module.LocalName:    "a path on the controller",
	module.Rendered:     "a template file of the controller: in the role's `templates`, or beside the playbook",
	module.Tests:        "a [condition](language.md#conditions), or a list of them",
	module.Pipeline:     "a pipeline without braces",
}

// typeList is the table of the types of arguments.
func typeList() string {
	var sb strings.Builder
	sb.WriteString("\n## Types of arguments\n\n| type | what may be given |\n| --- | --- |\n")
	for _, t := range slices.Sorted(maps.Keys(types)) {
		fmt.Fprintf(&sb, "| %s | %s |\n", t, types[t])
	}
	return sb.String()
}

package kernel

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/gokube/gokube/engine/system"
)

// dotted is a setting's name with dots; one that no file can hold is an error.
func dotted(name string) (string, error) {
	name = system.Named("sysctl", name).Name
	if name == "" || strings.ContainsAny(name, "=#;*") || strings.ContainsFunc(name, odd) || strings.HasPrefix(name, "-") || strings.HasPrefix(name, ".") || strings.Contains(name, "..") {
		return "", fmt.Errorf("%q is no name of a kernel setting", name)
	}
	return name, nil
}

// odd reports whether r is a blank or no character to see.
func odd(r rune) bool {
	return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == unicode.ReplacementChar
}

// setting is the name and value that a line of sysctl.conf(5) sets.
func setting(line string) (name, value string, ok bool) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' || line[0] == ';' {
		return "", "", false
	}
	name, value, ok = strings.Cut(line, "=")
	name = strings.TrimPrefix(strings.TrimSpace(name), "-")
	return system.Named("sysctl", name).Name, strings.Join(strings.Fields(value), " "), ok
}

// withSetting is text with one line that sets name, where the first did.
func withSetting(text, name, value string) string {
	return edit(text, func(lines []string) (out []string) {
		done := false
		for _, l := range lines {
			n, v, ok := setting(l)
			if !ok || n != name {
				out = append(out, l)
				continue
			}
			if !done && v != value {
				l = name + " = " + value
			}
			if !done {
				out = append(out, l)
			}
			done = true
		}
		if !done {
			out = append(out, name+" = "+value)
		}
		return out
	})
}

// withoutSetting is text without lines that set name.
func withoutSetting(text, name string) string {
	return edit(text, func(lines []string) (out []string) {
		for _, l := range lines {
			if n, _, ok := setting(l); !ok || n != name {
				out = append(out, l)
			}
		}
		return out
	})
}

package proc

import (
	"path"
	"strings"
)

// Hostname is the first line of /etc/hostname that is no comment, "" without one.
func Hostname(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return line
		}
	}
	return ""
}

// BuiltIn is the names, with underscores, of the modules in modules.builtin.
func BuiltIn(text string) map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(text) {
		name, _, _ := strings.Cut(path.Base(strings.TrimSpace(line)), ".ko")
		out[strings.ReplaceAll(name, "-", "_")] = true
	}
	return out
}

// FQDN is the canonical name that the text of /etc/hosts gives host, host itself
// if that says it all or nothing is there.
func FQDN(text, host string) string {
	if strings.Contains(host, ".") {
		return host
	}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		for _, name := range f[min(1, len(f)):] {
			if name == host && strings.HasPrefix(f[1], host+".") {
				return f[1]
			}
		}
	}
	return host
}

// Nameservers are those in the text of /etc/resolv.conf.
func Nameservers(text string) []string {
	out := []string{}
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "nameserver" {
			out = append(out, f[1])
		}
	}
	return out
}

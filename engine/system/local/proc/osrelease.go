// Package proc reads the texts in which a Linux host describes itself. It opens
// no files, and takes every text for hostile: what it does not understand it
// leaves out.
package proc

import (
	"strings"
)

// OSRelease is the assignments of the text of /etc/os-release.
func OSRelease(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || name == "" || name[0] == '#' {
			continue
		}
		out[strings.TrimSpace(name)] = unquote(value)
	}
	return out
}

// unquote undoes the quotes of a shell in the forms that os-release allows.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' && s[0] != '\'' || s[len(s)-1] != s[0] {
		return s
	}
	quote, s := s[0], s[1:len(s)-1]
	if quote == '\'' || !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte("\"\\$`", s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Family is the family of an os-release: the first of its ID and ID_LIKE that is
// in one, else its ID.
func Family(release map[string]string) string {
	families := map[string]string{
		"debian": "debian", "ubuntu": "debian", "rhel": "redhat", "fedora": "redhat", "centos": "redhat",
		"rocky": "redhat", "almalinux": "redhat", "ol": "redhat", "amzn": "redhat", "suse": "suse", "opensuse": "suse",
		"opensuse-leap": "suse", "opensuse-tumbleweed": "suse", "sles": "suse", "arch": "arch", "alpine": "alpine", "flatcar": "flatcar",
	}
	for _, id := range append([]string{release["ID"]}, strings.Fields(release["ID_LIKE"])...) {
		if f := families[id]; f != "" {
			return f
		}
	}
	return release["ID"]
}

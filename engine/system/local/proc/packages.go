package proc

import (
	"bytes"
	"strings"
)

// Rpm reads lines of name, version and architecture; of several versions
// installed side by side the last one is taken.
func Rpm(text []byte) map[string]string {
	out := map[string]string{}
	for line := range bytes.Lines(text) {
		if f := strings.Fields(string(line)); len(f) == 3 {
			out[f[0]], out[f[0]+"."+f[2]] = f[1], f[1]
		}
	}
	return out
}

// Dpkg reads /var/lib/dpkg/status: packages whose state is installed, by name
// and by name:architecture. Of one that is installed for two architectures, the
// name means the first.
func Dpkg(text []byte) map[string]string {
	out := map[string]string{}
	var name, arch, version string
	installed := false
	flush := func() {
		if installed && name != "" {
			if _, ok := out[name]; !ok {
				out[name] = version
			}
			out[name+":"+arch] = version
		}
		name, arch, version, installed = "", "", "", false
	}
	for line := range bytes.Lines(text) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			flush()
			continue
		}
		switch field, value, _ := bytes.Cut(line, []byte(": ")); string(field) {
		case "Package":
			name = string(value)
		case "Architecture":
			arch = string(value)
		case "Version":
			version = string(value)
		case "Status":
			installed = bytes.HasSuffix(value, []byte(" ok installed"))
		}
	}
	flush()
	return out
}

// Apk reads /lib/apk/db/installed.
func Apk(text []byte) map[string]string {
	out := map[string]string{}
	name := ""
	for line := range bytes.Lines(text) {
		field, value, _ := strings.Cut(strings.TrimRight(string(line), "\r\n"), ":")
		switch {
		case field == "P":
			name = value
		case field == "V" && name != "":
			out[name] = value
		case field == "":
			name = ""
		}
	}
	return out
}

// Pacman splits "name-with-dashes-1.2-3" before its version and release.
func Pacman(s string) (name, version string, ok bool) {
	i := strings.LastIndexByte(s, '-')
	if i <= 0 {
		return "", "", false
	}
	i = strings.LastIndexByte(s[:i], '-')
	if i <= 0 {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

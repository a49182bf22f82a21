package packages

import (
	"bytes"
	"strings"
)

// parsePolicy reads what apt-cache policy prints: versions by name, those with
// no candidate left out.
func parsePolicy(out []byte) map[string]string {
	return parseIndented(out, func(line string) (string, bool) {
		v, ok := strings.CutPrefix(line, "Candidate:")
		v = strings.TrimSpace(v)
		return v, ok && v != "" && v != "(none)"
	})
}

// parseApk reads what apk policy prints: the first version is the newest.
func parseApk(out []byte) map[string]string {
	return parseIndented(out, func(line string) (string, bool) {
		v, ok := strings.CutSuffix(line, ":")
		return v, ok && v != "" && !strings.ContainsAny(v, " /")
	})
}

// parseIndented reads paragraphs below a line "name:" and takes of each the first
// line that version knows.
func parseIndented(out []byte, version func(line string) (string, bool)) map[string]string {
	found, name := map[string]string{}, ""
	for line := range bytes.Lines(out) {
		text := string(bytes.TrimRight(line, "\r\n"))
		if !strings.HasPrefix(text, " ") {
			name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(text), "policy:"), ":")
			name = strings.TrimSuffix(strings.TrimSpace(name), ":")
			continue
		}
		if v, ok := version(strings.TrimSpace(text)); ok && name != "" && found[name] == "" {
			found[name] = v
		}
	}
	return found
}

// parsePairs reads lines of a name and a version; the last of a name counts.
func parsePairs(out []byte) map[string]string {
	found := map[string]string{}
	for line := range bytes.Lines(out) {
		if f := strings.Fields(string(line)); len(f) == 2 && f[1] != "0:" {
			found[f[0]] = strings.TrimPrefix(f[1], "0:")
		}
	}
	return found
}

// parseFields reads lines like "Version : 1.2" below lines like "Name : nginx".
func parseFields(out []byte) map[string]string {
	found, name := map[string]string{}, ""
	for line := range bytes.Lines(out) {
		field, value, _ := strings.Cut(string(line), ":")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(field) {
		case "Name":
			name = value
		case "Version":
			if name != "" && value != "" && found[name] == "" {
				found[name] = value
			}
		}
	}
	return found
}

// parseMadison reads what apt-cache madison prints: all versions of each name.
func parseMadison(out []byte) map[string][]string {
	found := map[string][]string{}
	for line := range bytes.Lines(out) {
		f := strings.Split(string(line), "|")
		if len(f) < 3 {
			continue
		}
		name, version := strings.TrimSpace(f[0]), strings.TrimSpace(f[1])
		if name != "" && version != "" {
			found[name] = append(found[name], version)
		}
	}
	return found
}

package accounts

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/change"
)

// line is one of an authorized_keys file: a key, or a text that is none.
type line struct {
	options, kind, blob, comment string
	text                         string // as it was read, "" for a key that is new or changed
}

// kinds are the beginnings of the names of key types.
func kinds() []string { return []string{"ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"} }

// parseLine reads one line; a text that is no key has no blob.
func parseLine(text string) line {
	rest := strings.TrimSpace(text)
	if rest == "" || rest[0] == '#' {
		return line{text: text}
	}
	options := ""
	if !isKind(rest) {
		options, rest = cutOptions(rest)
	}
	f := strings.Fields(rest)
	if len(f) < 2 || !isKind(rest) || !isBlob(f[0], f[1]) {
		return line{text: text}
	}
	_, rest, _ = strings.Cut(rest, f[0])
	_, comment, _ := strings.Cut(rest, f[1])
	return line{options: options, kind: f[0], blob: f[1], comment: strings.TrimSpace(comment), text: text}
}

func isKind(s string) bool {
	for _, k := range kinds() {
		if strings.HasPrefix(s, k) {
			return true
		}
	}
	return false
}

// isBlob reports whether blob is a key of the kind: it begins with its name.
func isBlob(kind, blob string) bool {
	raw, err := base64.StdEncoding.DecodeString(blob)
	n := len(kind)
	return err == nil && len(raw) > 4+n && int(raw[2])<<8|int(raw[3]) == n && string(raw[4:4+n]) == kind
}

// cutOptions splits a line after its options, in which quotes hide blanks.
func cutOptions(s string) (options, rest string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case (c == ' ' || c == '\t') && !quoted:
			return s[:i], strings.TrimSpace(s[i:])
		}
	}
	return s, ""
}

// parseFile reads all lines of a file.
func parseFile(text string) (out []line) {
	for l := range strings.Lines(text) {
		out = append(out, parseLine(strings.TrimRight(l, "\r\n")))
	}
	return out
}

// parseKeys reads the keys of a task, each of which must be one.
func parseKeys(text string) (out []line, err error) {
	if strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://") {
		return nil, errors.New("keys are not fetched from an address: use get_url, or the keys themselves")
	}
	for i, l := range parseFile(text) {
		switch {
		case strings.Contains(l.text, "PRIVATE KEY"):
			return nil, fmt.Errorf("line %d of key is of a private key, and the public one is wanted", i+1)
		case l.blob != "":
			l.text = ""
			out = append(out, l)
		case strings.TrimSpace(l.text) != "" && !strings.HasPrefix(strings.TrimSpace(l.text), "#"):
			return nil, fmt.Errorf("line %d of key is no public key of SSH, which is like: ssh-ed25519 AAAA... comment", i+1)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("key holds no key")
	}
	return out, nil
}

// find is the key of keys that l has, nil if there is none.
func find(keys []line, l line) *line {
	for i := range keys {
		if l.blob != "" && keys[i].blob == l.blob && keys[i].kind == l.kind {
			return &keys[i]
		}
	}
	return nil
}

// with is l with the options of k, and its comment if it has one.
func (l line) with(k line) line {
	if k.comment == "" {
		k.comment = l.comment
	}
	if k.options == l.options && k.comment == l.comment {
		return l
	}
	k.text = ""
	return k
}

// String is l as the file has it.
func (l line) String() string {
	if l.text != "" || l.blob == "" {
		return l.text
	}
	return strings.TrimSpace(l.options + " " + l.kind + " " + l.blob + " " + l.comment)
}

func render(lines []line) string {
	var out strings.Builder
	for _, l := range lines {
		out.WriteString(l.String() + "\n")
	}
	return out.String()
}

// shown is what a person is shown of lines: of each key its fingerprint, as
// ssh-keygen -l prints it, and its comment.
func shown(lines []line) *change.Value {
	var out strings.Builder
	for _, l := range lines {
		if l.blob == "" {
			out.WriteString(l.text + "\n")
			continue
		}
		out.WriteString(strings.TrimSpace(l.options+" "+l.kind+" "+fingerprint(l.blob)+" "+l.comment) + "\n")
	}
	text := out.String()
	return &change.Value{Text: &text}
}

func fingerprint(blob string) string {
	raw, err := base64.StdEncoding.DecodeString(blob)
	if err != nil {
		return "no fingerprint"
	}
	sum := sha256.Sum256(raw)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

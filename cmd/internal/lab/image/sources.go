package image

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Sources are the Debian archives that this machine is configured for.
type Sources struct {
	Suite   string   // the release's code name
	Entries []Source // in the machine's order
}

// Source is one archive.
type Source struct {
	URL        string
	Suites     []string
	Components []string
	SignedBy   string
}

// MachineSources reads /etc/apt and /etc/os-release below root. Entries that are
// no archive of the machine's own release (other vendors', other releases') are left out.
func MachineSources(root string) (Sources, error) {
	release, err := os.ReadFile(filepath.Join(root, "etc/os-release"))
	if err != nil {
		return Sources{}, err
	}
	s := Sources{Suite: field(string(release), "VERSION_CODENAME=")}
	files := []string{filepath.Join(root, "etc/apt/sources.list")}
	for _, pattern := range []string{"*.list", "*.sources"} {
		more, _ := filepath.Glob(filepath.Join(root, "etc/apt/sources.list.d", pattern))
		files = append(files, more...)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return Sources{}, err
		}
		s.read(string(data), strings.HasSuffix(f, ".sources"))
	}
	if len(s.Entries) == 0 {
		return Sources{}, fmt.Errorf("find a Debian mirror for %q in /etc/apt: there is none; the lab's hosts are made from the archives this machine is configured for, and its release must be Debian's", s.Suite)
	}
	return s, nil
}

// field finds a shell variable's value in an os-release file.
func field(release, prefix string) string {
	for line := range strings.Lines(release) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), prefix); ok {
			return strings.Trim(v, `"'`)
		}
	}
	return ""
}

func (s *Sources) read(text string, deb822 bool) {
	found := parseOneLine(text)
	if deb822 {
		found = parseDeb822(text)
	}
	for _, e := range found {
		e.Suites = slices.DeleteFunc(e.Suites, func(suite string) bool { return !s.own(suite) })
		if len(e.Suites) > 0 && slices.Contains(e.Components, "main") && isDebians(e) {
			e.Components = []string{"main"}
			s.Entries = append(s.Entries, e)
		}
	}
}

// own tells whether the suite belongs to the machine's release.
func (s *Sources) own(suite string) bool {
	for _, suffix := range []string{"", "-updates", "-security"} {
		if suite == s.Suite+suffix {
			return s.Suite != ""
		}
	}
	return false
}

func isDebians(e Source) bool {
	u, err := url.Parse(e.URL)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" &&
		(e.SignedBy == "" || strings.Contains(e.SignedBy, "debian-archive"))
}

// parseOneLine reads the old format: deb [options] url suite component...
func parseOneLine(text string) []Source {
	var found []Source
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		var signed string
		if before, rest, ok := strings.Cut(line, "["); ok {
			options, after, _ := strings.Cut(rest, "]")
			line = before + " " + after
			for o := range strings.FieldsSeq(options) {
				if v, ok := strings.CutPrefix(o, "signed-by="); ok {
					signed = v
				}
			}
		}
		f := strings.Fields(line)
		if len(f) >= 4 && f[0] == "deb" {
			found = append(found, Source{URL: f[1], Suites: []string{f[2]}, Components: f[3:], SignedBy: signed})
		}
	}
	return found
}

// parseDeb822 reads the new format: paragraphs of fields, which may go on in indented lines.
func parseDeb822(text string) []Source {
	var found []Source
	fields, last := map[string]string{}, ""
	flush := func() {
		if slices.Contains(strings.Fields(fields["types"]), "deb") && !strings.EqualFold(strings.TrimSpace(fields["enabled"]), "no") {
			for u := range strings.FieldsSeq(fields["uris"]) {
				found = append(found, Source{u, strings.Fields(fields["suites"]), strings.Fields(fields["components"]), strings.TrimSpace(fields["signed-by"])})
			}
		}
		clear(fields)
	}
	for line := range strings.Lines(text + "\n\n") {
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.TrimSpace(line) == "":
			flush()
		case line[0] == ' ' || line[0] == '\t':
			fields[last] += " " + strings.TrimSpace(line)
		default:
			k, v, _ := strings.Cut(line, ":")
			last = strings.ToLower(strings.TrimSpace(k))
			fields[last] = strings.TrimSpace(v)
		}
	}
	return found
}

// Mirrors lists the archives' URLs, each once.
func (s Sources) Mirrors() []string {
	set := map[string]bool{}
	for _, e := range s.Entries {
		set[e.URL] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// deb822 renders the sources. Plain asks for http throughout: inside a lab, the
// proxy is what speaks https.
func (s Sources) deb822(plain bool) string {
	var b strings.Builder
	for _, e := range s.Entries {
		u := e.URL
		if plain {
			u = strings.Replace(u, "https://", "http://", 1)
		}
		fmt.Fprintf(&b, "Types: deb\nURIs: %s\nSuites: %s\nComponents: %s\n", u, strings.Join(e.Suites, " "), strings.Join(e.Components, " "))
		if e.SignedBy != "" && strings.HasPrefix(e.SignedBy, "/") {
			fmt.Fprintf(&b, "Signed-By: %s\n", e.SignedBy)
		}
		b.WriteString("\n")
	}
	return b.String()
}

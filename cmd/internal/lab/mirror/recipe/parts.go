package recipe

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var imagePattern = regexp.MustCompile(`^[a-z0-9.-]+\.[a-z]+(/[a-z0-9._-]+)+:[A-Za-z0-9._-]+$`)

func (s Served) check() error {
	if !filepath.IsLocal(s.Path) || path.Clean(s.Path) != s.Path || !strings.Contains(s.Path, "/") {
		return fmt.Errorf("serve %q: a path begins with a site's name", s.Path)
	}
	if (s.Holds == "") == (len(s.Archive) == 0) {
		return fmt.Errorf("serve %s: it either holds something or is an archive", s.Path)
	}
	for _, beside := range []string{s.Digest, s.Sums} {
		if strings.Contains(beside, "/") {
			return fmt.Errorf("serve %s: %q lies beside it, so it is a plain name", s.Path, beside)
		}
	}
	return nil
}

// parts lists the things that the file is made of.
func (s Served) parts() []string {
	if s.Holds != "" {
		return []string{s.Holds}
	}
	return values(s.Archive)
}

func (i Image) check() error {
	if !imagePattern.MatchString(i.Name) {
		return fmt.Errorf("make image %q: a name has a registry, a path and a tag", i.Name)
	}
	for p := range i.Files {
		if !path.IsAbs(p) || path.Clean(p) != p {
			return fmt.Errorf("make image %s: %q is no path in an image", i.Name, p)
		}
	}
	return nil
}

// Compare orders releases: 1.9 before 1.10.
func Compare(a, b string) int {
	for i := range 2 {
		if c := cmp.Compare(number(a, i), number(b, i)); c != 0 {
			return c
		}
	}
	return 0
}

func number(release string, i int) int {
	parts := strings.Split(release, ".")
	if i >= len(parts) {
		return 0
	}
	n, _ := strconv.Atoi(parts[i])
	return n
}

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func values(m map[string]string) []string {
	var all []string
	for _, k := range keys(m) {
		all = append(all, m[k])
	}
	return all
}

package kernel

import (
	"path"
	"strings"
)

// entry is a line of fstab(5).
type entry struct{ source, point, fstype, options, dump, pass string }

// String is the line.
func (e entry) String() string {
	return strings.Join([]string{escape(e.source), escape(e.point), e.fstype, e.options, e.dump, e.pass}, " ")
}

// escape is a field of fstab(5) as the file has it.
func escape(field string) string {
	return strings.NewReplacer(`\`, `\134`, " ", `\040`, "\t", `\011`, "\n", `\012`, "#", `\043`).Replace(field)
}

// unescape is a field of fstab(5), or of proc_swaps(5), as it is meant.
func unescape(field string) string {
	return strings.NewReplacer(`\134`, `\`, `\040`, " ", `\011`, "\t", `\012`, "\n", `\043`, "#").Replace(field)
}

// fields are the parts of a line, between blanks and tabs.
func fields(line string) []string {
	return strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
}

// mounts reports whether line is an entry for the mount point.
func mounts(line, point string) bool {
	f := fields(line)
	return len(f) >= 2 && f[0][0] != '#' && strings.HasPrefix(f[1], "/") && path.Clean(unescape(f[1])) == point
}

// withEntry is fstab with one line for e's mount point, where the first was.
func withEntry(fstab string, e entry) string {
	return edit(fstab, func(lines []string) (out []string) {
		done := false
		for _, l := range lines {
			switch {
			case !mounts(l, e.point):
				out = append(out, l)
			case done:
			case strings.Join(fields(l), " ") == e.String():
				out, done = append(out, l), true
			default:
				out, done = append(out, e.String()), true
			}
		}
		if !done {
			out = append(out, e.String())
		}
		return out
	})
}

// withoutEntry is fstab without lines for the mount point.
func withoutEntry(fstab, point string) string {
	return edit(fstab, func(lines []string) (out []string) {
		for _, l := range lines {
			if !mounts(l, point) {
				out = append(out, l)
			}
		}
		return out
	})
}

// withoutSwap is fstab with its swap areas commented out.
func withoutSwap(fstab string) string {
	return edit(fstab, func(lines []string) []string {
		for i, l := range lines {
			if f := fields(l); len(f) >= 3 && f[2] == "swap" && f[0][0] != '#' {
				lines[i] = "# " + l
			}
		}
		return lines
	})
}

package proc

import (
	"strconv"
	"strings"
)

// Mount is one line of /proc/self/mountinfo. Options are the mount's before the
// file system's.
type Mount struct {
	Point, Source, FSType, Options string
}

// Mounts reads mountinfo in its order; lines that are none are ignored.
func Mounts(text string) (out []Mount) {
	for line := range strings.Lines(text) {
		before, after, ok := strings.Cut(line, " - ")
		f, g := strings.Fields(before), strings.Fields(after)
		if !ok || len(f) < 6 || len(g) < 2 {
			continue
		}
		m := Mount{Point: unescape(f[4]), FSType: unescape(g[0]), Source: unescape(g[1]), Options: f[5]}
		if len(g) > 2 {
			m.Options += "," + g[2]
		}
		out = append(out, m)
	}
	return out
}

// unescape undoes the kernel's \ooo for blanks and backslashes.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && octal(s[i+1:i+4]) {
			b.WriteByte((s[i+1]-'0')<<6 | (s[i+2]-'0')<<3 | (s[i+3] - '0'))
			i += 3
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func octal(s string) bool {
	return s[0] <= '3' && strings.Trim(s, "01234567") == ""
}

// Swaps is the sizes in KiB of the areas in /proc/swaps.
func Swaps(text string) map[string]int64 {
	out := map[string]int64{}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 3 || !strings.HasPrefix(f[0], "/") {
			continue
		}
		size, err := strconv.ParseInt(f[2], 10, 64)
		if err == nil {
			out[unescape(f[0])] = size
		}
	}
	return out
}

package accounts

import (
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/system"
)

// defaults are the settings of useradd that the host has, or those it has without.
func defaults(r system.Reader) map[string]string {
	out := map[string]string{"HOME": "/home", "SKEL": "/etc/skel"}
	text, err := system.ReadFile(r, "/etc/default/useradd")
	if err != nil {
		return out
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if _, known := out[name]; known && path.IsAbs(value) {
			out[name] = value
		}
	}
	return out
}

// homeMode is the mode that useradd gives a home directory, 0 if it is not known.
func homeMode(r system.Reader) fs.FileMode {
	text, err := system.ReadFile(r, "/etc/login.defs")
	if err != nil {
		return 0
	}
	mode, mask := "", "022"
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		switch {
		case len(f) > 1 && f[0] == "HOME_MODE":
			mode = f[1]
		case len(f) > 1 && f[0] == "UMASK":
			mask = f[1]
		}
	}
	if n, err := strconv.ParseUint(mode, 8, 12); err == nil {
		return fs.FileMode(n).Perm()
	}
	n, err := strconv.ParseUint(mask, 8, 12)
	if err != nil {
		return 0
	}
	return 0o777 &^ fs.FileMode(n)
}

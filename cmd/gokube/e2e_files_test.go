//go:build e2e && linux

package main

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/gokube/gokube/cmd/internal/lab"
	"github.com/gokube/gokube/engine/change"
)

// unannounced are the changed files of a host that no change accounts for.
func unannounced(t *testing.T, l *lab.Lab, host string, done []change.Change) (out []string) {
	t.Helper()
	files, err := l.Changes(host)
	if err != nil {
		t.Fatal(err)
	}
	var owned map[string]bool
	for _, f := range files {
		if slices.ContainsFunc(done, func(c change.Change) bool { return accounts(c, f.Path) }) {
			continue
		}
		if installs(done) {
			if owned == nil {
				owned = packaged(t, l, host)
			}
			if owned[f.Path] || byScripts(f.Path) {
				continue
			}
		}
		out = append(out, f.Path)
	}
	return out
}

// accounts reports whether a change explains that the file at p changed.
func accounts(c change.Change, p string) bool {
	under := func(dirs ...string) bool {
		return slices.ContainsFunc(dirs, func(d string) bool { return p == d || strings.HasPrefix(p, d+"/") })
	}
	switch c.Kind {
	case "unit":
		return under("/etc/systemd/system", "/var/lib/systemd", "/var/lib/"+strings.TrimSuffix(c.Target, ".service")) ||
			c.Target == "kubelet.service" && under("/etc/systemd/logind.conf.d") // what it keeps shutdowns waiting with
	case "user", "group":
		base := strings.TrimSuffix(p, "-")
		return under("/home/"+c.Target, homeOf(c)) || slices.Contains([]string{"/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/subuid", "/etc/subgid"}, base) ||
			under("/var/mail")
	case "hostname":
		return p == "/etc/hostname"
	}
	return under(c.Target)
}

// homeOf is the home directory that a change gives a user.
func homeOf(c change.Change) string {
	if c.After != nil {
		for _, a := range c.After.Attrs {
			if a.Name == "home" {
				return a.Value
			}
		}
	}
	return "/home/" + c.Target
}

func installs(done []change.Change) bool {
	return slices.ContainsFunc(done, func(c change.Change) bool { return c.Kind == "package" })
}

// packaged are the files that the host's packages own, and their folders.
func packaged(t *testing.T, l *lab.Lab, host string) map[string]bool {
	t.Helper()
	text, err := l.Exec(t.Context(), host, "sh", "-c", "cat /var/lib/dpkg/info/*.list /var/lib/dpkg/info/*.conffiles; cut -d' ' -f1 /dev/null")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for p := range strings.Lines(string(text)) {
		p = strings.TrimSpace(p)
		out[p] = true
		if real, ok := strings.CutPrefix(p, "/lib"); ok {
			out["/usr/lib"+real] = true // usr is merged
		}
		for _, dir := range []string{"/bin", "/sbin"} {
			if strings.HasPrefix(p, dir+"/") {
				out["/usr"+p] = true
			}
		}
	}
	return out
}

// byScripts reports whether the maintainer scripts and triggers of packages make
// such files: caches, alternatives, enabled units, users of services.
func byScripts(p string) bool {
	for _, dir := range []string{"/var/lib/dpkg", "/var/lib/apt", "/var/cache", "/var/log", "/etc/alternatives", "/etc/systemd/system", "/var/lib/systemd",
		"/etc/ssl/certs", "/usr/share/mime", "/usr/lib/udev", "/etc/rc0.d", "/etc/rc1.d", "/etc/rc2.d", "/etc/rc3.d", "/etc/rc4.d", "/etc/rc5.d", "/etc/rc6.d", "/etc/rcS.d",
		"/var/lib/chrony", "/etc/chrony", "/var/lib/haproxy", "/usr/share/info", "/etc/apt", "/var/lib/ucf", "/etc/udev", "/etc/apparmor.d"} {
		if p == dir || strings.HasPrefix(p, dir+"/") {
			return true
		}
	}
	base := strings.TrimSuffix(path.Base(p), "-")
	return path.Dir(p) == "/etc" && slices.Contains([]string{"passwd", "shadow", "group", "gshadow", "subuid", "subgid", "ld.so.cache", "ca-certificates.conf", "shells"}, base) ||
		slices.Contains([]string{"/etc", "/usr", "/usr/bin", "/usr/sbin", "/usr/lib", "/var", "/var/lib", "/usr/share", "/etc/default"}, p)
}

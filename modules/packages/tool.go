package packages

import (
	"slices"

	"github.com/gokube/gokube/engine/system"
)

// tool is how one package manager is spoken to. Each argv is followed by names,
// or by what pin makes of names with a version.
type tool struct {
	name     string
	env      []string
	install  []string
	upgrade  []string // of what is installed; nil if install does that too
	remove   []string
	update   []string // reads the lists of what can be installed anew
	pin      string   // between a name and a version
	query    []string // asks for candidates
	parse    func(out []byte) map[string]string
	versions []string // asks for all versions, if it can
	fresh    []string // is query with lists read anew, which leaves the host as it is
	strict   bool     // what query does not answer cannot be installed
	keeps    []string // where the lists and their settings are, each with a final slash
	lists    string   // the folder that is rewritten when the lists are read
	list     string   // a pattern of the names of lists in it
	journal  string   // a file that stays only if the tool was interrupted
	mend     []string // finishes what it was doing then
	patience int      // how many seconds to wait for another one to end
}

func (t *tool) cmd(argv []string, words ...string) system.Cmd {
	return system.Cmd{Argv: slices.Concat(argv, words), Env: t.env}
}

// ask is a command that only looks at the lists.
func (t *tool) ask(argv []string, words ...string) system.Cmd {
	c := t.cmd(argv, words...)
	c.Reads = []system.Key{}
	for _, k := range t.keeps {
		c.Reads = append(c.Reads, system.Path(k))
	}
	return c
}

// tools are the package managers of this family but apt, as facts name them.
func tools() []tool {
	rpm := []string{"/etc/yum.repos.d/", "/var/cache/"}
	const cache, any = "/var/cache/dnf", "?*"
	return []tool{
		{name: "dnf", install: []string{"dnf", "-y", "-q", "install"}, upgrade: []string{"dnf", "-y", "-q", "upgrade"},
			remove: []string{"dnf", "-y", "-q", "remove"}, update: []string{"dnf", "-q", "makecache"}, pin: "-", parse: parsePairs,
			query: []string{"dnf", "-q", "-C", "repoquery", "--available", "--latest-limit=1", "--qf", "%{name} %{evr}\n"}, keeps: rpm, lists: cache, list: any},
		{name: "yum", install: []string{"yum", "-y", "-q", "install"}, upgrade: []string{"yum", "-y", "-q", "update"},
			remove: []string{"yum", "-y", "-q", "remove"}, update: []string{"yum", "-q", "makecache"}, pin: "-", parse: parsePairs,
			query: []string{"repoquery", "-C", "--qf", "%{name} %{evr}\n"}, keeps: rpm, lists: "/var/cache/yum", list: any},
		{name: "zypper", install: []string{"zypper", "-n", "-q", "install", "--auto-agree-with-licenses"}, upgrade: []string{"zypper", "-n", "-q", "update"},
			remove: []string{"zypper", "-n", "-q", "remove"}, update: []string{"zypper", "-n", "-q", "refresh"}, pin: "=", parse: parseFields,
			query: []string{"zypper", "-n", "-q", "--no-refresh", "info"}, keeps: []string{"/etc/zypp/", "/var/cache/zypp/"}, lists: "/var/cache/zypp", list: any},
		{name: "pacman", install: []string{"pacman", "-S", "--noconfirm", "--needed"}, remove: []string{"pacman", "-R", "--noconfirm"},
			update: []string{"pacman", "-Sy", "--noconfirm"}, pin: "=", parse: parseFields,
			query: []string{"pacman", "-Si"}, keeps: []string{"/etc/pacman.d/", "/var/lib/pacman/sync/"}, lists: "/var/lib/pacman/sync", list: any},
		{name: "apk", install: []string{"apk", "add", "-q"}, upgrade: []string{"apk", "add", "-q", "-u"}, remove: []string{"apk", "del", "-q"},
			update: []string{"apk", "update", "-q"}, pin: "=", parse: parseApk,
			query: []string{"apk", "policy"}, keeps: []string{"/etc/apk/", "/var/cache/apk/"}, lists: "/var/cache/apk", list: any},
	}
}

package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gokube/gokube/engine/system"
)

// accounts are the users and groups of a host: those of its files and, if
// nsswitch.conf names another source, those that getent knows.
type accounts struct {
	s      *System
	passwd cached[table]
	group  cached[table]
	shadow cached[table]
	nss    cached[map[string]bool]
	asked  sync.Map // "passwd 1000" -> row; what getent was asked for
}

// row is one line's fields.
type row []string

// table is a file of rows, the first of each name and of each id.
type table struct{ byName, byID map[string]row }

// parseTable takes lines of at least n fields; those with fewer are ignored.
func parseTable(text string, n int) table {
	t := table{map[string]row{}, map[string]row{}}
	for line := range strings.Lines(text) {
		r := row(strings.Split(strings.TrimSuffix(line, "\n"), ":"))
		if len(r) < n || r[0] == "" || r[0][0] == '#' || r[0][0] == '+' || r[0][0] == '-' {
			continue
		}
		if t.byName[r[0]] == nil {
			t.byName[r[0]] = r
		}
		if t.byID[r[2]] == nil {
			t.byID[r[2]] = r
		}
	}
	return t
}

func (a *accounts) table(c *cached[table], p string, n int, age time.Duration) table {
	return c.recent(a.s, p, age, func() table { return parseTable(a.s.read(p), n) })
}

func (a *accounts) users() table  { return a.table(&a.passwd, "/etc/passwd", 7, 0) }
func (a *accounts) groups() table { return a.table(&a.group, "/etc/group", 4, 0) }

// tick is for how long the names of owners are good: a task looks at many files,
// and the time of change of passwd has no finer grain.
const tick = 4 * time.Millisecond

// find is the row of name or id in a database, nil if there is none.
func (a *accounts) find(db, key string, t table, byID bool) row {
	r := t.byName[key]
	if byID {
		r = t.byID[key]
	}
	if r != nil || !a.foreign(db) {
		return r
	}
	if r, ok := a.asked.Load(db + " " + key); ok && byID {
		return r.(row)
	}
	out, err := a.s.Query(context.Background(), system.Command("getent", "--", db, key))
	if err == nil && out.Code == 0 {
		r = row(strings.Split(out.Text(), ":"))
	}
	if len(r) < 4 || db == "passwd" && len(r) < 7 {
		r = nil
	}
	a.asked.Store(db+" "+key, r)
	return r
}

// foreign reports whether db has other sources than files.
func (a *accounts) foreign(db string) bool {
	dbs := a.nss.get(a.s, "/etc/nsswitch.conf", func() map[string]bool { return parseNsswitch(a.s.read("/etc/nsswitch.conf")) })
	return dbs[db]
}

// parseNsswitch says of each database whether it has a source that makes accounts
// which are in no file and not made by systemd.
func parseNsswitch(text string) map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		db, sources, _ := strings.Cut(line, ":")
		for _, s := range strings.Fields(sources) {
			plain := s[0] == '[' || s[len(s)-1] == ']' || slices.Contains([]string{"files", "systemd", "compat", "mymachines"}, s)
			out[strings.TrimSpace(db)] = out[strings.TrimSpace(db)] || !plain
		}
	}
	return out
}

// userName is the owner's name of a file.
func (a *accounts) userName(id int) string {
	return a.name("passwd", a.table(&a.passwd, "/etc/passwd", 7, tick), id)
}

// groupName is the group's name of a file.
func (a *accounts) groupName(id int) string {
	return a.name("group", a.table(&a.group, "/etc/group", 4, tick), id)
}

func (a *accounts) name(db string, t table, id int) string {
	n := strconv.Itoa(id)
	if r := a.find(db, n, t, true); r != nil {
		return r[0]
	}
	return n
}

// uid is the number of a name or number; -1 for "".
func (a *accounts) uid(name string) (int, bool) { return a.id("passwd", name, a.users) }

func (a *accounts) gid(name string) (int, bool) { return a.id("group", name, a.groups) }

func (a *accounts) id(db, name string, all func() table) (int, bool) {
	if name == "" {
		return -1, true
	}
	if r := a.find(db, name, all(), false); r != nil {
		name = r[2]
	}
	n, err := strconv.ParseUint(name, 10, 31)
	return int(n), err == nil
}

// self is the user of this process.
func (a *accounts) self() system.Identity {
	id := system.Identity{UID: os.Geteuid(), GID: os.Getegid(), Home: "/"}
	id.Name, id.Group = a.userName(id.UID), a.groupName(id.GID)
	if r := a.find("passwd", strconv.Itoa(id.UID), a.users(), true); r != nil {
		id.Home = r[5]
	}
	return id
}

func (a *accounts) user(k system.Key) (system.Object, error) {
	r := a.find("passwd", k.Name, a.users(), false)
	if r == nil {
		return nil, system.NotExist(k)
	}
	u := system.User{Comment: r[4], Home: r[5], Shell: r[6]}
	var err error
	if u.UID, err = strconv.Atoi(r[2]); err != nil {
		return nil, &fs.PathError{Op: "look up", Path: k.String(), Err: errors.New("its number is none: " + r[2])}
	}
	gid, err := strconv.Atoi(r[3])
	if u.Group = r[3]; err == nil {
		u.Group = a.groupName(gid)
	}
	for name, g := range a.groups().byName {
		if slices.Contains(strings.Split(g[3], ","), k.Name) {
			u.Groups = append(u.Groups, name)
		}
	}
	slices.Sort(u.Groups)
	shadow := a.table(&a.shadow, "/etc/shadow", 3, 0)
	if s := shadow.byName[k.Name]; s != nil {
		u.PasswordHash = s[1]
	} else if r[1] != "x" {
		u.PasswordHash = r[1]
	}
	return u, nil
}

func (a *accounts) lookGroup(k system.Key) (system.Object, error) {
	r := a.find("group", k.Name, a.groups(), false)
	if r == nil {
		return nil, system.NotExist(k)
	}
	g := system.Group{}
	var err error
	if g.GID, err = strconv.Atoi(r[2]); err != nil {
		return nil, &fs.PathError{Op: "look up", Path: k.String(), Err: errors.New("its number is none: " + r[2])}
	}
	if g.Members = strings.FieldsFunc(r[3], func(c rune) bool { return c == ',' }); len(g.Members) == 0 {
		g.Members = nil
	}
	slices.Sort(g.Members)
	return g, nil
}

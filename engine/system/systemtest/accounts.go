package systemtest

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/system"
)

// Accounts gives f useradd, usermod, userdel, groupadd, groupmod, groupdel and
// chpasswd -e, with the options that end in a value of system.User or system.Group.
func Accounts(f *Fake) {
	f.Commands["useradd"] = userAdd
	f.Commands["usermod"] = userMod
	f.Commands["userdel"] = userDel
	f.Commands["groupadd"] = groupMod
	f.Commands["groupmod"] = groupMod
	f.Commands["groupdel"] = func(f *Fake, c system.Cmd) system.Output {
		return forget(f, system.Key{Kind: "group", Name: c.Argv[len(c.Argv)-1]})
	}
	f.Commands["chpasswd"] = func(f *Fake, c system.Cmd) system.Output {
		for _, line := range strings.Fields(string(c.Stdin)) {
			name, hash, _ := strings.Cut(line, ":")
			u, ok := account[system.User](f, name)
			if !ok {
				return Fails(1, "chpasswd: user "+name+" does not exist\n")(f, c)
			}
			u.PasswordHash = hash
			f.Set(name, u)
		}
		return system.Output{}
	}
}

func account[T system.Object](f *Fake, name string) (T, bool) {
	var zero T
	o, ok := f.Objects[system.Key{Kind: zero.Kind(), Name: name}].(T)
	return o, ok
}

func forget(f *Fake, k system.Key) system.Output {
	if _, ok := f.Objects[k]; !ok {
		return Fails(6, k.String()+" does not exist\n")(f, system.Cmd{})
	}
	delete(f.Objects, k)
	return system.Output{}
}

// free is the first id from 1000, or below 1000 for a system account, that nobody has.
func free(f *Fake, taken func(system.Object) int, low bool) int {
	id := 1000
	if low {
		id = 100
	}
	for slices.ContainsFunc(objects(f), func(o system.Object) bool { return taken(o) == id }) {
		id++
	}
	return id
}

func objects(f *Fake) (out []system.Object) {
	for _, o := range f.Objects {
		out = append(out, o)
	}
	return out
}

func uid(o system.Object) int {
	if u, ok := o.(system.User); ok {
		return u.UID
	}
	return -1
}

func gid(o system.Object) int {
	if g, ok := o.(system.Group); ok {
		return g.GID
	}
	return -1
}

func userAdd(f *Fake, c system.Cmd) system.Output {
	name := c.Argv[len(c.Argv)-1]
	if _, ok := account[system.User](f, name); ok {
		return Fails(9, "useradd: user '"+name+"' already exists\n")(f, c)
	}
	low := slices.Contains(c.Argv, "-r") || slices.Contains(c.Argv, "--system")
	u := system.User{UID: free(f, uid, low), Group: name, Home: "/home/" + name, Shell: "/bin/sh", PasswordHash: "!"}
	out := apply(f, c, &u)
	if _, ok := account[system.Group](f, u.Group); !ok && u.Group == name && out.Code == 0 {
		f.Set(name, system.Group{GID: free(f, gid, low)})
	}
	if out.Code == 0 {
		f.Set(name, u)
	}
	if make := slices.Contains(c.Argv, "-m") || slices.Contains(c.Argv, "--create-home"); make && out.Code == 0 {
		f.keep(path.Dir(u.Home))
		f.Files[u.Home] = File{Type: fs.ModeDir, Attrs: system.Attrs{Owner: name, Group: u.Group, Mode: 0o700}}
	}
	return out
}

func userMod(f *Fake, c system.Cmd) system.Output {
	name := c.Argv[len(c.Argv)-1]
	u, ok := account[system.User](f, name)
	if !ok {
		return Fails(6, "usermod: user '"+name+"' does not exist\n")(f, c)
	}
	out := apply(f, c, &u)
	switch c.Argv[1] {
	case "-L", "--lock":
		u.PasswordHash = "!" + u.PasswordHash
	case "-U", "--unlock":
		u.PasswordHash = strings.TrimPrefix(u.PasswordHash, "!")
	}
	if out.Code == 0 {
		f.Set(name, u)
	}
	return out
}

func userDel(f *Fake, c system.Cmd) system.Output {
	name := c.Argv[len(c.Argv)-1]
	u, _ := account[system.User](f, name)
	if slices.Contains(c.Argv, "-r") || slices.Contains(c.Argv, "--remove") {
		_ = f.Remove(u.Home)
	}
	if u.Group == name {
		forget(f, system.Key{Kind: "group", Name: name})
	}
	members(f, name, nil)
	return forget(f, system.Key{Kind: "user", Name: name})
}

// apply takes the options of useradd and usermod; those it does not know are ignored.
func apply(f *Fake, c system.Cmd, u *system.User) (out system.Output) {
	name, more := c.Argv[len(c.Argv)-1], slices.Contains(c.Argv, "-a") || slices.Contains(c.Argv, "--append") || slices.Contains(c.Argv, "-aG")
	set := map[string]func(string){
		"-u": func(v string) { u.UID, _ = strconv.Atoi(v) },
		"-d": func(v string) { u.Home = v }, "-s": func(v string) { u.Shell = v }, "-c": func(v string) { u.Comment = v },
		"-p": func(v string) { u.PasswordHash = v }, "-g": func(v string) { u.Group = v },
		"-G": func(v string) {
			groups := strings.FieldsFunc(v, func(r rune) bool { return r == ',' })
			if more {
				groups = append(groups, u.Groups...)
			}
			slices.Sort(groups)
			u.Groups = slices.Compact(groups)
			if missing := members(f, name, u.Groups); missing != "" {
				out = Fails(6, "group '"+missing+"' does not exist\n")(f, c)
			}
		},
	}
	long := map[string]string{
		"--uid": "-u", "--home": "-d", "--home-dir": "-d", "--shell": "-s", "--comment": "-c", "--password": "-p", "--gid": "-g", "--groups": "-G", "-aG": "-G",
	}
	for i := 1; i+2 < len(c.Argv); i++ {
		option := cmp.Or(long[c.Argv[i]], c.Argv[i])
		if do := set[option]; do != nil {
			i++
			do(c.Argv[i])
		}
	}
	return out
}

// members puts name into groups and no others; it returns one that is missing.
func members(f *Fake, name string, groups []string) (missing string) {
	for _, g := range groups {
		if _, ok := account[system.Group](f, g); !ok {
			return g
		}
	}
	for k, o := range f.Objects {
		g, ok := o.(system.Group)
		if !ok {
			continue
		}
		list := slices.DeleteFunc(slices.Clone(g.Members), func(m string) bool { return m == name })
		if slices.Contains(groups, k.Name) {
			list = append(list, name)
		}
		slices.Sort(list)
		if g.Members = list; len(list) == 0 {
			g.Members = nil
		}
		f.Objects[k] = g
	}
	return ""
}

// groupMod is groupadd for a group that is not there, and groupmod for one that is.
func groupMod(f *Fake, c system.Cmd) system.Output {
	name := c.Argv[len(c.Argv)-1]
	g, ok := account[system.Group](f, name)
	switch prog := path.Base(c.Argv[0]); {
	case ok && prog == "groupadd":
		return Fails(9, "groupadd: group '"+name+"' already exists\n")(f, c)
	case !ok && prog == "groupmod":
		return Fails(6, "groupmod: group '"+name+"' does not exist\n")(f, c)
	case !ok:
		g.GID = free(f, gid, slices.Contains(c.Argv, "-r") || slices.Contains(c.Argv, "--system"))
	}
	for i, w := range c.Argv[:len(c.Argv)-1] {
		if w == "-g" || w == "--gid" {
			g.GID, _ = strconv.Atoi(c.Argv[i+1])
		}
	}
	f.Set(name, g)
	return system.Output{}
}

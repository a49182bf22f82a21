package program

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/runner/become"
	"github.com/gokube/gokube/engine/system"
)

// accounts are the users of the host.
type accounts struct{ sys system.System }

// name is the name of the user with uid, the number if the host has none.
func (a *accounts) name(uid int) string {
	id := strconv.Itoa(uid)
	for _, f := range a.rows("/etc/passwd", 7) {
		if f[2] == id {
			return f[0]
		}
	}
	if me := a.sys.Facts().User; me.UID == uid && me.Name != "" {
		return me.Name
	}
	return id
}

func (a *accounts) rows(file string, n int) (out [][]string) {
	text, err := system.ReadFile(a.sys, file)
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Split(strings.TrimSpace(line), ":"); len(f) >= n {
			out = append(out, f)
		}
	}
	return out
}

// find is the identity of the user called name, with all its groups. Users that a
// directory service knows are asked for by the host's own tools.
func (a *accounts) find(ctx context.Context, name string) (id become.Identity, err error) {
	for _, f := range a.rows("/etc/passwd", 7) {
		if f[0] == name {
			return a.identity(f, a.groups(name))
		}
	}
	out, err := a.sys.Query(ctx, system.Command("getent", "passwd", "--", name))
	if f := strings.Split(out.Text(), ":"); err == nil && out.Code == 0 && len(f) >= 7 {
		groups, err := a.sys.Query(ctx, system.Command("id", "-G", "--", name))
		if err != nil {
			return id, fmt.Errorf("look up the groups of %s: %w", name, err)
		}
		return a.identity(f, strings.Fields(groups.Text()))
	}
	return id, fmt.Errorf("become %s: there is no such user on the host", name)
}

func (a *accounts) groups(user string) (out []string) {
	for _, f := range a.rows("/etc/group", 4) {
		for m := range strings.SplitSeq(f[3], ",") {
			if m == user {
				out = append(out, f[2])
			}
		}
	}
	return out
}

var errAccount = errors.New("it is not a number")

func (a *accounts) identity(f, groups []string) (id become.Identity, err error) {
	number := func(s string) uint32 {
		n, e := strconv.ParseUint(s, 10, 32)
		if e != nil && err == nil {
			err = fmt.Errorf("read the id %q of %s: %w", s, f[0], errAccount)
		}
		return uint32(n)
	}
	id = become.Identity{UID: number(f[2]), GID: number(f[3]), Home: f[5]}
	id.Groups = append(id.Groups, id.GID)
	for _, g := range groups {
		if n := number(g); n != id.GID {
			id.Groups = append(id.Groups, n)
		}
	}
	return id, err
}

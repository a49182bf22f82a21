package accounts

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/system"
)

// update plans what of u differs from what the task says, in one command.
func (u *account) update() {
	a, was := u.args, u.now
	var argv []string
	if a.UID != nil && *a.UID != was.UID {
		u.now.UID = *a.UID
		argv = append(argv, u.uid()...)
	}
	argv = replace(argv, "-g", &u.now.Group, a.Group)
	argv = append(argv, u.regroup()...)
	if argv = replace(argv, "-d", &u.now.Home, a.Home); a.MoveHome && u.now.Home != was.Home {
		argv = append(argv, "-m")
	}
	argv = replace(argv, "-s", &u.now.Shell, a.Shell)
	if a.Comment != nil && *a.Comment != was.Comment {
		u.now.Comment = *a.Comment
		argv = append(argv, "-c", *a.Comment)
	}
	if len(argv) == 0 {
		return
	}
	c := change.Change{Action: change.Update, Before: u.before(was), After: u.shown(u.now.Groups)}
	u.add(c, u.updated(was), append(append([]string{"usermod"}, argv...), a.Name)...)
}

// replace sets is to what is wanted, if anything is, and says so with an option.
func replace(argv []string, option string, is *string, want string) []string {
	if want == "" || want == *is {
		return argv
	}
	*is = want
	return append(argv, option, want)
}

// regroup sets the groups that u will be in.
func (u *account) regroup() []string {
	a := u.args
	if a.Groups == nil {
		return nil
	}
	primary := func(g string) bool { return g == u.now.Group }
	wanted, is := u.wanted(), slices.DeleteFunc(slices.Clone(u.now.Groups), primary)
	if !a.Append {
		if slices.Equal(wanted, is) {
			return nil
		}
		u.now.Groups = wanted
		return []string{"-G", strings.Join(wanted, ",")}
	}
	more := slices.DeleteFunc(slices.Clone(wanted), func(g string) bool { return slices.Contains(is, g) })
	if len(more) == 0 {
		return nil
	}
	u.now.Groups = slices.Concat(u.now.Groups, more)
	slices.Sort(u.now.Groups)
	return []string{"-a", "-G", strings.Join(more, ",")}
}

// updated are the effects: a new number or group reaches all files in the home
// directory, and one that moves takes them along.
func (u *account) updated(was system.User) system.Effects {
	e := system.Closed(system.Holds(u.args.Name, u.now))
	moves := u.args.MoveHome && was.Home != u.now.Home
	if moves || was.UID != u.now.UID || was.Group != u.now.Group {
		e.Set = append(e.Set, system.Vague(system.Path(was.Home+"/")))
	}
	if moves {
		e.Set = append(e.Set, system.Vague(system.Path(u.now.Home+"/")))
	}
	return e
}

// before is what u was, in the attributes that the task asks for.
func (u *account) before(was system.User) *change.Value {
	a, pick := u.args, func(asked bool, v string) string {
		if !asked {
			return ""
		}
		return v
	}
	return change.Attrs("uid", pick(a.UID != nil, strconv.Itoa(was.UID)), "group", pick(a.Group != "", was.Group),
		"groups", pick(a.Groups != nil, strings.Join(was.Groups, ",")), "home", pick(a.Home != "", was.Home),
		"shell", pick(a.Shell != "", was.Shell), "comment", pick(a.Comment != nil, was.Comment))
}

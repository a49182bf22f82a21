package system

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
)

// Effects are what a command is declared to bring about. Check mode believes
// them; a verifying host asks for each after the command has run.
//
// The zero Effects are open: nothing is declared, and whatever was absent
// before may exist afterwards. What is there, or was declared, is taken to stay
// as it is; a command that rewrites such things says so with Unknown.
type Effects struct {
	Set    []Effect
	Closed bool // nothing changes but Set
	// Shown says that the output of a Capture is only shown: its caller does nothing
	// to the host with it, so that Closed holds in a check too.
	Shown bool
	// Why names the command for people, where what it makes unknown is explained:
	// "installing chrony". "" is the command as it stands.
	Why string
}

// Effect is what one key will be: an Object (an Info for a path, whose content
// and attributes left at zero are then unknown), nothing if Value is nil, or Unknown.
type Effect struct {
	Key
	Value Object
}

// Closed are effects that are all there is.
func Closed(set ...Effect) Effects { return Effects{Set: set, Closed: true} }

// Holds declares that name will be v.
func Holds(name string, v Object) Effect { return Effect{Key{v.Kind(), name}, v} }

// Gone declares that nothing will be called k.
func Gone(k Key) Effect { return Effect{Key: k} }

// Vague declares that k changes in a way that cannot be predicted.
func Vague(k Key) Effect { return Effect{k, Unknown{}} }

// Unknown is the Value of a key that changes in a way that cannot be predicted.
type Unknown struct{}

// Kind is empty: an Unknown may be of any kind.
func (Unknown) Kind() string { return "" }

// Verify asks r whether e came true; the error names the first that did not.
func (e Effects) Verify(ctx context.Context, r Reader) error {
	for _, x := range e.Set {
		var got Object
		var err error
		if x.Kind == "path" {
			got, err = r.Lstat(x.Name)
		} else {
			got, err = r.Object(ctx, x.Key)
		}
		if !x.allows(got, err) {
			return fmt.Errorf("declared effect did not come true: %s: want %+v, got %+v", x.Key, x.Value, got)
		}
	}
	return nil
}

func (x Effect) allows(got Object, err error) bool {
	switch x.Value.(type) {
	case Unknown:
		return true
	case nil:
		return Absent(err)
	}
	return err == nil && matches(x.Value, got)
}

// matches compares what is known of want.
func matches(want, got Object) bool {
	switch want := want.(type) {
	case Info:
		in, ok := got.(Info)
		return ok && in.Type == want.Type && want.Attrs.Over(in.Attrs) == in.Attrs
	case Package:
		return want.Version == "" || got == Object(want)
	case Mount:
		m, ok := got.(Mount)
		return ok && want.allows(m)
	case Group:
		g, ok := got.(Group)
		return ok && want.allows(g)
	case User:
		u, ok := got.(User)
		return ok && want.allows(u)
	}
	return reflect.DeepEqual(got, want)
}

// allows takes what is not said in m for what got says.
func (m Mount) allows(got Mount) bool {
	return cmp.Or(m.Source, got.Source) == got.Source && cmp.Or(m.FSType, got.FSType) == got.FSType && cmp.Or(m.Options, got.Options) == got.Options
}

// allows takes what is not known yet in g for what got says.
func (g Group) allows(got Group) bool {
	return (g.GID < 0 || g.GID == got.GID) && slices.Equal(g.Members, got.Members)
}

// allows takes what is not known yet in u for what got says.
func (u User) allows(got User) bool {
	return (u.UID < 0 || u.UID == got.UID) && slices.Equal(u.Groups, got.Groups) && u.Comment == got.Comment &&
		cmp.Or(u.Group, got.Group) == got.Group && cmp.Or(u.Home, got.Home) == got.Home && cmp.Or(u.Shell, got.Shell) == got.Shell &&
		(u.PasswordHash == "" || got.PasswordHash == "" || u.PasswordHash == got.PasswordHash)
}

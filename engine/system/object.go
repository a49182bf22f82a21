package system

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Key names one thing on a host: {"package", "nginx"}, {"path", "/etc/hosts"}.
// As a read or an unknown effect, a path that ends in a slash is all below it.
type Key struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// Path is the key of a path.
func Path(p string) Key { return Key{"path", p} }

// String is k as a person would name it: "package nginx".
func (k Key) String() string { return k.Kind + " " + k.Name }

// Touches reports whether a change of k may change what other names.
func (k Key) Touches(other Key) bool {
	if k.Kind != "path" || other.Kind != "path" {
		return k == other
	}
	a, b := path.Clean(k.Name), path.Clean(other.Name)
	return a == b || strings.HasPrefix(b, strings.TrimSuffix(a, "/")+"/") ||
		strings.HasSuffix(other.Name, "/") && strings.HasPrefix(a, strings.TrimSuffix(b, "/")+"/")
}

// Object is one of the types below: what a host says of a named thing. They are
// values; a new kind is a type here, a probe in system/local and a row in the
// conformance suite.
type Object interface{ Kind() string }

type (
	// Package is an installed package. Version "" is one that is not known yet.
	Package struct{ Version string }
	// Unit is a unit systemd can load, named with its suffix. Enabled is what
	// systemctl is-enabled says: also true for one that cannot be disabled (static,
	// indirect, generated, alias of an enabled one). Active includes activating and
	// reloading. Stale says that it is active and its files have changed since
	// systemd read them: a daemon-reload is due. A module that reloads the daemon
	// declares the unit with Stale off; a check then takes all units as read.
	Unit struct{ Enabled, Active, Masked, Static, Stale bool }
	// User is an account. Groups are the supplementary ones, sorted. PasswordHash
	// is "" if the reader may not see it. In an Effect, a UID below 0 and an empty
	// Group, Home, Shell or PasswordHash are not known yet.
	User struct {
		UID          int
		Group        string // the primary one
		Groups       []string
		Home, Shell  string
		Comment      string
		PasswordHash string
	}
	// Group is a group of users; Members are sorted. In an Effect, a GID below 0 is
	// not known yet.
	Group struct {
		GID     int
		Members []string
	}
	// Sysctl is a kernel setting as it is now, named with dots; inner white space
	// is single blanks.
	Sysctl struct{ Value string }
	// KernelModule is a module that is loaded or built in, named with underscores.
	KernelModule struct{ BuiltIn bool }
	// Mount is a mounted file system, named by its mount point. Options are those
	// of /proc/self/mountinfo, the mount's before the file system's. What mounting
	// hides or shows below the mount point is declared with Vague(Path(point+"/")). In
	// an Effect, an empty field is not known yet.
	Mount struct{ Source, FSType, Options string }
	// Swap is an active swap area, named by its device or file.
	Swap struct{ SizeKB int64 }
	// Hostname is the kernel's and the static host name; its key has no name.
	Hostname struct{ Kernel, Static string }
)

// Kind is "package".
func (Package) Kind() string { return "package" }

// Kind is "unit".
func (Unit) Kind() string { return "unit" }

// Kind is "user".
func (User) Kind() string { return "user" }

// String is u without its password hash, which errors must not show.
func (u User) String() string {
	type plain User
	if u.PasswordHash != "" {
		u.PasswordHash = "********"
	}
	return fmt.Sprintf("%+v", plain(u))
}

// Kind is "group".
func (Group) Kind() string { return "group" }

// Kind is "sysctl".
func (Sysctl) Kind() string { return "sysctl" }

// Kind is "kernel module".
func (KernelModule) Kind() string { return "kernel module" }

// Kind is "mount".
func (Mount) Kind() string { return "mount" }

// Kind is "swap".
func (Swap) Kind() string { return "swap" }

// Kind is "hostname".
func (Hostname) Kind() string { return "hostname" }

// Kind is "path".
func (Info) Kind() string { return "path" }

// Get asks r for the object of type T called name.
func Get[T Object](ctx context.Context, r Reader, name string) (T, error) {
	var zero T
	o, err := r.Object(ctx, Key{zero.Kind(), name})
	if err != nil {
		return zero, err
	}
	return o.(T), nil
}

// NotExist is the answer for a key that names nothing.
func NotExist(k Key) error {
	return &fs.PathError{Op: "look up", Path: k.String(), Err: fs.ErrNotExist}
}

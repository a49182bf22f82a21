// Package accounts holds the modules for users, groups and the keys that may log
// in. It knows the programs of the shadow suite and the file of sshd, and no
// directory service.
//
// # Decisions
//
// What useradd leaves to a host's settings and a check must know is always said:
// the home directory, and that a user has a group of its own unless the task
// names another. A password is a step of its own, because it reaches the host on
// the standard input of chpasswd and never in an argument.
package accounts

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// Modules are the modules of this family.
func Modules() []module.Module { return []module.Module{AuthorizedKey, Group, User} }

// unsure reports whether err means that nobody knows yet.
func unsure(err error) bool { return system.Absent(err) && !errors.Is(err, fs.ErrNotExist) }

// proper reports whether name can be one of a user or group: anything else would
// be an option of a program, or a line or field of a file.
func proper(name string) bool {
	return name != "" && len(name) <= 256 && name[0] != '-' && !strings.ContainsAny(name, ":,/ \t\r\n\x00")
}

func key(kind, name string) system.Key { return system.Key{Kind: kind, Name: name} }

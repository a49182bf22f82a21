// Package system is everything a module may know about, or do to, one host.
//
// A host is a tree of paths and a set of named objects (packages, units, users,
// kernel settings). Both are asked for by key, so that in check mode a predicted
// answer can take the place of the host's. What a key cannot name is asked with
// Query, and is unknown as soon as a prediction might change the answer. The
// package knows no module and no connection.
//
// # Decisions
//
// Contents are streams with a digest (Content), so that a file of two gigabytes
// is neither in memory nor sent if the host has it already. Run and Capture are
// two methods: if one method returned output, a step would go on with an empty
// one in a check; Capture stops the step instead.
package system

import (
	"context"
	"io"
)

// Reader observes a host and never changes it. Plan functions receive only a
// Reader, so the compiler keeps them honest.
//
// What is not there is fs.ErrNotExist, also a path below a file, one in a loop of
// links, and a program that is to be run. In check mode any answer may be an
// unknown.Value as error: a module that passes it on is sound; one whose result
// does not depend on what was there before may take it for absence with Absent.
type Reader interface {
	Facts() *Facts                                     // never nil; must not be changed
	Open(path string) (io.ReadCloser, error)           // a regular file, else fs.ErrInvalid; follows links; see ReadFile
	Digest(path string) (string, error)                // lower-case hex SHA-256 of what Open reads
	Lstat(path string) (Info, error)                   // follows links in directories only
	ReadDir(path string) ([]Info, error)               // sorted by name; fs.ErrNotExist if path is no directory
	Object(ctx context.Context, k Key) (Object, error) // see Get; a path's is what Lstat says
	Query(ctx context.Context, c Cmd) (Output, error)  // c must not change the host; a non-zero exit is no error
}

// System is a Reader that can also change the host. Every method is atomic from
// the module's point of view: it either took effect or returned an error. What
// is made without a mode gets 0644, a directory 0755, whatever the umask; an
// owner or group that the host does not know is an error of type *NoOwnerError.
type System interface {
	Reader
	// WriteFile replaces path, a link too; a directory is fs.ErrExist. The parent
	// must exist. What a leaves alone is kept from the file that was there.
	WriteFile(path string, c Content, a Attrs) error
	Mkdir(path string, a Attrs) error    // fs.ErrExist if anything is there; the parent must exist
	Symlink(target, path string) error   // fs.ErrExist if anything is there
	SetAttrs(path string, a Attrs) error // does not follow a link at path, and leaves its mode alone
	Remove(path string) error            // with all below it; no error if it is not there
	// Run runs c, which brings about e. A command that fails is an *ExitError.
	Run(ctx context.Context, c Cmd, e Effects) error
	// Capture is Run for what c prints; a non-zero exit is told by the Output and
	// is no error. In check mode the output is an unknown.Value as error, and e
	// counts as open unless it is Shown: what the caller would go on to do with the
	// output is not known either.
	Capture(ctx context.Context, c Cmd, e Effects) (Output, error)
}

// ReadOnly hides everything but the Reader in s, from type assertions too.
func ReadOnly(s System) Reader { return readOnly{s} }

type readOnly struct{ Reader }

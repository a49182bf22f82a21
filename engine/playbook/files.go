package playbook

import "io/fs"

// Files is the controller's files as playbooks name them: a path of the
// operating system, or one below BuiltIn for what gokube brings along. It is
// safe for concurrent use.
type Files interface {
	ReadFile(name string) ([]byte, error)
	Stat(name string) (fs.FileInfo, error)      // follows links
	ReadDir(name string) ([]fs.DirEntry, error) // sorted by name
	Open(name string) (fs.File, error)
}

// BuiltIn is the root of the files that gokube brings along.
const BuiltIn = "builtin:"

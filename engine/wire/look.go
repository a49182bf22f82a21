package wire

import (
	"io/fs"
)

// The names of what a runner itself is asked for by a Request, in the place of a
// module: files that are to be copied elsewhere.
const (
	Look = "look:" // what is at a path; see LookArgs and Found
	Read = "read:" // some bytes of a file as it is now; see ReadArgs and the output "data"
)

// LookArgs are the Args of a Look. Of a directory only the paths in only, relative to
// it, are looked at; nil means all below it.
func LookArgs(path string, only []string) map[string]any {
	args := map[string]any{"path": path}
	if only != nil {
		names := make([]any, len(only))
		for i := range only {
			names[i] = only[i]
		}
		args["only"] = names
	}
	return args
}

// Found is one path that a Look has found, parents before their children. In a check
// Unknown may say why its content is not known, and Doubt why it may not be there.
type Found struct {
	Path    string // below the one that was asked for, "." for itself
	Type    fs.FileMode
	Mode    fs.FileMode
	Target  string // of a link
	Size    int64
	SHA256  string
	Unknown string
	Doubt   string
	File    string // what to Read, "" if it cannot be
}

// value is f as a value of a Result's Output.
func (f *Found) value() []any {
	return []any{f.Path, int(f.Type), int(f.Mode), f.Target, int(f.Size), f.SHA256, f.Unknown, f.Doubt, f.File}
}

// FoundOutput is the Output of a Look.
func FoundOutput(list []Found) map[string]any {
	out := make([]any, len(list))
	for i := range list {
		out[i] = list[i].value()
	}
	return map[string]any{"found": out}
}

// FoundIn reads a FoundOutput. A peer that sends something else is a *ProtocolError.
func FoundIn(output map[string]any) ([]Found, error) {
	list, ok := output["found"].([]any)
	if !ok {
		return nil, &ProtocolError{"answer to a look has no list"}
	}
	out := make([]Found, len(list))
	for i, e := range list {
		if !out[i].read(e) {
			return nil, &ProtocolError{"malformed answer to a look"}
		}
	}
	return out, nil
}

func (f *Found) read(e any) bool {
	v, _ := e.([]any)
	if len(v) != 9 {
		return false
	}
	kind, ok1 := v[1].(int)
	mode, ok2 := v[2].(int)
	size, ok3 := v[4].(int)
	f.Type, f.Mode, f.Size = fs.FileMode(kind), fs.FileMode(mode), int64(size)
	ok := ok1 && ok2 && ok3
	for i, to := range map[int]*string{0: &f.Path, 3: &f.Target, 5: &f.SHA256, 6: &f.Unknown, 7: &f.Doubt, 8: &f.File} {
		text, is := v[i].(string)
		*to, ok = text, ok && is
	}
	return ok
}

// ReadArgs are the Args of a Read of at most size bytes from offset.
func ReadArgs(file string, offset int64, size int) map[string]any {
	return map[string]any{"file": file, "offset": int(offset), "size": size}
}

package inventory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/source"
)

// Options say what to load and how.
type Options struct {
	Sources     []string // as after -i: files, directories, executables, comma lists; the later one wins
	PlaybookDir string   // whose group_vars and host_vars count too; "" for none

	Hooks   source.Hooks                                   // what becomes of text and of tags such as !vault in files
	Decrypt func(file string, data []byte) ([]byte, error) // opens a file that is encrypted as a whole; nil refuses it
	Run     Runner                                         // runs executable inventories; nil refuses them
	Timeout time.Duration                                  // of each run; 0 is a minute
}

// Runner runs the executable at path. err is not nil if it ended with another
// status than 0 or did not start.
type Runner func(ctx context.Context, path string, args ...string) (stdout, stderr []byte, err error)

// Load reads all sources and the variables beside them. The error is a diag.List
// of all that is wrong, save that a cancelled ctx is its own error.
func Load(ctx context.Context, o Options) (*Inventory, error) {
	l := &loader{builder: newBuilder(), options: o, run: o.runner(ctx)}
	for _, s := range o.Sources {
		l.addSource(s)
	}
	l.finish()
	l.addVarsDirs()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("load inventory: %w", context.Cause(ctx))
	}
	if err := l.problems.Err(); err != nil {
		return nil, err
	}
	l.in.options = o
	return l.in, nil
}

// loader reads sources into a builder.
type loader struct {
	*builder
	options Options
	run     func(path string, args ...string) (stdout, stderr []byte, err error) // an executable inventory
	dirs    []string                                                             // of the sources, whose group_vars and host_vars count
}

// addSource reads one argument of -i.
func (l *loader) addSource(arg string) {
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		l.dirs = append(l.dirs, arg)
		if l.directory(arg) == 0 {
			l.warn(diag.Pos{File: arg}, "directory without inventory files", "", "")
		}
	case err == nil:
		l.dirs = append(l.dirs, filepath.Dir(arg))
		l.file(arg, info)
	case strings.Contains(arg, ","):
		l.hostList(arg)
	default:
		l.fail(diag.Pos{File: arg}, "unreadable inventory", reason(err), suggestPath(arg, err))
	}
}

// hostList adds the hosts of a list such as "a,b,".
func (l *loader) hostList(list string) {
	l.source = ""
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			l.addHosts(l.in.groups[Ungrouped], name, diag.Pos{File: list}, nil)
		}
	}
}

// directory reads the inventories in dir by name and returns how many there are.
func (l *loader) directory(dir string) int {
	entries, err := os.ReadDir(dir)
	if err != nil {
		l.fail(diag.Pos{File: dir}, "unreadable inventory", reason(err), "")
	}
	files := 0
	for _, e := range entries {
		if ignored(e.Name()) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		info, err := os.Stat(path)
		switch {
		case err != nil:
			l.fail(diag.Pos{File: path}, "unreadable inventory", reason(err), "")
		case info.IsDir():
			files += l.directory(path)
		default:
			files++
			l.file(path, info)
		}
	}
	return files
}

// ignored tells whether an inventory directory may hold a file of that name that
// is no inventory.
func ignored(name string) bool {
	if name[0] == '.' || slices.Contains([]string{"host_vars", "group_vars", "vars_plugins"}, name) {
		return true
	}
	return slices.ContainsFunc([]string{
		".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry",
	}, func(ext string) bool { return strings.HasSuffix(name, ext) })
}

// file reads one inventory file in whatever format it is.
func (l *loader) file(path string, info fs.FileInfo) {
	data, ok := l.read(path, "unreadable inventory")
	if !ok {
		return
	}
	l.source = path
	switch formatOf(path, data, info.Mode()) {
	case formatExecutable:
		l.executable(path, info.Mode())
	case formatTOML:
		l.fail(diag.Pos{File: path}, "unknown inventory format", "TOML", "write it as YAML or INI")
	case formatYAML:
		l.yaml(path, data)
	case formatINI:
		l.ini(path, data)
	}
}

// read is the content of a file, decrypted if need be.
func (l *loader) read(path, summary string) ([]byte, bool) {
	data, err := os.ReadFile(path)
	if err != nil {
		l.fail(diag.Pos{File: path}, summary, reason(err), "")
		return nil, false
	}
	if !bytes.HasPrefix(data, []byte("$ANSIBLE_VAULT;")) {
		return data, true
	}
	if l.options.Decrypt == nil {
		l.fail(diag.Pos{File: path, Line: 1, Col: 1}, "encrypted file", "there is no vault password", "")
		return nil, false
	}
	if data, err = l.options.Decrypt(path, data); err != nil {
		l.problems.Add(diag.Pos{File: path, Line: 1, Col: 1}, err)
		return nil, false
	}
	return data, true
}

// reason is what the system says about a file, without the name, which the place
// has.
func reason(err error) string {
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// suggestPath is the way out for a source that is not there.
func suggestPath(arg string, err error) string {
	if !errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	var names []string
	entries, _ := os.ReadDir(filepath.Dir(arg))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if near := diag.Nearest(filepath.Base(arg), names); near != "" {
		return fmt.Sprintf("did you mean %q?", filepath.Join(filepath.Dir(arg), near))
	}
	return fmt.Sprintf("a list of hosts has a comma: -i %s,", arg)
}

// format is how an inventory file is written.
type format string

const (
	formatINI        format = "INI"
	formatYAML       format = "YAML" // and JSON
	formatTOML       format = "TOML"
	formatExecutable format = "executable"
)

// formatOf tells the format of a file: executables by their first bytes, since
// some file systems set the executable bit for all; others by the extension of
// their names; files with no known extension by their first line.
func formatOf(path string, data []byte, mode fs.FileMode) format {
	if bytes.HasPrefix(data, []byte("#!")) || mode&0o111 != 0 && isBinary(data) {
		return formatExecutable
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yml", ".yaml", ".json":
		return formatYAML
	case ".toml":
		return formatTOML
	case ".ini":
		return formatINI
	}
	if looksLikeYAML(data) {
		return formatYAML
	}
	return formatINI
}

func isBinary(data []byte) bool { return bytes.IndexByte(data[:min(len(data), 512)], 0) >= 0 }

// yamlLine is a first line that only YAML and JSON files have: the start of a
// document, a list or an object, or a key.
var yamlLine = regexp.MustCompile(`^(?:---|%YAML|\{|- |["']?[^\s"':\[]+["']?\s*:(?:\s|$))`)

func looksLikeYAML(data []byte) bool {
	for line := range bytes.SplitSeq(bytes.TrimPrefix(data, []byte("\ufeff")), []byte("\n")) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return yamlLine.Match(line)
		}
	}
	return false
}

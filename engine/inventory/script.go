package inventory

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/gokube/gokube/engine/diag"
)

// executable reads what the inventory at path prints when run with --list.
func (l *loader) executable(path string, mode fs.FileMode) {
	at := diag.Pos{File: path}
	switch {
	case mode&0o111 == 0:
		l.fail(at, "inventory cannot be run", `it begins with "#!", but is not executable`, "chmod +x "+path)
		return
	case l.options.Run == nil:
		l.fail(at, "inventory cannot be run", "executable inventories are not allowed here", "")
		return
	}
	if out, ok := l.ask(path, "--list"); ok {
		r := &listing{loader: l, path: path, text: func(s string) any { return s }, executable: true}
		r.read(out)
	}
}

// runner runs executables until ctx is done or the timeout is over.
func (o Options) runner(ctx context.Context) func(path string, args ...string) (stdout, stderr []byte, err error) {
	timeout := o.Timeout
	if timeout == 0 {
		timeout = time.Minute
	}
	return func(path string, args ...string) (stdout, stderr []byte, err error) {
		ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("it did not end within %v", timeout))
		defer cancel()
		if path, err = filepath.Abs(path); err != nil {
			return nil, nil, fmt.Errorf("find %s: %w", path, err)
		}
		stdout, stderr, err = o.Run(ctx, path, args...)
		if err != nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return stdout, stderr, err
	}
}

// ask is what the executable inventory at path prints.
func (l *loader) ask(path string, args ...string) ([]byte, bool) {
	stdout, stderr, err := l.run(path, args...)
	if err == nil {
		return stdout, true
	}
	detail := strings.Join(args, " ") + ": " + err.Error()
	if last := lastLine(stderr); last != "" {
		detail += ": " + last
	}
	l.fail(diag.Pos{File: path}, "executable inventory failed", detail, "")
	return nil, false
}

// lastLine is the last line of text that is not empty, without control
// characters.
func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(lines[len(lines)-1], "?"))
}

// listing is the JSON that executable inventories print: groups by name, with
// the variables of hosts in "_meta".
type listing struct {
	*loader
	path       string
	text       func(string) any // what becomes of strings
	executable bool             // path can be asked for the variables of a host
	met        []*Host
}

func (r *listing) read(data []byte) {
	at := diag.Pos{File: r.path}
	groups, err := members(data)
	if err != nil {
		r.fail(at, "invalid JSON inventory", where(data, err), "")
		return
	}
	var meta json.RawMessage
	for _, g := range groups {
		if g.key == "_meta" {
			meta = g.value
		} else if err := r.group(g); err != nil {
			r.fail(at, "invalid JSON inventory", fmt.Sprintf("group %q: %v", g.key, err), "")
		}
	}
	if err := r.hostVars(meta); err != nil {
		r.fail(at, "invalid JSON inventory", fmt.Sprintf("_meta: %v", err), "")
	}
}

// group reads a list of hosts, {hosts, vars, children}, or the variables of a
// host that has the name of the group.
func (r *listing) group(m member) error {
	pos := diag.Pos{File: r.path}
	g := r.loader.group(m.key, pos)
	g.declared = true
	if bytes.HasPrefix(m.value, []byte("[")) {
		return r.hosts(g, m.value)
	}
	var data struct{ Hosts, Vars, Children json.RawMessage }
	if err := json.Unmarshal(m.value, &data); err != nil {
		return errors.New("it is neither a list of hosts nor an object")
	}
	if data.Hosts == nil && data.Vars == nil && data.Children == nil {
		return r.lonely(g, m.value)
	}
	vars, err := r.vars(data.Vars)
	if err != nil {
		return fmt.Errorf("vars: %w", err)
	}
	for name, v := range vars {
		r.setVar(g, name, v)
	}
	var children []string
	if data.Children != nil && json.Unmarshal(data.Children, &children) != nil {
		return errors.New("children: not a list of names")
	}
	for _, name := range children {
		c := r.loader.group(name, pos)
		c.declared = true
		r.child(g, c, pos)
	}
	return r.hosts(g, data.Hosts)
}

func (r *listing) hosts(g *Group, list json.RawMessage) error {
	var names []string
	if list != nil && json.Unmarshal(list, &names) != nil {
		return errors.New("hosts: not a list of names")
	}
	for _, name := range names {
		if strings.TrimSpace(name) == "" {
			return errors.New("hosts: a name is empty")
		}
		h := r.host(name, diag.Pos{File: r.path})
		r.met = append(r.met, h)
		r.join(h, g)
	}
	return nil
}

// lonely reads the variables of a host that is alone in the group of its name.
func (r *listing) lonely(g *Group, data json.RawMessage) error {
	vars, err := r.vars(data)
	if err != nil || len(vars) == 0 {
		return err
	}
	for name, v := range vars {
		r.setVar(g, name, v)
	}
	name, err := json.Marshal([]string{g.Name})
	if err != nil {
		return fmt.Errorf("encode name: %w", err)
	}
	return r.hosts(g, name)
}

// hostVars sets the variables of all hosts: those in meta, or what the
// executable prints for each host if there is no such list.
func (r *listing) hostVars(meta json.RawMessage) error {
	var m struct {
		HostVars map[string]json.RawMessage `json:"hostvars"`
	}
	if meta != nil {
		if err := json.Unmarshal(meta, &m); err != nil {
			return errors.New("hostvars: not an object")
		}
	}
	each := m.HostVars == nil && r.executable
	done := map[*Host]bool{}
	for _, h := range r.met {
		if done[h] {
			continue
		}
		done[h] = true
		data := m.HostVars[h.Name]
		if each {
			var ok bool
			if data, ok = r.ask(r.path, "--host", h.Name); !ok {
				return nil
			}
		}
		vars, err := r.vars(data)
		if err != nil {
			return fmt.Errorf("variables of host %q: %w", h.Name, err)
		}
		for name, v := range vars {
			h.Vars[name] = v
		}
	}
	return nil
}

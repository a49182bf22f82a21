package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/local/dbus"
	"github.com/gokube/gokube/engine/system/local/unitfile"
)

// bus is the connection to systemd, made at the first question and again after an
// error.
type bus struct {
	mu    sync.Mutex
	conn  *dbus.Conn
	dest  string
	files unitfile.States
}

const systemd1 = "org.freedesktop.systemd1"

// unitState is what systemd says of a unit, in its words.
type unitState struct {
	load, active, file string
	stale              bool
}

func (s *System) unit(ctx context.Context, k system.Key) (system.Object, error) {
	if !strings.Contains(k.Name, ".") || strings.ContainsAny(k.Name, "/ \n") {
		return nil, system.NotExist(k)
	}
	if s.opt.Root != "" || !s.exists("/run/systemd/system") {
		return s.unitOnDisk(k)
	}
	st, err := s.bus.state(k.Name)
	var refused *dbus.Error
	if errors.As(err, &refused) && strings.Contains(k.Name, "@.") {
		return s.unitOnDisk(k)
	}
	if err != nil {
		if st, err = s.showUnit(ctx, k.Name); err != nil {
			return nil, err
		}
	}
	if st.load == "not-found" || st.load == "" {
		return nil, system.NotExist(k)
	}
	return st.unit(), nil
}

// unit is what the words come to.
func (st unitState) unit() system.Unit {
	u := system.Unit{
		Active: st.active == "active" || st.active == "activating" || st.active == "reloading",
		Masked: st.load == "masked" || strings.HasPrefix(st.file, "masked"),
		Static: st.file == "static",
	}
	u.Stale = st.stale && u.Active
	switch st.file {
	case "enabled", "enabled-runtime", "static", "alias", "indirect", "generated", "transient":
		u.Enabled = !u.Masked
	}
	return u
}

func (b *bus) state(name string) (unitState, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	again := b.conn != nil
	st, err := b.ask(name)
	var refused *dbus.Error
	if err != nil && again && !errors.As(err, &refused) {
		// A systemd that was started anew has closed the old connection.
		st, err = b.ask(name)
	}
	return st, err
}

func (b *bus) ask(name string) (st unitState, err error) {
	if b.conn == nil {
		if err := b.dial(); err != nil {
			return st, err
		}
	}
	calls := b.calls(name)
	file, known := b.files.Get(name)
	if known {
		calls = calls[:3]
	}
	r, err := b.conn.Do(calls...)
	if err != nil {
		_ = b.conn.Close()
		b.conn = nil
		return st, fmt.Errorf("ask systemd for %s: %w", name, err)
	}
	for _, reply := range r[:3] {
		if reply.Err != nil {
			return st, fmt.Errorf("ask systemd for %s: %w", name, reply.Err)
		}
	}
	if !known {
		// A unit without a file, such as a device, has no such state: that is no error.
		file = r[3].Text
		b.files.Put(name, file)
	}
	return unitState{load: r[0].Text, active: r[1].Text, stale: r[2].Yes, file: file}, nil
}

// calls are the questions for name, the state of its file last.
func (b *bus) calls(name string) []dbus.Call {
	p := "/org/freedesktop/systemd1/unit/" + label(name)
	get := func(property string) dbus.Call {
		return dbus.Call{Destination: b.dest, Path: p, Interface: "org.freedesktop.DBus.Properties", Member: "Get", Args: []string{systemd1 + ".Unit", property}}
	}
	return []dbus.Call{get("LoadState"), get("ActiveState"), get("NeedDaemonReload"),
		{Destination: b.dest, Path: "/org/freedesktop/systemd1", Interface: systemd1 + ".Manager", Member: "GetUnitFileState", Args: []string{name}}}
}

// dial prefers systemd's own socket, which root may use and which needs no bus.
func (b *bus) dial() (err error) {
	const timeout = 20 * time.Second
	b.dest = ""
	if os.Geteuid() == 0 {
		if b.conn, err = dbus.Dial("/run/systemd/private", timeout); err == nil {
			return nil
		}
	}
	if b.conn, err = dbus.Dial("/run/dbus/system_bus_socket", timeout); err != nil {
		b.conn = nil
		return err
	}
	b.dest = systemd1
	_, err = b.conn.Do(dbus.Call{Destination: "org.freedesktop.DBus", Path: "/org/freedesktop/DBus", Interface: "org.freedesktop.DBus", Member: "Hello"})
	if err != nil {
		_ = b.conn.Close()
		b.conn = nil
	}
	return err
}

// label is a unit's name as the last element of its object path.
func label(name string) string {
	var out strings.Builder
	for i := range len(name) {
		c := name[i]
		digit := c >= '0' && c <= '9'
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || digit && i > 0 {
			out.WriteByte(c)
			continue
		}
		fmt.Fprintf(&out, "_%02x", c)
	}
	if out.Len() == 0 {
		return "_"
	}
	return out.String()
}

// showUnit asks systemctl where there is no bus.
func (s *System) showUnit(ctx context.Context, name string) (st unitState, err error) {
	c := system.Command("systemctl", "show", "--no-pager", "-p", "LoadState,ActiveState,UnitFileState,NeedDaemonReload", "--", name)
	out, err := s.Query(ctx, c)
	if err == nil {
		err = out.Err(c)
	}
	if err != nil {
		return st, err
	}
	return parseShow(string(out.Stdout)), nil
}

func parseShow(text string) (st unitState) {
	for line := range strings.Lines(text) {
		switch name, value, _ := strings.Cut(strings.TrimSpace(line), "="); name {
		case "LoadState":
			st.load = value
		case "ActiveState":
			st.active = value
		case "UnitFileState":
			st.file = value
		case "NeedDaemonReload":
			st.stale = value == "yes"
		}
	}
	return st
}

// unitOnDisk is a unit where no systemd runs, such as in a chroot, and a template.
func (s *System) unitOnDisk(k system.Key) (system.Object, error) {
	names := []string{k.Name}
	if i := strings.IndexByte(k.Name, '@'); i >= 0 {
		names = append(names, k.Name[:i+1]+path.Ext(k.Name))
	}
	for _, n := range names {
		for _, dir := range system.UnitDirs() {
			in, err := s.Lstat(dir + n)
			if err != nil || in.Type&os.ModeDir != 0 {
				continue
			}
			if in.Type == os.ModeSymlink && path.Clean(in.Target) == "/dev/null" {
				return system.Unit{Masked: true}, nil
			}
			static := !strings.Contains("\n"+s.read(dir+n), "\n[Install]")
			return system.Unit{Static: static, Enabled: static || s.wanted(k.Name)}, nil
		}
	}
	return nil, system.NotExist(k)
}

// wanted reports whether a link pulls name in.
func (s *System) wanted(name string) bool {
	for _, dir := range system.UnitDirs()[:2] {
		list, _ := s.ReadDir(dir)
		for _, in := range list {
			if ext := path.Ext(in.Path); ext != ".wants" && ext != ".requires" {
				continue
			}
			if _, err := s.Lstat(path.Join(in.Path, name)); err == nil {
				return true
			}
		}
	}
	return false
}

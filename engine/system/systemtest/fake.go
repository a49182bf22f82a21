// Package systemtest provides a fake host in memory, tiny simulators that teach
// it commands, and the conformance suite that every System must pass. It knows no
// module.
//
// # Decisions
//
// A Fake believes no declaration: after each command it asks for every declared
// effect and, if the effects are closed, looks for what else has changed. So a
// module whose effects are wrong fails its own tests, before a check can lie.
package systemtest

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/system"
)

// Fake is a host in memory; New makes one. A file whose directories are not in
// Files stands in directories that exist. Not safe for concurrent use.
type Fake struct {
	Files   map[string]File
	Objects map[system.Key]system.Object
	// Commands are what Run, Capture and Query know: by the command's text, else by
	// the last element of its program's path. Any other is fs.ErrNotExist.
	Commands map[string]Command
	// Probes answer Object for their kind instead of Objects.
	Probes map[string]func(f *Fake, name string) (system.Object, error)
	Host   system.Facts // what Facts says
	Log    []string     // every mutation, in order: "write /etc/a", "run true"
}

// Command does to f what c would do to a host.
type Command func(f *Fake, c system.Cmd) system.Output

// Prints is a Command that only prints text.
func Prints(text string) Command {
	return func(*Fake, system.Cmd) system.Output { return system.Output{Stdout: []byte(text)} }
}

// Fails is a Command that only ends with code, having said why.
func Fails(code int, why string) Command {
	return func(*Fake, system.Cmd) system.Output { return system.Output{Stderr: []byte(why), Code: code} }
}

// Does is a Command that does something to the host and prints nothing.
func Does(do func(f *Fake)) Command {
	return func(f *Fake, _ system.Cmd) system.Output { do(f); return system.Output{} }
}

var _ system.System = (*Fake)(nil)

// New is a Debian host, root's, with the usual directories and accounts, no
// packages, no units and no commands.
func New() *Fake {
	f := &Fake{Files: map[string]File{}, Objects: map[system.Key]system.Object{}, Commands: map[string]Command{}}
	for _, d := range strings.Fields("/etc /etc/systemd/system /home /opt /proc /root /run /srv /usr/bin /usr/lib/systemd/system /usr/local/bin /usr/sbin /var/lib /var/log") {
		f.Files[d] = Dir()
	}
	f.Files["/tmp"] = File{Type: fs.ModeDir, Attrs: system.Attrs{Mode: 0o777 | fs.ModeSticky}}
	f.Set("root", system.User{UID: 0, Group: "root", Home: "/root", Shell: "/bin/bash", Comment: "root"})
	f.Set("root", system.Group{GID: 0})
	f.Set("", system.Hostname{Kernel: "fake", Static: "fake"})
	f.Host = system.Facts{
		Hostname: "fake", FQDN: "fake", Arch: "amd64", Kernel: "6.12.0", Init: "systemd", PackageManager: "apt", Cgroup: 2,
		OS:      system.OS{ID: "debian", Family: "debian", Name: "Debian GNU/Linux", Version: "13", Codename: "trixie", Virtual: "none", SELinux: "disabled", TimeZone: "UTC"},
		User:    system.Identity{Name: "root", Group: "root", Home: "/root"},
		Network: system.Network{Interfaces: []system.Interface{}, Nameservers: []string{}},
		Mounts:  []system.MountAt{},
	}
	return f
}

// Set puts the object called name on the host.
func (f *Fake) Set(name string, o system.Object) {
	f.Objects[system.Key{Kind: o.Kind(), Name: name}] = o
}

// Facts returns Host.
func (f *Fake) Facts() *system.Facts { return &f.Host }

// Object asks the kind's probe or looks k up in Objects.
func (f *Fake) Object(ctx context.Context, k system.Key) (system.Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if k.Kind == "path" {
		return f.Lstat(k.Name)
	}
	if probe, ok := f.Probes[k.Kind]; ok {
		return probe(f, k.Name)
	}
	if o, ok := f.Objects[k]; ok {
		return o, nil
	}
	return nil, system.NotExist(k)
}

// Query runs a command, which must not change the host.
func (f *Fake) Query(ctx context.Context, c system.Cmd) (system.Output, error) {
	before := f.snapshot()
	out, err := f.exec(ctx, c)
	if changed := f.changed(before); err == nil && len(changed) > 0 {
		return out, fmt.Errorf("query %s changed %v", c, changed)
	}
	return out, err
}

// Run is Capture for a command that must succeed.
func (f *Fake) Run(ctx context.Context, c system.Cmd, e system.Effects) error {
	_, err := f.capture(ctx, c, e, true)
	return err
}

// Capture runs the command and verifies e.
func (f *Fake) Capture(ctx context.Context, c system.Cmd, e system.Effects) (system.Output, error) {
	return f.capture(ctx, c, e, false)
}

func (f *Fake) capture(ctx context.Context, c system.Cmd, e system.Effects, strict bool) (system.Output, error) {
	f.Log = append(f.Log, "run "+c.String())
	before := f.snapshot()
	out, err := f.exec(ctx, c)
	if err == nil && strict {
		err = out.Err(c)
	}
	if err != nil || out.Code != 0 {
		return out, err
	}
	if err := e.Verify(ctx, f); err != nil {
		return out, fmt.Errorf("%s: %w", c, err)
	}
	for _, k := range f.changed(before) {
		if e.Closed && !slices.ContainsFunc(e.Set, func(x system.Effect) bool { return implies(x.Key, k) }) {
			return out, fmt.Errorf("%s: declared effects are closed, but %s changed", c, k)
		}
	}
	return out, nil
}

func (f *Fake) exec(ctx context.Context, c system.Cmd) (system.Output, error) {
	if err := ctx.Err(); err != nil {
		return system.Output{}, err
	}
	if len(c.Argv) == 0 {
		return system.Output{}, fmt.Errorf("run a command without words")
	}
	do, ok := f.Commands[c.String()]
	if !ok {
		do, ok = f.Commands[path.Base(c.Argv[0])]
	}
	if !ok {
		return system.Output{}, &fs.PathError{Op: "run", Path: c.Argv[0], Err: fs.ErrNotExist}
	}
	c, err := c.Fed()
	if err != nil {
		return system.Output{}, err
	}
	return do(f, c), nil
}

type snapshot struct {
	files   map[string]File
	objects map[system.Key]system.Object
}

func (f *Fake) snapshot() snapshot { return snapshot{maps.Clone(f.Files), maps.Clone(f.Objects)} }

// changed lists what differs from before, in order.
func (f *Fake) changed(before snapshot) (out []system.Key) {
	for p := range union(before.files, f.Files) {
		was, had := before.files[p]
		if is, has := f.Files[p]; was != is || had != has {
			out = append(out, system.Path(p))
		}
	}
	for k := range union(before.objects, f.Objects) {
		if !reflect.DeepEqual(before.objects[k], f.Objects[k]) {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b system.Key) int { return strings.Compare(a.String(), b.String()) })
	return out
}

func union[K comparable, V any](a, b map[K]V) map[K]V {
	out := maps.Clone(a)
	if out == nil {
		out = map[K]V{}
	}
	maps.Copy(out, b)
	return out
}

// implies reports whether whoever declares x need not declare k.
func implies(x, k system.Key) bool {
	accounts := []string{"/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow"}
	switch {
	case x.Touches(k), x.Kind == "swap" && k == system.Path("/proc/swaps"):
		return true
	case x.Kind == "kernel module":
		return k.Kind == "sysctl" || k.Kind == x.Kind // what it brings, and what it needs
	case k.Kind == "path" && x.Kind == "unit":
		return strings.HasPrefix(k.Name, "/etc/systemd/system/") || strings.HasPrefix(k.Name, "/run/systemd/")
	case k.Kind == "path":
		return (x.Kind == "user" || x.Kind == "group") && slices.Contains(accounts, k.Name)
	}
	return k.Kind == "group" && x.Kind == "user"
}

package systemtest

import (
	"path"
	"strings"

	"github.com/gokube/gokube/engine/system"
)

// Systemd gives f a systemctl that knows start, stop, restart, reload, try-restart,
// enable, disable (with --now), mask, unmask, daemon-reload, daemon-reexec, is-active,
// is-enabled, is-failed and show --property=NeedDaemonReload of all units. Units come from Objects and from unit files; one whose file has
// changed since it was started, or since the last daemon-reload, is stale.
func Systemd(f *Fake) {
	d := &daemon{read: map[string]string{}}
	if f.Probes == nil {
		f.Probes = map[string]func(*Fake, string) (system.Object, error){}
	}
	f.Probes["unit"] = func(f *Fake, name string) (system.Object, error) {
		u, ok := d.unit(f, name)
		if !ok {
			return nil, system.NotExist(system.Key{Kind: "unit", Name: name})
		}
		return u, nil
	}
	f.Commands["systemctl"] = d.systemctl
}

// daemon is what systemd remembers: the unit files as it has read them.
type daemon struct{ read map[string]string }

func (d *daemon) systemctl(f *Fake, c system.Cmd) system.Output {
	var words []string
	now := false
	for _, w := range c.Argv[1:] {
		if now = now || w == "--now"; !strings.HasPrefix(w, "-") {
			words = append(words, w)
		}
	}
	if len(words) == 1 && (words[0] == "daemon-reload" || words[0] == "daemon-reexec") {
		d.reload(f)
		return system.Output{}
	}
	if len(words) == 2 && words[0] == "show" && words[1] == "*" {
		return d.due(f)
	}
	if len(words) < 2 {
		return Fails(1, "systemctl: not known to the fake: "+c.String()+"\n")(f, c)
	}
	out := system.Output{}
	for _, name := range words[1:] {
		if !strings.Contains(name, ".") {
			name += ".service"
		}
		if out = d.do(f, words[0], name, now); out.Code != 0 {
			break
		}
	}
	return out
}

func (d *daemon) do(f *Fake, verb, name string, now bool) system.Output {
	u, ok := d.unit(f, name)
	fail := func(code int, why string) system.Output { return system.Output{Code: code, Stderr: []byte(why + "\n")} }
	if verb == "is-active" || verb == "is-enabled" || verb == "is-failed" {
		return says(verb, u)
	}
	switch {
	case !ok && verb != "mask" && verb != "unmask":
		return fail(5, "Unit "+name+" not found.")
	case u.Masked && verb != "mask" && verb != "unmask" && verb != "stop" && verb != "disable":
		return fail(1, "Unit "+name+" is masked.")
	}
	start := verb == "start" || verb == "restart" || verb == "reload-or-restart" || verb == "try-restart" && u.Active || verb == "enable" && now
	switch {
	case start && !u.Active:
		u.Active, d.read[name] = true, fileText(f, name)
	case verb == "stop" || now && (verb == "disable" || verb == "mask"):
		u.Active = false
	case verb == "reload" && !u.Active:
		return fail(1, name+" is not active, cannot reload.")
	}
	switch verb {
	case "enable":
		u.Enabled = true
	case "disable":
		u.Enabled = u.Static
	case "mask":
		u.Masked, u.Enabled, u.Static = true, false, false
	case "unmask":
		u.Masked = false
	case "start", "stop", "restart", "reload", "try-restart", "reload-or-restart":
	default:
		return fail(1, "systemctl: not known to the fake: "+verb)
	}
	u.Stale = false
	f.Set(name, u)
	if verb == "enable" || verb == "disable" || verb == "mask" || verb == "unmask" {
		// As systemctl does after it has changed links.
		d.reload(f)
	}
	if verb == "enable" || verb == "disable" || verb == "mask" || verb == "unmask" {
		d.reload(f)
	}
	return system.Output{}
}

// due is what "show --property=NeedDaemonReload *" prints: a paragraph for each unit.
func (d *daemon) due(f *Fake) (out system.Output) {
	for k := range f.Objects {
		if k.Kind != "unit" {
			continue
		}
		need := "no"
		if u, _ := d.unit(f, k.Name); u.Stale {
			need = "yes"
		}
		out.Stdout = append(out.Stdout, "NeedDaemonReload="+need+"\n\n"...)
	}
	return out
}

func says(verb string, u system.Unit) system.Output {
	yes := map[string]bool{"is-active": u.Active, "is-enabled": u.Enabled && !u.Masked, "is-failed": false}[verb]
	words := map[string][2]string{"is-active": {"inactive", "active"}, "is-enabled": {"disabled", "enabled"}, "is-failed": {"active", "failed"}}[verb]
	if yes {
		return system.Output{Stdout: []byte(words[1] + "\n")}
	}
	return system.Output{Stdout: []byte(words[0] + "\n"), Code: map[string]int{"is-active": 3}[verb] | 1}
}

// reload reads all unit files of active units again.
func (d *daemon) reload(f *Fake) {
	for k := range f.Objects {
		if k.Kind == "unit" {
			d.read[k.Name] = fileText(f, k.Name)
		}
	}
}

// unit is what is remembered of name, else what its file says, else a template's
// instance.
func (d *daemon) unit(f *Fake, name string) (system.Unit, bool) {
	if o, ok := f.Objects[system.Key{Kind: "unit", Name: name}].(system.Unit); ok {
		was, known := d.read[name]
		o.Stale = o.Active && known && was != fileText(f, name)
		return o, true
	}
	text := fileText(f, name)
	static := !strings.Contains(text, "[Install]")
	return system.Unit{Static: static, Enabled: static}, text != ""
}

// fileText is the text of name's unit file, or of the template's it is made from.
func fileText(f *Fake, name string) string {
	names := []string{name}
	if i := strings.IndexByte(name, '@'); i >= 0 {
		names = append(names, name[:i+1]+path.Ext(name))
	}
	for _, n := range names {
		for _, dir := range system.UnitDirs() {
			if data, err := system.ReadFile(f, dir+n); err == nil {
				return string(data)
			}
		}
	}
	return ""
}

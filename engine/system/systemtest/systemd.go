package systemtest

import (
	"path"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/system"
)

// Systemd gives f a systemctl that knows start, stop, restart, reload, try-restart,
// enable, disable (with --now), mask, unmask, daemon-reload, daemon-reexec, is-active,
// is-enabled, is-failed and show --property=NeedDaemonReload of all units. Units come
// from Objects and from unit files; one whose file has changed since it was started,
// or since the last daemon-reload, is stale.
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

func (d *daemon) systemctl(f *Fake, c system.Cmd) (out system.Output) {
	words := slices.DeleteFunc(slices.Clone(c.Argv[1:]), func(w string) bool { return strings.HasPrefix(w, "-") })
	switch strings.Join(words, " ") {
	case "daemon-reload", "daemon-reexec":
		d.reload(f)
		return out
	case "show *":
		return d.due(f)
	}
	if len(words) < 2 {
		return Fails(1, "systemctl: not known to the fake: "+c.String()+"\n")(f, c)
	}
	for _, name := range words[1:] {
		if !strings.Contains(name, ".") {
			name += ".service"
		}
		u, loaded := d.unit(f, name)
		if out = d.do(f, words[0], name, u, loaded); out.Code == 0 && slices.Contains(c.Argv, "--now") {
			u, _ := d.unit(f, name)
			out = d.do(f, map[string]string{"enable": "start", "disable": "stop", "mask": "stop"}[words[0]], name, u, true)
		}
		if out.Code != 0 {
			break
		}
	}
	return out
}

// do does one verb to one unit.
func (d *daemon) do(f *Fake, verb, name string, u system.Unit, loaded bool) system.Output {
	fail := func(code int, why string) system.Output { return Fails(code, why+"\n")(f, system.Cmd{}) }
	switch verb {
	case "is-active", "is-enabled", "is-failed":
		return says(verb, u)
	case "mask", "unmask":
		loaded = true
	}
	switch {
	case !loaded:
		return fail(5, "Unit "+name+" not found.")
	case u.Masked && slices.Contains([]string{"start", "restart", "reload", "reload-or-restart", "try-restart", "enable"}, verb):
		return fail(1, "Unit "+name+" is masked.")
	case verb == "reload" && !u.Active:
		return fail(1, name+" is not active, cannot reload.")
	case !d.turn(f, verb, name, &u) && !relink(verb, &u):
		return fail(1, "systemctl: not known to the fake: "+verb)
	}
	u.Stale = false
	f.Set(name, u)
	if slices.Contains([]string{"enable", "disable", "mask", "unmask"}, verb) {
		// As systemctl does after it has changed links.
		d.reload(f)
	}
	return system.Output{}
}

// turn does the verbs that start and stop, if verb is one.
func (d *daemon) turn(f *Fake, verb, name string, u *system.Unit) bool {
	switch verb {
	case "start", "restart", "reload-or-restart":
		if !u.Active {
			u.Active, d.read[name] = true, fileText(f, name)
		}
	case "stop":
		u.Active = false
	case "reload", "try-restart":
	default:
		return false
	}
	return true
}

// relink does the verbs that change links, if verb is one.
func relink(verb string, u *system.Unit) bool {
	switch verb {
	case "enable":
		u.Enabled = true
	case "disable":
		u.Enabled = u.Static
	case "mask":
		u.Masked, u.Enabled, u.Static = true, false, false
	case "unmask":
		u.Masked = false
	default:
		return false
	}
	return true
}

// due is what show --property=NeedDaemonReload prints: a paragraph for each unit.
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

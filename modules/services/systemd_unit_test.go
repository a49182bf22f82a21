package services_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/modules/services"
)

const text = "[Unit]\nDescription=app\n\n[Service]\nExecStart=/bin/app\nUser=app\n\n[Install]\nWantedBy=multi-user.target\n"

func content() map[string]any {
	return map[string]any{
		"Install": map[string]any{"WantedBy": "multi-user.target"}, "Unit": map[string]any{"Description": "app"}, "Service": map[string]any{"User": "app", "ExecStart": "/bin/app"},
	}
}

func bare() *systemtest.Fake {
	f := systemtest.New()
	systemtest.Systemd(f)
	f.Files["/etc/systemd/system/other"] = systemtest.File{}
	return f
}

// runs is a host where app runs from its file.
func runs(unit string) func() *systemtest.Fake {
	return func() *systemtest.Fake {
		f := bare()
		f.Files[file] = systemtest.File{Text: unit}
		if err := f.Run(context.Background(), system.Command("systemctl", "enable", "--now", "app"), system.Effects{}); err != nil {
			panic(err)
		}
		f.Log = nil
		return f
	}
}

func wrote(action change.Action, p string, before, after *change.Value) change.Change {
	return change.Change{Action: action, Kind: "file", Target: p, Before: before, After: after}
}

func shown(text string) *change.Value {
	return (&change.Value{}).WithText([]byte(text), system.Sum([]byte(text)))
}

func TestSystemdUnit(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, services.SystemdUnit)
	has := func(files map[string]string, u system.Unit, ran ...string) moduletest.Then {
		out := then(u, ran...)
		out.Files = map[string]systemtest.File{}
		for p, text := range files {
			out.Files[p] = systemtest.File{Text: text}
		}
		return out
	}
	on := system.Unit{Enabled: true, Active: true}
	made := wrote(change.Create, file, nil, shown(text))
	full := module.Args{"name": "app", "content": content(), "state": "started", "enabled": true}
	more := func(k string, v any) module.Args {
		out := module.Args{"name": "app", "content": content(), "state": "started", "enabled": true}
		if out[k] = v; v == nil {
			delete(out, k)
		}
		return out
	}
	const drop = "/etc/systemd/system/app.service.d/10-x.conf"
	dropped := "[Service]\nExecStart=\nExecStart=/bin/other\n"
	dropin := map[string]any{"Service": map[string]any{"ExecStart": []any{"", "/bin/other"}}}
	old := strings.Replace(text, "User=app\n", "", 1)
	gone := wrote(change.Delete, file, nil, nil)
	reload := daemon("daemon-reload")
	moduletest.Run(t, services.SystemdUnit, []moduletest.Case{
		{Name: "new", Host: bare, Args: full, Want: []change.Change{made, reload, set("enabled", "no", "yes"), set("active", "no", "yes")},
			Then: has(map[string]string{file: text}, on, "systemctl daemon-reload", "systemctl enable app.service", "systemctl start app.service"), Output: map[string]any{"name": "app.service", "path": file}},
		{Name: "new, only its file", Host: bare, Args: module.Args{"name": "app.service", "content": content()}, Want: []change.Change{made, reload}},
		{Name: "as it should be", Host: runs(text), Args: full, Then: moduletest.Then{Ran: []string{}}},
		{Name: "another file", Host: runs(old), Args: full, Want: []change.Change{wrote(change.Update, file, shown(old), shown(text)), reload, does("restarted")},
			Then: has(map[string]string{file: text}, on, "systemctl daemon-reload", "systemctl restart app.service")},
		{Name: "another file, without a restart", Host: runs(old), Args: more("restart", false), Want: []change.Change{wrote(change.Update, file, shown(old), shown(text)), reload}},
		{Name: "another file of what is stopped", Host: runs(old), Args: more("state", "stopped"), Want: []change.Change{wrote(change.Update, file, shown(old), shown(text)), reload, set("active", "yes", "no")}},
		{Name: "a file that was not read", Host: stale, Args: module.Args{"name": "app", "content": "[Service]\nUser=app\n[Install]", "state": "started"}, Want: []change.Change{reload, does("restarted")}},
		{Name: "a secret", Host: bare, Args: module.Args{"name": "app", "content": map[string]any{"Service": map[string]any{"Environment": secret.New("TOKEN=hunter2")}}},
			Want: []change.Change{wrote(change.Create, file, nil, &change.Value{Secret: true}), reload}},
		{Name: "a drop-in", Host: runs(text), Args: module.Args{"name": "app", "dropin": "10-x", "content": dropin, "state": "started"},
			Want: []change.Change{{Action: change.Create, Kind: "directory", Target: "/etc/systemd/system/app.service.d", After: change.Attrs()}, wrote(change.Create, drop, nil, shown(dropped)), reload, does("restarted")}},
		{Name: "a drop-in for later", Host: bare, Args: module.Args{"name": "app", "dropin": "10-x.conf", "content": dropin},
			Want: []change.Change{{Action: change.Create, Kind: "directory", Target: "/etc/systemd/system/app.service.d", After: change.Attrs()}, wrote(change.Create, drop, nil, shown(dropped))}},
		{Name: "a drop-in of nothing", Host: bare, Args: module.Args{"name": "app", "dropin": "10-x.conf", "content": dropin, "state": "started"}, Err: "no such unit, only a drop-in"},
		{Name: "gone", Host: func() *systemtest.Fake { f := bare(); f.Files[file] = systemtest.File{Text: text}; return f }, Args: module.Args{"name": "app", "state": "absent"}, Want: []change.Change{gone, reload}, Then: moduletest.Then{Gone: []string{file}}},
		{Name: "gone already", Host: bare, Args: module.Args{"name": "app", "state": "absent"}},
		{Name: "no content", Host: bare, Args: module.Args{"name": "app"}, Err: "content is missing"},
		{Name: "content of nothing", Host: bare, Args: module.Args{"name": "app", "state": "absent", "content": "x"}, Err: "for one that stays"},
		{Name: "no name", Host: bare, Args: module.Args{"name": "../app", "content": "x"}, Err: "no name of a unit"},
		{Name: "masked", Host: with(system.Unit{Masked: true}), Args: full, Err: "unmask it"},
		{Name: "no sections", Host: bare, Args: module.Args{"name": "app", "content": []any{}}, Err: "neither text nor a map"},
		{Name: "no settings", Host: bare, Args: module.Args{"name": "app", "content": map[string]any{"Unit": "x"}}, Err: "section Unit is no map"},
		{Name: "no section", Host: bare, Args: module.Args{"name": "app", "content": map[string]any{"[Unit]": map[string]any{}}}, Err: "no name of a section"},
		{Name: "no setting", Host: bare, Args: module.Args{"name": "app", "content": map[string]any{"Unit": map[string]any{"A": map[string]any{}}}}, Err: "Unit.A is neither text"},
		{Name: "two lines", Host: bare, Args: module.Args{"name": "app", "content": map[string]any{"Unit": map[string]any{"A": "x\nB=y"}}}, Err: "Unit.A does not fit on a line"},
	})
}

func TestAUnitIsStoppedBeforeItGoes(t *testing.T) {
	t.Parallel()
	f := runs(text)()
	p, err := services.SystemdUnit.Plan(t.Context(), system.ReadOnly(f), module.Args{"name": "app", "state": "absent"})
	if err != nil {
		t.Fatal(err)
	}
	want := []change.Change{set("enabled", "yes", "no"), set("active", "yes", "no"), wrote(change.Delete, file, nil, nil), daemon("daemon-reload")}
	if diff := cmp.Diff(want, p.Changes()); diff != "" {
		t.Error(diff)
	}
	if n, err := p.Apply(t.Context(), f); n != 4 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestWhatARoleDoesToAnUnknownUnitIsPossible(t *testing.T) {
	t.Parallel()
	o := overlay.New(system.ReadOnly(bare()))
	o.Taint("a script", false)
	o.Task("")
	p, err := services.SystemdUnit.Plan(t.Context(), system.ReadOnly(o), module.Args{"name": "app", "dropin": "x", "content": "[Service]\nUser=a\n", "state": "started"})
	if err != nil || o.Doubt() == nil {
		t.Fatal(err, o.Doubt())
	}
	for _, s := range p.Steps {
		if s.Kind == "unit" && s.Certain {
			t.Errorf("%s %v is certain", s.Action, s.After)
		}
	}
}

func TestServiceFacts(t *testing.T) {
	t.Parallel()
	host := func() *systemtest.Fake {
		f := systemtest.New()
		for _, list := range []string{"units", "files"} {
			said, err := os.ReadFile("testdata/systemctl/debian-" + list + ".txt")
			if err != nil {
				panic(err)
			}
			words := map[string]string{"units": "list-units --all --plain --full", "files": "list-unit-files --full"}[list]
			f.Commands["systemctl --no-pager --no-legend --type service "+words] = systemtest.Prints(string(said))
		}
		return f
	}
	moduletest.Examples(t, services.ServiceFacts)
	moduletest.Run(t, services.ServiceFacts, []moduletest.Case{{Name: "all", Host: host, Args: module.Args{}}, {Name: "no systemd", Host: func() *systemtest.Fake { f := host(); f.Host.Init = "openrc"; return f }, Args: module.Args{}, Err: "no systemd"}})
	p, err := services.ServiceFacts.Plan(t.Context(), host(), module.Args{})
	if err != nil {
		t.Fatal(err)
	}
	all := p.Output["ansible_facts"].(map[string]any)["services"].(map[string]any)
	for name, want := range map[string][2]string{
		"cron.service": {"running", "enabled"}, "auditd.service": {"stopped", "not-found"}, "console-getty.service": {"stopped", "masked"}, "emergency.service": {"stopped", "static"}, "getty@.service": {"stopped", "masked"},
	} {
		if diff := cmp.Diff(map[string]any{"name": name, "source": "systemd", "state": want[0], "status": want[1]}, all[name]); diff != "" {
			t.Error(diff)
		}
	}
}

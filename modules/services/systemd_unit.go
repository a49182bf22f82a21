package services

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// SystemdUnitArgs are the arguments of the systemd_unit module.
type SystemdUnitArgs struct {
	// Name is the unit; one without a suffix is a service.
	Name string `arg:"name,required" target:"unit"`
	// Content is what is in the unit's file: text, or a map of sections, each a map of
	// settings. A setting with a list is repeated.
	Content any `arg:"content"`
	// Dropin is the name of a file of its own beside the one that defines the unit, whose
	// settings it changes.
	Dropin string `arg:"dropin"`
	// State is what the unit is to do. A unit that is started already is restarted if
	// its file changes.
	State string `arg:"state" enum:"started|stopped|absent"`
	// Enabled is whether it starts with the host.
	Enabled *bool `arg:"enabled"`
	// Restart is whether a unit that is started already is restarted if its file
	// changes.
	Restart bool `arg:"restart" default:"true"`
	// NoBlock is whether the task ends before the unit has started or stopped.
	NoBlock bool `arg:"no_block"`
	// Backup keeps what was in the file beside it, as NAME.DIGEST~.
	Backup bool `arg:"backup"`
	place.FileAttrs
}

// SystemdUnit writes a unit's file and controls the unit.
var SystemdUnit = module.Define(module.Spec{
	Name: "systemd_unit", Summary: "Write the file of a unit of systemd, and start, restart and enable the unit",
	Example: `- systemd_unit:
    name: etcd
    content:
      Unit: {Description: etcd, After: network-online.target}
      Service:
        Type: notify
        EnvironmentFile: /etc/etcd.env
        ExecStart: /usr/local/bin/etcd
        Restart: always
        LimitNOFILE: 40000
      Install: {WantedBy: multi-user.target}
    state: started
    enabled: true
- name: give a unit other options
  systemd_unit:
    name: kubelet
    dropin: 10-kubeadm
    content:
      Service:
        ExecStart: ["", /usr/local/bin/kubelet $KUBELET_ARGS]
- systemd_unit: {name: old, state: absent}
`,
	Output: []module.Doc{{Name: "name", Text: "the unit, with its suffix"}, {Name: "path", Text: "its file"}, {Name: "backup_file", Text: "where the old content is, if it was kept"}},
}, planSystemdUnit)

func planSystemdUnit(ctx context.Context, r system.Reader, a *SystemdUnitArgs) (*module.Plan, error) {
	w, err := newUnitFile(a)
	if err != nil {
		return nil, err
	}
	if a.State == "absent" {
		err = w.remove(ctx, r)
	} else {
		err = w.keep(ctx, r)
	}
	if err != nil {
		return nil, err
	}
	return w.plan, running(r, w.plan)
}

// unitFile is the file of a unit being planned.
type unitFile struct {
	unit
	args   *SystemdUnitArgs
	file   place.File
	static bool // it has no [Install]
}

const unitDir = "/etc/systemd/system"

func newUnitFile(a *SystemdUnitArgs) (*unitFile, error) {
	name := full(a.Name)
	if strings.ContainsAny(name+a.Dropin, "/ \n") || strings.HasPrefix(name, "-") {
		return nil, fmt.Errorf("write unit %q: it is no name of a unit", name)
	}
	if a.State == "absent" && (a.Content != nil || a.Enabled != nil) {
		return nil, errors.New("remove a unit: content and enabled are for one that stays")
	}
	if a.State != "absent" && a.Content == nil {
		return nil, errors.New("write a unit: content is missing")
	}
	w := &unitFile{args: a}
	w.name, w.plan = name, &module.Plan{Output: map[string]any{"name": name}}
	w.unit.args = &SystemdArgs{State: a.State, Enabled: a.Enabled, NoBlock: a.NoBlock}
	w.file = place.File{Path: path.Join(unitDir, name), Attrs: a.FileAttrs, Safety: place.Safety{Backup: a.Backup}}
	if a.Dropin != "" {
		w.file.Path = path.Join(unitDir, name+".d", strings.TrimSuffix(a.Dropin, ".conf")+".conf")
	}
	w.plan.Output["path"] = w.file.Path
	if a.Content == nil {
		return w, nil
	}
	text, secret, err := written(a.Content)
	if err != nil {
		return nil, err
	}
	w.file.Content, w.file.Secret = system.Data([]byte(text)), secret
	w.static = !strings.Contains("\n"+text, "\n[Install]")
	return w, nil
}

// find asks what the unit is now.
func (w *unitFile) find(ctx context.Context, r system.Reader) (there bool, err error) {
	w.now, err = system.Get[system.Unit](ctx, r, w.name)
	w.vague = unsure(err)
	if err != nil && !system.Absent(err) {
		return false, err
	}
	return err == nil, nil
}

// keep plans the file, and then the unit.
func (w *unitFile) keep(ctx context.Context, r system.Reader) error {
	there, err := w.find(ctx, r)
	if err != nil {
		return err
	}
	if w.now.Masked && w.args.Dropin == "" {
		return fmt.Errorf("write unit %s: it is masked, unmask it with the module systemd", w.name)
	}
	changed, err := w.write(ctx, r)
	if err != nil {
		return err
	}
	if !there && !w.vague && w.args.Dropin != "" {
		if w.args.State != "" || w.args.Enabled != nil {
			return fmt.Errorf("control %s: this host has no such unit, only a drop-in for it", w.name)
		}
		return nil
	}
	return w.follow(changed)
}

// write plans the file, and the directory of a drop-in. changed is whether the file
// is not yet as it is to be.
func (w *unitFile) write(ctx context.Context, r system.Reader) (changed bool, err error) {
	if w.args.Dropin != "" {
		if err := (place.FileAttrs{}).MakeAll(r, w.plan, path.Dir(w.file.Path)); err != nil {
			return false, err
		}
		w.file.InNew = len(w.plan.Steps) > 0
	}
	before := len(w.plan.Steps)
	backup, err := w.file.Plan(ctx, r, w.plan)
	if backup != "" {
		w.plan.Output["backup_file"] = backup
	}
	return len(w.plan.Steps) > before, err
}

// follow plans what a file that has changed, or not, makes of the unit.
func (w *unitFile) follow(changed bool) error {
	again := w.args.State == "started" && w.args.Restart && (changed || w.now.Stale)
	w.readAgain(changed)
	if again && w.now.Active {
		w.unit.args.State = "restarted"
	}
	if err := w.steps(); err != nil {
		return err
	}
	if again && w.vague {
		w.say(change.Change{Action: change.Run, After: change.Attrs("state", "restarted")}, w.verb("restart")...)
	}
	return nil
}

// readAgain plans that systemd reads its files if the unit's is another than it knows,
// or the unit is about to start; now is then what the file says.
func (w *unitFile) readAgain(changed bool) {
	sure := !w.vague || changed && w.plan.Steps[len(w.plan.Steps)-1].Certain
	starts := w.args.State == "started" && !w.now.Active
	if changed || w.now.Stale || starts && !w.vague {
		daemon(w.plan, "daemon-reload").Certain = sure
	}
	w.now.Stale = false
	if w.args.Dropin == "" && changed {
		w.now.Static = w.static
		w.now.Enabled = w.static || w.now.Enabled
	}
}

// remove plans that the file is gone, and with it what runs.
func (w *unitFile) remove(ctx context.Context, r system.Reader) error {
	f, err := place.Look(r, w.file.Path)
	if err != nil || !f.There && !f.Unsure {
		return err
	}
	if f.There && f.In.Type == fs.ModeDir {
		return fmt.Errorf("remove %s: a directory is there", w.file.Path)
	}
	there, err := w.find(ctx, r)
	if err != nil {
		return err
	}
	if w.args.Dropin == "" && (there || w.vague) {
		no := false
		w.unit.args.State, w.unit.args.Enabled = "stopped", &no
		if err := w.steps(); err != nil {
			return err
		}
		w.plan.Note = ""
	}
	p := w.file.Path
	w.plan.Add(change.Change{Action: change.Delete, Kind: "file", Target: p}, func(_ context.Context, s system.System) error { return s.Remove(p) }).Certain = f.There
	daemon(w.plan, "daemon-reload").Certain = f.There
	return nil
}

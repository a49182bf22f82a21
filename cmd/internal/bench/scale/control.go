package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/gokube/gokube/cmd/internal/ui"
	"github.com/gokube/gokube/engine"
	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/fleet"
	"github.com/gokube/gokube/engine/inventory"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/playbook/load"
	"github.com/gokube/gokube/engine/transport/local"
	"github.com/gokube/gokube/engine/transport/ssh"
	"github.com/gokube/gokube/engine/vars"
	"github.com/gokube/gokube/modules"
)

// control starts the hosts, plays on one of them, then on all others.
func control(ctx context.Context, o options) (err error) {
	dir, err := os.MkdirTemp("", "gokube-scale-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	o.dir = dir
	if err := writeBook(filepath.Join(dir, bookFile), o.tasks); err != nil {
		return err
	}
	hosts, err := start(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, hosts.stop()) }()
	if _, err := play(ctx, o, []string{warm}, 0); err != nil {
		return err
	}
	return o.measure(ctx, hosts)
}

// warm is the host that the process gets warm with; it is in no other run.
const warm = "host0000"

// outcome is what came of a run.
type outcome struct {
	wall    time.Duration
	ok      int
	changed int
}

// play plays the playbook on the hosts called only, or on all after the first skip
// ones.
func play(ctx context.Context, o options, only []string, skip int) (outcome, error) {
	start := time.Now()
	reader := vars.NewReader(nil)
	files := load.Disk(nil)
	loader := load.New(load.Options{Files: files, Names: names(), Tag: reader.Tag, Modules: specs()})
	book, err := loader.Playbook(ctx, filepath.Join(o.dir, bookFile))
	if err != nil {
		return outcome{}, err
	}
	inv, err := inventory.Load(ctx, inventory.Options{Sources: []string{filepath.Join(o.dir, hostsFile)}, PlaybookDir: o.dir, Hooks: reader.Hooks(), Decrypt: reader.Decrypt})
	if err != nil {
		return outcome{}, err
	}
	if only == nil {
		only = inv.Names()[skip:]
	}
	f := fleet.New(fleet.Options{SSH: ssh.NewDialer(ssh.Options{AgentSocket: "none"}), Local: &local.Dialer{}})
	defer f.Close()
	last := &ending{}
	out := event.Tee(ui.NewText(io.Discard, ui.TextOptions{}), last)
	e := engine.New(engine.Parts{Inventory: inv, Loader: loader, Files: files, Vars: reader, Modules: modules.All(), Fleet: f, Reporter: out},
		engine.Options{Limit: only})
	if _, err := e.Run(ctx, ctx, book); err != nil {
		return outcome{}, err
	}
	got := last.outcome()
	got.wall = time.Since(start)
	// What is not counted as ok has failed: a figure that counts such hosts is a lie.
	if want := len(only) * (o.tasks + 1); got.ok != want {
		return got, fmt.Errorf("play: %d tasks on hosts were ok, not %d: %s", got.ok, want, last.why)
	}
	return got, o.writeHeap(o.heap)
}

func names() (out []string) {
	for _, m := range modules.All() {
		out = append(out, m.Spec().Name)
	}
	return out
}

func specs() func(string) *module.Spec {
	all := map[string]*module.Spec{}
	for _, m := range modules.All() {
		all[m.Spec().Name] = m.Spec()
	}
	return func(n string) *module.Spec { return all[n] }
}

// ending is a Reporter that keeps the recap and the first failure.
type ending struct {
	recap []event.Recap
	why   string
}

// Report keeps e if it is one of them.
func (l *ending) Report(e event.Event) {
	switch e := e.(type) {
	case event.Done:
		if e.Err != nil && l.why == "" {
			l.why = e.Err.Error()
		}
	case event.RunEnd:
		l.recap = e.Hosts
	}
}

func (l *ending) outcome() (o outcome) {
	for _, h := range l.recap {
		o.ok += h.OK + h.Skipped
		o.changed += h.Changed
	}
	return o
}

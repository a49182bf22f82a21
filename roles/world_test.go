package roles_test

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gokube/gokube/engine"
	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/fleet"
	"github.com/gokube/gokube/engine/inventory"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/playbook/load"
	"github.com/gokube/gokube/engine/runner"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/engine/vars"
	"github.com/gokube/gokube/engine/wire"
	"github.com/gokube/gokube/modules"
	"github.com/gokube/gokube/playbooks"
	"github.com/gokube/gokube/roles"
)

// builtin is what gokube brings along, below playbooks/ and roles/.
type builtin struct{}

func (builtin) Open(name string) (fs.File, error) {
	folder, rest, _ := strings.Cut(name, "/")
	if rest == "" {
		rest = "."
	}
	if folder == "roles" {
		return roles.FS.Open(rest)
	}
	return playbooks.FS.Open(rest)
}

// loader loads what is built in. It keeps what it has read.
var loader = sync.OnceValues(func() (*load.Loader, playbook.Files) {
	specs := map[string]*module.Spec{}
	for _, m := range modules.All() {
		specs[m.Spec().Name] = m.Spec()
	}
	files := load.Disk(builtin{})
	return load.New(load.Options{Files: files, Names: slices.Sorted(maps.Keys(specs)), Modules: func(n string) *module.Spec { return specs[n] }}), files
})

// memory reaches hosts in memory.
type memory struct {
	mu      sync.Mutex
	hosts   map[string]*systemtest.Fake
	runners map[string]*runner.Host
}

func (m *memory) host(name string) *runner.Host {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.hosts[name]
	if f == nil {
		return nil
	}
	if m.runners[name] == nil {
		m.runners[name] = runner.New(f, runner.Options{Modules: modules.All(), As: func(context.Context, wire.Become) (system.System, error) { return f, nil }})
	}
	return m.runners[name]
}

var lost = &wire.Error{Kind: wire.Lost, Text: "connect: refused"}

func (m *memory) Do(ctx context.Context, t fleet.Target, q *wire.Request) *wire.Result {
	if h := m.host(t.Name); h != nil {
		return h.Do(ctx, q)
	}
	return &wire.Result{Err: lost}
}

func (m *memory) Facts(_ context.Context, t fleet.Target) (*system.Facts, *wire.Error) {
	if h := m.host(t.Name); h != nil {
		return h.System().Facts(), nil
	}
	return nil, lost
}

func (m *memory) Shell(_ context.Context, t fleet.Target) (system.System, *wire.Error) {
	return m.hosts[t.Name], nil
}

func (m *memory) Await(context.Context, fleet.Target, wire.Reconnect) *wire.Error { return nil }
func (m *memory) Reset(string)                                                    {}

// failures is a Reporter that keeps what failed, by host.
type failures struct{ said map[string]string }

func (f *failures) Report(e event.Event) {
	if d, ok := e.(event.Done); ok && d.Err != nil && !d.Ignored && d.Status != event.OK {
		f.said[d.Host] += d.Err.Text + "\n"
	}
}

// play plays book, a built-in playbook or a file, on hosts and gives what failed.
func play(t *testing.T, book, inv string, hosts map[string]*systemtest.Fake, extra map[string]any) map[string]string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hosts.yml")
	if err := os.WriteFile(file, []byte(inv), 0o600); err != nil {
		t.Fatal(err)
	}
	return playFile(t, book, file, hosts, extra)
}

// playFile is play with an inventory that is a file.
func playFile(t *testing.T, book, file string, hosts map[string]*systemtest.Fake, extra map[string]any) map[string]string {
	t.Helper()
	hosts["localhost"] = systemtest.New()
	l, files := loader()
	if !filepath.IsAbs(book) {
		book = playbook.BuiltIn + "playbooks/" + book
	}
	pb, err := l.Playbook(t.Context(), book)
	if err != nil {
		t.Fatal(err)
	}
	in, err := inventory.Load(t.Context(), inventory.Options{Sources: []string{file}})
	if err != nil {
		t.Fatal(err)
	}
	out := &failures{said: map[string]string{}}
	e := engine.New(engine.Parts{Inventory: in, Loader: l, Files: files, Vars: vars.NewReader(nil), Modules: modules.All(),
		Fleet: &memory{hosts: hosts, runners: map[string]*runner.Host{}}, Reporter: out}, engine.Options{Extra: extra})
	if _, err := e.Run(t.Context(), t.Context(), pb); err != nil {
		t.Fatal(err)
	}
	return out.said
}

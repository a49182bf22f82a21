package cli

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"github.com/gokube/gokube/cmd/internal/payload"
	"github.com/gokube/gokube/cmd/internal/payload/choice"
	"github.com/gokube/gokube/cmd/internal/ui"
	"github.com/gokube/gokube/engine"
	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/fleet"
	"github.com/gokube/gokube/engine/inventory"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/playbook/load"
	"github.com/gokube/gokube/engine/transport/local"
	"github.com/gokube/gokube/engine/transport/ssh"
	"github.com/gokube/gokube/engine/vars"
	"github.com/gokube/gokube/engine/vault"
	"github.com/gokube/gokube/modules"
)

// kit is what the commands that read playbooks or inventories share.
type kit struct {
	c      *cli.Context
	files  playbook.Files
	loader *load.Loader
	vault  *vault.Opener
	reader *vars.Reader
	used   sync.Map // the names of modules that the loader has met
	loud   bool     // what commands print is shown
	bar    *ui.Bar  // of the run; nil where there is no terminal
}

func newKit(c *cli.Context) (*kit, error) {
	collect(0)
	k := &kit{c: c, files: files()}
	var err error
	if k.vault, err = openVault(c); err != nil {
		return nil, err
	}
	k.reader = vars.NewReader(k.vault)
	k.newLoader()
	return k, nil
}

// newLoader makes the loader for the kit's files.
func (k *kit) newLoader() {
	specs := map[string]*module.Spec{}
	var names []string
	for _, m := range modules.All() {
		specs[m.Spec().Name] = m.Spec()
		names = append(names, m.Spec().Name)
	}
	k.loader = load.New(load.Options{Files: k.files, Names: names, Tag: k.reader.Tag, Sealed: k.sealed,
		Modules: func(n string) *module.Spec { k.used.Store(n, true); return specs[n] }})
}

// sealed tells what is wrong with an encrypted file of variables.
func (k *kit) sealed(name string, data []byte) error {
	_, err := k.reader.Parse(name, data)
	return err
}

// inventory loads what -i names; the playbook's folder adds its variables.
func (k *kit) inventory(ctx context.Context, dir string) (*inventory.Inventory, error) {
	sources := k.c.StringSlice("inventory")
	inv, err := inventory.Load(ctx, inventory.Options{Sources: sources, PlaybookDir: dir, Run: runExecutable, Hooks: k.reader.Hooks(),
		Decrypt: k.reader.Decrypt})
	if err == nil {
		collect(len(inv.Names()))
	}
	return inv, err
}

// limit is the hosts that --limit allows, nil for all.
func (k *kit) limit(inv *inventory.Inventory) ([]string, error) {
	expr := k.c.String("limit")
	if expr == "" {
		return nil, nil
	}
	s, err := inv.Limit(expr)
	if err == nil {
		err = s.Unmatched.Err()
	}
	return s.Names(), err
}

// extra are the variables of -e.
func (k *kit) extra() (map[string]any, error) {
	return k.reader.Extra(k.c.StringSlice("extra-vars"))
}

// fleet reaches the hosts of plays as the flags say.
func (k *kit) fleet(out event.Reporter, plays []*playbook.Play) *fleet.Fleet {
	programs := choice.For(payload.Programs(), plays, func(m string) bool { _, met := k.used.Load(m); return met })
	return fleet.New(fleet.Options{
		Check: k.c.Bool("check"), Verify: k.c.Bool("verify"), Payload: programs,
		SSH:    ssh.NewDialer(ssh.Options{Passphrase: k.passphrase, Warn: warn(out)}),
		Local:  &local.Dialer{},
		Report: func(host, state, text string) { out.Report(event.HostState{Host: host, State: state, Text: text}) },
	})
}

// warn reports a problem that does not keep from going on.
func warn(out event.Reporter) func(diag.Diagnostic) {
	return func(d diag.Diagnostic) {
		at := d.Pos
		d.Pos = diag.Pos{} // said once
		out.Report(event.Warning{Pos: at, Text: d.Error()})
	}
}

// options are the engine's, of the flags that all commands share.
func (k *kit) options(inv *inventory.Inventory) (engine.Options, error) {
	o := engine.Options{Check: k.c.Bool("check"), Diff: k.c.Bool("diff"), Verify: k.c.Bool("verify"), Forks: k.c.Int("forks"), Version: version()}
	var err error
	if o.Connect, err = connect(k.c); err != nil {
		return o, err
	}
	if o.Limit, err = k.limit(inv); err != nil {
		return o, err
	}
	o.Extra, err = k.extra()
	return o, err
}

// runExecutable runs an executable inventory.
func runExecutable(ctx context.Context, path string, args ...string) (stdout, stderr []byte, err error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, nil, err
	}
	var out, bad strings.Builder
	cmd := exec.CommandContext(ctx, abs, args...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = &out, &bad, filepath.Dir(abs)
	err = cmd.Run()
	return []byte(out.String()), []byte(bad.String()), err
}

// openVault is what opens encrypted variables: with the password of a file, or
// none.
func openVault(c *cli.Context) (*vault.Opener, error) {
	name := c.String("vault-password-file")
	if name == "" {
		return vault.NewOpener(), nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read the vault password: %w", err)
	}
	password, err := vault.PasswordFrom(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return vault.NewOpener(vault.Key{Password: password}), nil
}

// few is as many hosts as do not fill the memory that a run may leave uncollected.
const few = 100

// collect has garbage collected as suits a run on so many hosts: on few of them the
// run is over before it matters, and collecting would take a tenth of its CPU time;
// up to a bound; on many it is memory that counts. GOGC and GOMEMLIMIT in the
// environment win.
func collect(hosts int) {
	percent, bound := 800, int64(64<<20) // the first time at 32 MB
	if hosts > few {
		percent, bound = 100, math.MaxInt64
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(bound)
	}
}

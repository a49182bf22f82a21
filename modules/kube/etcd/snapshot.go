package etcd

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// SnapshotArgs are the arguments of the etcd_snapshot module.
type SnapshotArgs struct {
	// Path is the file to write; one that is there already is left alone. A path
	// that ends in a slash is a directory, which gets another snapshot each time.
	Path string `arg:"path,required" target:"path"`
	// Keep is how many snapshots stay in the directory; 0 keeps all.
	Keep int `arg:"keep"`
	Access
}

// Snapshot saves what an etcd cluster holds.
var Snapshot = module.Define(module.Spec{
	Name:      "etcd_snapshot",
	Summary:   "Save and verify a snapshot of an etcd cluster",
	Contained: true,
	Example: `- name: keep what is there before an upgrade
  etcd_snapshot: {path: /var/backups/etcd/before-v1.35.db}
- name: one more, of which seven stay
  etcd_snapshot:
    path: /var/backups/etcd/
    keep: 7
    endpoints: https://10.0.0.11:2379
    cacert: /etc/ssl/etcd/ssl/ca.pem
    cert: /etc/ssl/etcd/ssl/admin.pem
    key: /etc/ssl/etcd/ssl/admin-key.pem
`,
	Output: []module.Doc{{Name: "path", Text: "the snapshot"}},
}, planSnapshot)

func planSnapshot(_ context.Context, r system.Reader, a *SnapshotArgs) (*module.Plan, error) {
	switch {
	case !path.IsAbs(a.Path):
		return nil, fmt.Errorf("path %q does not begin with a slash", a.Path)
	case a.Keep < 0 || a.Keep > 0 && !strings.HasSuffix(a.Path, "/"):
		return nil, errors.New("keep counts snapshots in a directory, so path must end in a slash, and it must not be negative")
	case strings.HasSuffix(a.Path, "/"):
		return a.another(r)
	}
	p := &module.Plan{Output: map[string]any{"path": a.Path}}
	in, err := r.Lstat(a.Path)
	switch {
	case err == nil && in.Type.IsDir():
		return nil, fmt.Errorf("save snapshot %s: it is a directory; end it in a slash to have a snapshot in it", a.Path)
	case err == nil:
		p.Note = "there is a snapshot of this name"
		return p, nil
	case !system.Absent(err):
		return nil, err
	}
	e := system.Closed(system.Holds(a.Path, system.Info{Attrs: system.Attrs{Mode: 0o600}}))
	e.Why = "saving a snapshot of etcd"
	p.Add(change.Change{Action: change.Create, Kind: "etcd snapshot", Target: a.Path}, func(ctx context.Context, s system.System) error {
		return a.save(ctx, s, a.Path, e)
	}).Certain = errors.Is(err, fs.ErrNotExist)
	return p, nil
}

// Names of snapshots in a directory begin and end so; in between is the time, so that
// they come in its order.
const (
	before, after = "snapshot-", ".db"
	moment        = "20060102T150405.000Z"
)

// another plans one more snapshot in the directory, and that the oldest go.
func (a *SnapshotArgs) another(r system.Reader) (*module.Plan, error) {
	p := &module.Plan{Output: map[string]any{"path": module.Pending{}}}
	dir := path.Clean(a.Path)
	list, err := r.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		attrs := system.Attrs{Mode: 0o700}
		p.Add(change.Change{Action: change.Create, Kind: "directory", Target: dir, After: change.Attrs("mode", "0700")}, func(_ context.Context, s system.System) error {
			return s.Mkdir(dir, attrs)
		})
	}
	p.Add(change.Change{Action: change.Create, Kind: "etcd snapshot", Target: dir + "/"}, func(ctx context.Context, s system.System) error {
		to := path.Join(dir, before+time.Now().UTC().Format(moment)+after)
		p.Output["path"] = to
		e := system.Closed(system.Vague(system.Path(dir + "/")))
		e.Why = "saving a snapshot of etcd"
		return a.save(ctx, s, to, e)
	}).Certain = true
	for _, old := range a.surplus(list) {
		p.Add(change.Change{Action: change.Delete, Kind: "file", Target: path.Join(dir, old)}, func(_ context.Context, s system.System) error {
			return s.Remove(path.Join(dir, old))
		})
	}
	return p, nil
}

// surplus are the oldest in list that are too many once another is made.
func (a *SnapshotArgs) surplus(list []system.Info) (out []string) {
	for _, f := range list {
		if name := path.Base(f.Path); f.Type == 0 && strings.HasPrefix(name, before) && strings.HasSuffix(name, after) {
			out = append(out, name)
		}
	}
	if a.Keep == 0 {
		return nil
	}
	return out[:max(0, len(out)+1-a.Keep)]
}

// save saves a snapshot of the first endpoint that gives one, and verifies it.
func (a *SnapshotArgs) save(ctx context.Context, s system.System, to string, e system.Effects) (err error) {
	for _, endpoint := range a.Endpoints {
		if err = a.run(ctx, s, e, []string{endpoint}, "snapshot", "save", to); err == nil {
			break
		}
		err = fmt.Errorf("ask %s: %w", endpoint, err)
	}
	if err != nil {
		return err
	}
	if err := whole(s, to); err != nil {
		if _, doubt := unknown.Of(err); doubt {
			return err
		}
		return errors.Join(fmt.Errorf("verify %s: %w", to, err), s.Remove(to))
	}
	return nil
}

// whole is an error if what is at p is no snapshot as etcd sent it: its last 32 bytes
// are the SHA-256 of the others.
func whole(r system.Reader, p string) error {
	f, err := r.Open(p)
	if err != nil {
		return err
	}
	defer f.Close()
	sum, tail, buf := sha256.New(), []byte(nil), make([]byte, 64<<10)
	for {
		n, err := f.Read(buf)
		tail = append(tail, buf[:n]...)
		if cut := len(tail) - sha256.Size; cut > 0 {
			sum.Write(tail[:cut])
			tail = append(tail[:0], tail[cut:]...)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if len(tail) < sha256.Size || string(tail) != string(sum.Sum(nil)) {
		return errors.New("its contents do not fit the checksum at its end, so it is not whole")
	}
	return nil
}

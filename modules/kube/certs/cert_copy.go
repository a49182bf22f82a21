// Package certs holds the modules that bring certificates and kubeconfigs from one
// host to others. They see both ends as files; how those travel, and what a
// certificate says, others know.
//
// # Decisions
//
// What is copied is compared by digest, so that nothing secret travels to a host that
// has it. Before anything is written the whole set is looked at, as it is to be: a key
// that is not its certificate's, or a certificate that has ended, would only be found
// when a cluster does not come up.
package certs

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// CertCopyArgs are the arguments of the cert_copy module.
type CertCopyArgs struct {
	// From is the host that has the certificates: the first control plane, or for an
	// external etcd one of its hosts.
	From module.HostName `arg:"from,required"`
	// Src is the directory there.
	Src module.Source `arg:"src" default:"/etc/kubernetes/pki"`
	// Dest is the directory on this host.
	Dest string `arg:"dest" default:"/etc/kubernetes/pki" target:"path"`
	// ExternalEtcd says that etcd is not the control planes' own: its CA's key stays
	// where it is, and the API server's certificate for it is copied instead.
	ExternalEtcd bool `arg:"external_etcd"`
}

// CertCopy makes a control plane share the certificates of another.
var CertCopy = module.Define(module.Spec{
	Name: "cert_copy", Summary: "Bring the certificates and keys that control planes share from another host", Contained: true,
	SourceFiles: all(),
	Example: `- name: share the cluster's CAs
  cert_copy:
    from: "{{ index .groups.kube_control_plane 0 }}"
  when: ne .inventory_hostname (index .groups.kube_control_plane 0)
`,
	Output: []module.Doc{{Name: "dest", Text: "the directory"}, {Name: "files", Text: "the files, relative to it"}},
}, planCertCopy)

// shared are what control planes with an etcd of their own share.
func shared() []string {
	return append(cluster(), "etcd/ca.crt", "etcd/ca.key")
}

// external are what those with an external etcd share.
func external() []string {
	return append(cluster(), "etcd/ca.crt", "apiserver-etcd-client.crt", "apiserver-etcd-client.key")
}

func cluster() []string {
	return []string{"ca.crt", "ca.key", "sa.pub", "sa.key", "front-proxy-ca.crt", "front-proxy-ca.key"}
}

func all() []string {
	out := slices.Concat(shared(), external())
	slices.Sort(out)
	return slices.Compact(out)
}

func planCertCopy(ctx context.Context, r system.Reader, a *CertCopyArgs) (*module.Plan, error) {
	dest, err := place.AbsPath(r, a.Dest)
	if err != nil {
		return nil, err
	}
	names := shared()
	if a.ExternalEtcd {
		names = external()
	}
	entries, err := a.pick(names)
	if err != nil {
		return nil, err
	}
	p := &module.Plan{Output: map[string]any{"dest": dest, "files": list(names)}}
	for _, dir := range []string{dest, path.Join(dest, "etcd")} {
		if err := a.directory(r, p, dir); err != nil {
			return nil, err
		}
	}
	before := len(p.Steps)
	for _, e := range entries {
		if err := a.file(ctx, r, p, dest, e); err != nil {
			return nil, err
		}
	}
	if len(p.Steps) > before {
		err = a.verify(ctx, r, entries)
	}
	return p, err
}

// pick are the entries called names; it is an error if one is not there.
func (a *CertCopyArgs) pick(names []string) ([]module.Entry, error) {
	var out []module.Entry
	var gone []string
	for _, n := range names {
		i := slices.IndexFunc(a.Src.Entries, func(e module.Entry) bool { return e.Path == n && e.Type == 0 })
		if i < 0 {
			gone = append(gone, n)
			continue
		}
		out = append(out, a.Src.Entries[i])
	}
	if len(gone) > 0 {
		return nil, fmt.Errorf("copy certificates from %s: %s has no %s", a.From, a.Src.Name, strings.Join(gone, ", "))
	}
	return out, nil
}

// directory plans dir, unless a step makes it already.
func (a *CertCopyArgs) directory(r system.Reader, p *module.Plan, dir string) error {
	for _, s := range p.Steps {
		if s.Target == path.Dir(dir) {
			return place.FileAttrs{}.Make(r, p, dir, place.Found{})
		}
	}
	return place.FileAttrs{}.MakeAll(r, p, dir)
}

// file plans one file.
func (a *CertCopyArgs) file(ctx context.Context, r system.Reader, p *module.Plan, dest string, e module.Entry) error {
	f := place.File{Path: path.Join(dest, e.Path), Content: e.Content, Attrs: place.FileAttrs{Owner: "root", Group: "root", Mode: "0644"}, Brief: true}
	if !strings.HasSuffix(e.Path, ".crt") {
		f.Attrs.Mode = "0600"
	}
	f.Secret = strings.HasSuffix(e.Path, ".key")
	f.InNew = slices.ContainsFunc(p.Steps, func(s module.Step) bool { return s.Target == path.Dir(f.Path) })
	before := len(p.Steps)
	_, err := f.Plan(ctx, r, p)
	for i := range p.Steps[before:] {
		if s := &p.Steps[before+i]; e.Doubt != "" {
			s.Doubt = e.Doubt
		}
	}
	return err
}

func list(names []string) []any {
	out := make([]any, len(names))
	for i := range names {
		out[i] = names[i]
	}
	return out
}

package certs

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/engine/unknown"
)

// inspects stands in for the tool: after its beginning, a block is its kind, the key's
// digest, and when it ends.
func inspects(_ *systemtest.Fake, c system.Cmd) system.Output {
	if c.String() != "pki inspect -" {
		return system.Output{Code: 2, Stderr: []byte("usage")}
	}
	var out []string
	for line := range strings.Lines(string(c.Stdin)) {
		text, ok := strings.CutPrefix(strings.TrimSpace(line), "-----BEGIN ")
		if !ok {
			continue
		}
		word := append(strings.Split(text, "|"), "", "", "")
		if word[2] == "" {
			word[2] = "0001-01-01T00:00:00Z"
		}
		out = append(out, fmt.Sprintf(`{"path":"-","kind":%q,"subject":"CN=x","spki_sha256":%q,"not_after":%q,"error":%q}`, word[0], word[1], word[2], word[3]))
	}
	return system.Output{Stdout: []byte("[" + strings.Join(out, ",") + "]")}
}

func fresh() *systemtest.Fake {
	f := systemtest.New()
	f.Commands["pki"] = inspects
	f.Files["/etc/kubernetes"] = systemtest.Dir()
	return f
}

func text(name string) string {
	base := strings.TrimSuffix(name, path.Ext(name))
	switch path.Ext(name) {
	case ".crt":
		return "-----BEGIN certificate|" + base + "|2999-01-01T00:00:00Z"
	case ".pub":
		return "-----BEGIN public key|" + base
	}
	return "-----BEGIN key|" + base
}

// pki is a directory of certificates, but for what change makes of it.
func pki(change map[string]string) module.Source {
	src := module.Source{Name: "/etc/kubernetes/pki"}
	for _, n := range all() {
		content, other := change[n]
		if !other {
			content = text(n)
		}
		if content == "gone" {
			continue
		}
		c := system.Data([]byte(content))
		c.Lazy = true
		src.Entries = append(src.Entries, module.Entry{Path: n, Mode: 0o600, Content: c})
	}
	return src
}

// copied are the changes that bring the files called names to an empty host.
func copied(names []string) []change.Change {
	out := []change.Change{{Action: change.Create, Kind: "directory", Target: "/etc/kubernetes/pki", After: &change.Value{}},
		{Action: change.Create, Kind: "directory", Target: "/etc/kubernetes/pki/etcd", After: &change.Value{}}}
	for _, n := range names {
		c := change.Change{Action: change.Create, Kind: "file", Target: "/etc/kubernetes/pki/" + n, After: &change.Value{Secret: true}}
		if mode := "0644"; !strings.HasSuffix(n, ".key") {
			if strings.HasSuffix(n, ".pub") {
				mode = "0600"
			}
			c.After = change.Attrs("owner", "root", "group", "root", "mode", mode).WithDigest(int64(len(text(n))), system.Sum([]byte(text(n))))
		}
		out = append(out, c)
	}
	return out
}

func holds(names []string) map[string]systemtest.File {
	out := map[string]systemtest.File{}
	for _, n := range names {
		f := systemtest.File{Text: text(n), Attrs: system.Attrs{Owner: "root", Group: "root", Mode: 0o600}}
		if strings.HasSuffix(n, ".crt") {
			f.Attrs.Mode = 0o644
		}
		out["/etc/kubernetes/pki/"+n] = f
	}
	return out
}

func full() *systemtest.Fake {
	f := fresh()
	f.Files["/etc/kubernetes/pki"], f.Files["/etc/kubernetes/pki/etcd"] = systemtest.Dir(), systemtest.Dir()
	for p, x := range holds(shared()) {
		f.Files[p] = x
	}
	return f
}

func TestCertCopy(t *testing.T) {
	t.Parallel()
	open := func() *systemtest.Fake {
		f := full()
		f.Files["/etc/kubernetes/pki/ca.key"] = systemtest.File{Text: text("ca.key"), Attrs: system.Attrs{Owner: "root", Group: "root", Mode: 0o644}}
		return f
	}
	from := func(src module.Source) module.Args { return module.Args{"from": "cp-1", "src": src} }
	moduletest.Run(t, CertCopy, []moduletest.Case{
		{Name: "to an empty host", Host: fresh, Args: from(pki(nil)), Want: copied(shared()),
			Then: moduletest.Then{Files: holds(shared()), Gone: []string{"/etc/kubernetes/pki/apiserver-etcd-client.key"}}},
		{Name: "there", Host: full, Args: from(pki(nil))},
		{Name: "a key that others may read", Host: open, Args: from(pki(nil)),
			Want: []change.Change{{Action: change.Update, Kind: "file", Target: "/etc/kubernetes/pki/ca.key",
				Before: change.Attrs("owner", "root", "group", "root", "mode", "0644"), After: change.Attrs("owner", "root", "group", "root", "mode", "0600")}}},
		{Name: "external etcd", Host: fresh, Args: module.Args{"from": "cp-1", "src": pki(map[string]string{"etcd/ca.key": "gone"}), "external_etcd": true},
			Want: copied(external()), Then: moduletest.Then{Files: holds(external()), Gone: []string{"/etc/kubernetes/pki/etcd/ca.key"}}},
		{Name: "missing", Host: fresh, Args: from(pki(map[string]string{"sa.key": "gone", "etcd/ca.key": "gone"})),
			Err: "copy certificates from cp-1: /etc/kubernetes/pki has no sa.key, etcd/ca.key"},
		{Name: "no match", Host: fresh, Args: from(pki(map[string]string{"ca.key": "-----BEGIN key|another"})), Err: "ca.key is not the private key of ca.crt"},
		{Name: "no match of the accounts' keys", Host: fresh, Args: from(pki(map[string]string{"sa.key": "-----BEGIN key|another"})), Err: "sa.key is not the private key of sa.pub"},
		{Name: "ended", Host: fresh, Args: from(pki(map[string]string{"front-proxy-ca.crt": "-----BEGIN certificate|front-proxy-ca|2001-01-01T00:00:00Z"})),
			Err: "copy certificates from cp-1: front-proxy-ca.crt (CN=x) ended at 2001-01-01T00:00:00Z; renew it there first"},
		{Name: "no certificate", Host: fresh, Args: from(pki(map[string]string{"ca.crt": "-----BEGIN key|ca"})), Err: "look at the certificates of cp-1: ca.crt holds a key, not a certificate"},
		{Name: "nothing", Host: fresh, Args: from(pki(map[string]string{"ca.crt": ""})), Err: "look at the certificates of cp-1: ca.crt holds nothing in PEM"},
		{Name: "broken", Host: fresh, Args: from(pki(map[string]string{"ca.crt": "-----BEGIN certificate|ca||x509: malformed"})), Err: "ca.crt: x509: malformed"},
	})
	moduletest.Examples(t, CertCopy)
}

func TestCertificatesThatAreMadeLaterAreCopiedForCertain(t *testing.T) {
	t.Parallel()
	u := unknown.Value{Why: "content on cp-1"}
	src := pki(nil)
	for i := range src.Entries {
		src.Entries[i].Content = system.Content{Size: -1, Open: func(context.Context) (io.ReadCloser, error) { return nil, u }}
	}
	p, err := CertCopy.Plan(t.Context(), fresh(), module.Args{"from": "cp-1", "src": src})
	if err != nil || len(p.Steps) != 10 || slices.ContainsFunc(p.Steps, func(s module.Step) bool { return s.Doubt != "" }) {
		t.Errorf("%+v, %v", p, err)
	}
	src.Entries[slices.Index(all(), "sa.key")].Doubt = "a command"
	if p, err = CertCopy.Plan(t.Context(), full(), module.Args{"from": "cp-1", "src": src}); err != nil || len(p.Steps) != 8 || p.Steps[0].Doubt != u.Why || p.Steps[3].Doubt != "a command" {
		t.Errorf("%+v, %v", p, err)
	}
}

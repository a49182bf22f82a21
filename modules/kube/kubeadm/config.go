package kubeadm

import (
	"context"
	"strings"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/kubeadm/document"
	"github.com/gokube/gokube/modules/kube/program"
)

// group is the API group of kubeadm's own objects.
const group = "kubeadm.k8s.io/"

// document is the object of a kind, nil if the task has none.
func (a *Args) document(kind string) document.Document {
	for _, d := range a.Config {
		if d["kind"] == kind {
			return d
		}
	}
	return nil
}

// api is the version of kubeadm's API that the task speaks.
func (a *Args) api() string {
	for _, d := range a.Config {
		if v, _ := d["apiVersion"].(string); strings.HasPrefix(v, group) {
			return v
		}
	}
	return group + "v1beta4"
}

// own is a copy of the object of a kind, made if there is none.
func (a *Args) own(kind string) document.Document {
	out, _ := document.Clone(a.document(kind)).(document.Document)
	if len(out) == 0 {
		out = document.Document{"apiVersion": a.api(), "kind": kind}
	}
	if a.NodeName != "" && (kind == "InitConfiguration" || kind == "JoinConfiguration") {
		document.Fill(document.Make(out, "nodeRegistration"), "name", a.NodeName)
	}
	return out
}

// credentials are the secrets of a task, revealed.
type credentials struct{ token, caHash, key string }

func (s *Secrets) reveal() (c credentials, err error) {
	if c.token, err = s.Token.Value(); err != nil {
		return c, err
	}
	if c.caHash, err = s.CAHash.Value(); err != nil {
		return c, err
	}
	c.key, err = s.CertificateKey.Value()
	return c, err
}

// standIn are credentials that look right, to have a configuration judged while the
// real ones are not known.
func (s *Secrets) standIn() (c credentials) {
	if s.Token.Given() {
		c.token = "abcdef.0123456789abcdef"
	}
	if s.CAHash.Given() {
		c.caHash = "sha256:" + strings.Repeat("0", 64)
	}
	if s.CertificateKey.Given() {
		c.key = strings.Repeat("0", 64)
	}
	return c
}

// initial are the objects for an init.
func (a *Args) initial(c credentials) []document.Document {
	cluster, start := a.own("ClusterConfiguration"), a.own("InitConfiguration")
	if a.Version != "" {
		document.Fill(cluster, "kubernetesVersion", version(a.Version))
	}
	if join := a.document("JoinConfiguration"); join != nil && a.document("InitConfiguration") == nil {
		document.Fill(start, "nodeRegistration", join["nodeRegistration"])
		document.Fill(start, "localAPIEndpoint", document.At(join, "controlPlane.localAPIEndpoint"))
		document.Fill(start, "patches", join["patches"])
	}
	if a.Endpoint != "" && a.State == "initialized" {
		document.Fill(cluster, "controlPlaneEndpoint", a.Endpoint)
	}
	if c.key != "" {
		start["certificateKey"] = c.key
	}
	if c.token != "" {
		start["bootstrapTokens"] = []any{map[string]any{"token": c.token}}
	}
	out := []document.Document{start, cluster}
	for _, d := range a.Config {
		if v, _ := d["apiVersion"].(string); !strings.HasPrefix(v, group) {
			out = append(out, d)
		}
	}
	return out
}

// joining are the objects for a join. A control plane that is to finish one, and is
// given no token, trusts whom its own kubeconfig trusts.
func (h *host) joining(c credentials) []document.Document {
	a := h.args
	d := a.own("JoinConfiguration")
	discovery := document.Make(d, "discovery")
	switch {
	case discovery["file"] != nil:
	case h.vouched():
		discovery["file"] = map[string]any{"kubeConfigPath": adminConf}
		delete(discovery, "bootstrapToken")
	default:
		token := document.Make(discovery, "bootstrapToken")
		document.Fill(token, "apiServerEndpoint", a.Endpoint)
		if c.token != "" {
			token["token"] = c.token
		}
		if c.caHash != "" {
			token["caCertHashes"] = []any{c.caHash}
		}
	}
	if a.Role == "control_plane" {
		plane := document.Make(d, "controlPlane")
		if c.key != "" {
			plane["certificateKey"] = c.key
		}
	} else {
		delete(d, "controlPlane")
	}
	return []document.Document{d}
}

// vouched reports whether the host's own kubeconfig stands for a token.
func (h *host) vouched() bool { return h.has[adminConf] && !h.args.Token.Given() }

// version is v as Kubernetes writes it.
func version(v string) string { return "v" + strings.TrimPrefix(v, "v") }

// feed is a command's input: docs with the task's secrets in them.
func (a *Args) feed(docs func(credentials) []document.Document) func() ([]byte, error) {
	return func() ([]byte, error) {
		c, err := a.reveal()
		if err != nil {
			return nil, err
		}
		return document.Stream(docs(c))
	}
}

// valid has kubeadm judge docs, if it is there already.
func (h *host) valid(ctx context.Context, docs []document.Document) error {
	text, err := document.Stream(docs)
	if err != nil {
		return err
	}
	c := system.Cmd{Argv: []string{h.kubeadm, "config", "validate", "--config", "/dev/stdin"}, Stdin: text, Reads: []system.Key{system.Path(h.kubeadm)}}
	if _, err = program.Text(ctx, h.r, c); err == nil || system.Absent(err) {
		return nil
	}
	return program.Explain("judge the configuration", err, "")
}

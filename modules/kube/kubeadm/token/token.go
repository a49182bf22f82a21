// Package token makes what a host shows to join a cluster: a bootstrap token, and the
// digest of the cluster's CA. It does not know who joins.
//
// # Decisions
//
// A token of the same description that lasts long enough is used again: a run that is
// repeated leaves no litter in the cluster. The one that an init makes is not taken: a
// check, which cannot know of it, would promise what a run does not do.
package token

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/program"
)

// Args are the arguments of the kube_token module.
type Args struct {
	// TTL is how long a new token lets hosts in, such as 24h; 0s is for ever.
	TTL string `arg:"ttl" default:"24h"`
	// MinLeft is how many minutes a token must still last to be used again.
	MinLeft int `arg:"min_left" default:"10"`
	// Usages are what the token is for.
	Usages []string `arg:"usages" default:"signing,authentication"`
	// Groups are whom the host that shows it belongs to.
	Groups []string `arg:"groups" default:"system:bootstrappers:kubeadm:default-node-token"`
	// Description is what a token says of itself; one of another is not used.
	Description string `arg:"description" default:"made by gokube for hosts that join"`
	// Kubeconfig is whose rights the cluster is asked with.
	Kubeconfig string `arg:"kubeconfig" default:"/etc/kubernetes/admin.conf"`
	// CACert is the certificate of the cluster's CA.
	CACert string `arg:"cacert" default:"/etc/kubernetes/pki/ca.crt"`
}

// KubeToken gives a bootstrap token.
var KubeToken = module.Define(module.Spec{
	Name:    "kube_token",
	Summary: "Give a bootstrap token that is valid, made only if there is none",
	Example: `- name: let hosts join
  kube_token: {ttl: 2h}
  register: bootstrap
`,
	Output: []module.Doc{
		{Name: "token", Text: "the token; a secret"},
		{Name: "ca_hash", Text: `"sha256:" and the digest of the CA's public key, for ca_hash of kubeadm`},
		{Name: "expires", Text: "when the token ends, in UTC; empty if it does not"},
	},
}, plan)

func plan(ctx context.Context, r system.Reader, a *Args) (*module.Plan, error) {
	if _, err := time.ParseDuration(a.TTL); err != nil {
		return nil, fmt.Errorf("ttl %q is no duration such as 24h", a.TTL)
	}
	kubeadm, err := program.Find(ctx, r, "kubeadm")
	if program.Unknown(err) {
		kubeadm, err = "kubeadm", nil
	}
	if err != nil {
		return nil, err
	}
	p := &module.Plan{Output: map[string]any{}}
	if err := a.hash(ctx, r, p); err != nil {
		return nil, err
	}
	all, err := a.list(ctx, r, kubeadm)
	if err != nil && !program.Unknown(err) {
		return nil, err
	}
	if best, ok := a.best(all); ok {
		a.give(p, best)
		return p, nil
	}
	for _, name := range []string{"token", "expires"} {
		p.Output[name] = module.Pending{}
	}
	// A kubeconfig that is only being made belongs to a cluster without tokens.
	_, err = r.Digest(a.Kubeconfig)
	a.create(p, kubeadm).Certain = program.Unknown(err)
	return p, nil
}

// token is one as kubeadm prints it.
type token struct {
	Token       string    `json:"token"`
	Description string    `json:"description"`
	Expires     time.Time `json:"expires"`
	Usages      []string  `json:"usages"`
	Groups      []string  `json:"groups"`
}

// list are the cluster's tokens.
func (a *Args) list(ctx context.Context, r system.Reader, kubeadm string) ([]token, error) {
	c := system.Command(kubeadm, "token", "list", "-o", "json", "--kubeconfig", a.Kubeconfig)
	c.Reads = []system.Key{system.Path(kubeadm), system.Path(a.Kubeconfig), {Kind: "cluster", Name: "token"}}
	text, err := program.Text(ctx, r, c)
	if err != nil {
		return nil, program.Explain("list tokens", err, "")
	}
	return tokens(text)
}

// tokens reads JSON values one after the other.
func tokens(text string) (all []token, err error) {
	d := json.Decoder{B: []byte(text)}
	for d.End() != nil {
		var t token
		if err := d.Into(reflect.ValueOf(&t).Elem()); err != nil {
			return nil, fmt.Errorf("read kubeadm's list of tokens: %w", err)
		}
		all = append(all, t)
	}
	return all, nil
}

// best is the one of all that lasts longest, if it lasts long enough.
func (a *Args) best(all []token) (best token, ok bool) {
	limit := time.Now().Add(time.Duration(a.MinLeft) * time.Minute)
	for _, t := range all {
		fits := t.Token != "" && t.Description == a.Description && holds(t.Usages, a.Usages) && holds(t.Groups, a.Groups) && (t.Expires.IsZero() || t.Expires.After(limit))
		if fits && (!ok || t.Expires.IsZero() || !best.Expires.IsZero() && t.Expires.After(best.Expires)) {
			best, ok = t, true
		}
	}
	return best, ok
}

func holds(all, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(w string) bool { return !slices.Contains(all, w) })
}

func (a *Args) give(p *module.Plan, t token) {
	p.Output["token"], p.Output["expires"] = module.NewSecret(t.Token), ""
	if !t.Expires.IsZero() {
		p.Output["expires"] = t.Expires.UTC().Format(time.RFC3339)
	}
}

// create plans a new token.
func (a *Args) create(p *module.Plan, kubeadm string) *module.Step {
	c := change.Change{Action: change.Create, Kind: "bootstrap token", Target: a.Description, After: change.Attrs("ttl", a.TTL)}
	cmd := system.Command(kubeadm, "token", "create", "--ttl", a.TTL, "--usages", strings.Join(a.Usages, ","), "--groups", strings.Join(a.Groups, ","),
		"--description", a.Description, "--kubeconfig", a.Kubeconfig)
	e := system.Closed(system.Vague(system.Key{Kind: "cluster", Name: "token"}))
	e.Shown = true // nothing is done with it here
	return p.Add(c, func(ctx context.Context, s system.System) error {
		out, err := s.Capture(ctx, cmd, e)
		if err == nil {
			err = out.Err(cmd)
		}
		if err != nil {
			return program.Explain("make a token", err, "")
		}
		t := token{Token: strings.TrimSpace(out.Text())}
		if d, _ := time.ParseDuration(a.TTL); d > 0 {
			t.Expires = time.Now().Add(d)
		}
		a.give(p, t)
		return a.hash(ctx, s, p)
	})
}

// hash puts the digest of the CA's public key into the output, pending if it is not
// known yet.
func (a *Args) hash(ctx context.Context, r system.Reader, p *module.Plan) error {
	all, err := program.Inspect(ctx, r, a.CACert)
	if program.Unknown(err) {
		p.Output["ca_hash"] = module.Pending{}
		return nil
	}
	if err == nil && all[a.CACert].SPKI == "" {
		err = fmt.Errorf("read the cluster's CA: %s holds no certificate; has the host a cluster?", a.CACert)
	}
	if err != nil {
		return err
	}
	p.Output["ca_hash"] = all[a.CACert].SPKI
	return nil
}

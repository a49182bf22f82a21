// Package k3s installs k3s and makes a host a server or an agent of a k3s cluster. It
// writes all that k3s is given (program, unit, configuration, token, registries,
// images) and lets it run; what k3s then makes is k3s's own.
//
// # Decisions
//
// k3s is started again only if what it was given is not what it is given now. That is
// not remembered but asked: the running process carries the digest of its inputs in
// its environment. So a run that was interrupted between the last file and the
// restart is made up for by the next, and one that changes nothing restarts nothing.
//
// The token is in a file of its own that only root reads, and in no digest: the
// environment could be guessed at.
package k3s

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/program"
)

// Args are the arguments of the k3s_join module.
type Args struct {
	// Role is what the host is to be: a server, with the API and maybe a datastore, or
	// an agent.
	Role string `arg:"role" enum:"server|agent" default:"server"`
	// First makes the cluster; others join it.
	First bool `arg:"first"`
	// Server is the URL of a server that is there, such as https://10.0.0.1:6443.
	// Everyone but the first joins it.
	Server string `arg:"server,alias=url"`
	// Token lets a host join; whole ones (K10...::server:...) also say which CA to
	// trust. A first server makes one if it is given none.
	Token module.Late `arg:"token"`
	// EmbeddedEtcd has the first server keep its data in etcd, so that other servers can
	// join it; without it, sqlite.
	EmbeddedEtcd bool `arg:"embedded_etcd,alias=cluster_init" default:"true"`
	// Config is what config.yaml is to say besides.
	Config map[string]any `arg:"config"`
	// Registries is what registries.yaml is to say: mirrors, and how to get at them.
	Registries map[string]any `arg:"registries"`
	// Env is the environment of k3s. None of it is shown.
	Env map[string]module.Secret `arg:"env"`
	// AirgapDir is a directory of the host with archives of images, which k3s is to
	// have before it asks a registry.
	AirgapDir string `arg:"airgap_dir"`
	// Timeout is how many seconds k3s may take to get ready.
	Timeout int `arg:"timeout" default:"300"`
	Binary
}

// Binary is where the program comes from.
type Binary struct {
	// Version is that of k3s, such as v1.34.1+k3s1.
	Version string `arg:"version"`
	// URL is where the program is downloaded; by default, from the releases of k3s on
	// GitHub, with the checksum that is published there.
	URL string `arg:"binary_url"`
	// Checksum is "sha256:" and the digest of the program.
	Checksum string `arg:"checksum"`
	// Path is a file of the host that is the program, instead of a download.
	Path string `arg:"binary_path,alias=src"`
}

// Join makes a host a server or an agent.
var Join = module.Define(module.Spec{
	Name:      "k3s_join",
	Summary:   "Install k3s, and make a host a server or an agent of its cluster",
	OneOf:     [][]string{{"version", "binary_url", "binary_path"}},
	Exclusive: [][]string{{"binary_url", "binary_path"}, {"first", "server"}},
	Example: `- name: make the cluster
  k3s_join:
    role: server
    first: true
    version: v1.34.1+k3s1
    config: {tls-san: [k3s.example.org], disable: [traefik]}
  register: k3s
- name: join an agent
  k3s_join:
    role: agent
    version: v1.34.1+k3s1
    server: https://10.0.0.1:6443
    token: "{{ .k3s.token }}"
`,
	Output: []module.Doc{
		{Name: "unit", Text: "the unit that runs k3s"},
		{Name: "token", Text: "of a server, what others join with; a secret"},
		{Name: "kubeconfig", Text: "of a server, where its kubeconfig is"},
	},
}, plan)

// Where things are.
const (
	bin        = "/usr/local/bin/k3s"
	etcDir     = "/etc/rancher/k3s"
	configFile = etcDir + "/config.yaml"
	tokenFile  = etcDir + "/token"
	registries = etcDir + "/registries.yaml"
	kubeconfig = etcDir + "/k3s.yaml"
	dataDir    = "/var/lib/rancher/k3s"
	imagesDir  = dataDir + "/agent/images"
	fullToken  = dataDir + "/server/token"
)

var (
	errNoServer = errors.New("join k3s: server is missing: the URL of a server that is there; the first server of a cluster has first: true")
	errNoToken  = errors.New("join k3s: token is missing: what a server made, see /var/lib/rancher/k3s/server/token there")
	errFirst    = errors.New("join k3s: first: true is for a server")
)

func plan(ctx context.Context, r system.Reader, a *Args) (*module.Plan, error) {
	switch {
	case a.First && a.Role == "agent":
		return nil, errFirst
	case !a.First && a.Server == "":
		return nil, errNoServer
	case !a.First && !a.Token.Given():
		return nil, errNoToken
	}
	i := &install{args: a, r: r, plan: &module.Plan{}, unit: "k3s"}
	if a.Role == "agent" {
		i.unit = "k3s-agent"
	}
	i.plan.Output = map[string]any{"unit": i.unit + ".service"}
	if err := i.other(ctx); err != nil {
		return nil, err
	}
	for _, do := range []func(context.Context) error{i.program, i.files, i.service} {
		if err := do(ctx); err != nil {
			return nil, err
		}
	}
	return i.plan, nil
}

// install is k3s on one host.
type install struct {
	args *Args
	r    system.Reader
	plan *module.Plan
	unit string // without its suffix
	// digest is of all inputs but the token.
	digest string
	sum    string // of the program, or what else tells it from others
	done   int    // steps after which k3s must be started again
}

func (i *install) unitFile() string { return "/etc/systemd/system/" + i.unit + ".service" }
func (i *install) envFile() string  { return i.unitFile() + ".env" }

// other is an error if the host runs k3s in the other role: its data is another's.
func (i *install) other(ctx context.Context) error {
	name := "k3s-agent.service"
	if i.args.Role == "agent" {
		name = "k3s.service"
	}
	u, err := system.Get[system.Unit](ctx, i.r, name)
	switch {
	case err != nil && !system.Absent(err):
		return err
	case err == nil && (u.Active || u.Enabled):
		return fmt.Errorf("join k3s as %s: the host runs %s; remove that first", i.args.Role, name)
	}
	return nil
}

// told is a server's output: its token, and where its kubeconfig is.
func (i *install) told(r system.Reader) error {
	if i.args.Role != "server" {
		return nil
	}
	i.plan.Output["kubeconfig"] = kubeconfig
	text, err := system.ReadFile(r, fullToken)
	if system.Absent(err) {
		i.plan.Output["token"] = module.Pending{}
		return nil
	}
	i.plan.Output["token"] = module.NewSecret(string(trim(text)))
	return err
}

func trim(text []byte) []byte {
	for len(text) > 0 && text[len(text)-1] == '\n' {
		text = text[:len(text)-1]
	}
	return text
}

// asked is what a host's k3s says it is, "" if it cannot be asked.
func (i *install) asked(ctx context.Context) (version string, vague bool) {
	c := system.Cmd{Argv: []string{bin, "--version"}, Reads: []system.Key{system.Path(bin)}}
	text, err := program.Text(ctx, i.r, c)
	if err != nil {
		return "", program.Unknown(err)
	}
	if words := strings.Fields(text); len(words) > 2 && words[0] == "k3s" && words[1] == "version" {
		return words[2], false
	}
	return "", false
}

// links are the names by which k3s is also what it brings along.
func links() []string {
	return []string{path.Join(path.Dir(bin), "kubectl"), path.Join(path.Dir(bin), "crictl"), path.Join(path.Dir(bin), "ctr")}
}

package certs

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/engine/unknown"
)

const admin = `apiVersion: v1
kind: Config
clusters:
- cluster: {certificate-authority-data: Q0E=, server: "https://10.0.0.11:6443"}
  name: kubernetes
contexts:
- context: {cluster: kubernetes, user: kubernetes-admin}
  name: kubernetes-admin@kubernetes
current-context: kubernetes-admin@kubernetes
users:
- name: kubernetes-admin
  user: {client-key-data: c2VjcmV0a2V5}
`

const renamed = `apiVersion: v1
clusters:
    - cluster:
        certificate-authority-data: Q0E=
        server: https://lb:6443
      name: prod
contexts:
    - context:
        cluster: prod
        user: prod-admin
      name: prod
current-context: prod
kind: Config
users:
    - name: prod-admin
      user:
        client-key-data: c2VjcmV0a2V5
`

const existing = `# mine
apiVersion: v1
kind: Config
clusters: [{name: home, cluster: {server: "https://home"}}, {name: prod, cluster: {server: "https://old"}}]
contexts: [{name: home, context: {cluster: home, user: me}}]
users: [{name: me, user: {token: abc}}]
current-context: home
preferences: {colors: true}
`

// converts stands in for the tool.
func converts(_ *systemtest.Fake, c system.Cmd) system.Output {
	var v any
	var out []byte
	var err error
	switch c.String() {
	case "yaml to-json":
		var doc any
		if err = yaml.Unmarshal(c.Stdin, &doc); err == nil {
			out, err = json.Marshal([]any{doc})
		}
	case "yaml from-json":
		if err = json.Unmarshal(c.Stdin, &v); err == nil {
			out, err = yaml.Marshal(v)
		}
	}
	if err != nil {
		return system.Output{Code: 3, Stderr: []byte(err.Error())}
	}
	return system.Output{Stdout: out}
}

func laptop(files map[string]string) func() *systemtest.Fake {
	return func() *systemtest.Fake {
		f := systemtest.New()
		f.Commands["yaml"] = converts
		for p, text := range files {
			f.Files[p] = systemtest.File{Text: text, Attrs: system.Attrs{Mode: 0o600}}
		}
		return f
	}
}

func config1(text string) module.Source {
	return module.Source{Name: "/etc/kubernetes/admin.conf", Entries: []module.Entry{{Path: ".", Content: system.Data([]byte(text))}}}
}

func wrote(action change.Action, p string) change.Change {
	c := change.Change{Action: action, Kind: "file", Target: p, After: &change.Value{Secret: true}}
	if action == change.Update {
		c.Before = c.After
	}
	return c
}

func TestKubeconfig(t *testing.T) {
	t.Parallel()
	args := func(more module.Args) module.Args {
		out := module.Args{"from": "cp-1", "src": config1(admin), "dest": "/srv/config"}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	prod := module.Args{"server": "https://lb:6443", "cluster": "prod", "user": "prod-admin", "context": "prod"}
	alone := module.Args{"server": "https://lb:6443", "cluster": "prod", "user": "prod-admin", "context": "prod", "merge": false}
	merged := string(converts(nil, system.Cmd{Argv: []string{"yaml", "from-json"}, Stdin: []byte(`{"apiVersion":"v1","kind":"Config","preferences":{"colors":true},"current-context":"prod",
		"clusters":[{"name":"home","cluster":{"server":"https://home"}},{"name":"prod","cluster":{"certificate-authority-data":"Q0E=","server":"https://lb:6443"}}],
		"contexts":[{"name":"home","context":{"cluster":"home","user":"me"}},{"name":"prod","context":{"cluster":"prod","user":"prod-admin"}}],
		"users":[{"name":"me","user":{"token":"abc"}},{"name":"prod-admin","user":{"client-key-data":"c2VjcmV0a2V5"}}]}`)}).Stdout)
	file := func(text string) moduletest.Then {
		return moduletest.Then{Files: map[string]systemtest.File{"/srv/config": {Text: text, Attrs: system.Attrs{Mode: 0o600}}}}
	}
	moduletest.Run(t, Kubeconfig, []moduletest.Case{
		{Name: "new", Host: laptop(nil), Args: args(prod), Want: []change.Change{wrote(change.Create, "/srv/config")}, Then: file(renamed), Output: map[string]any{"context": "prod"}},
		{Name: "there, in another form", Host: laptop(map[string]string{"/srv/config": "# a comment\n" + renamed}), Args: args(prod), Output: map[string]any{"context": "prod"}},
		{Name: "merged", Host: laptop(map[string]string{"/srv/config": existing}), Args: args(prod), Want: []change.Change{wrote(change.Update, "/srv/config")}, Then: file(merged)},
		{Name: "merged before", Host: laptop(map[string]string{"/srv/config": merged}), Args: args(prod)},
		{Name: "merged into nothing", Host: laptop(map[string]string{"/srv/config": ""}), Args: args(prod), Want: []change.Change{wrote(change.Update, "/srv/config")}, Then: file(renamed)},
		{Name: "alone", Host: laptop(map[string]string{"/srv/config": existing}), Args: args(alone), Want: []change.Change{wrote(change.Update, "/srv/config")}, Then: file(renamed)},
		{Name: "in the place of what cannot be read", Host: laptop(map[string]string{"/srv/config": "a: ["}), Args: args(alone), Want: []change.Change{wrote(change.Update, "/srv/config")}, Then: file(renamed)},
		{Name: "merged into what cannot be read", Host: laptop(map[string]string{"/srv/config": "a: ["}), Args: args(prod), Err: "merge into /srv/config: yaml to-json: exit status 3"},
		{Name: "in a new folder", Host: laptop(nil), Args: args(module.Args{"dest": "/srv/new/config"}),
			Want: []change.Change{{Action: change.Create, Kind: "directory", Target: "/srv/new", After: change.Attrs("mode", "0700")}, wrote(change.Create, "/srv/new/config")}},
		{Name: "missing", Host: laptop(nil), Args: args(module.Args{"src": module.Source{Name: "/x"}}), Err: "copy kubeconfig: /x is not on cp-1"},
		{Name: "no kubeconfig", Host: laptop(nil), Args: args(module.Args{"src": config1("kind: Pod\n")}), Err: "it is no kubeconfig: it holds other documents"},
		{Name: "no context", Host: laptop(nil), Args: args(module.Args{"src": config1("kind: Config\n")}), Err: "it is no kubeconfig: it has no current context"},
	})
	moduletest.Examples(t, Kubeconfig)
}

func TestTheCurrentContextStaysIfItIsToStay(t *testing.T) {
	t.Parallel()
	had := config{"current-context": "home"}
	if got := had.with(config{"current-context": "prod"}, false); got.text("current-context") != "home" {
		t.Error(got)
	}
	if got := (config{}).with(config{"current-context": "prod"}, false); got.text("current-context") != "prod" {
		t.Error(got)
	}
}

func TestAKubeconfigThatIsMadeLaterIsWrittenForCertain(t *testing.T) {
	t.Parallel()
	u := unknown.Value{Why: "content on cp-1"}
	src := config1("")
	src.Entries[0].Content = system.Content{Size: -1, Open: func(context.Context) (io.ReadCloser, error) { return nil, u }}
	p, err := Kubeconfig.Plan(t.Context(), laptop(nil)(), module.Args{"src": src, "dest": "/srv/config"})
	if err != nil || len(p.Steps) != 1 || p.Steps[0].Doubt != "" || strings.Contains(p.Steps[0].Target, "unknown") {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestWhatToTypeNextNamesTheFile(t *testing.T) {
	t.Parallel()
	for want, more := range map[string]module.Args{
		"export KUBECONFIG=/srv/config; kubectl get nodes":                       {},
		"export 'KUBECONFIG=/srv/my config'; kubectl get nodes":                  {"dest": "/srv/my config"},
		"export KUBECONFIG=/srv/config; kubectl --context prod get nodes":        {"context": "prod", "current": false},
		"export KUBECONFIG=/srv/config; kubectl --context 'a; reboot' get nodes": {"context": "a; reboot", "current": false},
	} {
		args := module.Args{"from": "cp-1", "src": config1(admin), "dest": "/srv/config"}
		maps.Copy(args, more)
		p, err := Kubeconfig.Plan(t.Context(), laptop(nil)(), args)
		if err != nil || p.Next != want {
			t.Errorf("got %v, %v, want %s", p, err, want)
		}
	}
}

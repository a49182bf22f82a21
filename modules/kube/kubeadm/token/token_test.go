package token_test

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/modules/kube/kubeadm/token"
)

//go:embed testdata/list.json
var others string

const (
	hash  = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	usual = "--usages signing,authentication --groups system:bootstrappers:kubeadm:default-node-token --description 'made by gokube for hosts that join' --kubeconfig /etc/kubernetes/admin.conf"
)

func one(value string, left time.Duration) string {
	out, _ := json.Marshal(map[string]any{"kind": "BootstrapToken", "token": value, "description": "made by gokube for hosts that join", "expires": time.Now().Add(left).UTC().Format(time.RFC3339),
		"usages": []string{"signing", "authentication"}, "groups": []string{"system:bootstrappers:kubeadm:default-node-token"}})
	return string(out) + "\n"
}

// host is a control plane whose cluster has tokens.
func host(list string) func() *systemtest.Fake {
	return func() *systemtest.Fake {
		f, made := systemtest.New(), ""
		for _, p := range []string{"/usr/bin/kubeadm", "/etc/kubernetes/admin.conf", "/etc/kubernetes/pki/ca.crt"} {
			f.Files[p] = systemtest.File{Text: "x"}
		}
		f.Commands["pki"] = func(_ *systemtest.Fake, c system.Cmd) system.Output {
			return system.Output{Stdout: fmt.Appendf(nil, `[{"path":%q,"kind":"certificate","spki_sha256":%q}]`, c.Argv[2], hash)}
		}
		f.Commands["kubeadm"] = func(_ *systemtest.Fake, c system.Cmd) system.Output {
			switch c.Argv[2] {
			case "list":
				return system.Output{Stdout: []byte(list + made)}
			case "create":
				if strings.Contains(c.String(), "nobody") {
					return system.Output{Code: 1, Stderr: []byte("error: bootstrap token group \"nobody\" is invalid\nTo see the stack trace of this error execute with --v=5 or higher\n")}
				}
				made = one("dddddd.0000000000000004", time.Hour)
				return system.Output{Stdout: []byte("dddddd.0000000000000004\n")}
			}
			return system.Output{Code: 1}
		}
		return f
	}
}

func TestKubeToken(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, token.KubeToken)
	made := func(ttl string) []change.Change {
		return []change.Change{{Action: change.Create, Kind: "bootstrap token", Target: "made by gokube for hosts that join", After: change.Attrs("ttl", ttl)}}
	}
	moduletest.Run(t, token.KubeToken, []moduletest.Case{
		{Name: "none of ours that lasts", Host: host(others + one("eeeeee.0000000000000005", 9*time.Minute)), Want: made("24h"), Then: moduletest.Then{Ran: []string{"/usr/bin/kubeadm token create --ttl 24h " + usual}},
			Output: map[string]any{"token": module.NewSecret("dddddd.0000000000000004"), "ca_hash": hash}},
		{Name: "one that lasts", Host: host(one("eeeeee.0000000000000005", time.Hour) + others), Args: module.Args{"ttl": "2h"}, Then: moduletest.Then{Ran: []string{}},
			Output: map[string]any{"token": module.NewSecret("eeeeee.0000000000000005")}},
		{Name: "one that does not last long enough", Host: host(one("eeeeee.0000000000000005", 20*time.Minute)), Args: module.Args{"min_left": 30, "ttl": "2h"}, Want: made("2h")},
		{Name: "a refusal", Host: host(""), Args: module.Args{"groups": "nobody"}, Want: made("24h"), Err: `make a token: exit status 1: error: bootstrap token group "nobody" is invalid`},
		{Name: "a time that is none", Host: host(""), Args: module.Args{"ttl": "a day"}, Err: `ttl "a day" is no duration`},
		{Name: "no kubeadm", Err: "find kubeadm"},
	})
}

// A check of a host whose cluster an earlier task makes is sure that a token is made,
// and knows neither it nor the CA.
func TestATokenOfAClusterThatIsNotThereYet(t *testing.T) {
	t.Parallel()
	f := host("")()
	delete(f.Files, "/etc/kubernetes/admin.conf")
	delete(f.Files, "/etc/kubernetes/pki/ca.crt")
	o := overlay.New(system.ReadOnly(f))
	for _, p := range []string{"/etc/kubernetes/admin.conf", "/etc/kubernetes/pki/ca.crt"} {
		if err := o.Run(t.Context(), system.Command("kubeadm", "init"), system.Closed(system.Holds(p, system.Info{}))); err != nil {
			t.Fatal(err)
		}
	}
	o.Task("")
	p, err := token.KubeToken.Plan(t.Context(), o, module.Args{})
	if err != nil || len(p.Steps) != 1 || !p.Steps[0].Certain {
		t.Fatalf("the plan is %+v, %v", p, err)
	}
	if _, err := p.Predict(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"token", "ca_hash", "expires"} {
		if p.Output[name] != (module.Pending{}) {
			t.Errorf("%s is %v", name, p.Output[name])
		}
	}
	if _, err := o.Lstat("/etc/nosuch"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("making a token is taken to do more: %v", err)
	}
}

package k3s

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

const (
	version = "v1.34.1+k3s1"
	release = "https://github.com/k3s-io/k3s/releases/download/v1.34.1%2Bk3s1/k3s"
)

func digest() string { return system.Sum([]byte("K3S")) }

// host is one that can be made a member.
func host(more ...func(f *systemtest.Fake)) func() *systemtest.Fake {
	return func() *systemtest.Fake {
		f, environ := systemtest.New(), ""
		systemtest.Systemd(f)
		systemctl := f.Commands["systemctl"]
		f.Commands["systemctl"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
			if strings.Contains(c.String(), "MainPID") {
				return system.Output{Stdout: []byte("MainPID=77\n")}
			}
			out, unit := systemctl(f, c), c.Argv[len(c.Argv)-1]
			if c.Argv[1] == "start" || c.Argv[1] == "restart" {
				environ = strings.ReplaceAll("PATH=/bin\n"+f.Files["/etc/systemd/system/"+unit+".env"].Text, "\n", "\x00")
				if unit == "k3s.service" {
					f.Files[fullToken] = systemtest.File{Text: "K10abc::server:hunter2\n", Attrs: system.Attrs{Mode: 0o600}}
				}
			}
			return out
		}
		f.Commands["cat /proc/77/environ"] = func(*systemtest.Fake, system.Cmd) system.Output { return system.Output{Stdout: []byte(environ)} }
		f.Commands["k3s"] = func(f *systemtest.Fake, _ system.Cmd) system.Output {
			if _, ok := f.Files[bin]; !ok {
				return system.Output{Code: 127}
			}
			return system.Output{Stdout: []byte("k3s version " + version + " (24fc436e)\ngo version go1.24.6\n")}
		}
		f.Commands["journalctl"] = systemtest.Prints("level=fatal msg=\"token is wrong\"\n")
		f.Commands["fetch"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
			if from := c.Argv[len(c.Argv)-1]; strings.HasSuffix(from, "sha256sum-amd64.txt") {
				return system.Output{Stdout: []byte(strings.Repeat("0", 64) + "  k3s-airgap-images-amd64.tar.zst\n" + digest() + "  k3s\n")}
			}
			f.Files[bin] = systemtest.File{Text: "K3S"}
			return system.Output{}
		}
		for _, do := range more {
			do(f)
		}
		return f
	}
}

// member is a host on which args were applied, and then something more.
func member(t *testing.T, args module.Args, more ...func(f *systemtest.Fake)) func() *systemtest.Fake {
	t.Helper()
	return func() *systemtest.Fake {
		f := host(local)()
		p, err := Join.Plan(t.Context(), f, args)
		if err == nil {
			_, err = p.Apply(t.Context(), f)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, do := range more {
			do(f)
		}
		f.Log = nil
		return f
	}
}

func first(more module.Args) module.Args {
	return merged(module.Args{"role": "server", "first": true, "version": version, "config": map[string]any{"disable": []any{"traefik"}}}, more)
}

func agent(more module.Args) module.Args {
	return merged(module.Args{"role": "agent", "server": "https://10.0.0.1:6443", "token": module.NewSecret("hunter2"), "binary_path": "/srv/k3s"}, more)
}

func merged(a, b module.Args) module.Args {
	for k, v := range b {
		a[k] = v
	}
	return a
}

func targets(t *testing.T, args module.Args, f *systemtest.Fake) []string {
	t.Helper()
	p, err := Join.Plan(t.Context(), f, args)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, c := range p.Changes() {
		out = append(out, string(c.Action)+" "+c.Target)
	}
	return out
}

// planned are the changes of args on a host, so that a table need not repeat them.
func planned(t *testing.T, args module.Args, f *systemtest.Fake) []change.Change {
	t.Helper()
	p, err := Join.Plan(t.Context(), f, args)
	if err != nil {
		t.Fatal(err)
	}
	return p.Changes()
}

func local(f *systemtest.Fake) { f.Files["/srv/k3s"] = systemtest.File{Text: "K3S"} }

func TestJoin(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, Join)
	private := system.Attrs{Owner: "root", Group: "root", Mode: 0o600}
	both := module.Args{"registries": map[string]any{"mirrors": map[string]any{"docker.io": map[string]any{"endpoint": []any{"http://10.0.0.1:5000"}}}}, "env": map[string]any{"HTTP_PROXY": module.NewSecret("http://me:hunter3@proxy")}}
	images := func(f *systemtest.Fake) {
		f.Files["/srv/images/k3s-airgap-images-amd64.tar.zst"] = systemtest.File{Text: "IMAGES"}
		f.Files["/srv/images/README"] = systemtest.File{Text: "no archive"}
	}
	moduletest.Run(t, Join, []moduletest.Case{
		{Name: "the first server", Host: host(), Args: first(nil), Want: planned(t, first(nil), host()()),
			Output: map[string]any{"unit": "k3s.service", "kubeconfig": kubeconfig, "token": module.NewSecret("K10abc::server:hunter2")},
			Then: moduletest.Then{
				Files: map[string]systemtest.File{bin: {Text: "K3S", Attrs: system.Attrs{Mode: 0o755}}, "/usr/local/bin/kubectl": systemtest.Link("k3s"),
					configFile: {Text: "{\n  \"cluster-init\": true,\n  \"disable\": [\n    \"traefik\"\n  ]\n}\n", Attrs: private}},
				Gone:    []string{tokenFile, registries},
				Objects: map[system.Key]system.Object{{Kind: "unit", Name: "k3s.service"}: system.Unit{Enabled: true, Active: true}},
				Ran:     []string{"fetch -timeout 60 -sha256 " + digest() + " -o /usr/local/bin/k3s " + release, "systemctl daemon-reload", "systemctl start k3s.service", "systemctl enable k3s.service"}}},
		{Name: "an agent", Host: host(local, images), Args: agent(merged(module.Args{"airgap_dir": "/srv/images"}, both)), Want: planned(t, agent(merged(module.Args{"airgap_dir": "/srv/images"}, both)), host(local, images)()),
			Then: moduletest.Then{
				Files: map[string]systemtest.File{tokenFile: {Text: "hunter2\n", Attrs: private}, imagesDir + "/k3s-airgap-images-amd64.tar.zst": {Text: "IMAGES"},
					configFile: {Text: "{\n  \"server\": \"https://10.0.0.1:6443\",\n  \"token-file\": \"/etc/rancher/k3s/token\"\n}\n", Attrs: private}},
				Gone: []string{imagesDir + "/README"}}},
		{Name: "the first server as it is", Host: member(t, first(nil)), Args: first(nil), Then: moduletest.Then{Ran: []string{}}, Output: map[string]any{"token": module.NewSecret("K10abc::server:hunter2")}},
		{Name: "another configuration", Host: member(t, first(nil)), Args: first(module.Args{"config": map[string]any{}}), Want: planned(t, first(module.Args{"config": map[string]any{}}), member(t, first(nil))()),
			Then: moduletest.Then{Ran: []string{"systemctl daemon-reload", "systemctl restart k3s.service"}}},
		{Name: "stopped before the restart", Host: member(t, first(nil), func(f *systemtest.Fake) { f.Commands["cat /proc/77/environ"] = stale(f) }), Args: first(nil), OpaqueAgain: true,
			Want: []change.Change{{Action: change.Run, Kind: "unit", Target: "k3s.service", After: change.Attrs("state", "restarted")}}},
		{Name: "a server in the other role", Host: member(t, first(nil)), Args: agent(nil), Err: "join k3s as agent: the host runs k3s.service; remove that first"},
		{Name: "no server to join", Host: host(), Args: module.Args{"version": version, "token": "x"}, Err: "server is missing"},
		{Name: "no token", Host: host(), Args: module.Args{"version": version, "server": "https://x"}, Err: "token is missing"},
		{Name: "a first agent", Host: host(), Args: module.Args{"version": version, "role": "agent", "first": true}, Err: "first: true is for a server"},
		{Name: "no program", Host: host(), Args: agent(nil), Err: "/srv/k3s is not there"},
		{Name: "a checksum that is none", Host: host(), Args: first(module.Args{"checksum": "md5:1"}), Err: `checksum "md5:1"`},
		{Name: "a program that is not listed", Host: host(func(f *systemtest.Fake) { f.Commands["fetch"] = systemtest.Prints("x  y\n") }), Args: first(nil), Err: "sha256sum-amd64.txt does not list k3s"},
		{Name: "k3s does not start", Host: host(local, func(f *systemtest.Fake) {
			systemctl := f.Commands["systemctl"]
			f.Commands["systemctl"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
				if c.Argv[1] == "start" {
					return system.Output{Code: 1, Stderr: []byte("Job for k3s-agent.service failed.\n")}
				}
				return systemctl(f, c)
			}
		}), Args: agent(nil), Want: planned(t, agent(nil), host(local)()), Err: "Job for k3s-agent.service failed.\nits last lines:\n  level=fatal msg=\"token is wrong\""},
	})
}

// stale is a process that was started with other inputs, however often.
func stale(*systemtest.Fake) systemtest.Command { return systemtest.Prints(mark + "=0\x00") }

func TestWhatIsPlanned(t *testing.T) {
	t.Parallel()
	all := []string{"create /usr/local/bin/k3s", "create /usr/local/bin/kubectl", "create /usr/local/bin/crictl", "create /usr/local/bin/ctr", "create /etc/rancher", "create /etc/rancher/k3s"}
	rest := []string{"create /etc/rancher/k3s/config.yaml", "create /etc/systemd/system/k3s.service.env", "create /etc/systemd/system/k3s.service", "update k3s.service", "update k3s.service"}
	if diff := cmp.Diff(append(all, rest...), targets(t, first(nil), host()())); diff != "" {
		t.Error(diff)
	}
	again := targets(t, first(module.Args{"config": map[string]any{}}), member(t, first(nil))())
	if diff := cmp.Diff([]string{"update /etc/rancher/k3s/config.yaml", "update /etc/systemd/system/k3s.service.env", "run k3s.service"}, again); diff != "" {
		t.Error(diff)
	}
	if got := targets(t, agent(module.Args{"token": module.NewSecret("other")}), member(t, agent(nil))()); !cmp.Equal(got, []string{"update /etc/rancher/k3s/token", "run k3s-agent.service"}) {
		t.Error(got)
	}
}

func TestTheConfigurationIsJSONWithItsSecrets(t *testing.T) {
	t.Parallel()
	text, err := document(map[string]any{"agent-token": module.NewSecret("hunter2"), "a": "<b>"})
	var got map[string]any
	if err != nil || json.Unmarshal(text, &got) != nil || got["agent-token"] != "hunter2" || !strings.Contains(string(text), "<b>") {
		t.Errorf("%s, %v", text, err)
	}
	if !hides([]any{map[string]any{"x": module.NewSecret("y")}}) || hides(map[string]any{"x": "y"}) {
		t.Error("a secret is overlooked, or seen where none is")
	}
	if got := string(environment(map[string]module.Secret{"B": module.NewSecret(`a"\$`), "A": module.NewSecret("x")})); got != "A=\"x\"\nB=\"a\\\"\\\\\\$\"\n" {
		t.Error(got)
	}
}

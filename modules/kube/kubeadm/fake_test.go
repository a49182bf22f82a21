package kubeadm_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/modules/kube/kubeadm/manifest"
)

const (
	etc   = "/etc/kubernetes/"
	pki   = etc + "pki/"
	ours  = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	alien = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
)

const kubeletText = "kind: KubeletConfiguration\nshutdownGracePeriod: 1m0s\nevictionHard:\n  memory.available: 100Mi\n"

// cluster is what a fake kubectl and kubeadm know beside the host.
type cluster struct {
	down    string // why the API does not answer
	objects map[string]any
	fails   string // what kubeadm ends with
	given   string // what kubeadm read last
	ends    time.Time
	etcd    string // whether the host's member is a learner, "" if etcd does not answer
}

// lab is a host with kubeadm, and its cluster.
type lab struct {
	*systemtest.Fake
	*cluster
}

func newLab() *lab {
	l := &lab{systemtest.New(), &cluster{objects: map[string]any{}, ends: time.Now().AddDate(1, 0, 0)}}
	l.Host.Hostname = "K1"
	for _, p := range []string{"/usr/local/bin/kubeadm", "/usr/local/bin/kubectl", "/usr/local/bin/ctr"} {
		l.Files[p] = systemtest.File{Text: "ELF", Attrs: system.Attrs{Mode: 0o755}}
	}
	systemtest.Systemd(l.Fake)
	l.Files["/etc/systemd/system/kubelet.service"] = systemtest.File{Text: "[Service]\n[Install]\n"}
	l.Set("kubelet.service", system.Unit{Enabled: true})
	l.Commands["kubeadm"] = l.kubeadm
	l.Commands["kubectl"] = l.kubectl
	l.Commands["yaml"] = toJSON
	l.Commands["pki"] = inspect
	l.Commands["journalctl"] = systemtest.Prints("kubelet: it does not like it\n")
	l.Commands["ctr"] = ctr
	return l
}

func ctr(_ *systemtest.Fake, c system.Cmd) system.Output {
	switch line := strings.Join(c.Argv[3:], " "); {
	case line == "tasks ls":
		return system.Output{Stdout: []byte("TASK    PID    STATUS\nabc     100    RUNNING\n")}
	case strings.HasPrefix(line, "containers ls -q labels"):
		return system.Output{Stdout: []byte("abc\ndead\n")}
	case line == "tasks kill --signal SIGTERM abc":
		return system.Output{}
	}
	return system.Output{Code: 1, Stderr: []byte("ctr: not known to the fake: " + c.String())}
}

// toJSON is `yaml to-json`.
func toJSON(_ *systemtest.Fake, c system.Cmd) system.Output {
	docs, d := []any{}, yaml.NewDecoder(strings.NewReader(string(c.Stdin)))
	for {
		var doc any
		if d.Decode(&doc) != nil {
			break
		}
		docs = append(docs, doc)
	}
	out, err := json.Marshal(docs)
	if err != nil {
		return system.Output{Code: 9, Stderr: []byte(err.Error())}
	}
	return system.Output{Stdout: out}
}

// inspect is `pki inspect` of files that hold its answer.
func inspect(f *systemtest.Fake, c system.Cmd) system.Output {
	all := []map[string]any{}
	for _, p := range c.Argv[2:] {
		e := map[string]any{"path": p}
		if file, ok := f.Files[p]; !ok {
			e["absent"] = true
		} else if json.Unmarshal([]byte(file.Text), &e) != nil {
			e["error"] = "it holds nothing in PEM"
		}
		all = append(all, e)
	}
	out, _ := json.Marshal(all)
	return system.Output{Stdout: out}
}

func (l *lab) kubectl(_ *systemtest.Fake, c system.Cmd) system.Output {
	if l.down != "" {
		return system.Output{Code: 1, Stderr: []byte(l.down)}
	}
	if slices.Contains(c.Argv, "component=etcd") {
		text := fmt.Sprintf(`{"kind":"List","items":[{"kind":"Pod","metadata":{"name":"etcd-k0"},"status":{"conditions":[{"type":"Ready","status":%q}]}}]}`, map[bool]string{true: "True", false: "False"}[l.etcd != ""])
		return system.Output{Stdout: []byte(text)}
	}
	if slices.Contains(c.Argv, "rollout") {
		return system.Output{}
	}
	if slices.Contains(c.Argv, "etcdctl") {
		return system.Output{Stdout: []byte("c155f17080f657a6, started, k0, https://10.0.0.2:2380, https://10.0.0.2:2379, false\nc155f17080f657a7, started, k1, https://10.0.0.1:2380, https://10.0.0.1:2379, " + l.etcd + "\n")}
	}
	i := slices.Index(c.Argv, "json")
	items := []any{}
	for _, name := range c.Argv[i+1:] {
		if o, ok := l.objects[name]; ok {
			items = append(items, o)
		}
	}
	var out []byte
	switch len(items) {
	case 0:
	case 1:
		out, _ = json.Marshal(items[0])
	default:
		out, _ = json.Marshal(map[string]any{"kind": "List", "items": items})
	}
	return system.Output{Stdout: out}
}

// has puts objects into the cluster.
func (l *lab) put(name string, more map[string]any) {
	kind, n, _ := strings.Cut(name, "/")
	o := map[string]any{"kind": kind, "metadata": map[string]any{"name": n}}
	maps.Copy(o, more)
	l.objects[name] = o
}

func (l *lab) node(ready, plane bool, version string) {
	labels := map[string]any{"kubernetes.io/os": "linux"}
	if plane {
		labels["node-role.kubernetes.io/control-plane"] = ""
	}
	l.put("Node/k1", map[string]any{"metadata": map[string]any{"name": "k1", "labels": labels}, "status": map[string]any{
		"conditions": []any{map[string]any{"type": "Ready", "status": map[bool]string{true: "True", false: "False"}[ready]}},
		"nodeInfo":   map[string]any{"kubeletVersion": version},
	}})
}

func file(mode fs.FileMode, text string) systemtest.File {
	return systemtest.File{Text: text, Attrs: system.Attrs{Owner: "root", Group: "root", Mode: mode}}
}

func cert(spki string, names ...string) systemtest.File {
	text, _ := json.Marshal(map[string]any{"kind": "certificate", "spki_sha256": spki, "sans": map[string]any{"dns": names, "ips": []string{"10.0.0.1"}}})
	return file(0o644, string(text))
}

// stored is how kubeadm keeps and completes a configuration.
func stored(version, args string) string {
	text := "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: " + version + "\ncertificatesDir: /etc/kubernetes/pki\ndns: {}\n" +
		"networking:\n  podSubnet: 10.244.0.0/16\n  serviceSubnet: 10.96.0.0/12\n"
	if args != "" {
		text += "apiServer:\n  extraArgs:\n  - name: audit-log-maxage\n    value: \"" + args + "\"\n"
	}
	return text
}

// pieces are the files of a control plane.
func pieces() map[string]systemtest.File {
	out := map[string]systemtest.File{
		pki + "ca.crt": cert(ours), pki + "apiserver.crt": cert(alien, "k1", "kubernetes"),
		"/var/lib/etcd/member": systemtest.Dir(), "/var/lib/kubelet/config.yaml": file(0o644, kubeletText), "/var/lib/kubelet/kubeadm-flags.env": file(0o644, "X"),
	}
	for _, p := range strings.Fields("apiserver-kubelet-client front-proxy-ca front-proxy-client apiserver-etcd-client etcd/ca etcd/server etcd/peer etcd/healthcheck-client") {
		out[pki+p+".crt"] = cert(alien)
	}
	for _, p := range strings.Fields("ca apiserver apiserver-kubelet-client front-proxy-ca front-proxy-client apiserver-etcd-client etcd/ca etcd/server etcd/peer etcd/healthcheck-client sa") {
		out[pki+p+".key"] = file(0o600, "KEY")
	}
	out[pki+"sa.pub"] = file(0o600, "PUB")
	for _, c := range []string{"admin", "controller-manager", "scheduler"} {
		out[etc+c+".conf"] = file(0o600, c)
	}
	out[etc+"kubelet.conf"] = file(0o600, "client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem")
	for _, c := range []string{"kube-controller-manager", "kube-scheduler", "etcd"} {
		out[etc+"manifests/"+c+".yaml"] = pod(c)
	}
	out[etc+"manifests/kube-apiserver.yaml"] = pod("kube-apiserver", "--audit-log-maxage=30")
	return out
}

// pod is a manifest.
func pod(name string, args ...string) systemtest.File {
	text := "kind: Pod\nspec:\n  containers:\n  - command:\n    - " + name + "\n"
	for _, a := range args {
		text += "    - '" + a + "'\n"
	}
	return file(0o600, text+"    image: registry.k8s.io/"+name+":v1.34.4\n")
}

// manifests writes those of a control plane as kubeadm makes them of what it was given.
func (l *lab) manifests(which string) {
	sections := map[string]string{"apiserver": "apiServer", "controller-manager": "controllerManager", "scheduler": "scheduler"}
	for _, line := range strings.Split(l.given, "---\n") {
		var d struct {
			Kind string
			Etcd struct{ External struct{ Endpoints []string } }
		}
		all := map[string]any{}
		if yaml.Unmarshal([]byte(line), &d) != nil || yaml.Unmarshal([]byte(line), &all) != nil || d.Kind != "ClusterConfiguration" {
			continue
		}
		for name, section := range sections {
			if which != "all" && which != name {
				continue
			}
			m, _ := all[section].(map[string]any)
			args := manifest.Arguments(m["extraArgs"])
			if e := d.Etcd.External.Endpoints; name == "apiserver" && e != nil {
				args = append(args, "--etcd-servers="+strings.Join(e, ","))
			}
			l.Files[etc+"manifests/kube-"+name+".yaml"] = pod("kube-"+name, args...)
		}
	}
}

// keep writes pieces that are not there; what ends in one of again is written anyhow.
func (l *lab) keep(all map[string]systemtest.File, again ...string) {
	for p, f := range all {
		if _, has := l.Files[p]; !has || slices.ContainsFunc(again, func(s string) bool { return strings.Contains(p, s) }) {
			l.Files[p] = f
		}
	}
	u := l.Objects[system.Key{Kind: "unit", Name: "kubelet.service"}].(system.Unit)
	u.Active = true
	l.Set("kubelet.service", u)
}

// kubeadm does what kubeadm does, as far as a module sees it.
func (l *lab) kubeadm(f *systemtest.Fake, c system.Cmd) system.Output {
	words := strings.Join(c.Argv[1:], " ")
	is := func(prefix string) bool { return strings.HasPrefix(words, prefix) }
	switch {
	case is("version"):
		return system.Output{Stdout: []byte("v1.34.4\n")}
	case is("config validate"):
		if strings.Contains(string(c.Stdin), "podSubent") {
			return system.Output{Code: 1, Stderr: []byte("error: strict decoding error: unknown field \"networking.podSubent\"\nTo see the stack trace of this error execute with --v=5 or higher\n")}
		}
		return system.Output{Stdout: []byte("ok\n")}
	case is("config migrate"):
		return migrate(string(c.Stdin))
	case is("certs check-expiration"):
		return l.expiry()
	case l.fails != "":
		return system.Output{Code: 1, Stdout: []byte("[init] Using Kubernetes version: v1.34.4\n"), Stderr: []byte(l.fails)}
	}
	l.given = string(c.Stdin)
	return l.change(f, c, words, is)
}

func (l *lab) change(f *systemtest.Fake, c system.Cmd, words string, is func(string) bool) system.Output {
	switch {
	case is("init phase upload-config kubelet"):
		l.put("ConfigMap/kubelet-config", map[string]any{"data": map[string]any{"kubelet": kubeletText + "maxPods: 250\n"}})
	case is("init phase addon kube-proxy"):
		l.put("ConfigMap/kube-proxy", map[string]any{"data": map[string]any{"config.conf": "kind: KubeProxyConfiguration\nmode: ipvs\niptables:\n  syncPeriod: 0s\n"}})
	case is("upgrade node phase kubelet-config"):
		l.Files["/var/lib/kubelet/config.yaml"] = file(0o644, kubeletText+"maxPods: 250\n")
	case is("init phase upload-config"):
		l.put("ConfigMap/kubeadm-config", map[string]any{"data": map[string]any{"ClusterConfiguration": string(migrate(string(c.Stdin)).Stdout)}})
	case is("init phase certs apiserver"):
		l.Files[pki+"apiserver.crt"], l.Files[pki+"apiserver.key"] = cert(alien, "k1", "kubernetes", "api.example.org"), file(0o600, "KEY")
	case is("init phase control-plane"):
		l.manifests(c.Argv[4])
		l.pods(time.Now())
	case is("init phase addon"):
	case is("init"):
		all := pieces()
		all[etc+"super-admin.conf"] = file(0o600, "super")
		l.keep(all, "manifests/", "/var/lib/kubelet/")
		l.begun()
	case is("join"):
		all := pieces()
		if !strings.Contains(l.given, "controlPlane") {
			all = map[string]systemtest.File{pki + "ca.crt": cert(ours), etc + "kubelet.conf": all[etc+"kubelet.conf"],
				"/var/lib/kubelet/config.yaml": all["/var/lib/kubelet/config.yaml"], "/var/lib/kubelet/kubeadm-flags.env": all["/var/lib/kubelet/kubeadm-flags.env"]}
		}
		l.keep(all, "manifests/", "/var/lib/kubelet/", "kubelet.conf")
		delete(l.Files, etc+"bootstrap-kubelet.conf")
		l.node(true, strings.Contains(l.given, "controlPlane"), "v1.34.4")
	case is("reset"):
		l.left(strings.Contains(words, "remove-etcd-member"))
	case is("upgrade"):
		for _, p := range []string{"kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"} {
			if _, has := f.Files[etc+"manifests/"+p+".yaml"]; has {
				f.Files[etc+"manifests/"+p+".yaml"] = pod(p)
			}
		}
		if is("upgrade apply") {
			l.put("ConfigMap/kubeadm-config", map[string]any{"data": map[string]any{"ClusterConfiguration": stored("v1.34.4", "")}})
			l.proxy("v1.34.4")
		} else if _, plane := f.Files[etc+"admin.conf"]; !plane {
			l.node(true, false, "v1.34.4") // and another task replaces the kubelet
		}
	case is("certs renew all"):
		l.ends = time.Now().AddDate(1, 0, 0)
		l.pods(time.Now().Add(time.Minute)) // the kubelet starts them again
	default:
		return system.Output{Code: 1, Stderr: []byte("kubeadm: not known to the fake: " + words)}
	}
	return system.Output{}
}

// left removes what reset removes.
func (l *lab) left(notEtcd bool) {
	for p := range l.Files {
		if notEtcd && strings.HasPrefix(p, "/var/lib/etcd/") {
			continue
		}
		if strings.HasPrefix(p, pki) || strings.HasPrefix(p, etc+"manifests/") || strings.HasPrefix(p, "/var/lib/etcd/") || strings.HasPrefix(p, "/var/lib/kubelet/") || strings.HasPrefix(p, etc) && strings.HasSuffix(p, ".conf") {
			delete(l.Files, p)
		}
	}
	u := l.Objects[system.Key{Kind: "unit", Name: "kubelet.service"}].(system.Unit)
	u.Active = false
	l.Set("kubelet.service", u)
	delete(l.objects, "Node/k1")
}

// begun is a cluster whose init is through.
func (l *lab) begun() {
	l.node(true, true, "v1.34.4")
	l.put("ConfigMap/kubeadm-config", map[string]any{"data": map[string]any{"ClusterConfiguration": stored("v1.34.4", "30")}})
	l.put("ConfigMap/kubelet-config", map[string]any{"data": map[string]any{"kubelet": kubeletText}})
	l.put("ConfigMap/kube-proxy", map[string]any{"data": map[string]any{"config.conf": "kind: KubeProxyConfiguration\nmode: \"\"\niptables:\n  syncPeriod: 0s\n"}})
	l.put("Deployment/coredns", nil)
	l.proxy("v1.34.4")
	l.pods(time.Now())
	l.down = ""
}

func (l *lab) proxy(version string) {
	l.put("DaemonSet/kube-proxy", map[string]any{"spec": map[string]any{"template": map[string]any{"spec": map[string]any{"containers": []any{map[string]any{"image": "registry.k8s.io/kube-proxy:" + version}}}}}})
}

// pods are the static pods, started at a time.
func (l *lab) pods(at time.Time) {
	for _, c := range []string{"kube-apiserver", "kube-controller-manager", "kube-scheduler"} {
		l.pod(c, at)
	}
}

// pod is one of them; one that does not run has no time.
func (l *lab) pod(name string, at time.Time) {
	state := map[string]any{"waiting": map[string]any{"reason": "CrashLoopBackOff"}}
	if !at.IsZero() {
		state = map[string]any{"running": map[string]any{"startedAt": at.UTC().Format(time.RFC3339)}}
	}
	l.put("Pod/"+name+"-k1", map[string]any{"status": map[string]any{
		"conditions":        []any{map[string]any{"type": "Ready", "status": "True"}},
		"containerStatuses": []any{map[string]any{"name": name, "state": state}},
	}})
}

func (l *lab) expiry() system.Output {
	var all []map[string]any
	for _, n := range []string{"admin.conf", "apiserver", "apiserver-etcd-client", "apiserver-kubelet-client", "controller-manager.conf", "scheduler.conf", "front-proxy-client"} {
		all = append(all, map[string]any{"name": n, "expirationDate": l.ends.UTC().Format(time.RFC3339)})
	}
	all = append(all, map[string]any{"name": "super-admin.conf", "expirationDate": nil, "missing": true})
	out, _ := json.Marshal(map[string]any{"certificates": all, "certificateAuthorities": []any{map[string]any{"name": "ca", "expirationDate": time.Now().AddDate(0, 0, 7).UTC().Format(time.RFC3339)}}})
	return system.Output{Stdout: out}
}

// migrate completes a configuration.
func migrate(in string) system.Output {
	var out []string
	for text := range strings.SplitSeq(in, "---\n") {
		var d map[string]any
		if yaml.Unmarshal([]byte(text), &d) != nil || d["kind"] != "ClusterConfiguration" {
			continue
		}
		done := map[string]any{}
		_ = yaml.Unmarshal([]byte(stored("v1.34.4", "")), &done)
		for k, v := range d {
			if m, ok := v.(map[string]any); ok && done[k] != nil {
				maps.Copy(done[k].(map[string]any), m)
			} else {
				done[k] = v
			}
		}
		b, _ := yaml.Marshal(done)
		out = append(out, string(b))
	}
	return system.Output{Stdout: fmt.Append(nil, strings.Join(out, "---\n"))}
}

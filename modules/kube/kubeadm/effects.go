package kubeadm

import (
	"io/fs"
	"path"
	"slices"

	"github.com/gokube/gokube/engine/system"
)

// effects gathers what a command of kubeadm brings about.
type effects struct {
	h   *host
	set []system.Effect
}

// file is a file that kubeadm makes. One that is there it leaves as it is.
func (e *effects) file(mode fs.FileMode, paths ...string) {
	for _, p := range paths {
		if there, known := e.has(p); !there || !known {
			e.set = append(e.set, system.Holds(p, system.Info{Attrs: owned(mode)}))
		}
	}
}

// again is a file that kubeadm writes, whatever is there.
func (e *effects) again(mode fs.FileMode, paths ...string) {
	for _, p := range paths {
		e.set = append(e.set, system.Holds(p, system.Info{Attrs: owned(mode)}))
	}
}

func (e *effects) has(p string) (there, known bool) {
	if e.h.mended[p] {
		return false, true
	}
	_, err := e.h.r.Lstat(p)
	return err == nil, err == nil || !system.Absent(err)
}

// dir is a directory that kubeadm makes if it is not there.
func (e *effects) dir(paths ...string) {
	for _, p := range paths {
		if there, _ := e.has(p); !there {
			e.set = append(e.set, system.Holds(p, system.Info{Type: fs.ModeDir}))
		}
	}
}

func owned(mode fs.FileMode) system.Attrs {
	return system.Attrs{Owner: "root", Group: "root", Mode: mode}
}

// vague is all at or below paths that end in a slash.
func (e *effects) vague(keys ...system.Key) {
	for _, k := range keys {
		e.set = append(e.set, system.Vague(k))
	}
}

// kubelet is the kubelet, started or stopped, with its files read anew.
func (e *effects) kubelet(active bool) {
	e.vague(system.AllUnits())
	if e.h.kubelet.err != nil {
		e.vague(system.Key{Kind: "unit", Name: "kubelet.service"})
		return
	}
	u := e.h.kubelet.Unit
	u.Active, u.Stale = active, false
	e.set = append(e.set, system.Holds("kubelet.service", u))
}

// node is what changes with any member.
func (e *effects) node() {
	e.vague(system.Path(kubeletDir + "/"))
	e.again(0o644, kubeletConfig, kubeletFlags)
	e.kubelet(true)
	e.vague(system.Key{Kind: "cluster", Name: "node/" + e.h.node})
}

// certificates are those of a control plane; shared ones it may have been given.
func (e *effects) certificates() {
	e.dir(e.h.pki(""))
	pairs := []string{"ca", "apiserver", "apiserver-kubelet-client", "front-proxy-ca", "front-proxy-client"}
	if e.h.stacked() {
		e.dir(e.h.pki("etcd"))
		pairs = append(pairs, "apiserver-etcd-client", "etcd/ca", "etcd/server", "etcd/peer", "etcd/healthcheck-client")
	}
	for _, p := range pairs {
		e.file(0o644, e.h.pki(p+".crt"))
		e.file(0o600, e.h.pki(p+".key"))
	}
	e.file(0o600, e.h.pki("sa.key"), e.h.pki("sa.pub"))
}

// plane is what makes a control plane of a member.
func (e *effects) plane() {
	e.dir(path.Dir(manifestOf("etcd")))
	e.certificates()
	e.file(0o600, adminConf, managerConf, schedulerConf)
	for _, c := range components {
		e.again(0o600, manifestOf(c))
	}
	if e.h.stacked() {
		e.again(0o600, manifestOf("etcd"))
		e.vague(system.Path(e.h.etcdDir() + "/"))
	}
}

// begins are the effects of an init.
func (h *host) begins() system.Effects {
	e := &effects{h: h}
	e.dir(etc)
	e.plane()
	e.file(0o600, superConf, kubeletConf)
	e.node()
	e.vague(system.Key{Kind: "cluster", Name: "token"})
	return e.closed("kubeadm init", h.args.SkipPhases)
}

// joins are the effects of a join.
func (h *host) joins() system.Effects {
	e := &effects{h: h}
	e.dir(etc, h.pki(""))
	if h.args.Role == "control_plane" {
		e.plane()
	} else {
		e.file(0o644, h.pki("ca.crt"))
	}
	e.again(0o600, kubeletConf)
	e.set = append(e.set, system.Gone(system.Path(bootstrapConf)))
	e.node()
	return e.closed("kubeadm join", h.args.SkipPhases)
}

// closed are the effects gathered. What a phase that is skipped brings about is not
// told apart: of it nothing is known.
func (e *effects) closed(why string, skipped []string) system.Effects {
	if slices.ContainsFunc(skipped, early) {
		for i, x := range e.set {
			if x.Kind == "path" {
				e.set[i] = system.Vague(x.Key)
			}
		}
	}
	out := system.Closed(e.set...)
	out.Why = why
	return out
}

// early reports whether a phase makes files.
func early(phase string) bool {
	for _, p := range []string{"certs", "kubeconfig", "etcd", "control-plane", "kubelet-start", "control-plane-prepare", "etcd-join"} {
		if phase == p || len(phase) > len(p) && phase[:len(p)+1] == p+"/" {
			return true
		}
	}
	return false
}

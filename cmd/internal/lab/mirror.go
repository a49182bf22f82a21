//go:build linux

package lab

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"

	"github.com/gokube/gokube/cmd/internal/lab/image"
	"github.com/gokube/gokube/cmd/internal/lab/mirror"
	"github.com/gokube/gokube/cmd/internal/lab/mirror/build"
	"github.com/gokube/gokube/cmd/internal/lab/mirror/serve"
	"github.com/gokube/gokube/cmd/internal/lab/state"
	"github.com/gokube/gokube/cmd/internal/lab/supervisor"
)

// BuildMirror makes what labs' mirrors serve, as far as it is not there, and gives
// its folders. Recipes is the folder of recipes; empty is the one in gokube's
// sources that the working folder is in.
func BuildMirror(ctx context.Context, log io.Writer, recipes string) ([]string, error) {
	return builder(log, recipes).Build(ctx)
}

func builder(log io.Writer, recipes string) mirror.Builder {
	cache := image.DefaultCache(log)
	return mirror.Builder{
		Cache:   filepath.Join(cache.Root, "mirror"),
		Recipes: recipes,
		Log:     log,
		Base: func(ctx context.Context) (build.Base, error) {
			sources, err := image.MachineSources("/")
			if err != nil {
				return build.Base{}, err
			}
			used := func() []string { return layersInUse(state.Default()) }
			layers, err := cache.Layers(ctx, image.Plain, sources, used)
			if err != nil {
				return build.Base{}, err
			}
			return build.Base{Dir: layers[0], Key: filepath.Base(layers[0])}, nil
		},
		InUse: func() (used []string) {
			labs, _ := state.Default().Labs()
			for _, l := range labs {
				used = append(used, l.Mirror...)
			}
			return used
		},
	}
}

// checkMirror refuses faults that the mirror cannot have.
func (o *Options) checkMirror() error {
	if len(o.Faults) > 0 && !o.Mirror {
		return errors.New("set faults of the mirror: the lab has none, ask for it with --mirror")
	}
	for _, f := range o.Faults {
		if _, err := serve.ParseFault(f); err != nil {
			return err
		}
	}
	return nil
}

// Mirror is the address and port of the lab's mirror as hosts reach it, empty
// where the lab has none.
func (l *Lab) Mirror() string { return mirrorAddress(l.state) }

func mirrorAddress(l *state.Lab) string {
	if len(l.Mirror) == 0 {
		return ""
	}
	return net.JoinHostPort(l.Gateway, mirror.Port)
}

// SetMirrorFaults replaces what the lab's mirror does wrong; none makes it behave.
// Each is KIND:PATH, where PATH is how the path of a request ends, and KIND an HTTP
// status, half (the answer ends half way) or wrong (its last byte differs).
func (l *Lab) SetMirrorFaults(ctx context.Context, faults ...string) error {
	_, err := l.call(ctx, supervisor.Request{Op: supervisor.Faults, Faults: faults})
	return err
}

// mirrorVars are what a playbook is told of the mirror, and of what no host of a
// lab may do: the sizes of connection tracking are the machine's, and so is the
// right to spare a process from running out of memory. Its disk is the machine's too:
// how full that is must not have pods evicted, nor images.
type mirrorVars struct {
	FilesRepo    string `yaml:"files_repo"`
	RegistryHost string `yaml:"registry_host"`

	ConntrackMaxPerCore int  `yaml:"kube_proxy_conntrack_max_per_core"`
	ConntrackMin        int  `yaml:"kube_proxy_conntrack_min"`
	RestrictOOMScore    bool `yaml:"containerd_restrict_oom_score_adj"`

	Kubelet kubeletVars `yaml:"kubelet_config_extra_args"`
}

type kubeletVars struct {
	EvictionHard map[string]string `yaml:"evictionHard"`
	ImageGC      int               `yaml:"imageGCHighThresholdPercent"`
}

func mirrorVarsOf(l *state.Lab) *mirrorVars {
	at := mirrorAddress(l)
	if at == "" {
		return nil
	}
	return &mirrorVars{FilesRepo: "http://" + at, RegistryHost: at, RestrictOOMScore: true,
		Kubelet: kubeletVars{ImageGC: 100, EvictionHard: map[string]string{
			"memory.available": "100Mi", "nodefs.available": "0%", "nodefs.inodesFree": "0%", "imagefs.available": "0%", "imagefs.inodesFree": "0%"}}}
}

package packages

import (
	"context"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// AptArgs are the arguments of the apt module.
type AptArgs struct {
	// Name is the package, or a list of them, each maybe with a version: name=1.2,
	// or name=1.2*.
	Name []string `arg:"name,alias=package,alias=pkg" target:"package"`
	// State is what is to become of them; latest is apt's candidate.
	State string `arg:"state" enum:"present|installed|fixed|absent|removed|latest" default:"present"`
	// InstallRecommends installs what packages recommend; unset, apt decides.
	InstallRecommends *bool `arg:"install_recommends,alias=install-recommends"`
	// DefaultRelease is the release to prefer.
	DefaultRelease string `arg:"default_release,alias=default-release"`
	// Purge removes settings too, with state absent.
	Purge bool `arg:"purge"`
	// Autoremove removes with state absent what nothing else needs any more.
	Autoremove bool `arg:"autoremove"`
	// OnlyUpgrade installs nothing that is not installed.
	OnlyUpgrade bool `arg:"only_upgrade"`
	// AllowDowngrade lets a version that is asked for be older.
	AllowDowngrade bool `arg:"allow_downgrade,alias=allow_downgrades,alias=allow-downgrade,alias=allow-downgrades"`
	// AllowChangeHeldPackages changes packages that are held.
	AllowChangeHeldPackages bool `arg:"allow_change_held_packages"`
	// DpkgOptions are options of dpkg, without their dashes, with commas between.
	DpkgOptions string `arg:"dpkg_options" default:"force-confdef,force-confold"`
	// LockTimeout is how many seconds to wait for another apt to end.
	LockTimeout int `arg:"lock_timeout" default:"120"`
	Options
}

// Apt installs packages with apt.
var Apt = module.Define(module.Spec{
	Name: "apt", Summary: "Install or remove packages with apt",
	OneOf:   [][]string{{"name", "update_cache", "cache_valid_time"}},
	Example: "- apt: {update_cache: true, cache_valid_time: 3600}\n- apt:\n    name: [kubelet=1.31.4-1.1, kubeadm=1.31.4-1.1]\n    allow_change_held_packages: true\n- apt: {name: nginx, state: latest, update_cache: true, install_recommends: false}\n",
	Output:  outputs(),
}, func(ctx context.Context, r system.Reader, a *AptArgs) (*module.Plan, error) {
	q, err := newRequest(a.Options, a.tool(), a.State, a.Name)
	if err != nil {
		return nil, err
	}
	if a.OnlyUpgrade {
		if err := q.onlyInstalled(ctx, r); err != nil || len(q.wants) == 0 && len(a.Name) > 0 {
			return &module.Plan{Note: "none of them is installed"}, err
		}
	}
	return q.plan(ctx, r)
})

// onlyInstalled drops what is not there.
func (q *request) onlyInstalled(ctx context.Context, r system.Reader) (err error) {
	q.wants = slices.DeleteFunc(q.wants, func(w *want) bool {
		if lookErr := w.look(ctx, r); err == nil {
			err = lookErr
		}
		return !w.there && !w.unsure
	})
	return err
}

// tool is apt as a asks for it.
func (a *AptArgs) tool() tool {
	get := []string{"apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=" + seconds(a.LockTimeout)}
	options := a.DpkgOptions
	if options == "" {
		options = "force-confdef,force-confold"
	}
	for o := range strings.SplitSeq(options, ",") {
		get = append(get, "-o", "Dpkg::Options::=--"+strings.TrimSpace(o))
	}
	t := tool{
		name: "apt", pin: "=", strict: true, parse: parsePolicy,
		// Nobody is there to answer, and services are restarted by tasks that say so.
		env:      []string{"DEBIAN_FRONTEND=noninteractive", "APT_LISTCHANGES_FRONTEND=none", "NEEDRESTART_MODE=l", "UCF_FORCE_CONFFOLD=1"},
		query:    []string{"apt-cache", "policy"},
		versions: []string{"apt-cache", "madison"},
		fresh:    []string{"sh", "-c", peek, "apt"},
		update:   append(slices.Clone(get), "update"),
		keeps:    []string{"/etc/apt/", "/var/lib/apt/"},
		lists:    "/var/lib/apt/lists",
		list:     "*_Packages*",
		journal:  "/var/lib/dpkg/updates/0000",
		patience: a.LockTimeout,
		mend:     []string{"dpkg", "--force-confdef", "--force-confold", "--configure", "-a"},
	}
	t.install = append(append(slices.Clone(get), a.flags()...), "install")
	t.remove = get
	if a.Autoremove {
		t.remove = append(t.remove, "--auto-remove")
	}
	if a.Purge {
		t.remove = append(t.remove, "purge")
	} else {
		t.remove = append(t.remove, "remove")
	}
	return t
}

func (a *AptArgs) flags() (out []string) {
	if a.DefaultRelease != "" {
		out = append(out, "-t", a.DefaultRelease)
	}
	switch {
	case a.InstallRecommends == nil:
	case *a.InstallRecommends:
		out = append(out, "--install-recommends")
	default:
		out = append(out, "--no-install-recommends")
	}
	if a.AllowDowngrade {
		out = append(out, "--allow-downgrades")
	}
	if a.AllowChangeHeldPackages {
		out = append(out, "--allow-change-held-packages")
	}
	return out
}

// peek asks for candidates with lists read anew into a folder that is removed
// again: only so can a plan tell whether something newer is on offer without
// changing the host. What the lists have in common with those of the host is not
// fetched again, and what the host does after it has read lists is left out.
const peek = `set -e
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
chmod 755 "$d"
mkdir -p "$d/lists/partial"
cp -a /var/lib/apt/lists/. "$d/lists/" 2>/dev/null || true
rm -f "$d/lists/lock"
printf '#clear APT::Update::Pre-Invoke;\n#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\nDir::State::Lists "%s/lists/";\nDir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n' "$d" >"$d/conf"
apt-get -q -c "$d/conf" update >&2
apt-cache -c "$d/conf" policy "$@"
`

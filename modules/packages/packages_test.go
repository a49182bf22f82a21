package packages_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/modules/packages"
)

const get = "apt-get -y -q -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "

const mend = "dpkg --force-confdef --force-confold --configure -a"

// debian offers nginx 1.22, curl 8.1 and chrony 4.5, and has vim 9.0, of which 9.1 is on offer.
func debian() *systemtest.Fake {
	f := systemtest.New()
	systemtest.Apt(f, map[string]string{"nginx": "1.22", "curl": "8.1", "chrony": "4.5", "vim": "9.1"})
	f.Set("vim", system.Package{Version: "9.0"})
	f.Files["/var/lib/apt/lists"] = systemtest.Dir()
	f.Commands["find"] = systemtest.Prints("")
	f.Commands["touch"] = systemtest.Prints("")
	f.Commands["sh"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
		return f.Commands["apt-cache"](f, system.Cmd{Argv: append([]string{"apt-cache", "policy"}, c.Argv[4:]...)})
	}
	return f
}

// interrupted is debian, whose dpkg was killed and refuses to work until that is
// mended, which another one keeps it from for a moment.
func interrupted() *systemtest.Fake {
	f := debian()
	f.Files["/var/lib/dpkg/updates/0000"] = systemtest.File{}
	apt := f.Commands["apt-get"]
	f.Commands["apt-get"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
		if _, broken := f.Files["/var/lib/dpkg/updates/0000"]; broken {
			return system.Output{Code: 100, Stderr: []byte("E: dpkg was interrupted")}
		}
		return apt(f, c)
	}
	held := true
	f.Commands["dpkg"] = func(f *systemtest.Fake, _ system.Cmd) system.Output {
		if held {
			held = false
			return system.Output{Code: 2, Stderr: []byte("dpkg: error: dpkg frontend lock was locked by another process with pid 7\nNote: removing it is wrong.\n")}
		}
		delete(f.Files, "/var/lib/dpkg/updates/0000")
		return system.Output{}
	}
	return f
}

// busy is debian, where another apt holds the lists for a moment.
func busy() *systemtest.Fake {
	f := debian()
	apt, held := f.Commands["apt-get"], true
	f.Commands["apt-get"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
		if slices.Contains(c.Argv, "update") && held {
			held = false
			return system.Output{Code: 100, Stderr: []byte("E: Unable to lock directory /var/lib/apt/lists/")}
		}
		return apt(f, c)
	}
	return f
}

// chrony's package brings a directory with a file, and a running unit.
func bringing() *systemtest.Fake {
	f := debian()
	systemtest.Systemd(f)
	apt := f.Commands["apt-get"]
	f.Commands["apt-get"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
		f.Files["/etc/chrony"] = systemtest.Dir()
		f.Files["/etc/chrony/chrony.conf"] = systemtest.File{Text: "pool x"}
		f.Files["/usr/bin/chronyc"] = systemtest.File{}
		f.Set("chrony.service", system.Unit{Enabled: true, Active: true})
		return apt(f, c)
	}
	return f
}

func key(name string) system.Key { return system.Key{Kind: "package", Name: name} }

func create(name, version string) change.Change {
	return change.Change{Action: change.Create, Kind: "package", Target: name, After: change.Attrs("version", version)}
}

func update(name, from, to string) change.Change {
	return change.Change{Action: change.Update, Kind: "package", Target: name, Before: change.Attrs("version", from), After: change.Attrs("version", to)}
}

func lists(tool string) change.Change {
	return change.Change{Action: change.Wait, Kind: "package lists", Target: tool}
}

func has(pairs ...string) moduletest.Then {
	w := moduletest.Then{Objects: map[system.Key]system.Object{}}
	for i := 0; i < len(pairs); i += 2 {
		w.Objects[key(pairs[i])] = system.Package{Version: pairs[i+1]}
	}
	return w
}

func ran(w moduletest.Then, commands ...string) moduletest.Then {
	w.Ran = commands
	return w
}

func TestPackage(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, packages.Package)
	moduletest.Run(t, packages.Package, []moduletest.Case{
		{Name: "installed already", Host: debian, Args: module.Args{"name": "vim"}, Then: has("vim", "9.0")},
		{Name: "after an interruption", Host: interrupted, Args: module.Args{"name": "curl"},
			Want: []change.Change{{Action: change.Run, Kind: "package manager", Target: "dpkg", Before: change.Attrs("state", "interrupted")}, create("curl", "8.1")},
			Then: ran(has("curl", "8.1"), mend, mend, get+"install curl")},
		{Name: "several at once", Host: debian, Args: module.Args{"name": []any{"nginx", "vim", "curl"}},
			Want: []change.Change{create("nginx", "1.22"), create("curl", "8.1")},
			Then: ran(has("nginx", "1.22", "curl", "8.1", "vim", "9.0"), get+"install nginx curl")},
		{Name: "what it brings", Host: bringing, Args: module.Args{"name": "chrony", "brings": []any{"/etc/chrony/", "/usr/bin/chronyc", "chrony.service"}},
			Want: []change.Change{create("chrony", "4.5")}, Then: has("chrony", "4.5")},
		{Name: "more than it is said to bring", Host: bringing, Args: module.Args{"name": "chrony", "brings": []any{"/etc/chrony/", "chrony"}},
			Want: []change.Change{create("chrony", "4.5")}, Err: "declared effects are closed, but path /usr/bin/chronyc changed"},
		{Name: "latest", Host: debian, Args: module.Args{"name": "vim,curl", "state": "latest"},
			Want: []change.Change{update("vim", "9.0", "9.1"), create("curl", "8.1")},
			Then: ran(has("vim", "9.1", "curl", "8.1"), get+"install vim curl")},
		{Name: "absent", Host: debian, Args: module.Args{"name": []any{"vim", "nginx"}, "state": "absent"},
			Want: []change.Change{{Action: change.Delete, Kind: "package", Target: "vim", Before: change.Attrs("version", "9.0")}},
			Then: moduletest.Then{Lacks: []system.Key{key("vim")}, Ran: []string{get + "remove vim"}}},
		{Name: "a version", Host: debian, Args: module.Args{"name": "vim=9.1"},
			Want: []change.Change{update("vim", "9.0", "9.1")}, Then: ran(has("vim", "9.1"), get+"install vim=9.1")},
		{Name: "a version that is there", Host: debian, Args: module.Args{"name": "vim=9.0"}},
		{Name: "a version that is not on offer", Host: debian, Args: module.Args{"name": "vim=7.0"}, Err: "install vim=7.0: there is no such version, but 9.1"},
		{Name: "no such package", Host: debian, Args: module.Args{"name": []any{"nginx", "nosuch"}}, Err: "install nosuch: no package of this name can be installed; if it is a new one, set update_cache: true"},
		{Name: "a file", Host: debian, Args: module.Args{"name": "/tmp/x.deb"}, Err: "it is a file"},
		{Name: "an option", Host: debian, Args: module.Args{"name": "--purge"}, Err: "is no name of a package"},
		{Name: "no package manager", Host: func() *systemtest.Fake { f := debian(); f.Host.PackageManager = ""; return f },
			Args: module.Args{"name": "nginx"}, Err: "change packages nginx: it has no package manager that is known here"},
		{Name: "ostree", Host: func() *systemtest.Fake { f := debian(); f.Host.PackageManager = "rpm-ostree"; return f },
			Args: module.Args{"name": "nginx"}, Err: "its package manager is rpm-ostree"},
		{Name: "none", Host: debian, Args: module.Args{"name": []any{}}},
	})
}

func TestApt(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, packages.Apt)
	aged := func() *systemtest.Fake {
		f := debian()
		f.Commands["find"] = systemtest.Prints("/var/lib/apt/lists\n/var/lib/apt/lists/x_Packages\n")
		return f
	}
	moduletest.Run(t, packages.Apt, []moduletest.Case{
		{Name: "lists first", Host: debian, Args: module.Args{"name": "nginx", "update_cache": true},
			Want: []change.Change{lists("apt"), create("nginx", change.Later)}, Output: map[string]any{"cache_updated": true},
			Then: ran(has("nginx", "1.22"), get+"update", get+"install nginx")},
		{Name: "while another apt reads lists", Host: busy, Args: module.Args{"name": "curl", "update_cache": true},
			Want: []change.Change{lists("apt"), create("curl", change.Later)},
			Then: ran(has("curl", "8.1"), get+"update", get+"update", get+"install curl")},
		{Name: "no lists for what is there", Host: debian, Args: module.Args{"name": "vim", "update_cache": true}, Output: map[string]any{"cache_updated": false}},
		{Name: "lists that are new", Host: aged, Args: module.Args{"name": "nginx", "cache_valid_time": 3600},
			Want: []change.Change{create("nginx", "1.22")}, Then: ran(has("nginx", "1.22"), get+"install nginx")},
		{Name: "lists that are old", Host: debian, Args: module.Args{"name": "nginx", "cache_valid_time": 3600},
			Want: []change.Change{lists("apt"), create("nginx", change.Later)},
			Then: ran(has("nginx", "1.22"), get+"update", "touch -c /var/lib/apt/lists", get+"install nginx")},
		{Name: "no lists yet", Host: func() *systemtest.Fake {
			f := debian()
			f.Commands["find"] = systemtest.Prints("/var/lib/apt/lists\n")
			return f
		}, Args: module.Args{"name": "nginx", "cache_valid_time": 3600}, Want: []change.Change{lists("apt"), create("nginx", change.Later)}},
		{Name: "lists alone", Host: debian, Args: module.Args{"update_cache": true}, OpaqueAgain: true,
			Want: []change.Change{lists("apt")}, Then: moduletest.Then{Ran: []string{get + "update"}}},
		{Name: "lists alone, that are new", Host: aged, Args: module.Args{"cache_valid_time": 60}},
		{Name: "latest by new lists", Host: debian, Args: module.Args{"name": "vim", "state": "latest", "update_cache": true},
			Want: []change.Change{lists("apt"), update("vim", "9.0", "9.1")}, Then: has("vim", "9.1")},
		{Name: "a version with a wildcard", Host: debian, Args: module.Args{"name": "nginx=1.2*"},
			Want: []change.Change{create("nginx", "1.22")}, Then: ran(has("nginx", "1.22"), get+"install nginx=1.22")},
		{Name: "options", Host: debian, Args: module.Args{"name": "curl", "install_recommends": false, "allow_change_held_packages": true, "default_release": "stable"},
			Want: []change.Change{create("curl", "8.1")},
			Then: ran(has("curl", "8.1"), get+"-t stable --no-install-recommends --allow-change-held-packages install curl")},
		{Name: "only upgrade", Host: debian, Args: module.Args{"name": []any{"curl", "vim"}, "only_upgrade": true, "state": "latest"},
			Want: []change.Change{update("vim", "9.0", "9.1")}, Then: moduletest.Then{Lacks: []system.Key{key("curl")}}},
		{Name: "purge", Host: debian, Args: module.Args{"name": "vim", "state": "absent", "purge": true, "autoremove": true},
			Want: []change.Change{{Action: change.Delete, Kind: "package", Target: "vim", Before: change.Attrs("version", "9.0")}},
			Then: moduletest.Then{Ran: []string{get + "--auto-remove purge vim"}}},
		{Name: "nothing asked", Host: debian, Args: module.Args{"state": "latest"}, Err: "missing argument: one of name, update_cache, cache_valid_time"},
		{Name: "a version and latest", Host: debian, Args: module.Args{"name": "vim=9.1", "state": "latest"}, Err: "exclude each other"},
	})
}

// other is a host of another package manager, simulated by its argv alone.
func other(name, query, answer string, installs ...string) func() *systemtest.Fake {
	return func() *systemtest.Fake {
		f := systemtest.New()
		f.Host.PackageManager = name
		f.Set("vim", system.Package{Version: "9.0"})
		f.Commands[name] = func(f *systemtest.Fake, c system.Cmd) system.Output {
			line := c.String()
			switch {
			case strings.HasPrefix(line, query):
				return system.Output{Stdout: []byte(answer)}
			case line == installs[0]:
				f.Set("nginx", system.Package{Version: "1.22"})
			case line == installs[len(installs)-1]:
				f.Set("vim", system.Package{Version: "9.1"})
			default:
				return systemtest.Fails(1, "not known to the fake: "+line)(f, c)
			}
			return system.Output{}
		}
		return f
	}
}

func TestOtherPackageManagers(t *testing.T) {
	t.Parallel()
	want := []change.Change{create("nginx", "1.22"), update("vim", "9.0", "9.1")}
	var cases []moduletest.Case
	for name, host := range map[string]func() *systemtest.Fake{
		"dnf":    other("dnf", "dnf -q -C repoquery", "nginx 1.22\n\nvim 0:9.1\n", "dnf -y -q install nginx", "dnf -y -q upgrade vim"),
		"zypper": other("zypper", "zypper -n -q --no-refresh info", "Name           : nginx\nVersion        : 1.22\n\nName           : vim\nVersion        : 9.1\n", "zypper -n -q install --auto-agree-with-licenses nginx", "zypper -n -q update vim"),
		"apk":    other("apk", "apk policy", "nginx policy:\n  1.22:\n    https://x/main\nvim policy:\n  9.1:\n    https://x/main\n  9.0:\n    lib/apk/db/installed\n", "apk add -q nginx", "apk add -q -u vim"),
	} {
		cases = append(cases, moduletest.Case{Name: name, Host: host, Args: module.Args{"name": []any{"nginx", "vim"}, "state": "latest"},
			Want: want, Then: has("nginx", "1.22", "vim", "9.1")})
	}
	moduletest.Run(t, packages.Package, cases)
}

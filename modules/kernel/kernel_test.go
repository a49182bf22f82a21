package kernel

import (
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
)

const (
	fstab = "/dev/vda1 / ext4 defaults 0 1\n/dev/vdb none swap sw 0 0\n"
	swaps = "Filename\tType\tSize\tUsed\tPriority\n/dev/vdb partition 1024 0 -2\n"
)

// host has what the modules of this family ask of a kernel.
func host() *systemtest.Fake {
	f := systemtest.New()
	f.Files["/etc/fstab"] = systemtest.File{Text: fstab}
	f.Files["/etc/hostname"] = systemtest.File{Text: "fake\n"}
	f.Files["/proc/swaps"] = systemtest.File{Text: swaps}
	f.Set("/dev/vdb", system.Swap{SizeKB: 1024})
	f.Set("/", system.Mount{Source: "/dev/vda1", FSType: "ext4", Options: "rw"})
	f.Set("net.ipv4.ip_forward", system.Sysctl{Value: "0"})
	f.Set("overlay", system.KernelModule{})
	f.Set("ext4", system.KernelModule{BuiltIn: true})
	f.Commands["sysctl"] = sysctl
	f.Commands["modprobe"] = modprobe
	f.Commands["mount"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
		n := len(c.Argv)
		f.Set(c.Argv[n-1], system.Mount{Source: c.Argv[n-2], FSType: c.Argv[2], Options: "rw," + c.Argv[4]})
		f.Files[c.Argv[n-1]+"/lost+found"] = systemtest.Dir()
		return system.Output{}
	}
	f.Commands["umount"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
		delete(f.Objects, system.Key{Kind: "mount", Name: c.Argv[1]})
		return system.Output{}
	}
	f.Commands["swapoff"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
		delete(f.Objects, system.Key{Kind: "swap", Name: c.Argv[1]})
		f.Files["/proc/swaps"] = systemtest.File{Text: strings.SplitAfter(swaps, "\n")[0]}
		return system.Output{}
	}
	return f
}

func sysctl(f *systemtest.Fake, c system.Cmd) system.Output {
	name, value, _ := strings.Cut(c.Argv[2], "=")
	if name == "kernel.hostname" {
		f.Set("", system.Hostname{Kernel: value, Static: "fake"})
		return system.Output{}
	}
	if _, ok := f.Objects[system.Named("sysctl", name)]; !ok {
		return systemtest.Fails(255, "sysctl: cannot stat "+name)(f, c)
	}
	f.Set(name, system.Sysctl{Value: value})
	return system.Output{}
}

func modprobe(f *systemtest.Fake, c system.Cmd) system.Output {
	switch name := c.Argv[1]; {
	case name == "-r":
		delete(f.Objects, system.Named("kernel module", c.Argv[2]))
	case name == "nope":
		return systemtest.Fails(1, "modprobe: FATAL: Module nope not found")(f, c)
	default:
		f.Set(system.Named("kernel module", name).Name, system.KernelModule{})
		if name == "br_netfilter" {
			f.Set("bridge", system.KernelModule{})
			f.Set("net.bridge.bridge-nf-call-iptables", system.Sysctl{Value: "1"})
		}
	}
	return system.Output{}
}

func file(action change.Action, path, before, after string) change.Change {
	c := change.Change{Action: action, Kind: "file", Target: path}
	if action != change.Create {
		c.Before = &change.Value{Text: &before}
	}
	if action != change.Delete {
		c.After = &change.Value{Text: &after}
	}
	return c
}

func dir(path string) change.Change {
	return change.Change{Action: change.Create, Kind: "directory", Target: path, After: change.Attrs("mode", "0755")}
}

func TestExamplesFit(t *testing.T) {
	t.Parallel()
	for _, m := range Modules() {
		moduletest.Examples(t, m)
	}
}

func TestSysctl(t *testing.T) {
	t.Parallel()
	const at, name = "/etc/sysctl.d/99-gokube.conf", "net.ipv4.ip_forward"
	kept := func(text string) func() *systemtest.Fake {
		return func() *systemtest.Fake { f := host(); f.Files[at] = systemtest.File{Text: text}; return f }
	}
	set := change.Change{Action: change.Update, Kind: "sysctl", Target: name, Before: change.Attrs("value", "0"), After: change.Attrs("value", "1")}
	moduletest.Run(t, Sysctl, []moduletest.Case{
		{Name: "now and later", Host: host, Args: module.Args{"name": name, "value": 1},
			Want: []change.Change{set, dir("/etc/sysctl.d"), file(change.Create, at, "", name+" = 1\n")},
			Then: moduletest.Then{Objects: map[system.Key]system.Object{system.Named("sysctl", name): system.Sysctl{Value: "1"}},
				Files: map[string]systemtest.File{at: {Text: name + " = 1\n", Attrs: system.Attrs{Mode: 0o644}}}}},
		{Name: "with slashes", Host: kept(""), Args: module.Args{"key": "net/ipv4/ip_forward", "val": "1"},
			Want: []change.Change{set, file(change.Update, at, "", name+" = 1\n")}},
		{Name: "it is so", Host: kept("x.y=1\n" + name + "=0\n"), Args: module.Args{"name": name, "value": " 0 "}},
		{Name: "later only", Host: kept(""), Args: module.Args{"name": name, "value": "1", "reload": false}, Want: []change.Change{file(change.Update, at, "", name+" = 1\n")}},
		{Name: "another file", Host: host, Args: module.Args{"name": name, "value": "0", "sysctl_file": "/etc/sysctl.conf"},
			Want: []change.Change{file(change.Create, "/etc/sysctl.conf", "", name+" = 0\n")}},
		{Name: "absent", Host: kept("a.b=1\n" + name + "=1\n"), Args: module.Args{"name": name, "state": "absent"},
			Want: []change.Change{file(change.Update, at, "a.b=1\n"+name+"=1\n", "a.b=1\n")}},
		{Name: "was absent", Host: host, Args: module.Args{"name": name, "state": "absent"}},
		{Name: "no such setting", Host: host, Args: module.Args{"name": "net.bridge.x", "value": "1"}, Err: "the kernel has no setting net.bridge.x, its module may have to be loaded first"},
		{Name: "no such setting, ignored", Host: kept(""), Args: module.Args{"name": "net.bridge.x", "value": "1", "ignoreerrors": true},
			Want: []change.Change{file(change.Update, at, "", "net.bridge.x = 1\n")}},
		{Name: "no value", Host: host, Args: module.Args{"name": name}, Err: "a value is wanted"},
		{Name: "a name of two lines", Host: host, Args: module.Args{"name": "a.b\nc.d", "value": "1"}, Err: `"a.b\nc.d" is no name of a kernel setting`},
		{Name: "an option", Host: host, Args: module.Args{"name": "-p", "value": "1"}, Err: `"-p" is no name`},
	})
}

func TestModprobe(t *testing.T) {
	t.Parallel()
	const load, options = "/etc/modules-load.d/br_netfilter.conf", "/etc/modprobe.d/br_netfilter.conf"
	created := change.Change{Action: change.Create, Kind: "kernel module", Target: "br_netfilter", After: change.Attrs()}
	persistent := func() *systemtest.Fake {
		f := host()
		f.Files[load], f.Files[options] = systemtest.File{Text: "br_netfilter\n"}, systemtest.File{Text: "options br_netfilter a=1\n"}
		return f
	}
	moduletest.Run(t, Modprobe, []moduletest.Case{
		{Name: "now", Host: host, Args: module.Args{"name": "br_netfilter"}, Want: []change.Change{created}, Then: moduletest.Then{Ran: []string{"modprobe br_netfilter"}}},
		{Name: "at each start", Host: host, Args: module.Args{"name": "br_netfilter", "persistent": "present"},
			Want: []change.Change{created, dir("/etc/modules-load.d"), file(change.Create, load, "", "br_netfilter\n")}},
		{Name: "with parameters", Host: persistent, Args: module.Args{"name": "br_netfilter", "params": "a=2  b=3", "persistent": "present"},
			Want: []change.Change{{Action: change.Create, Kind: "kernel module", Target: "br_netfilter", After: change.Attrs("params", "a=2  b=3")},
				file(change.Update, options, "options br_netfilter a=1\n", "options br_netfilter a=2  b=3\n")},
			Then: moduletest.Then{Ran: []string{"modprobe br_netfilter a=2 b=3"}}},
		{Name: "with a dash", Host: host, Args: module.Args{"name": "nf-conntrack"},
			Want: []change.Change{{Action: change.Create, Kind: "kernel module", Target: "nf-conntrack", After: change.Attrs()}}},
		{Name: "loaded", Host: host, Args: module.Args{"name": "overlay"}},
		{Name: "built in", Host: host, Args: module.Args{"name": "ext4"}},
		{Name: "unload", Host: persistent, Args: module.Args{"name": "overlay", "state": "absent"},
			Want: []change.Change{{Action: change.Delete, Kind: "kernel module", Target: "overlay"}}, Then: moduletest.Then{Lacks: []system.Key{system.Named("kernel module", "overlay")}}},
		{Name: "forget", Host: persistent, Args: module.Args{"name": "br_netfilter", "state": "absent", "persistent": "absent"},
			Want: []change.Change{file(change.Delete, options, "options br_netfilter a=1\n", ""), file(change.Delete, load, "br_netfilter\n", "")},
			Then: moduletest.Then{Gone: []string{load, options}}},
		{Name: "unload what is built in", Host: host, Args: module.Args{"name": "ext4", "state": "absent"}, Err: "kernel module ext4 is built in and cannot be unloaded"},
		{Name: "no such module", Host: host, Args: module.Args{"name": "nope", "persistent": "present"},
			Want: []change.Change{{Action: change.Create, Kind: "kernel module", Target: "nope", After: change.Attrs()}, dir("/etc/modules-load.d"), file(change.Create, "/etc/modules-load.d/nope.conf", "", "nope\n")},
			Then: moduletest.Then{Gone: []string{"/etc/modules-load.d/nope.conf"}}, Err: "Module nope not found"},
		{Name: "a path", Host: host, Args: module.Args{"name": "../x"}, Err: `"../x" is no name of a kernel module`},
		{Name: "an option", Host: host, Args: module.Args{"name": "-r"}, Err: `"-r" is no name`},
	})
}

func TestHostname(t *testing.T) {
	t.Parallel()
	kernel := change.Change{Action: change.Update, Kind: "hostname", Target: "kernel", Before: change.Attrs("name", "fake"), After: change.Attrs("name", "cp-1.example")}
	derived := func() *systemtest.Fake { // the static name is what the file says
		f := host()
		f.Probes = map[string]func(*systemtest.Fake, string) (system.Object, error){"hostname": func(f *systemtest.Fake, _ string) (system.Object, error) {
			h := f.Objects[system.Key{Kind: "hostname"}].(system.Hostname)
			h.Static = strings.TrimSpace(f.Files["/etc/hostname"].Text)
			return h, nil
		}}
		return f
	}
	moduletest.Run(t, Hostname, []moduletest.Case{
		{Name: "another", Host: derived, Args: module.Args{"name": "cp-1.example"}, Want: []change.Change{kernel, file(change.Update, "/etc/hostname", "fake\n", "cp-1.example\n")}},
		{Name: "it is so", Host: derived, Args: module.Args{"name": "fake", "use": "systemd"}},
		{Name: "the file has gone", Host: func() *systemtest.Fake { f := derived(); delete(f.Files, "/etc/hostname"); return f },
			Args: module.Args{"name": "fake"}, Want: []change.Change{file(change.Create, "/etc/hostname", "", "fake\n")}},
		{Name: "too long", Host: host, Args: module.Args{"name": strings.Repeat("a", 65)}, Err: "the name has 65 characters, Linux allows 64"},
		{Name: "two lines", Host: host, Args: module.Args{"name": "a\nb"}, Err: `"a\nb" is no host name`},
		{Name: "nothing between dots", Host: host, Args: module.Args{"name": "a..b"}, Err: "is no host name"},
		{Name: "a dash first", Host: host, Args: module.Args{"name": "-a"}, Err: "is no host name"},
	})
}

func TestSwap(t *testing.T) {
	t.Parallel()
	moduletest.Run(t, Swap, []moduletest.Case{
		{Name: "off", Host: host, Want: []change.Change{{Action: change.Delete, Kind: "swap", Target: "/dev/vdb"},
			file(change.Update, "/etc/fstab", fstab, strings.Replace(fstab, "/dev/vdb", "# /dev/vdb", 1))},
			Then: moduletest.Then{Ran: []string{"swapoff /dev/vdb"}, Lacks: []system.Key{{Kind: "swap", Name: "/dev/vdb"}}}},
		{Name: "there is none"},
		{Name: "on", Args: module.Args{"state": "on"}, Err: "value not allowed"},
	})
}

func TestReboot(t *testing.T) {
	t.Parallel()
	rebooting := func() *systemtest.Fake { f := host(); f.Commands["sh"] = systemtest.Prints(""); return f }
	moduletest.Run(t, Reboot, []moduletest.Case{
		{Name: "once more", Host: rebooting, Args: module.Args{"pre_reboot_delay": 2}, OpaqueAgain: true, Want: []change.Change{{Action: change.Run, Kind: "host", Target: "reboot"}},
			Then: moduletest.Then{Ran: []string{`sh -c '(sleep "$1"; exec sh -c "$2") </dev/null >/dev/null 2>&1 &' reboot 3 'systemctl reboot'`}}},
	})
	p, err := Reboot.Plan(t.Context(), system.ReadOnly(host()), module.Args{})
	if err != nil || p.Reconnect == nil || !p.Reconnect.NewBoot || !p.Facts {
		t.Errorf("got %+v, %v", p, err)
	}
}

// check plays tasks one after the other on o and gives their changes, or the doubt
// or error that a task ended with.
func check(t *testing.T, o *overlay.Overlay, m module.Module, args module.Args) (out []change.Change, doubt string, err error) {
	t.Helper()
	o.Task("")
	p, err := m.Plan(t.Context(), system.ReadOnly(o), args)
	if d := o.Doubt(); d != nil {
		doubt = d.Why
	}
	if err != nil {
		return nil, doubt, err
	}
	_, err = p.Apply(t.Context(), o)
	return p.Changes(), doubt, err
}

func TestACheckOfABridgeGetsToItsEnd(t *testing.T) {
	t.Parallel()
	o := overlay.New(system.ReadOnly(host()))
	if _, doubt, err := check(t, o, Modprobe, module.Args{"name": "br_netfilter", "persistent": "present"}); doubt != "" || err != nil {
		t.Fatalf("modprobe: doubt %q, error %v", doubt, err)
	}
	bridge := module.Args{"name": "net.bridge.bridge-nf-call-iptables", "value": "1"}
	cs, doubt, err := check(t, o, Sysctl, bridge)
	if doubt != "change of kernel module br_netfilter" || err != nil || len(cs) == 0 || cs[0].Kind != "sysctl" || cs[0].Before != nil {
		t.Errorf("the setting of a predicted module: %+v, doubt %q, error %v", cs, doubt, err)
	}
	if cs, doubt, err := check(t, o, Sysctl, bridge); len(cs) != 0 || doubt != "" || err != nil {
		t.Errorf("the same again: %+v, doubt %q, error %v", cs, doubt, err)
	}
	if cs, doubt, err := check(t, o, Sysctl, module.Args{"name": "net.ipv4.ip_forward", "value": "1"}); len(cs) != 2 || doubt != "" || err != nil {
		t.Errorf("a setting that is there: %+v, doubt %q, error %v", cs, doubt, err)
	}
	if cs, doubt, err := check(t, o, Mount, module.Args{"path": "/data", "src": "/dev/vdc", "fstype": "ext4", "state": "mounted"}); len(cs) != 3 || doubt != "" || err != nil {
		t.Errorf("a mount: %+v, doubt %q, error %v", cs, doubt, err)
	}
	if cs, doubt, err := check(t, o, Swap, nil); len(cs) != 2 || doubt != "" || err != nil {
		t.Errorf("swap: %+v, doubt %q, error %v", cs, doubt, err)
	}
	if cs, doubt, err := check(t, o, Swap, nil); len(cs) != 0 || doubt != "" || err != nil {
		t.Errorf("swap again: %+v, doubt %q, error %v", cs, doubt, err)
	}
}

package kernel

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// SysctlArgs are the arguments of the sysctl module.
type SysctlArgs struct {
	// Name is the setting, with dots or slashes.
	Name string `arg:"name,required,alias=key" target:"sysctl"`
	// Value is what it is to be.
	Value string `arg:"value,alias=val"`
	// State is whether the file is to have it.
	State string `arg:"state" enum:"present|absent" default:"present"`
	// SysctlFile is the file that keeps it over a restart.
	SysctlFile string `arg:"sysctl_file" default:"/etc/sysctl.d/99-gokube.conf" target:"path"`
	// Reload sets the running kernel too.
	Reload bool `arg:"reload" default:"true"`
	// SysctlSet is accepted for Ansible's sake: reload does it.
	SysctlSet bool `arg:"sysctl_set"`
	// IgnoreErrors goes on if the kernel has no such setting.
	IgnoreErrors bool `arg:"ignoreerrors"`
}

// Sysctl sets a kernel setting, now and after a restart.
var Sysctl = module.Define(module.Spec{
	Name: "sysctl", Summary: "Set a kernel setting, now and after a restart", Contained: true,
	Example: "- sysctl: {name: net.ipv4.ip_forward, value: \"1\"}\n",
}, planSysctl)

func planSysctl(ctx context.Context, r system.Reader, a *SysctlArgs) (*module.Plan, error) {
	name, value := dotted(a.Name), strings.Join(strings.Fields(a.Value), " ")
	p := &module.Plan{}
	if a.State == "absent" {
		return p, rewrite(p, r, a.SysctlFile, func(old string) string { return withoutSetting(old, name) })
	}
	if value == "" {
		return nil, errors.New("sysctl " + name + ": a value is wanted for state present")
	}
	if err := rewrite(p, r, a.SysctlFile, func(old string) string { return withSetting(old, name, value) }); err != nil {
		return nil, err
	}
	if !a.Reload && !a.SysctlSet {
		return p, nil
	}
	return p, live(ctx, r, p, name, value, a.IgnoreErrors)
}

// live plans the running kernel's setting.
func live(ctx context.Context, r system.Reader, p *module.Plan, name, value string, lenient bool) error {
	now, err := system.Get[system.Sysctl](ctx, r, name)
	if errors.Is(err, fs.ErrNotExist) {
		if lenient {
			p.Note = "the kernel has no " + name
			return nil
		}
		return errors.New("the kernel has no setting " + name + ", its module may have to be loaded first")
	}
	if err != nil || now.Value == value {
		return err
	}
	p.Add(change.Change{Action: change.Update, Kind: "sysctl", Target: name, Before: change.Attrs("value", now.Value), After: change.Attrs("value", value)},
		func(ctx context.Context, s system.System) error {
			return s.Run(ctx, system.Command("sysctl", "-w", name+"="+value), system.Closed(system.Holds(name, system.Sysctl{Value: value})))
		})
	return nil
}

// dotted is a setting's name with dots: net/ipv4/conf/eth0.1/x has dots of its own.
func dotted(name string) string {
	if slash, dot := strings.Index(name, "/"), strings.Index(name, "."); slash >= 0 && (dot < 0 || slash < dot) {
		return strings.NewReplacer("/", ".", ".", "/").Replace(name)
	}
	return name
}

// setting is the name and value that a line of sysctl.conf(5) sets.
func setting(line string) (name, value string, ok bool) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' || line[0] == ';' {
		return "", "", false
	}
	name, value, ok = strings.Cut(line, "=")
	return dotted(strings.TrimPrefix(strings.TrimSpace(name), "-")), strings.Join(strings.Fields(value), " "), ok
}

// withSetting is text with one line that sets name, where the first did.
func withSetting(text, name, value string) string {
	var out []string
	done := false
	for _, l := range split(text) {
		if n, v, ok := setting(l); ok && n == name {
			if done {
				continue
			}
			if done = true; v != value {
				l = name + " = " + value
			}
		}
		out = append(out, l)
	}
	if !done {
		out = append(out, name+" = "+value)
	}
	return join(out)
}

// withoutSetting is text without lines that set name.
func withoutSetting(text, name string) string {
	var out []string
	for _, l := range split(text) {
		if n, _, ok := setting(l); !ok || n != name {
			out = append(out, l)
		}
	}
	return join(out)
}

func split(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

func join(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

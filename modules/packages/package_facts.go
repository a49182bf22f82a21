package packages

import (
	"context"
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// PackageFactsArgs are the arguments of the package_facts module.
type PackageFactsArgs struct {
	// Manager is the package manager that is asked; auto is the host's own.
	Manager string `arg:"manager" enum:"auto|apt|dnf|yum|zypper|rpm|pacman|apk" default:"auto"`
}

// PackageFacts tells of all packages.
var PackageFacts = module.Define(module.Spec{
	Name: "package_facts", Summary: "Tell of all packages that are installed on the host", Contained: true,
	Example: `- package_facts:
  register: found
- assert:
    that: not (hasKey .found.ansible_facts.packages "docker.io")
`,
	Output: []module.Doc{{Name: "ansible_facts", Text: "packages: by their names, a list of those of that name: the name, version, arch and source (apt, rpm, pacman, apk) of each, for rpm release and epoch"}},
}, planPackageFacts)

// list is how a package manager lists what is installed: the command, and what a
// line of it, split at tabs, or at blanks, says.
type list struct {
	source string
	argv   []string
	names  []string
}

func lister(manager string) (list, error) {
	switch manager {
	case "apt":
		return list{"apt", []string{"dpkg-query", "-W", "-f", `${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\t${Section}\n`}, []string{"", "name", "version", "arch", "category"}}, nil
	case "dnf", "yum", "zypper", "rpm", "rpm-ostree":
		return list{"rpm", []string{"rpm", "-qa", "--qf", `%{NAME}\t%{VERSION}\t%{RELEASE}\t%{EPOCH}\t%{ARCH}\n`}, []string{"name", "version", "release", "epoch", "arch"}}, nil
	case "pacman":
		return list{"pacman", []string{"pacman", "-Q"}, []string{"name", "version"}}, nil
	case "apk":
		return list{"apk", []string{"apk", "list", "--installed", "-q"}, []string{"name"}}, nil
	}
	return list{}, fmt.Errorf("list packages: gokube does not know the package manager %q of this host", manager)
}

func planPackageFacts(ctx context.Context, r system.Reader, a *PackageFactsArgs) (*module.Plan, error) {
	manager := a.Manager
	if manager == "auto" {
		manager = r.Facts().PackageManager
	}
	l, err := lister(manager)
	if err != nil {
		return nil, err
	}
	c := system.Command(l.argv...)
	out, err := r.Query(ctx, c)
	if err == nil {
		err = out.Err(c)
	}
	if err != nil {
		return nil, err
	}
	found := l.parse(out.Text())
	return &module.Plan{Output: map[string]any{"ansible_facts": map[string]any{"packages": found}}}, nil
}

// parse reads the lines; of apt's, those of packages that are installed.
func (l *list) parse(text string) map[string]any {
	out := map[string]any{}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		words := strings.Split(line, "\t")
		if l.source == "pacman" {
			words = strings.Fields(line)
		}
		p := l.entry(words)
		name, _ := p["name"].(string)
		if name == "" || l.source == "apt" && !strings.HasPrefix(words[0], "ii") && !strings.HasPrefix(words[0], "hi") {
			continue
		}
		all, _ := out[name].([]any)
		out[name] = append(all, p)
	}
	return out
}

// entry is one package.
func (l *list) entry(words []string) map[string]any {
	p := map[string]any{"source": l.source}
	for i, name := range l.names {
		if i < len(words) && name != "" {
			p[name] = words[i]
		}
	}
	if p["epoch"] == "(none)" {
		p["epoch"] = nil
	}
	if l.source != "apk" {
		return p
	}
	// NAME-VERSION-RELEASE, where a name may have dashes too.
	full, _, _ := strings.Cut(words[0], " ")
	i := strings.LastIndexByte(full, '-')
	if i > 0 {
		i = strings.LastIndexByte(full[:i], '-')
	}
	if i <= 0 {
		return map[string]any{}
	}
	p["name"], p["version"] = full[:i], full[i+1:]
	return p
}

package systemtest

import (
	"fmt"
	"maps"
	"strings"

	"github.com/gokube/gokube/engine/system"
)

// Apt gives f an apt-get that knows install, remove, purge, autoremove, update and
// upgrade, an apt-cache that knows policy and madison, and an apt-mark that knows
// hold, unhold and showhold. candidates are the versions that can be installed, by
// name; f's commands may change them.
func Apt(f *Fake, candidates map[string]string) {
	a := &apt{candidates: candidates, held: map[string]bool{}}
	f.Commands["apt-get"] = a.get
	f.Commands["apt-cache"] = a.cache
	f.Commands["apt-mark"] = a.mark
}

type apt struct {
	candidates map[string]string
	held       map[string]bool
}

// words are the words of c that are no options; the value of -o goes with it.
func words(c system.Cmd) (out []string) {
	for i := 1; i < len(c.Argv); i++ {
		switch w := c.Argv[i]; {
		case w == "-o" || w == "-t":
			i++
		case !strings.HasPrefix(w, "-"):
			out = append(out, w)
		}
	}
	return out
}

func (a *apt) get(f *Fake, c system.Cmd) system.Output {
	w := words(c)
	if len(w) == 0 {
		return system.Output{Code: 100, Stderr: []byte("E: no verb\n")}
	}
	for _, p := range w[1:] {
		name, version, _ := strings.Cut(p, "=")
		k := system.Key{Kind: "package", Name: name}
		if w[0] != "install" {
			delete(f.Objects, k)
			continue
		}
		candidate, ok := a.candidates[name]
		if !ok {
			return system.Output{Code: 100, Stderr: fmt.Appendf(nil, "E: Unable to locate package %s\n", name)}
		}
		if version != "" && version != candidate {
			return system.Output{Code: 100, Stderr: fmt.Appendf(nil, "E: Version '%s' for '%s' was not found\n", version, name)}
		}
		f.Objects[k] = system.Package{Version: candidate}
	}
	if w[0] == "upgrade" || w[0] == "dist-upgrade" {
		a.upgrade(f)
	}
	return system.Output{}
}

func (a *apt) upgrade(f *Fake) {
	for k := range maps.Clone(f.Objects) {
		if v, ok := a.candidates[k.Name]; ok && k.Kind == "package" && !a.held[k.Name] {
			f.Objects[k] = system.Package{Version: v}
		}
	}
}

func (a *apt) cache(f *Fake, c system.Cmd) (out system.Output) {
	w := words(c)
	for _, name := range w[min(1, len(w)):] {
		v, ok := a.candidates[name]
		switch {
		case !ok:
		case w[0] == "madison":
			out.Stdout = fmt.Appendf(out.Stdout, "%10s | %10s | http://deb.example.org stable/main amd64 Packages\n", name, v)
		case w[0] == "policy":
			installed := "(none)"
			if p, ok := f.Objects[system.Key{Kind: "package", Name: name}].(system.Package); ok {
				installed = p.Version
			}
			out.Stdout = fmt.Appendf(out.Stdout, "%s:\n  Installed: %s\n  Candidate: %s\n  Version table:\n     %s 500\n", name, installed, v, v)
		}
	}
	return out
}

func (a *apt) mark(_ *Fake, c system.Cmd) (out system.Output) {
	w := words(c)
	if len(w) == 1 && w[0] == "showhold" {
		for name, held := range a.held {
			if held {
				out.Stdout = append(out.Stdout, name+"\n"...)
			}
		}
		return out
	}
	for _, name := range w[min(1, len(w)):] {
		a.held[name] = w[0] == "hold"
	}
	return out
}

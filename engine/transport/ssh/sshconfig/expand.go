package sshconfig

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// UserKnownHosts are the known_hosts files of the user unless configured.
func (e Env) UserKnownHosts() []string {
	return []string{filepath.Join(e.Home, ".ssh/known_hosts"), filepath.Join(e.Home, ".ssh/known_hosts2")}
}

// SystemKnownHosts are the known_hosts files of the machine unless configured.
func SystemKnownHosts() []string {
	return []string{systemDir + "/ssh_known_hosts", systemDir + "/ssh_known_hosts2"}
}

// Files are the configuration files of the user and the machine.
func (e Env) Files() []string {
	return []string{filepath.Join(e.Home, ".ssh/config"), systemDir + "/ssh_config"}
}

// path expands ~, ${NAME} and tokens in a file name.
func (l *lookup) path(s string) (string, error) {
	if s == "none" {
		return s, nil
	}
	if rest, ok := strings.CutPrefix(s, "~/"); ok {
		s = filepath.Join(l.env.Home, rest)
	}
	s, err := l.environment(s)
	if err != nil {
		return "", err
	}
	local, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("find the name of this machine: %w", err)
	}
	short, _, _ := strings.Cut(local, ".")
	return l.expand(s, "%h", l.host, "%n", l.alias, "%r", cmp.Or(l.user, l.env.User), "%p", strconv.Itoa(cmp.Or(l.port, 22)),
		"%u", l.env.User, "%d", l.env.Home, "%l", local, "%L", short, "%i", strconv.Itoa(os.Getuid()), "%k", l.alias)
}

// expand replaces tokens, each given with its value.
func (l *lookup) expand(s string, tokens ...string) (string, error) {
	var out strings.Builder
	for {
		text, rest, found := strings.Cut(s, "%")
		out.WriteString(text)
		if !found {
			return out.String(), nil
		}
		if rest == "" {
			return "", fmt.Errorf("%% at the end")
		}
		v, err := token(rest[:1], tokens)
		if err != nil {
			return "", err
		}
		out.WriteString(v)
		s = rest[1:]
	}
}

func token(c string, tokens []string) (string, error) {
	if c == "%" {
		return c, nil
	}
	for i := 0; i < len(tokens); i += 2 {
		if tokens[i] == "%"+c {
			return tokens[i+1], nil
		}
	}
	return "", fmt.Errorf("token %%%s is not understood here", c)
}

func (l *lookup) environment(s string) (string, error) {
	var out strings.Builder
	for {
		text, rest, found := strings.Cut(s, "${")
		out.WriteString(text)
		if !found {
			return out.String(), nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", fmt.Errorf("${ is not closed")
		}
		var v string
		var ok bool
		if l.env.LookupEnv != nil {
			v, ok = l.env.LookupEnv(name)
		}
		if !ok {
			return "", fmt.Errorf("environment variable %s is not set", name)
		}
		out.WriteString(v)
		s = after
	}
}

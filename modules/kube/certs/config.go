package certs

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// config is a kubeconfig.
type config map[string]any

// lists are the named things of a kubeconfig.
func lists() []string { return []string{"clusters", "users", "contexts"} }

func (c config) text(key string) string {
	s, _ := c[key].(string)
	return s
}

// named is the element of a list that is called name, and where it is; -1 if there
// is none.
func (c config) named(list, name string) (map[string]any, int) {
	all, _ := c[list].([]any)
	for i, e := range all {
		if m, ok := e.(map[string]any); ok && m["name"] == name {
			return m, i
		}
	}
	return nil, -1
}

// rename gives the current context, its cluster and its user the names that a wants,
// and leaves out all others.
func (a *KubeconfigArgs) rename(c config) error {
	entry, i := c.named("contexts", c.text("current-context"))
	inner, _ := entry["context"].(map[string]any)
	if i < 0 || inner == nil {
		return errors.New("it is no kubeconfig: it has no current context")
	}
	cluster, j := c.named("clusters", fmt.Sprint(inner["cluster"]))
	user, k := c.named("users", fmt.Sprint(inner["user"]))
	if j < 0 || k < 0 {
		return errors.New("it is no kubeconfig: its current context names a cluster or a user that is not there")
	}
	for _, x := range []struct {
		in   map[string]any
		key  string
		want string
	}{{cluster, "name", a.Cluster}, {inner, "cluster", a.Cluster}, {user, "name", a.User}, {inner, "user", a.User}, {entry, "name", a.Context}, {c, "current-context", a.Context}} {
		if x.want != "" {
			x.in[x.key] = x.want
		}
	}
	if at, ok := cluster["cluster"].(map[string]any); ok && a.Server != "" {
		at["server"] = a.Server
	}
	c["clusters"], c["users"], c["contexts"] = []any{cluster}, []any{user}, []any{entry}
	return nil
}

// with is c with what more has: what is called alike is replaced where it is. more's
// context becomes the current one if current says so, or there was none.
func (c config) with(more config, current bool) config {
	out := config{}
	maps.Copy(out, c)
	for _, list := range lists() {
		all, _ := c[list].([]any)
		all = slices.Clone(all)
		added, _ := more[list].([]any)
		for _, e := range added {
			m, _ := e.(map[string]any)
			name, _ := m["name"].(string)
			if _, i := (config{list: all}).named(list, name); i >= 0 {
				all[i] = e
			} else {
				all = append(all, e)
			}
		}
		out[list] = all
	}
	for k, v := range more {
		if _, has := out[k]; !has {
			out[k] = v
		}
	}
	if current || c.text("current-context") == "" {
		out["current-context"] = more["current-context"]
	}
	return out
}

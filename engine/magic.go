package engine

import (
	"path"
	"strings"

	"github.com/gokube/gokube/engine/playbook"
)

// magic adds the variables that no one sets.
func (v *view) magic(t *playbook.Task) {
	short, _, _ := strings.Cut(v.host.name, ".")
	m := map[string]any{
		"inventory_hostname": v.host.name, "inventory_hostname_short": short, "group_names": texts2any(v.host.at.GroupNames()),
		"playbook_dir": v.Dir, "ansible_check_mode": v.Check, "ansible_diff_mode": v.Diff, "ansible_play_name": v.title,
		"inventory_file": v.host.at.Source, "inventory_dir": path.Dir(v.host.at.Source), "gokube_version": v.Version,
	}
	if t.Role != nil {
		m["role_name"], m["role_path"] = t.Role.Name, t.Role.Path
		m["ansible_parent_role_names"] = texts2any(t.Role.Parents)
	}
	v.layers = append([]map[string]any{m}, v.layers...)
}

// special are the magic variables that are made only when they are asked for.
func (v *view) special(name string) (any, bool) {
	switch name {
	case "groups":
		return v.groups(), true
	case "hostvars":
		return hostvars{v.play}, true
	case "ansible_play_hosts", "ansible_play_batch", "play_hosts":
		return texts2any(names(live(v.play.all))), true
	case "ansible_play_hosts_all":
		return texts2any(names(v.play.all)), true
	}
	return nil, false
}

// groups are the names of the hosts of every group.
func (p *play) groups() map[string]any {
	p.groupsOnce.Do(func() {
		p.groupNames = map[string]any{}
		for _, g := range p.inventory.Groups() {
			var hs []any
			for _, h := range g.Hosts {
				hs = append(hs, h.Name)
			}
			p.groupNames[g.Name] = hs
		}
	})
	return p.groupNames
}

// hostvars are the variables of all hosts, looked up when they are asked for.
type hostvars struct{ *play }

// Child is the variables of the host called name: from the inventory, its facts,
// what its tasks have set, and extra variables; not those of the play.
func (hv hostvars) Child(name string) (any, bool) {
	if _, ok := hv.inventory.Host(name); !ok {
		return nil, false
	}
	h := hv.play.host(name)
	v := &view{play: hv.play, host: h}
	v.add(hv.Extra, h.set.vars(), h.include.vars(), h.facts.vars(), h.base)
	v.magic(&playbook.Task{})
	return v, true
}

// Keys are the names of all hosts of the inventory.
func (hv hostvars) Keys() (out []string) {
	for _, h := range hv.inventory.Hosts() {
		out = append(out, h.Name)
	}
	return out
}

func texts2any(ss []string) []any {
	out := make([]any, len(ss))
	for i, s := range ss {
		out[i] = s
	}
	return out
}

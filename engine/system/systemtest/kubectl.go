package systemtest

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/system"
)

// Manifest is an object of a Kubernetes API on a Fake: as JSON, and as it was applied
// last.
type Manifest struct{ JSON, Applied string }

// Kind is "cluster".
func (Manifest) Kind() string { return "cluster" }

// Kubectl gives f a kubectl that knows get, apply --server-side, patch --type merge
// and strategic, delete, wait and drain, and a cluster that holds objects, in JSON.
// Objects are in f's Objects as "object/KIND/NAMESPACE/NAME", nodes as "node/NAME".
// What is applied is filled in and ready at once.
func Kubectl(f *Fake, objects ...string) {
	f.Commands["kubectl"] = func(f *Fake, c system.Cmd) system.Output { return (&kubectl{f: f, in: c.Stdin}).run(c.Argv[1:]) }
	for _, text := range objects {
		for _, o := range parse([]byte(text)) {
			f.Objects[key(o)] = Manifest{JSON: encode(o)}
		}
	}
}

type kubectl struct {
	f     *Fake
	in    []byte
	flags map[string]string
	said  bytes.Buffer // to standard error
}

type object = map[string]any

func (k *kubectl) run(args []string) system.Output {
	k.flags = map[string]string{}
	var words []string
	for i := 0; i < len(args); i++ {
		name, value, joined := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		switch {
		case !strings.HasPrefix(args[i], "-"):
			words = append(words, args[i])
		case joined || slices.Contains([]string{"server-side", "force-conflicts", "ignore-not-found", "A", "force"}, name):
			k.flags[name] = value
		default:
			i++
			k.flags[name] = args[i]
		}
	}
	do := map[string]func([]string) []object{"get": k.get, "apply": k.apply, "patch": k.patch, "delete": k.remove, "drain": k.drain, "wait": k.wait}[words[0]]
	if do == nil {
		return system.Output{Code: 1, Stderr: []byte("error: unknown command\n")}
	}
	found := do(words[1:])
	out := system.Output{Stderr: k.said.Bytes()}
	if len(out.Stderr) > 0 {
		out.Code = 1
	}
	if k.flags["o"] == "json" && (out.Code == 0 || words[0] == "get") {
		out.Stdout = printed(found)
	}
	return out
}

func printed(found []object) []byte {
	if len(found) == 0 {
		return nil
	}
	if len(found) == 1 {
		return []byte(encode(found[0]))
	}
	return []byte(encode(object{"apiVersion": "v1", "kind": "List", "items": found, "metadata": object{"resourceVersion": ""}}))
}

func named(kind, namespace, name string) system.Key {
	if kind == "Node" {
		return system.Key{Kind: "cluster", Name: "node/" + name}
	}
	return system.Key{Kind: "cluster", Name: "object/" + kind + "/" + namespace + "/" + name}
}

func key(o object) system.Key {
	return named(text(o, "kind"), text(o, "metadata", "namespace"), text(o, "metadata", "name"))
}

// known reports whether the cluster knows o's kind, and says so if not.
func (k *kubectl) known(o object) bool {
	version := text(o, "apiVersion")
	group, _, _ := strings.Cut(version, "/")
	if !strings.Contains(version, "/") || !strings.Contains(group, ".") || strings.HasSuffix(group, ".k8s.io") {
		return true
	}
	for _, v := range k.f.Objects {
		m, ok := v.(Manifest)
		if !ok {
			continue
		}
		if d := parse([]byte(m.JSON))[0]; text(d, "kind") == "CustomResourceDefinition" && text(d, "spec", "group") == group && text(d, "spec", "names", "kind") == text(o, "kind") {
			return true
		}
	}
	fmt.Fprintf(&k.said, "unable to recognize no matches for kind %q in version %q\n", text(o, "kind"), version)
	return false
}

func (k *kubectl) object(at system.Key) (object, bool) {
	m, ok := k.f.Objects[at].(Manifest)
	if !ok {
		return nil, false
	}
	return parse([]byte(m.JSON))[0], true
}

func (k *kubectl) get(words []string) (out []object) {
	if k.flags["f"] == "-" {
		for _, o := range parse(k.in) {
			if !k.known(o) {
				continue
			}
			if is, ok := k.object(key(o)); ok {
				out = append(out, is)
			}
		}
		return out
	}
	kind, _, _ := strings.Cut(words[0], ".")
	kind = strings.TrimSuffix(strings.ToLower(kind), "s")
	keys := slices.Collect(maps.Keys(k.f.Objects))
	slices.SortFunc(keys, func(a, b system.Key) int { return strings.Compare(a.Name, b.Name) })
	for _, at := range keys {
		o, ok := k.object(at)
		if !ok || strings.ToLower(text(o, "kind")) != kind || len(words) > 1 && text(o, "metadata", "name") != words[1] || !k.selected(o) {
			continue
		}
		out = append(out, o)
	}
	return out
}

// selected reports whether the flags let o through.
func (k *kubectl) selected(o object) bool {
	if ns := k.flags["n"]; ns != "" && text(o, "metadata", "namespace") != ns {
		return false
	}
	for term := range strings.SplitSeq(k.flags["l"], ",") {
		if name, value, ok := strings.Cut(term, "="); ok && text(o, "metadata", "labels", name) != value {
			return false
		}
	}
	path, value, ok := strings.Cut(k.flags["field-selector"], "=")
	return !ok || text(o, strings.Split(path, ".")...) == value
}

func (k *kubectl) apply([]string) (out []object) {
	dry := k.flags["dry-run"] == "server"
	for _, o := range parse(k.in) {
		ns := text(o, "metadata", "namespace")
		if _, ok := k.object(named("Namespace", "", ns)); ns != "" && !ok {
			fmt.Fprintf(&k.said, "Error from server (NotFound): namespaces %q not found\n", ns)
			continue
		}
		if !k.known(o) {
			continue
		}
		was, _ := k.f.Objects[key(o)].(Manifest)
		is := object{}
		if was.JSON != "" {
			is = parse([]byte(was.JSON))[0]
		}
		if was.Applied != "" {
			drop(is, parse([]byte(was.Applied))[0], o)
		}
		merge(is, o)
		filled(is)
		out = append(out, is)
		if !dry {
			k.f.Objects[key(o)] = Manifest{encode(is), encode(o)}
		}
	}
	return out
}

func (k *kubectl) patch(words []string) (out []object) {
	kind, _, _ := strings.Cut(words[0], ".")
	if kind == "node" {
		kind = "Node"
	}
	at := named(kind, k.flags["n"], words[1])
	o, ok := k.object(at)
	if !ok {
		fmt.Fprintf(&k.said, "Error from server (NotFound): %s %q not found\n", kind, words[1])
		return nil
	}
	merge(o, parse(k.in)[0])
	if k.flags["dry-run"] != "server" {
		k.f.Objects[at] = Manifest{encode(o), k.f.Objects[at].(Manifest).Applied}
	}
	return []object{o}
}

func (k *kubectl) remove(words []string) []object {
	if k.flags["f"] != "-" {
		delete(k.f.Objects, named("Node", "", words[1]))
		return nil
	}
	for _, o := range parse(k.in) {
		delete(k.f.Objects, key(o))
	}
	return nil
}

// wait has what is waited for happen.
func (k *kubectl) wait(words []string) []object {
	if k.flags["for"] == "delete" {
		return k.remove(words)
	}
	return nil
}

// drain deletes the pods of a node that no DaemonSet owns. One with the annotation
// test/held stays.
func (k *kubectl) drain(words []string) []object {
	for at := range maps.Clone(k.f.Objects) {
		o, ok := k.object(at)
		if !ok || text(o, "kind") != "Pod" || text(o, "spec", "nodeName") != words[0] {
			continue
		}
		meta := o["metadata"].(object)
		owners, _ := meta["ownerReferences"].([]any)
		switch {
		case len(owners) > 0 && text(owners[0].(object), "kind") == "DaemonSet":
		case text(o, "metadata", "annotations", "test/held") != "":
			fmt.Fprintf(&k.said, "error when evicting pods/%q -n %q (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.\n", text(o, "metadata", "name"), text(o, "metadata", "namespace"))
		default:
			delete(k.f.Objects, at)
		}
	}
	return nil
}

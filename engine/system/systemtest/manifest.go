package systemtest

import "encoding/json"

func parse(text []byte) (out []object) {
	var o object
	if err := json.Unmarshal(text, &o); err != nil {
		panic(err)
	}
	if items, ok := o["items"].([]any); ok {
		for _, x := range items {
			out = append(out, x.(object))
		}
		return out
	}
	return []object{o}
}

func encode(o object) string {
	text, _ := json.MarshalIndent(o, "", "    ")
	return string(text) + "\n"
}

func text(o object, path ...string) string {
	for _, p := range path[:len(path)-1] {
		o, _ = o[p].(object)
	}
	s, _ := o[path[len(path)-1]].(string)
	return s
}

// drop removes from is what was applied and is no longer.
func drop(is, applied, now object) {
	for name, v := range applied {
		n, still := now[name]
		was, deep := v.(object)
		have, there := is[name].(object)
		if next, ok := n.(object); deep && ok && there {
			drop(have, was, next)
		} else if !still {
			delete(is, name)
		}
	}
}

// merge is a merge patch: null removes.
func merge(is, patch object) {
	for name, v := range patch {
		m, deep := v.(object)
		switch {
		case v == nil:
			delete(is, name)
		case deep:
			have, ok := is[name].(object)
			if !ok {
				have = object{}
				is[name] = have
			}
			merge(have, m)
		default:
			is[name] = v
		}
	}
}

// filled is what an API server, and controllers that are never late, make of o.
func filled(o object) {
	meta := o["metadata"].(object)
	meta["uid"], meta["creationTimestamp"], meta["resourceVersion"] = "96cfb02a-4c1b-409c-a79e-18057fd32df4", "2026-11-21T07:07:48Z", "16"
	spec, _ := o["spec"].(object)
	switch text(o, "kind") {
	case "Deployment":
		meta["generation"] = 1
		spec["progressDeadlineSeconds"], spec["revisionHistoryLimit"] = 600, 10
		o["status"] = object{"observedGeneration": 1, "replicas": spec["replicas"], "updatedReplicas": spec["replicas"], "availableReplicas": spec["replicas"]}
	case "DaemonSet":
		meta["generation"] = 1
		spec["revisionHistoryLimit"] = 10
		o["status"] = object{"observedGeneration": 1, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 2}
	case "CustomResourceDefinition":
		o["status"] = object{"conditions": []any{object{"type": "Established", "status": "True"}}}
	}
}

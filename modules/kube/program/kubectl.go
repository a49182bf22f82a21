package program

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/system"
)

// Kubectl is a host's kubectl with a kubeconfig. Server, if not empty, is the API to
// ask instead of the kubeconfig's.
type Kubectl struct{ Path, Config, Server string }

// Key names an object of the cluster: "Node/k1" and "ConfigMap/name" of a namespace.
func Key(namespace, name string) system.Key {
	kind, object, _ := strings.Cut(name, "/")
	if kind == "Node" {
		return system.Key{Kind: "cluster", Name: "node/" + object}
	}
	return system.Key{Kind: "cluster", Name: "object/" + kind + "/" + namespace + "/" + object}
}

// Command is a call of kubectl that keeps no cache on the host. It reads the program
// and the kubeconfig; what it reads of the cluster is for its caller to say.
func (k Kubectl) Command(words ...string) system.Cmd {
	argv := []string{k.Path, "--kubeconfig", k.Config}
	if k.Server != "" {
		argv = append(argv, "--server", k.Server)
	}
	return system.Cmd{Argv: append(argv, words...), Env: []string{"KUBECACHEDIR=/dev/null"}, Reads: []system.Key{system.Path(k.Path), system.Path(k.Config)}}
}

// Get is those of the objects called names, "KIND/NAME" each, that are there, by
// these names.
func (k Kubectl) Get(ctx context.Context, r system.Reader, namespace string, names ...string) (map[string]Object, error) {
	c := k.Command("--request-timeout", "10s", "-n", namespace, "get", "--ignore-not-found", "-o", "json")
	for _, n := range names {
		c.Argv, c.Reads = append(c.Argv, n), append(c.Reads, Key(namespace, n))
	}
	text, err := Text(ctx, r, c)
	if err != nil {
		return nil, err
	}
	return objects(text)
}

// objects are those that kubectl printed: nothing, one, or a list.
func objects(text string) (map[string]Object, error) {
	out := map[string]Object{}
	if strings.TrimSpace(text) == "" {
		return out, nil
	}
	var list struct {
		Kind  string   `json:"kind"`
		Items []Object `json:"items"`
	}
	err := json.Unmarshal([]byte(text), &list)
	if err == nil && list.Kind != "List" {
		list.Items = make([]Object, 1)
		err = json.Unmarshal([]byte(text), &list.Items[0])
	}
	if err != nil {
		return nil, fmt.Errorf("read kubectl's answer: %w", err)
	}
	for _, o := range list.Items {
		out[o.Kind+"/"+o.Metadata.Name] = o
	}
	return out, nil
}

// Object is what is looked at of the cluster's objects.
type Object struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Name        string            `json:"name"`
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
	} `json:"metadata"`
	Data map[string]string `json:"data"`
	Spec struct {
		Template struct {
			Spec struct {
				Containers []struct {
					Image string `json:"image"`
				} `json:"containers"`
			} `json:"spec"`
		} `json:"template"`
	} `json:"spec"`
	Status struct {
		Conditions []Condition `json:"conditions"`
		NodeInfo   struct {
			KubeletVersion string `json:"kubeletVersion"`
		} `json:"nodeInfo"`
		Containers []struct {
			Name  string `json:"name"`
			State struct {
				Running struct {
					StartedAt time.Time `json:"startedAt"`
				} `json:"running"`
			} `json:"state"`
		} `json:"containerStatuses"`
	} `json:"status"`
}

// Condition is one of an object's status.
type Condition struct {
	Type   string `json:"type"`
	Status string `json:"status"`
}

// Ready reports whether o says that it is.
func (o Object) Ready() bool {
	for _, c := range o.Status.Conditions {
		if c.Type == "Ready" {
			return c.Status == "True"
		}
	}
	return false
}

// Image is that of the first container of a workload's pods, "" if there is none.
func (o Object) Image() string {
	if all := o.Spec.Template.Spec.Containers; len(all) > 0 {
		return all[0].Image
	}
	return ""
}

// Started is when the container of a pod was started, zero if it does not run.
func (o Object) Started(container string) (t time.Time) {
	for _, c := range o.Status.Containers {
		if c.Name == container {
			return c.State.Running.StartedAt
		}
	}
	return t
}

// Forbidden reports whether err is the API's refusal of a user that it knows: it
// answers, and nobody has given that user its rights yet.
func Forbidden(err error) bool {
	var exit *system.ExitError
	return errors.As(err, &exit) && strings.Contains(string(exit.Output.Stderr), "(Forbidden)")
}

package program

import (
	"context"
	"errors"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/system"
)

var errNoEtcd = errors.New("ask etcd for its members: no member of it is ready")

// Members are those of the etcd that runs in the cluster's static pods, and whether
// each has a vote. A member that has never started has no name, and is not listed. dir
// is where the pods have their certificates.
func (k Kubectl) Members(ctx context.Context, r system.Reader, dir string) (votes map[string]bool, err error) {
	list := k.Command("--request-timeout", "10s", "-n", "kube-system", "get", "Pod", "-l", "component=etcd", "-o", "json")
	list.Reads = append(list.Reads, system.Key{Kind: "cluster", Name: "etcd"})
	var pods struct {
		Items []Object `json:"items"`
	}
	text, err := Text(ctx, r, list)
	if err == nil {
		err = json.Unmarshal([]byte(text), &pods)
	}
	if err != nil {
		return nil, err
	}
	err = errNoEtcd
	for _, p := range pods.Items {
		if !p.Ready() {
			continue
		}
		ask := k.Command("--request-timeout", "10s", "-n", "kube-system", "exec", p.Metadata.Name, "--", "etcdctl", "--endpoints", "https://127.0.0.1:2379",
			"--cacert", path.Join(dir, "ca.crt"), "--cert", path.Join(dir, "server.crt"), "--key", path.Join(dir, "server.key"), "member", "list")
		ask.Reads = list.Reads
		if text, err = Text(ctx, r, ask); err == nil {
			return members(text), nil
		}
	}
	return nil, err
}

// members reads lines of id, status, name, peer URLs, client URLs, learner.
func members(text string) map[string]bool {
	votes := map[string]bool{}
	for line := range strings.Lines(text) {
		if f := strings.Split(strings.TrimSpace(line), ", "); len(f) == 6 && f[2] != "" {
			votes[f[2]] = f[1] == "started" && f[5] == "false"
		}
	}
	return votes
}

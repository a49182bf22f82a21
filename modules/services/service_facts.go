package services

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// ServiceFactsArgs are the arguments of the service_facts module: none.
type ServiceFactsArgs struct{}

// ServiceFacts tells of all services.
var ServiceFacts = module.Define(module.Spec{
	Name: "service_facts", Summary: "Tell of all services of the host whether they run and are enabled", Contained: true,
	Example: `- service_facts:
  register: found
- debug:
    msg: SSH is {{ (index .found.ansible_facts.services "ssh.service").state }}
`,
	Output: []module.Doc{{Name: "ansible_facts", Text: "services: by their names, the name, the state (running, stopped), the status (enabled, disabled, static, masked, failed, not-found) and the source (systemd) of each"}},
}, planServiceFacts)

func planServiceFacts(ctx context.Context, r system.Reader, _ *ServiceFactsArgs) (*module.Plan, error) {
	if r.Facts().Init != "systemd" {
		return nil, errors.New("list services: this host has no systemd")
	}
	loaded, err := lines(ctx, r, "list-units", "--all", "--plain", "--full")
	if err != nil {
		return nil, err
	}
	files, err := lines(ctx, r, "list-unit-files", "--full")
	if err != nil {
		return nil, err
	}
	return &module.Plan{Output: map[string]any{"ansible_facts": map[string]any{"services": serviceTable(loaded, files)}}}, nil
}

// lines are the words of each line that systemctl prints of services.
func lines(ctx context.Context, r system.Reader, words ...string) (out [][]string, err error) {
	c := system.Command(append([]string{"systemctl", "--no-pager", "--no-legend", "--type", "service"}, words...)...)
	said, err := r.Query(ctx, c)
	if err == nil {
		err = said.Err(c)
	}
	for line := range strings.Lines(said.Text()) {
		if f := strings.Fields(line); len(f) > 1 {
			out = append(out, f)
		}
	}
	return out, err
}

// serviceTable is what the units that are loaded, and the files of all, come to.
func serviceTable(loaded, files [][]string) map[string]any {
	out := map[string]any{}
	put := func(name, state, status string) {
		out[name] = map[string]any{"name": name, "state": state, "status": status, "source": "systemd"}
	}
	bad := []string{"not-found", "masked", "failed"}
	for _, f := range loaded {
		if strings.Trim(f[0], "●*○×↻") == "" { // a mark of what is not well
			f = f[1:]
		}
		if len(f) < 4 || !strings.HasSuffix(f[0], ".service") {
			continue
		}
		state, status := "stopped", f[2]
		if f[3] == "running" {
			state = "running"
		}
		if i := slices.IndexFunc(bad, func(b string) bool { return slices.Contains(f[1:4], b) }); i >= 0 {
			status = bad[i]
		}
		put(f[0], state, status)
	}
	for _, f := range files {
		switch is, ok := out[f[0]].(map[string]any); {
		case !strings.HasSuffix(f[0], ".service"):
		case !ok:
			put(f[0], "stopped", f[1])
		case !slices.Contains(bad, is["status"].(string)):
			is["status"] = f[1]
		}
	}
	return out
}

package program

import (
	"context"
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/system"
)

// Stopper is how the containers of a static pod are ended here: with crictl, or
// with containerd's own ctr.
func Stopper(ctx context.Context, r system.Reader) (stop func(context.Context, system.System, string) error, err error) {
	if cri, err := Find(ctx, r, "crictl"); err == nil {
		return func(ctx context.Context, s system.System, name string) error {
			return each(ctx, s, system.Command(cri, "ps", "-q", "--name", "^"+name+"$"), func(id string) system.Cmd {
				return system.Command(cri, "stop", id)
			})
		}, nil
	}
	ctr, err := Find(ctx, r, "ctr")
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, s system.System, name string) error {
		running, err := Text(ctx, s, system.Command(ctr, "-n", "k8s.io", "tasks", "ls"))
		if err != nil {
			return err
		}
		list := system.Command(ctr, "-n", "k8s.io", "containers", "ls", "-q", fmt.Sprintf(`labels."io.kubernetes.container.name"==%s`, name))
		return each(ctx, s, list, func(id string) system.Cmd {
			if !strings.Contains(running, id) {
				return system.Cmd{}
			}
			return system.Command(ctr, "-n", "k8s.io", "tasks", "kill", "--signal", "SIGTERM", id)
		})
	}, nil
}

// each runs what do makes of every container that list prints.
func each(ctx context.Context, s system.System, list system.Cmd, do func(id string) system.Cmd) error {
	ids, err := Text(ctx, s, list)
	if err != nil {
		return err
	}
	for id := range strings.FieldsSeq(ids) {
		c := do(id)
		if len(c.Argv) == 0 {
			continue
		}
		if err := s.Run(ctx, c, system.Closed()); err != nil {
			return err
		}
	}
	return nil
}

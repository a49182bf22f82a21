package packages

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/system"
)

// refusals are what package managers say that do not wait themselves for another
// one to end: apt-get update, dpkg, pacman, zypper.
func refusals() []string {
	return []string{"Unable to lock directory", "locked by another process", "unable to lock database", "System management is locked"}
}

// run runs c, again and again while another package manager keeps it from its
// work, for as many seconds as the task gives.
func (q *request) run(ctx context.Context, s system.System, c system.Cmd, e system.Effects) error {
	for range 10 * q.tool.patience {
		err := s.Run(ctx, c, e)
		if !refused(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(100 * time.Millisecond):
		}
	}
	return s.Run(ctx, c, e)
}

// refused reports whether a package manager ended with err for the sake of another.
func refused(err error) bool {
	var end *system.ExitError
	if !errors.As(err, &end) {
		return false
	}
	said := string(end.Output.Stdout) + string(end.Output.Stderr)
	return slices.ContainsFunc(refusals(), func(r string) bool { return strings.Contains(said, r) })
}

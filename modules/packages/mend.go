package packages

import (
	"context"
	"errors"
	"io/fs"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// mend plans to finish what the package manager was doing when it was killed, or
// its host died: before that it refuses all other work. What is left to do may be
// anything.
func (q *request) mend(r system.Reader, p *module.Plan) error {
	if q.tool.journal == "" {
		return nil
	}
	_, err := r.Lstat(q.tool.journal)
	if unsure(err) || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	c := q.tool.cmd(q.tool.mend)
	e := system.Effects{Set: []system.Effect{system.Gone(system.Path(q.tool.journal))}, Why: "finishing what " + c.Argv[0] + " was doing when it was interrupted"}
	p.Add(change.Change{Action: change.Run, Kind: "package manager", Target: c.Argv[0], Before: change.Attrs("state", "interrupted")},
		func(ctx context.Context, s system.System) error { return q.run(ctx, s, c, e) }).Certain = true
	return nil
}

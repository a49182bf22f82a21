package kernel

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// SwapArgs are the arguments of the swap module.
type SwapArgs struct {
	// State is "off" for no swap, now and after a restart.
	State string `arg:"state" enum:"off" default:"off"`
}

// Swap turns swapping off.
var Swap = module.Define(module.Spec{
	Name: "swap", Summary: "Turn swap off, now and after a restart",
	Example: "- swap: {state: \"off\"}\n",
}, planSwap)

func planSwap(ctx context.Context, r system.Reader, _ *SwapArgs) (*module.Plan, error) {
	p := &module.Plan{}
	areas, err := active(r)
	if err != nil {
		return nil, err
	}
	for _, area := range areas {
		key := system.Key{Kind: "swap", Name: area}
		if _, err := r.Object(ctx, key); errors.Is(err, fs.ErrNotExist) {
			continue // an earlier task has turned it off, or will
		} else if err != nil {
			return nil, err
		}
		p.Add(change.Change{Action: change.Delete, Kind: "swap", Target: area}, func(ctx context.Context, s system.System) error {
			return s.Run(ctx, system.Command("swapoff", area), system.Closed(system.Gone(key)))
		})
	}
	return p, rewrite(p, r, "/etc/fstab", withoutSwap)
}

// active are the swap areas in use, from proc_swaps(5).
func active(r system.Reader) (out []string, err error) {
	text, err := content(r, "/proc/swaps")
	for i, l := range strings.Split(string(text), "\n") {
		if f := strings.Fields(l); i > 0 && len(f) > 0 {
			out = append(out, unescape(f[0]))
		}
	}
	return out, err
}

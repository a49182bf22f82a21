package kernel

import (
	"context"
	"strconv"
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// RebootArgs are the arguments of the reboot module.
type RebootArgs struct {
	// RebootTimeout is how many seconds to wait for the host to be back.
	RebootTimeout int `arg:"reboot_timeout" default:"600"`
	// PreRebootDelay is how many seconds to wait before it goes down.
	PreRebootDelay int `arg:"pre_reboot_delay"`
	// PostRebootDelay is how many seconds to wait before the first try to reach it.
	PostRebootDelay int `arg:"post_reboot_delay"`
	// RebootCommand reboots the host.
	RebootCommand string `arg:"reboot_command" default:"systemctl reboot"`
	// Msg is accepted for Ansible's sake.
	Msg string `arg:"msg"`
}

// Reboot restarts the host and waits for it.
var Reboot = module.Define(module.Spec{
	Name: "reboot", Summary: "Restart the host and wait until it is back",
	Example: "- reboot: {reboot_timeout: 300}\n",
}, func(_ context.Context, _ system.Reader, a *RebootArgs) (*module.Plan, error) {
	p := &module.Plan{Reconnect: &module.Reconnect{NewBoot: true, Timeout: time.Duration(a.RebootTimeout) * time.Second,
		Delay: time.Duration(a.PostRebootDelay) * time.Second}, Facts: true}
	// The command is left to itself for a second, so that its result still arrives.
	argv := []string{"sh", "-c", `(sleep "$1"; exec sh -c "$2") </dev/null >/dev/null 2>&1 &`, "reboot", strconv.Itoa(a.PreRebootDelay + 1), a.RebootCommand}
	// What starts with the host, or is made then, is not known: the effects are open.
	p.Add(change.Change{Action: change.Run, Kind: "host", Target: "reboot"}, func(ctx context.Context, s system.System) error {
		return s.Run(ctx, system.Cmd{Argv: argv}, system.Effects{})
	})
	return p, nil
})

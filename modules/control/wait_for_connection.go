package control

import (
	"context"
	"time"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// WaitForConnectionArgs are the arguments of the wait_for_connection module.
type WaitForConnectionArgs struct {
	// Timeout is how many seconds to wait at most.
	Timeout int `arg:"timeout" default:"600"`
	// Delay is how many seconds to wait before the first try.
	Delay int `arg:"delay"`
	// Sleep is accepted for Ansible's sake: tries are a second apart.
	Sleep int `arg:"sleep" default:"1"`
	// ConnectTimeout is accepted for Ansible's sake: see the host's ansible_ssh_timeout.
	ConnectTimeout int `arg:"connect_timeout" default:"5"`
}

// WaitForConnection waits until the host can be reached.
var WaitForConnection = module.Define(module.Spec{
	Name: "wait_for_connection", Summary: "Wait until the host can be reached", Where: module.OnController, Contained: true,
	Example: "- wait_for_connection: {timeout: 300}\n",
}, func(_ context.Context, _ system.Reader, a *WaitForConnectionArgs) (*module.Plan, error) {
	return &module.Plan{Reconnect: &module.Reconnect{Timeout: time.Duration(a.Timeout) * time.Second, Delay: time.Duration(a.Delay) * time.Second}}, nil
})

package session

import (
	"context"
	"io"
	"time"

	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/wire"
)

// Options say how a runner is started.
type Options struct {
	Check  bool // predict on an overlay instead of changing the host
	Verify bool // plan again after applying, and ask for declared effects
	Facts  bool // have the runner send the host's facts unasked, with its hello
	// Become starts the runner itself as this user, if the method can be driven
	// without a terminal (sudo; doas without a password); otherwise the runner
	// starts as the user that logged in. It is no default for requests: each says
	// whom it becomes, and one that becomes this user then costs no other process.
	Become wire.Become
	// Payload brings the runner. If it is nil the host has a gokube-runner in its
	// PATH, as a host in tests does.
	Payload Payload
	// Redial opens another connection to the same host. If it is set, Do, Facts and
	// Ping survive the loss of a connection: they attach to the runner, which is
	// still there, and fetch what it has done. It may be nil.
	Redial func(context.Context) (transport.Conn, error)
	// Linger is how long the runner waits for that; 0 is two minutes.
	Linger time.Duration
	// Patience is how long Redial is tried; 0 is twenty seconds.
	Patience time.Duration
}

// Payload is the programs that a controller brings along. It is safe for
// concurrent use.
type Payload interface {
	// Platforms are those with a runner, such as "linux/amd64", sorted.
	Platforms() []string
	// Program is a program ("gokube-runner", "gokube-tool") for a platform. One
	// that was not built in is an error that says so.
	Program(name, platform string) (Program, error)
}

// Program is one executable for one platform.
type Program struct {
	SHA256 string // lower-case hex
	Size   int64
	Open   func() (io.ReadCloser, error)
}

package wire

import (
	"encoding/hex"
	"fmt"

	"github.com/gokube/gokube/engine/system"
)

// Exit codes of the runner's program beside 0 and 1.
const (
	ExitUsage   = 64 // the command line is not understood
	ExitDamaged = 65 // the program is not what the controller sent
	ExitNobody  = 66 // there is no runner to attach to
)

// Hello opens a stream in both directions, and again after a reconnect.
type Hello struct {
	Protocol int    // Version of the sender
	Build    string // digest of the runner's program; of a controller, what it expects
	OS, Arch string // as Go names them
	PID      int    // of the runner
	Session  string // names the runner for a reconnect; a secret of the host's user
	Path     string // of the runner's program on the host
	User     string // whom the runner runs as
	BootID   string
	// Tools are the programs that the controller can bring, by name.
	Tools map[string]Tool `json:",omitempty"`
}

// Tool is a program that a controller sends as a blob when it is asked for.
type Tool struct {
	SHA256 string
	Size   int64
}

// Facts is a host's facts. ID is that of the FactsWanted, 0 if nobody asked.
type Facts struct {
	ID    uint64
	Facts *system.Facts
	Err   string `json:",omitempty"` // why there are none
}

// Ref is a message that is no more than the number of a request.
type Ref struct{ ID uint64 }

// Check is why the sender of h cannot be talked to, nil if it can.
func (h *Hello) Check() error {
	if h.Protocol != Version {
		return fmt.Errorf("the other side speaks version %d of the protocol, this one version %d: use the runner that came with this gokube", h.Protocol, Version)
	}
	return nil
}

const digestLen = 32

// Digest is a SHA-256 as frames about blobs begin with it.
type Digest [digestLen]byte

// ParseDigest reads 64 hexadecimal digits.
func ParseDigest(s string) (d Digest, err error) {
	if n, err := hex.Decode(d[:], []byte(s[:min(len(s), 2*digestLen)])); err != nil || n != digestLen || len(s) != 2*digestLen {
		return d, fmt.Errorf("%q is no SHA-256", s)
	}
	return d, nil
}

// String is d in lower-case hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// CutDigest splits the payload of a frame about a blob.
func CutDigest(payload []byte) (d Digest, rest []byte, err error) {
	if len(payload) < digestLen {
		return d, nil, &ProtocolError{"frame about a blob has no digest"}
	}
	return Digest(payload[:digestLen]), payload[digestLen:], nil
}

package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"golang.org/x/crypto/ssh"

	"github.com/gokube/gokube/engine/transport"
)

// passing is an error that may be over in a moment, such as the hang-up of a host
// with too many logins under way.
type passing struct{ error }

func (p passing) Unwrap() error { return p.error }

func isPassing(err error) bool {
	var p passing
	return errors.As(err, &p)
}

// hungUp tells whether the peer ended the connection without a word.
func hungUp(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// brief is err without the addresses and operations that package net puts around
// it: the kind stays, and what is around it says where.
func brief(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	var lookup *net.DNSError
	switch {
	case errors.As(err, &lookup):
		return fmt.Errorf("look up %s: %w", lookup.Name, dnsCause{lookup})
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return closedByHost{err}
	}
	return err
}

type dnsCause struct{ *net.DNSError }

func (d dnsCause) Error() string { return d.Err }
func (d dnsCause) Unwrap() error { return d.DNSError }

type closedByHost struct{ error }

func (c closedByHost) Error() string { return "closed by the host" }
func (c closedByHost) Unwrap() error { return c.error }

// unreachable makes err, met in phase, an error for the user. The end of ctx comes
// before whatever it led to.
func unreachable(ctx context.Context, p *plan, phase transport.Phase, err error) error {
	if ended := context.Cause(ctx); ended != nil {
		err = ended
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
	}
	cause := brief(err)
	var refused error = &transport.UnreachableError{Address: p.address, Phase: phase, Cause: cause, Hint: hint(phase, cause)}
	if hungUp(cause) {
		refused = passing{refused}
	}
	return refused
}

func hint(phase transport.Phase, cause error) string {
	var lookup *net.DNSError
	var negotiation *ssh.AlgorithmNegotiationError
	switch {
	case errors.Is(cause, syscall.ECONNREFUSED):
		return "is sshd running there, and is the port right?"
	case errors.As(cause, &lookup):
		return "is the name right? An address can be given in the inventory"
	case errors.Is(cause, syscall.EMFILE):
		return "raise the limit of open files (ulimit -n)"
	case errors.Is(cause, syscall.EHOSTUNREACH), errors.Is(cause, syscall.ENETUNREACH):
		return "is the host up, and is there a route to it?"
	case errors.As(cause, &negotiation):
		return "the host's sshd is too old or configured otherwise"
	case phase == transport.PhaseConnect && errors.Is(cause, os.ErrDeadlineExceeded):
		return "is the host up, and does no firewall drop the connection?"
	case phase == transport.PhaseHandshake && hungUp(cause):
		return "too many logins at a time (MaxStartups in sshd_config), or it bans this address"
	case phase == transport.PhaseHandshake:
		return "is it an SSH server?"
	}
	return ""
}

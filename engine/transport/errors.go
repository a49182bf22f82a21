package transport

import (
	"errors"
	"fmt"
	"strings"
)

// ErrUnreachable is what every error that keeps a host from being worked with is,
// by errors.Is: *UnreachableError, *AuthError, *HostKeyError.
var ErrUnreachable = errors.New("host is unreachable")

// ErrClosed is the use of a connection after Close.
var ErrClosed = errors.New("connection is closed")

// Phase is what was going on when a host turned out to be unreachable, as a
// format for the address.
type Phase string

// The phases.
const (
	PhaseConfigure   Phase = "configure connection to %s" // the Target, its ssh_config or its files are at fault
	PhaseConnect     Phase = "connect to %s"              // name lookup, TCP, jump hosts
	PhaseHandshake   Phase = "shake hands with %s"        // connected, but no SSH connection came of it
	PhaseEstablished Phase = "connection to %s was lost"  // while it was used
)

// UnreachableError is a host that does not answer, or no longer.
type UnreachableError struct {
	Address string // where to, as host:port
	Phase   Phase
	Cause   error  // never nil
	Hint    string // the way out, may be empty
}

// Error is one line without the host's name, which the caller knows.
func (e *UnreachableError) Error() string {
	return withHint(fmt.Sprintf(string(e.Phase)+": %v", e.Address, e.Cause), e.Hint)
}

// Unwrap is the cause.
func (e *UnreachableError) Unwrap() error { return e.Cause }

// Is tells that e is ErrUnreachable.
func (e *UnreachableError) Is(err error) bool { return err == ErrUnreachable }

// AuthError is a host that refuses to let the user in.
type AuthError struct {
	Address string
	User    string
	Offered []string // methods the host still accepts
	Tried   []string // keys by file and fingerprint, other methods by name, in order
	Cause   error    // why a method was not used or ended early; may be nil
	Hint    string
}

// Error is one line with all that was tried.
func (e *AuthError) Error() string {
	tried := "nothing to try"
	if len(e.Tried) > 0 {
		tried = "tried " + strings.Join(e.Tried, ", ")
	}
	s := fmt.Sprintf("log in to %s as %q: permission denied, %s", e.Address, e.User, tried)
	if len(e.Offered) > 0 {
		s += "; the host accepts " + strings.Join(e.Offered, ", ")
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return withHint(s, e.Hint)
}

// Unwrap is the cause.
func (e *AuthError) Unwrap() error { return e.Cause }

// Is tells that e is ErrUnreachable.
func (e *AuthError) Is(err error) bool { return err == ErrUnreachable }

// HostKeyProblem is what is wrong with a host key.
type HostKeyProblem string

// The problems.
const (
	HostKeyUnknown HostKeyProblem = "unknown" // no known_hosts file has a key for the host
	HostKeyChanged HostKeyProblem = "changed" // they have a different one
	HostKeyRevoked HostKeyProblem = "revoked" // it is marked as revoked
)

// HostKeyError is a host whose identity is not proved.
type HostKeyError struct {
	Problem     HostKeyProblem
	Address     string // as known_hosts writes it
	KeyType     string // such as ssh-ed25519
	Fingerprint string // SHA256 of the key that the host showed
	Known       string // file:line of the entry that speaks against it, may be empty
	Cause       error  // why it could not be judged, may be nil
	Hint        string
}

// Error is one line with the fingerprint and the entry that speaks against it.
func (e *HostKeyError) Error() string {
	s := fmt.Sprintf("verify host key of %s: %s key %s is %s", e.Address, e.KeyType, e.Fingerprint, e.Problem)
	if e.Known != "" {
		s += " (see " + e.Known + ")"
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return withHint(s, e.Hint)
}

// Unwrap is the cause.
func (e *HostKeyError) Unwrap() error { return e.Cause }

// Is tells that e is ErrUnreachable.
func (e *HostKeyError) Is(err error) bool { return err == ErrUnreachable }

// SessionError is a connection on which the host starts no further command.
type SessionError struct {
	Address string
	Cause   error
	Hint    string
}

// Error is one line.
func (e *SessionError) Error() string {
	return withHint(fmt.Sprintf("open a session on %s: %v", e.Address, e.Cause), e.Hint)
}

// Unwrap is the cause.
func (e *SessionError) Unwrap() error { return e.Cause }

// UploadError is a file that the host did not take.
type UploadError struct {
	Path  string
	Cause error // fs.ErrNotExist, fs.ErrPermission, syscall.ENOSPC, syscall.EROFS where known
	Hint  string
}

// Error is one line.
func (e *UploadError) Error() string {
	return withHint(fmt.Sprintf("upload %s: %v", e.Path, e.Cause), e.Hint)
}

// Unwrap is the cause.
func (e *UploadError) Unwrap() error { return e.Cause }

// ExitError is a command that ended other than with exit status 0.
type ExitError struct {
	Code   int    // the exit status; -1 when a signal ended the command
	Signal string // the signal's name without SIG, empty if none
}

// Error is "exit status 3" or "killed by signal KILL".
func (e *ExitError) Error() string {
	if e.Signal != "" {
		return "killed by signal " + e.Signal
	}
	return fmt.Sprintf("exit status %d", e.Code)
}

func withHint(s, hint string) string {
	if hint == "" {
		return s
	}
	return s + ", " + hint
}

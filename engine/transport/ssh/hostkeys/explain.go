package hostkeys

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"

	"github.com/gokube/gokube/engine/transport"
)

func newError(problem transport.HostKeyProblem, address string, key ssh.PublicKey) *transport.HostKeyError {
	return &transport.HostKeyError{
		Problem: problem, Address: knownhosts.Normalize(address),
		KeyType: key.Type(), Fingerprint: ssh.FingerprintSHA256(key),
	}
}

// explain says what speaks against key and what to do about it.
func (l *List) explain(address string, key ssh.PublicKey, err error) error {
	var mismatch *xknownhosts.KeyError
	var revoked *xknownhosts.RevokedError
	switch {
	case errors.As(err, &revoked):
		e := newError(transport.HostKeyRevoked, address, key)
		e.Known = place(revoked.Revoked)
		e.Hint = "the host must be given a new key before it is trusted again"
		return e
	case !errors.As(err, &mismatch):
		e := newError(transport.HostKeyUnknown, address, key)
		e.Cause = err
		return e
	case len(mismatch.Want) == 0:
		e := newError(transport.HostKeyUnknown, address, key)
		e.Hint = l.howToAdd(address, key)
		return e
	}
	want := mismatch.Want[0]
	for _, w := range mismatch.Want {
		if w.Key.Type() == key.Type() {
			want = w
		}
	}
	e := newError(transport.HostKeyChanged, address, key)
	e.Known = place(want)
	e.Hint = fmt.Sprintf("somebody may be intercepting the connection; if the host was reinstalled, forget its old key with: ssh-keygen -f %q -R %q",
		want.Filename, e.Address)
	return e
}

func place(k xknownhosts.KnownKey) string { return fmt.Sprintf("%s:%d", k.Filename, k.Line) }

func (l *List) howToAdd(address string, key ssh.PublicKey) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil || len(l.files) == 0 {
		return "add it to a known_hosts file"
	}
	typ := strings.TrimPrefix(key.Type(), "ssh-")
	if strings.HasPrefix(typ, "ecdsa") {
		typ = "ecdsa"
	}
	return fmt.Sprintf("compare the fingerprint with the host's and add the key with: ssh-keyscan -t %s -p %s %s >> %s; or let new keys be accepted (accept-new)",
		typ, port, host, l.files[0])
}

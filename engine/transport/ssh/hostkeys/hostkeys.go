// Package hostkeys decides whether a host is the one it claims to be, by
// known_hosts files. It does not connect.
//
// # Decisions
//
// Files are read once for all hosts of a run. A host is asked first for a key of a
// type that is known, or a host with several keys would seem to have changed. A
// changed or revoked key is refused whatever the policy.
package hostkeys

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"

	"github.com/gokube/gokube/engine/transport"
)

// Store holds the known_hosts files that were read so far. Its zero value is
// empty; it is safe for concurrent use.
type Store struct {
	mu    sync.Mutex
	lists map[string]func() (*List, error)
}

// Open is what files say, missing ones skipped. Keys of the policy
// HostKeysAcceptNew go to the first of them, there or not.
func (s *Store) Open(files []string) (*List, error) {
	name := strings.Join(files, "\x00")
	s.mu.Lock()
	open, ok := s.lists[name]
	if !ok {
		open = sync.OnceValues(func() (*List, error) { return read(files) })
		if s.lists == nil {
			s.lists = map[string]func() (*List, error){}
		}
		s.lists[name] = open
	}
	s.mu.Unlock()
	return open()
}

// List is the content of known_hosts files and what was added since.
type List struct {
	files []string
	known *knownhosts.HostKeyDB
	check ssh.HostKeyCallback

	mu    sync.Mutex
	added map[string]ssh.PublicKey // by host:port
}

func read(files []string) (*List, error) {
	var there []string
	for _, f := range files {
		if _, err := os.Stat(f); err == nil {
			there = append(there, f)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read known_hosts: %w", err)
		}
	}
	db, err := knownhosts.NewDB(there...)
	if err != nil {
		return nil, fmt.Errorf("read known_hosts: %w", err)
	}
	return &List{files: files, known: db, check: db.HostKeyCallback(), added: map[string]ssh.PublicKey{}}, nil
}

// Algorithms is what to ask the host at address, a host:port, to prove itself
// with: the types of its known keys, then all others.
func (l *List) Algorithms(address string) []string {
	algos := l.known.HostKeyAlgorithms(address)
	l.mu.Lock()
	if k, ok := l.added[address]; ok {
		algos = append(algos, k.Type())
	}
	l.mu.Unlock()
	for _, a := range preferred() {
		if !slices.Contains(algos, a) {
			algos = append(algos, a)
		}
	}
	return slices.DeleteFunc(algos, broken)
}

func preferred() []string {
	return []string{
		ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
		ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256,
	}
}

// broken are algorithms that prove nothing any more.
func broken(algo string) bool { return slices.Contains(ssh.InsecureAlgorithms().HostKeys, algo) }

// Verify is nil if key is that of the host at address, a host:port, by policy;
// otherwise it is a *transport.HostKeyError.
func (l *List) Verify(address string, key ssh.PublicKey, policy transport.HostKeyPolicy) error {
	// Only the name counts: an address tells nothing about who is there.
	err := l.check(address, &net.TCPAddr{IP: net.IPv4zero}, key)
	var unlisted *xknownhosts.KeyError
	if errors.As(err, &unlisted) && len(unlisted.Want) == 0 {
		return l.unknown(address, key, policy)
	}
	if err == nil {
		return nil
	}
	return l.explain(address, key, err)
}

// unknown decides about a key that no file speaks of.
func (l *List) unknown(address string, key ssh.PublicKey, policy transport.HostKeyPolicy) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k, ok := l.added[address]; ok {
		if string(k.Marshal()) == string(key.Marshal()) {
			return nil
		}
		e := newError(transport.HostKeyChanged, address, key)
		e.Known, e.Hint = l.files[0], "the host showed another key a moment ago"
		return e
	}
	if policy != transport.HostKeysAcceptNew || len(l.files) == 0 {
		return l.explain(address, key, &xknownhosts.KeyError{})
	}
	if err := appendLine(l.files[0], knownhosts.Line([]string{address}, key)); err != nil {
		e := newError(transport.HostKeyUnknown, address, key)
		e.Cause = fmt.Errorf("remember it: %w", err)
		return e
	}
	l.added[address] = key
	return nil
}

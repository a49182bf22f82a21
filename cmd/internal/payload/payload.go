// Package payload is the programs that gokube brings to hosts, compressed and
// embedded. It does not know what they do.
//
// # Decisions
//
// gzip, because the standard library reads it and nothing is unpacked in a run of
// which all hosts have the runner: digests are embedded beside the programs.
package payload

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/gokube/gokube/engine/session"
)

//go:embed data
var data embed.FS

// Set is programs by name and platform. It is safe for concurrent use.
type Set struct {
	files fs.FS
	mu    sync.Mutex
	known map[string]session.Program
}

var _ session.Payload = (*Set)(nil)

// Programs are those that were built into this program.
func Programs() *Set {
	sub, err := fs.Sub(data, "data")
	if err != nil {
		panic(err) // the name is a constant
	}
	return From(sub)
}

// From is the programs in files, as `make runner` names them.
func From(files fs.FS) *Set { return &Set{files: files, known: map[string]session.Program{}} }

const runner = "gokube-runner"

// Platforms are those with a runner.
func (s *Set) Platforms() (out []string) {
	names, _ := fs.Glob(s.files, runner+"-*.gz") // the pattern is well-formed
	for _, n := range names {
		n = strings.TrimSuffix(strings.TrimPrefix(n, runner+"-"), ".gz")
		out = append(out, strings.Replace(n, "-", "/", 1))
	}
	slices.Sort(out)
	return out
}

// ErrNotBuilt is a gokube that was built without the programs for hosts.
var ErrNotBuilt = errors.New("this gokube was built without runners, build it with: make build")

// Program is a program for a platform, such as "linux/amd64".
func (s *Set) Program(name, platform string) (session.Program, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	file := name + "-" + strings.ReplaceAll(platform, "/", "-")
	if p, ok := s.known[file]; ok {
		return p, nil
	}
	packed, err := fs.ReadFile(s.files, file+".gz")
	if err != nil {
		return session.Program{}, s.none(name, platform)
	}
	p, err := s.describe(file, packed)
	if err != nil {
		return p, fmt.Errorf("read embedded %s: %w", file, err)
	}
	s.known[file] = p
	return p, nil
}

func (s *Set) none(name, platform string) error {
	all := s.Platforms()
	if len(all) == 0 {
		return ErrNotBuilt
	}
	return fmt.Errorf("there is no %s for %s in this gokube, only for %s", name, platform, strings.Join(all, ", "))
}

// describe finds digest and size without unpacking, if the digest lies beside it.
func (s *Set) describe(file string, packed []byte) (session.Program, error) {
	p := session.Program{Open: func() (io.ReadCloser, error) { return gzip.NewReader(bytes.NewReader(packed)) }}
	sum, err := fs.ReadFile(s.files, file+".sum")
	if len(packed) >= 18 && err == nil {
		p.SHA256 = strings.TrimSpace(string(sum))
		p.Size = int64(binary.LittleEndian.Uint32(packed[len(packed)-4:])) // gzip's last field
		return p, nil
	}
	f, err := p.Open()
	if err != nil {
		return p, err
	}
	defer f.Close()
	h := sha256.New()
	p.Size, err = io.Copy(h, f)
	p.SHA256 = hex.EncodeToString(h.Sum(nil))
	return p, err
}

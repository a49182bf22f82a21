// Package payload is the programs that gokube brings to hosts, compressed and
// embedded. It does not know what they do.
//
// # Decisions
//
// gzip, because the standard library reads it and nothing is unpacked in a run of
// which all hosts have the runner: digests are embedded beside the programs. What is
// brought to one host is kept unpacked for the next.
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

// KubeRunner is the runner with the modules for Kubernetes clusters too.
const KubeRunner = "gokube-kube-runner"

// With is s with the program called name as the runner.
func (s *Set) With(name string) session.Payload { return other{s, name} }

// other has another runner.
type other struct {
	*Set
	name string
}

// Program is the other runner in place of the ordinary one.
func (o other) Program(name, platform string) (session.Program, error) {
	if name == runner {
		name = o.name
	}
	return o.Set.Program(name, platform)
}

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
	if _, err := fs.Stat(s.files, file+".gz"); err != nil {
		return session.Program{}, s.none(name, platform)
	}
	p, err := s.describe(file)
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
func (s *Set) describe(file string) (session.Program, error) {
	whole := sync.OnceValues(func() ([]byte, error) { return s.unpack(file + ".gz") })
	p := session.Program{Open: func() (io.ReadCloser, error) {
		data, err := whole()
		return io.NopCloser(bytes.NewReader(data)), err
	}}
	sum, err := fs.ReadFile(s.files, file+".sum")
	if err == nil {
		p.SHA256 = strings.TrimSpace(string(sum))
		p.Size, err = s.size(file + ".gz")
	}
	if err == nil {
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

// size is what gzip's last field says. Nothing else of the file is read: it would
// be copied into memory, by a run that need not bring it anywhere.
func (s *Set) size(file string) (int64, error) {
	f, err := s.files.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	at, ok := f.(io.ReaderAt)
	if !ok || info.Size() < 18 {
		return 0, errors.ErrUnsupported
	}
	var last [4]byte
	_, err = at.ReadAt(last[:], info.Size()-4)
	return int64(binary.LittleEndian.Uint32(last[:])), err
}

// unpack is all of a file. It is done once, however many hosts need it: that takes
// longer than to send it.
func (s *Set) unpack(file string) ([]byte, error) {
	f, err := s.files.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// Package digests remembers the digests of large files from one run to the next, so
// that a file that nobody has touched is not read again. It reads no files but its
// own, and does not know what digests are for.
//
// # Decisions
//
// A file is known by its device, inode, size, and when it and its inode last changed;
// the last only the kernel sets. One that changed a moment ago may change again
// without its time telling so, and is not remembered yet.
//
// What is remembered lies beside the runner: whoever can write there can replace that
// too. It is a help and no more; what cannot be read or written is done without.
package digests

import (
	"bufio"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Smallest is the size in bytes from which on files are worth remembering.
const Smallest = 1 << 20

const (
	most   = 4096            // digests that are kept
	settle = 3 * time.Second // after which a change shows in the time
)

// Stamp names a file as it is at one moment.
type Stamp struct {
	Dev, Ino uint64
	Size     int64
	Mtime    int64 // in nanoseconds, and so
	Ctime    int64
}

// Of is the Stamp of an open file.
func Of(f *os.File) (s Stamp, err error) {
	in, err := f.Stat()
	if err != nil {
		return s, err
	}
	st, ok := in.Sys().(*syscall.Stat_t)
	if !ok {
		return s, errors.New("look at " + f.Name() + ": the system tells no inode")
	}
	return Stamp{st.Dev, st.Ino, st.Size, st.Mtim.Nano(), st.Ctim.Nano()}, nil
}

// Memory is what is remembered. It is safe for concurrent use, and a nil Memory
// remembers nothing.
type Memory struct {
	file string

	mu    sync.Mutex
	read  bool
	known map[Stamp]entry
	last  int
	fresh int // how many are not in the file yet
}

// entry is a digest and, to drop the oldest, how late it was put.
type entry struct {
	sum string
	at  int
}

// In is the Memory kept in the file at path; "" keeps none from run to run.
func In(path string) *Memory { return &Memory{file: path} }

// Get is the digest of the file that s names.
func (m *Memory) Get(s Stamp) (sum string, ok bool) {
	if m == nil {
		return "", false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.load()
	e, ok := m.known[s]
	return e.sum, ok
}

// Put remembers sum for the file that s names, unless it changed just now.
func (m *Memory) Put(s Stamp, sum string) {
	if m == nil || s.Size < Smallest || time.Since(time.Unix(0, max(s.Ctime, s.Mtime))) < settle {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.load()
	m.fresh++
	m.keep(s, sum)
}

func (m *Memory) keep(s Stamp, sum string) {
	m.last++
	m.known[s] = entry{sum, m.last}
}

// load reads the file at its first call.
func (m *Memory) load() {
	if m.read {
		return
	}
	m.read, m.known = true, map[Stamp]entry{}
	f, err := os.OpenFile(m.file, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer f.Close()
	lines := bufio.NewScanner(io.LimitReader(f, most*200))
	for lines.Scan() {
		if s, sum, ok := parse(lines.Text()); ok {
			m.keep(s, sum)
		}
	}
}

// parse reads what line wrote.
func parse(text string) (s Stamp, sum string, ok bool) {
	words := strings.Split(text, " ")
	if len(words) != 6 || len(words[5]) != 64 || strings.Trim(words[5], "0123456789abcdef") != "" {
		return s, "", false
	}
	var n [5]int64
	for i := range n {
		v, err := strconv.ParseInt(words[i], 10, 64)
		if err != nil {
			return s, "", false
		}
		n[i] = v
	}
	return Stamp{uint64(n[0]), uint64(n[1]), n[2], n[3], n[4]}, words[5], true
}

func line(b []byte, s Stamp, sum string) []byte {
	for _, n := range [...]int64{int64(s.Dev), int64(s.Ino), s.Size, s.Mtime, s.Ctime} {
		b = append(strconv.AppendInt(b, n, 10), ' ')
	}
	return append(append(b, sum...), '\n')
}

// Save writes what is new to the file, for the next run. What another process has
// saved meanwhile is lost.
func (m *Memory) Save() {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fresh == 0 || m.file == "" {
		return
	}
	tmp := m.file + ".new"
	_ = os.Remove(tmp) // one that was left behind
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return
	}
	_, err = f.Write(m.text())
	if cerr := f.Close(); err != nil || cerr != nil || os.Rename(tmp, m.file) != nil {
		_ = os.Remove(tmp)
		return
	}
	m.fresh = 0
}

// text is the file's content: the latest digests, the oldest first.
func (m *Memory) text() []byte {
	at := make(map[int]Stamp, len(m.known))
	for s, k := range m.known {
		at[k.at] = s
	}
	ages := slices.Sorted(maps.Keys(at))
	var b []byte
	for _, age := range ages[max(0, len(ages)-most):] {
		b = line(b, at[age], m.known[at[age]].sum)
	}
	return b
}

package aptproxy

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
)

// cache keeps whole files by URL. Several proxies may share its folder.
type cache struct {
	dir   string
	mu    sync.Mutex
	locks map[string]*sync.Mutex
}

func newCache(dir string) *cache { return &cache{dir: dir, locks: map[string]*sync.Mutex{}} }

// entry is a cached file, or the status of a mirror that has none.
type entry struct {
	*os.File
	status int
}

// open finds what the URL names, or has it fetched, once however many ask.
// fetch tells the mirror's status; a file it could not write whole is not kept.
func (c *cache) open(url string, fetch func(io.Writer) (int, error)) (entry, error) {
	sum := sha256.Sum256([]byte(url))
	path := filepath.Join(c.dir, hex.EncodeToString(sum[:]))
	l := c.lock(path)
	l.Lock()
	defer l.Unlock()
	if f, err := os.Open(path); err == nil {
		return entry{f, http.StatusOK}, nil
	}
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return entry{}, err
	}
	tmp, err := os.CreateTemp(c.dir, "part-")
	if err != nil {
		return entry{}, err
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	status, err := fetch(tmp)
	if err != nil || status != http.StatusOK {
		return entry{nil, status}, err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return entry{}, err
	}
	f, err := os.Open(path)
	return entry{f, http.StatusOK}, err
}

func (c *cache) lock(path string) *sync.Mutex {
	c.mu.Lock()
	defer c.mu.Unlock()
	l, ok := c.locks[path]
	if !ok {
		l = new(sync.Mutex)
		c.locks[path] = l
	}
	return l
}

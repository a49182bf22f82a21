//go:build linux

package serve

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Fault makes the server misbehave for paths that end in Path: with an HTTP status
// of Status, or, where that is 0, with half the file, or with all of it but for the
// last byte, which is another.
type Fault struct {
	Path   string
	Status int
	Half   bool
	Wrong  bool
}

// ParseFault reads KIND:PATH, where the kind is an HTTP status from 400 on, half, or
// wrong, and PATH is how the path of a request ends.
func ParseFault(s string) (Fault, error) {
	kind, path, ok := strings.Cut(s, ":")
	f := Fault{Path: path, Half: kind == "half", Wrong: kind == "wrong"}
	if f.Half || f.Wrong {
		return f, faultError(s, ok)
	}
	n, err := strconv.Atoi(kind)
	f.Status = n
	return f, faultError(s, ok && err == nil && n >= 400 && n < 600)
}

func faultError(s string, ok bool) error {
	if ok {
		return nil
	}
	return fmt.Errorf("read fault %q: write it KIND:PATH; KIND is an HTTP status such as 404, half (the answer ends half way) or wrong (one byte differs), PATH how a path ends", s)
}

// faults are what is set at the moment.
type faults struct {
	mu  sync.Mutex
	set []Fault
}

// SetFaults replaces what the server does wrong, each as ParseFault takes it; none
// makes it behave.
func (s *Server) SetFaults(words []string) error {
	var set []Fault
	for _, w := range words {
		f, err := ParseFault(w)
		if err != nil {
			return err
		}
		set = append(set, f)
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.set = set
	return nil
}

func (f *faults) of(path string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fault := range f.set {
		if strings.HasSuffix(path, fault.Path) {
			return fault, true
		}
	}
	return Fault{}, false
}

// wrap gives the writer to answer a request with; it is nil if the answer is given.
func (f *faults) wrap(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
	fault, ok := f.of(r.URL.Path)
	switch {
	case !ok:
		return w
	case fault.Status > 0:
		http.Error(w, "the mirror was told to fail", fault.Status)
		return nil
	}
	return &bent{ResponseWriter: w, fault: fault}
}

// bent is a writer that spoils an answer's body.
type bent struct {
	http.ResponseWriter
	fault Fault
	size  int64 // of the whole answer
	sent  int64
}

// WriteHeader notes how long the answer is to be.
func (b *bent) WriteHeader(status int) {
	b.size, _ = strconv.ParseInt(b.Header().Get("Content-Length"), 10, 64)
	b.ResponseWriter.WriteHeader(status)
}

// Write passes on what the fault lets through. Half an answer ends with the
// connection, as it does when a server dies.
func (b *bent) Write(p []byte) (int, error) {
	if b.fault.Half && b.sent+int64(len(p)) > b.size/2 {
		_, _ = b.ResponseWriter.Write(p[:max(0, b.size/2-b.sent)])
		_ = http.NewResponseController(b.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	if b.fault.Wrong && b.size > 0 && b.sent+int64(len(p)) == b.size {
		p = append([]byte(nil), p...)
		p[len(p)-1] ^= 1
	}
	n, err := b.ResponseWriter.Write(p)
	b.sent += int64(n)
	return n, err
}

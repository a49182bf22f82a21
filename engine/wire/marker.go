package wire

import (
	"bytes"
	"io"
)

// Marker is what the runner prints before its first frame.
const Marker = "\x01gokube wire\x01\n"

// Skip reads up to and including Marker and returns what came before: the banner
// of a login shell, or the answer of one that had no runner to start. On error it
// returns all that was read.
func (r *Reader) Skip() (banner []byte, err error) {
	for len(banner) < maxBanner {
		line, err := r.r.ReadSlice('\n')
		banner = append(banner, line...)
		if before, found := bytes.CutSuffix(banner, []byte(Marker)); found {
			return before, nil
		}
		if err != nil && len(line) == 0 {
			return banner, err
		}
	}
	return banner, &ProtocolError{"a runner's greeting is missing in the first 64 KiB"}
}

// SendMarker prints Marker.
func (w *Writer) SendMarker() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := io.WriteString(w.w, Marker)
	return err
}

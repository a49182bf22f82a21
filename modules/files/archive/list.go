package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
)

// Listed is an entry with the digest of its content.
type Listed struct {
	Entry
	SHA256 string // of a file, in lower-case hex
}

// List reads the whole archive. Of entries of the same name only the last is
// listed, where it stands.
func List(r *Reader) ([]Listed, error) {
	var all []Listed
	last, sums := map[string]int{}, map[string]Listed{}
	for {
		e, data, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		l := Listed{Entry: e}
		if e.Type == 0 && e.Hard == "" {
			h := sha256.New()
			if l.Size, err = io.Copy(h, data); err != nil {
				return nil, err
			}
			l.SHA256 = hex.EncodeToString(h.Sum(nil))
		} else if to, ok := sums[e.Hard]; ok && e.Hard != "" {
			l.SHA256, l.Size = to.SHA256, to.Size
		}
		sums[e.Name], last[e.Name] = l, len(all)
		all = append(all, l)
	}
	out := all[:0]
	for i, l := range all {
		if last[l.Name] == i {
			out = append(out, l)
		}
	}
	return out, nil
}

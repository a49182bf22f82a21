package become

import (
	"encoding/hex"

	"golang.org/x/sys/unix"
)

// Random is a text of hexadecimal digits that nobody can guess. It asks the kernel
// itself: the runner is to stay small, and crypto/rand brings big numbers along.
func Random() string {
	b := make([]byte, 16)
	for n := 0; n < len(b); {
		k, err := unix.Getrandom(b[n:], 0)
		if err != nil && err != unix.EINTR {
			panic("read random bytes: " + err.Error()) // every Linux of this decade can
		}
		n += max(k, 0)
	}
	return hex.EncodeToString(b)
}

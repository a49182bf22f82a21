package module

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// Mode is permission bits as people write them: an octal string or number, or
// symbolic like chmod's. The zero Mode leaves a path's bits alone.
type Mode string

// Preserve is the Mode of a copy that is to have the mode of its source. Only
// modules that copy know it; its On is an error.
const Preserve Mode = "preserve"

// On is the mode that m makes of old for a path that is, or is not, a directory.
// The zero Mode gives old.
func (m Mode) On(old fs.FileMode, dir bool) (fs.FileMode, error) {
	if m == "" {
		return old, nil
	}
	if n, err := strconv.ParseUint(string(m), 8, 32); err == nil && n <= 0o7777 {
		return fromUnix(n), nil
	}
	bits := toUnix(old)
	for clause := range strings.SplitSeq(string(m), ",") {
		next, ok := symbolic(clause, bits, dir)
		if !ok {
			return 0, fmt.Errorf("mode %q is neither octal like \"0644\" nor symbolic like \"u=rw,g=r,o=\"", string(m))
		}
		bits = next
	}
	return fromUnix(bits), nil
}

// special are the bits setuid and setgid: a directory keeps them unless a clause
// names them.
const special = 0o6000

// symbolic applies one clause of chmod(1)'s symbolic form to bits.
func symbolic(clause string, bits uint64, dir bool) (uint64, bool) {
	at := strings.IndexAny(clause, "+-=")
	if at < 0 {
		return 0, false
	}
	who, ok := whoMask(clause[:at])
	if !ok {
		return 0, false
	}
	for rest := clause[at:]; rest != ""; {
		op := rest[0]
		end := strings.IndexAny(rest[1:], "+-=") + 1
		if end == 0 {
			end = len(rest)
		}
		perm, ok := permBits(rest[1:end], bits, dir)
		if !ok {
			return 0, false
		}
		rest = rest[end:]
		bits = adjust(op, bits, who, perm, dir)
	}
	return bits, true
}

// adjust is bits with perm added, removed or set, as far as who reaches.
func adjust(op byte, bits, who, perm uint64, dir bool) uint64 {
	switch op {
	case '+':
		return bits | perm&who
	case '-':
		return bits &^ (perm & who)
	}
	reach := who
	if dir {
		reach &^= special &^ perm
	}
	return bits&^reach | perm&who
}

func whoMask(who string) (mask uint64, ok bool) {
	if who == "" {
		who = "a"
	}
	for _, w := range who {
		switch w {
		case 'u':
			mask |= 0o4700
		case 'g':
			mask |= 0o2070
		case 'o':
			mask |= 0o1007
		case 'a':
			mask |= 0o7777
		default:
			return 0, false
		}
	}
	return mask, true
}

func permBits(perms string, old uint64, dir bool) (bits uint64, ok bool) {
	for _, p := range perms {
		switch p {
		case 'X':
			if dir || old&0o111 != 0 {
				bits |= 0o111
			}
		case 'u':
			bits |= (old >> 6 & 7) * 0o111
		case 'g':
			bits |= (old >> 3 & 7) * 0o111
		case 'o':
			bits |= (old & 7) * 0o111
		default:
			b, ok := map[rune]uint64{'r': 0o444, 'w': 0o222, 'x': 0o111, 's': special, 't': 0o1000}[p]
			if !ok {
				return 0, false
			}
			bits |= b
		}
	}
	return bits, true
}

func fromUnix(n uint64) fs.FileMode {
	m := fs.FileMode(n & 0o777)
	for bit, flag := range map[uint64]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if n&bit != 0 {
			m |= flag
		}
	}
	return m
}

func toUnix(m fs.FileMode) uint64 {
	n := uint64(m.Perm())
	for bit, flag := range map[uint64]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if m&flag != 0 {
			n |= bit
		}
	}
	return n
}

// Octal is m as people write it: "0644".
func Octal(m fs.FileMode) string { return fmt.Sprintf("%04o", toUnix(m)) }

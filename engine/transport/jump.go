package transport

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// ParseJumps reads OpenSSH's ProxyJump syntax: hosts separated by commas, each
// [user@]host[:port] or ssh://[user@]host[:port]. "none" is DirectOnly.
func ParseJumps(s string) ([]Jump, error) {
	if strings.EqualFold(strings.TrimSpace(s), "none") {
		return DirectOnly(), nil
	}
	var jumps []Jump
	for part := range strings.SplitSeq(s, ",") {
		j, err := parseJump(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("parse jump hosts %q: %w", s, err)
		}
		jumps = append(jumps, j)
	}
	return jumps, nil
}

func parseJump(s string) (Jump, error) {
	var j Jump
	rest := strings.TrimSuffix(strings.TrimPrefix(s, "ssh://"), "/")
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		j.User, rest = rest[:i], rest[i+1:]
		if j.User == "" {
			return j, fmt.Errorf("user before @ is empty in %q", s)
		}
	}
	j.Address = rest
	if host, port, err := net.SplitHostPort(rest); err == nil {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return j, fmt.Errorf("port %q is not between 1 and 65535", port)
		}
		j.Address, j.Port = host, int(n)
	}
	j.Address = strings.TrimSuffix(strings.TrimPrefix(j.Address, "["), "]")
	if j.Address == "" || strings.ContainsAny(j.Address, " \t/[]") || strings.HasPrefix(j.Address, "-") {
		return j, fmt.Errorf("host is missing or malformed in %q", s)
	}
	return j, nil
}

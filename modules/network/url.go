package network

import (
	"strconv"
	"strings"
)

// bare is a URL without the user and the password that are in it.
func bare(url string) (rest, user, password string) {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url, "", ""
	}
	end := len(rest)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		end = i
	}
	i := strings.LastIndexByte(rest[:end], '@')
	if i < 0 {
		return url, "", ""
	}
	user, password, _ = strings.Cut(rest[:i], ":")
	return scheme + "://" + rest[i+1:], unescaped(user), unescaped(password)
}

// redacted is a URL without the password in it.
func redacted(url string) string {
	rest, user, password := bare(url)
	if user == "" && password == "" {
		return rest
	}
	scheme, rest, _ := strings.Cut(rest, "://")
	return scheme + "://" + user + ":xxxxx@" + rest
}

// unescaped is s with its %XX as what they stand for.
func unescaped(s string) string {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(s, "%")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		if n, err := strconv.ParseUint(after[:min(2, len(after))], 16, 8); err == nil && len(after) > 1 {
			out.WriteByte(byte(n))
			s = after[2:]
			continue
		}
		out.WriteByte('%')
		s = after
	}
}

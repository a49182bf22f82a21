// Package link reads URLs as far as modules show and judge them. It does not know what
// is behind one.
//
// # Decisions
//
// net/url would be 20 KB of the runner; what asks for a URL in the end reads it again,
// with that.
package link

import (
	"strconv"
	"strings"
)

// cut are the parts of a URL; ok is false if it is none.
func cut(url string) (scheme, user, host, path string, ok bool) {
	scheme, rest, ok := strings.Cut(url, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host, path = rest[:end], rest[end:]
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		user, host = host[:i], host[i+1:]
	}
	return scheme, user, host, path, ok
}

// Bare is a URL without the user and the password that are in it.
func Bare(url string) (rest, user, password string) {
	scheme, both, host, path, ok := cut(url)
	if !ok || both == "" {
		return url, "", ""
	}
	user, password, _ = strings.Cut(both, ":")
	return scheme + "://" + host + path, unescaped(user), unescaped(password)
}

// Redacted is a URL without the password in it.
func Redacted(url string) string {
	rest, user, password := Bare(url)
	if user == "" && password == "" {
		return rest
	}
	scheme, rest, _ := strings.Cut(rest, "://")
	return scheme + "://" + user + ":xxxxx@" + rest
}

// Path is where on its host an http or https URL leads; ok is false for any other.
func Path(url string) (path string, ok bool) {
	scheme, _, host, path, ok := cut(url)
	scheme = strings.ToLower(scheme)
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	return unescaped(path), ok && host != "" && (scheme == "http" || scheme == "https") && strings.IndexFunc(url, control) < 0
}

func control(r rune) bool { return r < ' ' || r == 0x7f }

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

// Package hostname reads host names as inventories write them: an address or a
// name with an optional port, and ranges such as n[01:03] that stand for many.
//
// It does not know inventories, groups or the network: no name is resolved.
//
// # Decisions
//
// A text that is no address is no problem here: Ansible takes any text as a host
// name, and so Split only says that it did not recognise one.
package hostname

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

var (
	nameRange = regexp.MustCompile(`(?i)\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]`)
	hexRange  = regexp.MustCompile(`(?i)\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\]`)
)

// Split takes the port off an address: "db:2222", "10.0.0.1:22", "[fe80::1]:22",
// each possibly with ranges. port is 0 if none is written. ok is false if s is
// not an address with an optional port; name is s then.
func Split(s string) (name string, port int, ok bool) {
	name, port = splitPort(s)
	if valid(name) {
		return name, port, true
	}
	return s, 0, false
}

// IsIP tells whether s is an IPv4 or IPv6 address.
func IsIP(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

func splitPort(s string) (string, int) {
	at := strings.LastIndexByte(s, ':')
	if at < 0 {
		return s, 0
	}
	port, err := strconv.ParseUint(s[at+1:], 10, 16)
	if err != nil || port == 0 {
		return s, 0
	}
	name := s[:at]
	if inner, ok := strings.CutPrefix(name, "["); ok && strings.HasSuffix(inner, "]") && nameRange.ReplaceAllLiteralString(name, "") != "" {
		return strings.TrimSuffix(inner, "]"), int(port)
	}
	if strings.Contains(nameRange.ReplaceAllLiteralString(name, "0"), ":") {
		return s, 0
	}
	return name, int(port)
}

func valid(name string) bool {
	if IsIP(hexRange.ReplaceAllLiteralString(name, "0")) {
		return true
	}
	for label := range strings.SplitSeq(nameRange.ReplaceAllLiteralString(name, "0"), ".") {
		if !validLabel(label) {
			return false
		}
	}
	return true
}

func validLabel(label string) bool {
	if label == "" || label[0] == '-' || strings.HasSuffix(label, "-") || strings.HasSuffix(label, "_") {
		return false
	}
	return !strings.ContainsFunc(label, func(r rune) bool {
		return r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r)
	})
}

package draft

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/gokube/gokube/engine/diag"
)

// Host is one host of the cluster to be.
type Host struct {
	Name string
	IP   netip.Addr
}

// most is how many hosts may be named at once: more is a slip in a range.
const most = 5000

// Hosts reads words such as 10.0.0.11, name=10.0.0.11, 10.0.0.11-10.0.0.19 and
// 10.0.0.11-19. A host without a name gets one that begins with prefix and ends in
// its number.
func Hosts(words []string, prefix string) ([]Host, error) {
	var out []Host
	names, addresses := map[string]string{}, map[netip.Addr]string{}
	for _, word := range words {
		hosts, err := read(word)
		if err != nil {
			return nil, err
		}
		for _, h := range hosts {
			if h.Name == "" {
				h.Name = fmt.Sprintf("%s%d", prefix, len(out)+1)
			}
			if first, twice := names[h.Name]; twice {
				return nil, diag.Diagnostic{Summary: "host named twice", Detail: fmt.Sprintf("%q, in %s and %s", h.Name, first, word)}
			}
			if first, twice := addresses[h.IP]; twice {
				return nil, diag.Diagnostic{Summary: "address given twice", Detail: fmt.Sprintf("%s, in %s and %s", h.IP, first, word)}
			}
			names[h.Name], addresses[h.IP] = word, word
			out = append(out, h)
		}
		if len(out) > most {
			return nil, diag.Diagnostic{Summary: "too many hosts", Detail: fmt.Sprintf("more than %d, with %s", most, word)}
		}
	}
	if len(out) == 0 {
		return nil, diag.Diagnostic{Summary: "no hosts", Hint: "give their addresses with --ips 10.0.0.11,10.0.0.12"}
	}
	return out, nil
}

// read is the hosts of one word.
func read(word string) ([]Host, error) {
	name, rest, named := strings.Cut(word, "=")
	if !named {
		name, rest = "", word
	}
	if named && !isName(name) {
		return nil, diag.Diagnostic{Summary: "invalid host name", Detail: fmt.Sprintf("%q, in %s", name, word), Hint: "names are of lower-case letters, digits, dashes and dots, as nodes of Kubernetes are called"}
	}
	first, last, ranged := strings.Cut(rest, "-")
	from, err := netip.ParseAddr(strings.TrimSpace(first))
	if err != nil {
		return nil, diag.Diagnostic{Summary: "invalid address", Detail: fmt.Sprintf("%q, in %s", first, word), Hint: "write 10.0.0.11, name=10.0.0.11 or 10.0.0.11-19"}
	}
	if !ranged {
		return []Host{{name, from}}, nil
	}
	if named {
		return nil, diag.Diagnostic{Summary: "one name for several hosts", Detail: word, Hint: "name each, or none"}
	}
	to, err := end(from, strings.TrimSpace(last))
	if err != nil || to.Less(from) || to.BitLen() != from.BitLen() {
		return nil, diag.Diagnostic{Summary: "invalid range of addresses", Detail: word, Hint: "write 10.0.0.11-10.0.0.19 or 10.0.0.11-19"}
	}
	var out []Host
	for a := from; len(out) <= most; a = a.Next() {
		out = append(out, Host{IP: a})
		if a == to {
			return out, nil
		}
	}
	return out, nil
}

// end is the last address of a range: whole, or the part after the last dot or colon.
func end(from netip.Addr, last string) (netip.Addr, error) {
	if strings.ContainsAny(last, ".:") {
		return netip.ParseAddr(last)
	}
	text := from.String()
	return netip.ParseAddr(text[:strings.LastIndexAny(text, ".:")+1] + last)
}

// isName reports whether a node of Kubernetes may be called s.
func isName(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return len(s) <= 253
}

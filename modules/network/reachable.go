package network

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/ip"
)

// ReachableArgs are the arguments of the reachable module.
type ReachableArgs struct {
	// Addresses are those to try, each with its port, as the host sees them.
	Addresses []string `arg:"addresses,required"`
	// Source is the address of the host from which they are tried.
	Source string `arg:"source"`
	// Refused is whether a host that answers, to refuse the connection, will do: it is
	// there, and nothing listens yet.
	Refused bool `arg:"refused"`
	// Timeout is how many seconds one attempt to connect may take.
	Timeout int `arg:"timeout" default:"5"`
}

// Reachable tells which addresses answer. It looks and does not wait, so that a
// check tells the truth too.
var Reachable = module.Define(module.Spec{
	Name: "reachable", Summary: "Tell which addresses the host can connect to", Contained: true,
	Example: `- reachable:
    addresses: ["192.0.2.1:6443", "[2001:db8::1]:6443"]
  register: reach
- assert:
    that: empty .reach.unreachable
`,
	Output: []module.Doc{{Name: "reachable", Text: "the addresses that answered"}, {Name: "unreachable", Text: "those that did not: address and why of each"}},
}, planReachable)

func planReachable(ctx context.Context, r system.Reader, a *ReachableArgs) (*module.Plan, error) {
	yes, no := []any{}, []any{}
	for _, address := range a.Addresses {
		if err := withPort(address); err != nil {
			return nil, err
		}
		c := dial(address, a.Source, a.Timeout)
		if a.Refused {
			c.Argv = slices.Insert(c.Argv, len(c.Argv)-1, "-refused")
		}
		out, err := r.Query(ctx, c)
		switch {
		case err != nil:
			return nil, err
		case out.Code == 0:
			yes = append(yes, address)
		default:
			no = append(no, map[string]any{"address": address, "why": strings.TrimSpace(string(out.Stderr))})
		}
	}
	return &module.Plan{Output: map[string]any{"reachable": yes, "unreachable": no}}, nil
}

// withPort is an error if there is no port at the end of address.
func withPort(address string) error {
	host, port, ok := cutLast(address, ":")
	n, err := strconv.Atoi(port)
	if !ok || err != nil || n < 1 || n > 65535 || host == "" {
		return fmt.Errorf("address %q has no port: write HOST:PORT", address)
	}
	if strings.Contains(host, ":") {
		bare, _, _ := strings.Cut(strings.Trim(host, "[]"), "%")
		if _, err := ip.Parse(bare); err != nil || host[0] != '[' {
			return fmt.Errorf("address %q: write an IPv6 address as [ADDRESS]:PORT", address)
		}
	}
	return nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

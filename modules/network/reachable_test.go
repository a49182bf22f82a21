package network

import (
	"testing"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
)

func TestReachable(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, Reachable)
	moduletest.Run(t, Reachable, []moduletest.Case{
		{Name: "some answer", Host: host, Args: module.Args{"addresses": []any{"127.0.0.1:80", "127.0.0.1:81"}},
			Output: map[string]any{"reachable": []any{"127.0.0.1:80"}, "unreachable": []any{map[string]any{"address": "127.0.0.1:81", "why": "connection refused"}}}},
		{Name: "a host that refuses", Host: host, Args: module.Args{"addresses": []any{"127.0.0.1:81"}, "refused": true}, Output: map[string]any{"reachable": []any{"127.0.0.1:81"}, "unreachable": []any{}}},
		{Name: "IPv6", Host: host, Args: module.Args{"addresses": []any{"[::1]:80"}, "timeout": 1}, Output: map[string]any{"reachable": []any{"[::1]:80"}, "unreachable": []any{}}},
		{Name: "none to try", Host: host, Args: module.Args{"addresses": []any{}}, Output: map[string]any{"reachable": []any{}, "unreachable": []any{}}},
		{Name: "no port", Args: module.Args{"addresses": []any{"127.0.0.1"}}, Err: "write HOST:PORT"},
		{Name: "a port too high", Args: module.Args{"addresses": []any{"127.0.0.1:65536"}}, Err: "write HOST:PORT"},
		{Name: "bare IPv6", Args: module.Args{"addresses": []any{"::1:80"}}, Err: "[ADDRESS]:PORT"},
	})
}

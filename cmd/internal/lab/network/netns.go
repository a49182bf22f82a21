//go:build linux

// Package network makes a lab's network: a bridge in a network namespace of its
// own, one link from it to this machine, one to each host. It does not know what
// a host is; a host is whoever holds the namespace that a cable is plugged into.
//
// # Decisions
//
// The bridge has a namespace of its own, not this machine's: firewall rules here
// (a container engine's FORWARD policy) do not touch what hosts say to each
// other, and all links vanish with the process that holds the namespace.
// Namespaces are entered on threads that end with their goroutine, so no thread of
// the program is left in the wrong one.
package network

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// NewNamespace moves the calling thread into a fresh network namespace and
// returns a handle of it. The caller has locked its goroutine to the thread and
// never unlocks it.
func NewNamespace() (*os.File, error) {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return nil, fmt.Errorf("make a network namespace: %w", err)
	}
	return os.Open("/proc/thread-self/ns/net")
}

// isolated runs f on a thread that ends with it.
func isolated(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- f()
	}()
	return <-done
}

// within runs f in the namespace ns.
func within(ns *os.File, f func() error) error {
	return isolated(func() error {
		if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter a network namespace: %w", err)
		}
		return f()
	})
}

// ip runs lines of ip(8) in one batch, in the calling thread's namespace. Lines
// may name peer as @peer.
func ip(ctx context.Context, peer *os.File, lines ...string) error {
	cmd := exec.CommandContext(ctx, "ip", "-batch", "-")
	cmd.Stdin = strings.NewReader(strings.ReplaceAll(strings.Join(lines, "\n"), "@peer", "/proc/self/fd/3") + "\n")
	if peer != nil {
		cmd.ExtraFiles = []*os.File{peer}
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run ip %q: %w: %s", lines, err, strings.TrimSpace(out.String()))
	}
	return nil
}

// unaddressed keeps a link that is only passed through from taking an IPv6
// address; a kernel without IPv6 does not know the option.
func unaddressed() string {
	if _, err := os.Stat("/proc/sys/net/ipv6"); err != nil {
		return ""
	}
	return "addrgenmode none "
}

// RemoveLink deletes a link of this machine; one that is not there is no error.
func RemoveLink(ctx context.Context, name string) error {
	if _, err := os.Stat("/sys/class/net/" + name); err != nil {
		return nil
	}
	return ip(ctx, nil, "link del "+name)
}

// Package client asks a cluster's API through kubectl, as the modules for clusters
// do. It knows no module, and nothing of what it asks about.
//
// # Decisions
//
// kubectl is told to keep no cache, since a check must not write a byte on a host.
// A list travels as JSON by standard input, so that no secret is in an argument and
// no manifest in a file; long ones travel in parts, as a command's output is kept
// up to a size only.
//
// The answers depend on the cluster and on the kubeconfig that leads there, not on
// the version of kubectl: one that an earlier task replaces would answer the same.
package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/modules/kube/api/object"
)

// Client is how a host reaches a cluster.
type Client struct {
	Program    string // kubectl, or where it is
	Kubeconfig string
}

// State is what can be known of a cluster.
type State int

// The states of a cluster: it answers; an earlier task is predicted to make it, so
// that nothing is there but what comes with it; nobody knows.
const (
	Live State = iota
	Fresh
	Unsure
)

// State says whether there is a cluster to ask.
func (c Client) State(r system.Reader) (State, error) {
	in, err := r.Lstat(c.Kubeconfig)
	_, unsure := unknown.Of(err)
	switch {
	case unsure:
		return Unsure, nil
	case errors.Is(err, fs.ErrNotExist):
		return Live, fmt.Errorf("ask the cluster: %s is not there; run this on a control plane, or say with kubeconfig where one is", c.Kubeconfig)
	case err != nil:
		return Live, err
	case in.Size < 0 && in.Type == 0:
		return Fresh, nil
	}
	return Live, nil
}

// Begun reports whether an earlier task of a check is predicted to change what id
// names.
func (c Client) Begun(r system.Reader, id object.ID) bool {
	_, err := r.Object(context.Background(), id.Key())
	_, changes := unknown.Of(err)
	return changes
}

// Cmd is kubectl with args, and in as its standard input.
func (c Client) Cmd(in []byte, args ...string) system.Cmd {
	argv := []string{c.Program, "--kubeconfig", c.Kubeconfig, "--cache-dir", "/dev/null"}
	return system.Cmd{Argv: slices.Concat(argv, args), Stdin: in}
}

// Ask runs kubectl to look at what keys name. It fails as kubectl fails, and is
// unknown if a change of keys or of the way there is predicted.
func (c Client) Ask(ctx context.Context, r system.Reader, keys []system.Key, in []byte, args ...string) (system.Output, error) {
	cmd := c.Cmd(in, args...)
	cmd.Reads = append([]system.Key{system.Path(c.Kubeconfig)}, keys...)
	out, err := r.Query(ctx, cmd)
	for try := 0; err == nil && out.Code != 0 && passing(out.Stderr) && try < len(pauses); try++ {
		if err := rest(ctx, pauses[try]); err != nil {
			return out, err
		}
		out, err = r.Query(ctx, cmd)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return out, fmt.Errorf("ask the cluster: this host has no %s: %w", c.Program, err)
	}
	return out, err
}

// Objects are what is there of those that ids name. Kinds that the cluster does not
// know have no objects.
func (c Client) Objects(ctx context.Context, r system.Reader, want []object.Object) ([]object.Object, error) {
	return inParts(bare(want), func(part []object.Object) ([]byte, error) {
		out, err := c.Ask(ctx, r, keys(part), object.JSON(part), "get", "--ignore-not-found", "-o", "json", "-f", "-")
		if err == nil && out.Code != 0 && !noSuchKind(out.Stderr) {
			err = Failure(c.Cmd(nil, "get"), out)
		}
		return out.Stdout, err
	})
}

// Listed are the objects that a get with args prints.
func (c Client) Listed(ctx context.Context, r system.Reader, keys []system.Key, args ...string) ([]object.Object, error) {
	args = slices.Concat([]string{"get", "--ignore-not-found", "-o", "json"}, args)
	out, err := c.Ask(ctx, r, keys, nil, args...)
	if err == nil && out.Code != 0 {
		err = Failure(c.Cmd(nil, args...), out)
	}
	if err != nil {
		return nil, err
	}
	return object.Parse(out.Stdout)
}

// bare are objects with nothing but their names: that is all a get needs.
func bare(all []object.Object) (out []object.Object) {
	for _, o := range all {
		id := o.ID()
		out = append(out, id.Object())
	}
	return out
}

func keys(all []object.Object) (out []system.Key) {
	for _, o := range all {
		out = append(out, o.ID().Key())
	}
	return out
}

// noSuchKind reports whether all that kubectl complains of is kinds that the cluster
// does not know.
func noSuchKind(stderr []byte) bool {
	for line := range bytes.Lines(stderr) {
		s := strings.TrimSpace(string(line))
		if s != "" && !strings.Contains(s, "no matches for kind") && !strings.HasPrefix(s, "ensure CRDs are installed first") && !strings.HasPrefix(s, "Warning:") {
			return false
		}
	}
	return true
}

// DryRun is what applying objects with options would make of them, as the API server
// says. All of them must be there.
func (c Client) DryRun(ctx context.Context, r system.Reader, objects []object.Object, options ...string) ([]object.Object, error) {
	args := slices.Concat([]string{"apply", "--dry-run=server", "-o", "json"}, options, []string{"-f", "-"})
	return inParts(objects, func(part []object.Object) ([]byte, error) {
		out, err := c.Ask(ctx, r, keys(part), object.JSON(part), args...)
		if err == nil && out.Code != 0 {
			err = fmt.Errorf("see what applying would change: %w", Failure(c.Cmd(nil, args...), out))
		}
		return out.Stdout, err
	})
}

// Run runs kubectl to change what keys name, and nothing else.
func (c Client) Run(ctx context.Context, s system.System, keys []system.Key, in []byte, args ...string) error {
	cmd, e := c.Cmd(in, args...), system.Closed()
	for _, k := range keys {
		e.Set = append(e.Set, system.Vague(k))
	}
	for try := 0; ; try++ {
		err := s.Run(ctx, cmd, e)
		var exit *system.ExitError
		if !errors.As(err, &exit) {
			return err
		}
		if try >= len(pauses) || !passing(exit.Output.Stderr) {
			return Failure(cmd, exit.Output)
		}
		if err := rest(ctx, pauses[try]); err != nil {
			return err
		}
	}
}

// Patched is what a patch of what id names would make of it, as the API server says.
func (c Client) Patched(ctx context.Context, r system.Reader, id object.ID, body []byte, args ...string) (object.Object, error) {
	args = append(slices.Clone(args), "--dry-run=server", "-o", "json")
	out, err := c.Ask(ctx, r, []system.Key{id.Key()}, body, args...)
	if err == nil && out.Code != 0 {
		err = fmt.Errorf("see what the patch would change: %w", Failure(c.Cmd(nil, args...), out))
	}
	if err != nil {
		return object.Object{}, err
	}
	would, err := object.Parse(out.Stdout)
	if err == nil && len(would) != 1 {
		err = fmt.Errorf("see what the patch would change: kubectl told of %d objects", len(would))
	}
	if err != nil {
		return object.Object{}, err
	}
	return would[0], nil
}

package commands

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// Options are the arguments that command and shell share.
type Options struct {
	// Chdir is the folder to run in.
	Chdir string `arg:"chdir"`
	// Creates is a path; while it exists the command is not run.
	Creates string `arg:"creates" target:"path"`
	// Removes is a path; while it does not exist the command is not run.
	Removes string `arg:"removes" target:"path"`
	// Stdin is what the command reads.
	Stdin module.Secret `arg:"stdin"`
	// StdinAddNewline ends stdin with a newline.
	StdinAddNewline bool `arg:"stdin_add_newline" default:"true"`
	// StripEmptyEnds takes newlines off the end of the output.
	StripEmptyEnds bool `arg:"strip_empty_ends" default:"true"`
	// ReadOnly promises that the command changes nothing. It then runs in a check
	// too, unless what it would see is itself not known, and is never a change.
	ReadOnly bool `arg:"read_only"`
	// Contained promises that nothing changes but the paths of creates and removes
	// and what is below them, so that what comes after the command can be predicted.
	Contained bool `arg:"contained"`
}

// plan is one opaque step, unless creates or removes say that it is not needed.
func (o *Options) plan(ctx context.Context, r system.Reader, c system.Cmd) (*module.Plan, error) {
	c.Dir, c.Stdin = o.Chdir, o.input()
	p := &module.Plan{Output: map[string]any{"cmd": c.String()}}
	note, err := o.needless(r)
	if err != nil {
		return nil, err
	}
	if note != "" {
		p.Note = note
		fill(p, system.Output{}, o.StripEmptyEnds)
		return p, nil
	}
	if o.ReadOnly {
		out, err := r.Query(ctx, c)
		if err != nil {
			return nil, err
		}
		fill(p, out, o.StripEmptyEnds)
		return p, out.Err(c)
	}
	await(p)
	p.Add(change.Change{Action: change.Run, Kind: "command", Target: c.String()}, func(ctx context.Context, s system.System) error {
		out, err := s.Capture(ctx, c, o.effects())
		if err != nil {
			return err
		}
		fill(p, out, o.StripEmptyEnds)
		return out.Err(c)
	})
	return p, nil
}

// input is what the command reads.
func (o *Options) input() []byte {
	in := o.Stdin.Reveal()
	if in == "" {
		return nil
	}
	if o.StdinAddNewline && !strings.HasSuffix(in, "\n") {
		in += "\n"
	}
	return []byte(in)
}

// effects are what the task says of the command. What it makes may be a directory.
func (o *Options) effects() system.Effects {
	e := system.Effects{Closed: o.Contained, Shown: true}
	for _, p := range []string{o.Creates, o.Removes} {
		if p != "" {
			e.Set = append(e.Set, system.Vague(system.Path(strings.TrimSuffix(p, "/")+"/")))
		}
	}
	return e
}

// needless says why the command need not run, "" if it must, or may have to: a
// check shows one that depends on a path nobody knows as possible.
func (o *Options) needless(r system.Reader) (string, error) {
	if o.Creates != "" {
		if there, err := exists(r, o.Creates, false); err != nil || there {
			return o.Creates + " exists", err
		}
	}
	if o.Removes != "" {
		if there, err := exists(r, o.Removes, true); err != nil || !there {
			return o.Removes + " does not exist", err
		}
	}
	return "", nil
}

// exists reports whether anything is at path; guess is the answer if that is not known.
func exists(r system.Reader, path string, guess bool) (bool, error) {
	_, err := r.Lstat(path)
	if _, vague := unknown.Of(err); vague {
		return guess, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

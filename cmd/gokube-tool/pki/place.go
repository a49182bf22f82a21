package pki

import (
	"errors"
	"flag"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

// parse reads flags, behind which n words are left; any number if n is below 0.
func parse(f *flag.FlagSet, args []string, n int) error {
	f.SetOutput(io.Discard)
	if err := f.Parse(args); err != nil {
		return outcome.Misuse("%w", err)
	}
	if n >= 0 && f.NArg() != n {
		return outcome.Misuse("%d words are wanted, not %q", n, f.Args())
	}
	return nil
}

// place is where what was made is written; nowhere without a path.
type place struct{ path, mode, owner, group string }

func placeFlags(f *flag.FlagSet) *place {
	p := &place{}
	f.StringVar(&p.path, "o", "", "")
	f.StringVar(&p.mode, "mode", "0600", "")
	f.StringVar(&p.owner, "owner", "", "")
	f.StringVar(&p.group, "group", "", "")
	return p
}

// finish writes text and says what it is; without a path it prints it.
func (p *place) finish(text []byte, out io.Writer) error {
	if p.path == "" {
		if _, err := out.Write(text); err != nil {
			return &outcome.Failure{Code: outcome.Write, Err: err}
		}
		return nil
	}
	mode, err := strconv.ParseUint(p.mode, 8, 12)
	if err != nil {
		return outcome.Misuse("%q is no mode", p.mode)
	}
	f, err := os.CreateTemp(filepath.Dir(p.path), ".gokube-tool-*") // its mode is 0600
	if err == nil {
		err = p.fill(f, text, os.FileMode(mode))
	}
	if err != nil {
		return &outcome.Failure{Code: outcome.Write, Err: err}
	}
	return outcome.Print(out, describe(p.path, text, nil)[0])
}

// fill makes f the file at p's path.
func (p *place) fill(f *os.File, text []byte, mode os.FileMode) error {
	err := p.give(f)
	if err == nil {
		_, err = f.Write(text)
	}
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), p.path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the error that matters is err
	}
	return err
}

// give changes the owner and the group of f.
func (p *place) give(f *os.File) error {
	uid, gid := -1, -1
	if p.owner != "" {
		u, err := user.Lookup(p.owner)
		if uid, err = number(p.owner, err, func() string { return u.Uid }); err != nil {
			return err
		}
	}
	if p.group != "" {
		g, err := user.LookupGroup(p.group)
		if gid, err = number(p.group, err, func() string { return g.Gid }); err != nil {
			return err
		}
	}
	if uid < 0 && gid < 0 {
		return nil
	}
	return f.Chown(uid, gid)
}

// number is the id that was looked up, or the one that name is.
func number(name string, err error, id func() string) (int, error) {
	if err == nil {
		return strconv.Atoi(id())
	}
	if n, e := strconv.Atoi(name); e == nil && n >= 0 {
		return n, nil
	}
	return -1, err
}

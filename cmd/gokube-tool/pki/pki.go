// Package pki is the subcommand that looks at keys and certificates and makes them.
// It does not know what they are for.
//
//	pki inspect [-ca PATH] PATH...            what is in PEM files
//	pki match CERT KEY                        whether they belong together
//	pki key [-type T] [-size N] [-o PATH]     a new private key
//	pki cert [-o PATH]                        a certificate, as JSON on standard input says
//
// # Decisions
//
// What is made is written by this program, so that a private key never leaves the
// process that made it but for its file. Nothing that is printed holds a part of one.
package pki

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

// Run is the subcommand that args[0] names.
func Run(_ context.Context, args []string, in io.Reader, out io.Writer) error {
	verb := ""
	if len(args) > 0 {
		verb = args[0]
	}
	switch verb {
	case "inspect":
		return inspect(args[1:], out)
	case "match":
		return match(args[1:], out)
	case "key":
		return makeKey(args[1:], out)
	case "cert":
		return makeCert(args[1:], in, out)
	}
	return outcome.Misuse("inspect, match, key or cert is wanted")
}

// save replaces the file at path, which only its owner may then read.
func save(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".gokube-tool-*") // its mode is 0600
	if err == nil {
		err = fill(f, path, data)
	}
	if err != nil {
		return &outcome.Failure{Code: outcome.Write, Err: err}
	}
	return nil
}

func fill(f *os.File, path string, data []byte) error {
	_, err := f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the error that matters is err
	}
	return err
}

// finish writes what was made to path, and says what it is; without a path it
// prints it.
func finish(path string, text []byte, out io.Writer) error {
	if path == "" {
		if _, err := out.Write(text); err != nil {
			return &outcome.Failure{Code: outcome.Write, Err: err}
		}
		return nil
	}
	if err := save(path, text); err != nil {
		return err
	}
	return outcome.Print(out, describe(path, text, nil)[0])
}

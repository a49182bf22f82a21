// Package pki is the subcommand that looks at keys and certificates and makes them.
// It does not know what they are for.
//
//	pki inspect [-ca PATH] PATH...            what is in PEM files; - is standard input
//	pki match CERT KEY                        whether they belong together
//	pki key [-type T] [-size N] [PLACE]       a new private key
//	pki cert [PLACE]                          a certificate, as JSON on standard input says
//	pki check [-renew SECONDS] PATH           in what the certificate there differs from that
//
// PLACE is -o PATH [-mode OCTAL] [-owner NAME] [-group NAME]: what was made is written
// there, for its owner alone unless the mode says otherwise, and its description is
// printed. Without it what was made is printed.
//
// # Decisions
//
// What is made is written by this program, so that a private key never leaves the
// process that made it but for its file. Nothing that is printed holds a part of one.
package pki

import (
	"context"
	"io"

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
		return inspect(args[1:], in, out)
	case "match":
		return match(args[1:], out)
	case "key":
		return makeKey(args[1:], out)
	case "cert":
		return makeCert(args[1:], in, out)
	case "check":
		return check(args[1:], in, out)
	}
	return outcome.Misuse("inspect, match, key, cert or check is wanted")
}

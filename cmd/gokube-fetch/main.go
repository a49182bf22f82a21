// Command gokube-fetch downloads one URL on a host. It is a program of its own, so
// that the runner stays small, and is brought to a host when a module needs it.
//
//	fetch [-timeout SECONDS] [-sha256 HEX] [-o PATH] URL
//
// A JSON object on standard input, which may be empty, gives "method", "headers"
// and "body". With -o the body replaces PATH when all of it has arrived, and a JSON
// object with "sha256", "size" and "status" is printed; without, the body is.
// Proxies are taken from the environment. A URL tcp://HOST:PORT is only dialled.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes beside 0 and 1.
const (
	exitUsage    = 2
	exitConnect  = 3 // name lookup, connection, proxy
	exitTLS      = 4
	exitStatus   = 5 // the answer is not 2xx
	exitShort    = 6 // the answer ended early, or took too long
	exitChecksum = 7
	exitWrite    = 8 // what was fetched cannot be written
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// failure is an error with its exit code.
type failure struct {
	code int
	err  error
}

// Error is the error.
func (f *failure) Error() string { return f.err.Error() }

func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	err := fetch(ctx, args, in, out)
	if err == nil {
		return 0
	}
	fmt.Fprintf(errOut, "fetch: %v\n", err)
	var f *failure
	if errors.As(err, &f) {
		return f.code
	}
	return 1
}

// Package web is the subcommands that ask other hosts: fetch, tcp and http. It does
// not know why somebody asks.
//
// # Decisions
//
// Headers, bodies and passwords come as a JSON object on standard input: a command
// line can be read by every user of a host. Proxies are taken from the environment.
package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

// flags is a flag set with -timeout, which every subcommand has.
func flags(name string) (f *flag.FlagSet, timeout *float64) {
	f = flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	return f, f.Float64("timeout", 0, "")
}

// parse reads args, of which n are left behind the flags; what names them.
func parse(f *flag.FlagSet, args []string, n int, what string) error {
	err := f.Parse(args)
	if err == nil && f.NArg() != n {
		err = errors.New(what + " is wanted")
	}
	if err != nil {
		return outcome.Misuse("%w", err)
	}
	return nil
}

// within limits ctx to a number of seconds, if there is one.
func within(ctx context.Context, seconds float64) (context.Context, context.CancelFunc) {
	if seconds <= 0 {
		return context.WithCancel(ctx)
	}
	d := time.Duration(seconds * float64(time.Second))
	return context.WithTimeoutCause(ctx, d, fmt.Errorf("no complete answer within %s", d))
}

// shown is a URL without its password.
func shown(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return "the URL"
	}
	return u.Redacted()
}

// explain gives an error of a connection to a place its exit code.
func explain(ctx context.Context, place string, err error) error {
	var done *outcome.Failure
	if errors.As(err, &done) {
		return err
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // it repeats the URL, with its password
	}
	code := outcome.Connect
	var lookup *net.DNSError
	switch {
	case untrusted(err):
		code = outcome.TLS
	case ctx.Err() != nil:
		code, err = outcome.Short, context.Cause(ctx)
	case errors.As(err, &lookup):
		err = fmt.Errorf("look up %s: %s", lookup.Name, lookup.Err)
	}
	return &outcome.Failure{Code: code, Err: fmt.Errorf("%s: %w", place, err)}
}

func untrusted(err error) bool {
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var alert tls.AlertError
	var record tls.RecordHeaderError
	return errors.As(err, &unknown) || errors.As(err, &invalid) || errors.As(err, &name) || errors.As(err, &alert) || errors.As(err, &record)
}

func excerpt(words []byte) string {
	s := strings.Join(strings.Fields(strings.ToValidUTF8(string(words), "?")), " ")
	if s == "" {
		return ""
	}
	return ": " + s
}

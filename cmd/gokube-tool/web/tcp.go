package web

import (
	"context"
	"io"
	"net"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

// TCP is `tcp [-timeout SECONDS] [-source ADDRESS] HOST:PORT`: it succeeds if
// something answers there, asked from the address.
func TCP(ctx context.Context, args []string, _ io.Reader, _ io.Writer) error {
	f, seconds := flags("tcp")
	source := f.String("source", "", "")
	if err := parse(f, args, 1, "one HOST:PORT"); err != nil {
		return err
	}
	ctx, cancel := within(ctx, *seconds)
	defer cancel()
	return dial(ctx, f.Arg(0), *source)
}

func dial(ctx context.Context, address, source string) error {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return outcome.Misuse("%s: %w", address, err)
	}
	d := &net.Dialer{}
	if source != "" {
		ip := net.ParseIP(source)
		if ip == nil {
			return outcome.Misuse("%s is no IP address", source)
		}
		d.LocalAddr = &net.TCPAddr{IP: ip}
	}
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return explain(ctx, address, err)
	}
	return conn.Close()
}

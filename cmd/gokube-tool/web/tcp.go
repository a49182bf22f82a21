package web

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

// TCP is `tcp [-timeout SECONDS] [-source ADDRESS] [-refused] HOST:PORT`: it succeeds
// if something answers there, asked from the address; with -refused, if only the host
// does, to say that nothing listens.
func TCP(ctx context.Context, args []string, _ io.Reader, _ io.Writer) error {
	f, seconds := flags("tcp")
	source, refused := f.String("source", "", ""), f.Bool("refused", false, "")
	if err := parse(f, args, 1, "one HOST:PORT"); err != nil {
		return err
	}
	ctx, cancel := within(ctx, *seconds)
	defer cancel()
	err := dial(ctx, f.Arg(0), *source)
	if *refused && errors.Is(err, syscall.ECONNREFUSED) {
		return nil
	}
	return err
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

package main

import (
	"context"
	"fmt"
	"net"
)

// dial is nil if something answers at address, host:port.
func (j *job) dial(ctx context.Context, address string) error {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return &failure{exitUsage, fmt.Errorf("%s: %w", j.shown(), err)}
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return j.explain(ctx, err)
	}
	return conn.Close()
}

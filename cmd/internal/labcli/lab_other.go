//go:build !linux

package labcli

import (
	"errors"

	"github.com/urfave/cli/v2"
)

// labCommand refuses: a lab is made of Linux namespaces.
func Command() *cli.Command {
	return &cli.Command{
		Name:            "lab",
		Usage:           "Make throwaway real hosts on this machine (Linux only)",
		SkipFlagParsing: true,
		Action: func(*cli.Context) error {
			return errors.New("a lab needs Linux; run it in a virtual machine with Debian")
		},
	}
}

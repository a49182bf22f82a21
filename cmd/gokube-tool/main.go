// Command gokube-tool does on a host what the runner would grow too large for. It is
// brought to a host when a module first needs it.
//
//	fetch [-timeout S] [-sha256 HEX] [-o PATH] URL        download
//	tcp   [-timeout S] [-source ADDRESS] HOST:PORT        only connect
//	http  [-timeout S] [-ca PATH] ... METHOD URL          ask, and print the answer
//	pki   inspect | match | key | cert                    keys and certificates
//	yaml  to-json | from-json                             documents
//
// Secrets come on standard input; results go, as JSON, to standard output. The exit
// codes are those of package outcome.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
	"github.com/gokube/gokube/cmd/gokube-tool/pki"
	"github.com/gokube/gokube/cmd/gokube-tool/web"
	"github.com/gokube/gokube/cmd/gokube-tool/yaml"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// command is a subcommand, of the words after its name.
type command func(ctx context.Context, args []string, in io.Reader, out io.Writer) error

func commands() map[string]command {
	return map[string]command{
		"fetch": web.Fetch, "tcp": web.TCP, "http": web.HTTP, "pki": pki.Run, "yaml": yaml.Run,
	}
}

func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	if len(args) == 0 {
		args = []string{""}
	}
	do, ok := commands()[args[0]]
	if !ok {
		var names []string
		for n := range commands() {
			names = append(names, n)
		}
		slices.Sort(names)
		fmt.Fprintf(errOut, "gokube-tool: there is no %q, one of %s is wanted\n", args[0], strings.Join(names, ", "))
		return outcome.Usage
	}
	err := do(ctx, args[1:], in, out)
	if err != nil {
		fmt.Fprintf(errOut, "%s: %v\n", args[0], err)
	}
	return outcome.Code(err)
}

// Command gokube plays playbooks on hosts over SSH. All it does is in package
// cli.
package main

import (
	"os"

	"github.com/gokube/gokube/cmd/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args, os.Stdin, os.Stdout, os.Stderr))
}

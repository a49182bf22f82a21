// Command gen gathers the comments of exported struct fields below a folder into
// a JSON file, by "import path.Type.Field".
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"github.com/gokube/gokube/cmd/internal/docs/gather"
)

func main() {
	out := flag.String("out", "comments.json", "`file` to write")
	flag.Parse()
	if err := run(*out, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(out, dir string) error {
	found, err := gather.Comments(dir, "github.com/gokube/gokube/modules")
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(found, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(out, append(text, '\n'), 0o644)
}

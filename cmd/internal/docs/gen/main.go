// Command gen makes the documentation that is derived from the code: the comments
// of arguments, which are built into gokube, and the pages below docs.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gokube/gokube/cmd/internal/cli"
	"github.com/gokube/gokube/cmd/internal/docs/gather"
	"github.com/gokube/gokube/cmd/internal/docs/pages"
)

func main() {
	top := flag.String("root", ".", "`folder` of the repository")
	flag.Parse()
	if err := run(*top); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(top string) error {
	comments, err := gather.All(top)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(comments, "", " ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(top, "cmd/internal/docs/comments.json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	all, err := pages.All(top, comments)
	if err != nil {
		return err
	}
	all["docs/cli.md"] = cli.Reference()
	return pages.Write(top, all)
}

package draft

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gokube/gokube/cmd/internal/exit"
	"github.com/gokube/gokube/engine/diag"
)

// Command is gokube inventory build.
func Command() *cli.Command {
	return &cli.Command{
		Name:      "build",
		Usage:     "Write the first inventory of a cluster",
		ArgsUsage: "[ADDRESS...]",
		Description: "Addresses are written 10.0.0.11, name=10.0.0.11, 10.0.0.11-10.0.0.19 or 10.0.0.11-19.\n" +
			"The first hosts become control planes, with etcd beside them; all others become workers.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "ips", Usage: "`ADDRESSES` of the hosts, with commas between them"},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`DIR` to write", Required: false},
			&cli.IntFlag{Name: "control-planes", Usage: "`NUMBER` of control planes; 3, or 1 of less than three hosts"},
			&cli.IntFlag{Name: "etcd", Usage: "`NUMBER` of hosts of etcd; as many as control planes"},
			&cli.StringFlag{Name: "prefix", Usage: "how `NAMES` of hosts begin that are given none", Value: "node"},
			&cli.StringFlag{Name: "user", Usage: "`NAME` to log in as"},
			&cli.BoolFlag{Name: "force", Usage: "replace files that are there"},
		},
		Action: build,
	}
}

func build(c *cli.Context) error {
	words := slices.Concat(strings.Split(c.String("ips"), ","), c.Args().Slice())
	words = slices.DeleteFunc(words, func(w string) bool { return strings.TrimSpace(w) == "" })
	for i := range words {
		words[i] = strings.TrimSpace(words[i])
	}
	dir := c.String("out")
	if dir == "" {
		return exit.Wrong(errors.New("--out DIR is wanted: the directory to write"))
	}
	hosts, err := Hosts(words, c.String("prefix"))
	if err != nil {
		return exit.Wrong(err)
	}
	files, err := Cluster{Hosts: hosts, ControlPlanes: c.Int("control-planes"), Etcd: c.Int("etcd"), User: c.String("user")}.Files()
	if err != nil {
		return exit.Wrong(err)
	}
	if err := write(dir, files, c.Bool("force")); err != nil {
		return exit.Wrong(err)
	}
	fmt.Fprintf(c.App.Writer, "wrote %s: %d hosts\nnext: gokube play -i %s preflight.yml\n", dir, len(hosts), filepath.Join(dir, "hosts.yml"))
	return nil
}

// write makes files below dir: all of them, or none if one is there and must stay.
func write(dir string, files map[string]string, force bool) error {
	names := slices.Sorted(maps.Keys(files))
	for _, name := range names {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if _, err := os.Lstat(p); err == nil && !force {
			return diag.Diagnostic{Summary: "file is there already", Detail: p, Hint: "--force replaces it"}
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, name := range names {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(p, []byte(files[name]), 0o644); err != nil {
			return err
		}
	}
	return nil
}

package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"
	"gopkg.in/yaml.v3"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/inventory"

	"github.com/gokube/gokube/cmd/internal/draft"
	"github.com/gokube/gokube/cmd/internal/exit"
)

func inventoryCommand() *cli.Command {
	return &cli.Command{
		Name:      "inventory",
		Usage:     "Show hosts, groups and variables",
		ArgsUsage: "[GROUP]",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "inventory", Aliases: []string{"i"}, Usage: "`SOURCE` of hosts; may be repeated"},
			&cli.StringFlag{Name: "limit", Aliases: []string{"l"}, Usage: "only hosts of `PATTERN`"},
			&cli.StringFlag{Name: "vault-password-file", Usage: "`FILE` with the password of encrypted variables"},
			&cli.BoolFlag{Name: "list", Usage: "all hosts and groups, as JSON that other programs read"},
			&cli.BoolFlag{Name: "graph", Usage: "the tree of groups"},
			&cli.StringFlag{Name: "host", Usage: "the variables of `HOST`"},
			&cli.BoolFlag{Name: "vars", Usage: "with --graph: variables too"},
			&cli.BoolFlag{Name: "yaml", Aliases: []string{"y"}, Usage: "YAML instead of JSON"},
			&cli.StringFlag{Name: "playbook-dir", Usage: "use the group_vars and host_vars of `DIR` too"},
		},
		Subcommands: []*cli.Command{inventoryBuildCommand()},
		Action:      showInventory,
	}
}

func showInventory(c *cli.Context) error {
	k, err := newKit(c)
	if err != nil {
		return exit.Wrong(err)
	}
	inv, err := k.inventory(c.Context, c.String("playbook-dir"))
	if err != nil {
		return exit.Wrong(err)
	}
	var listing inventory.Listing
	if expr := c.String("limit"); expr != "" {
		limit, err := inv.Limit(expr)
		if err == nil {
			err = limit.Unmatched.Err()
		}
		if err != nil {
			return exit.Wrong(err)
		}
		listing.Limit = &limit
	}
	group := c.Args().First()
	if group == "" {
		group = inventory.All
	}
	switch {
	case c.Bool("graph"):
		text, err := inv.Graph(group, c.Bool("vars"))
		fmt.Fprint(c.App.Writer, text)
		return exit.Wrong(err)
	case c.String("host") != "":
		h, ok := inv.Host(c.String("host"))
		if !ok {
			return exit.Wrong(unknownHost(inv, c.String("host")))
		}
		return k.print(inv.HostVars(h))
	case c.Bool("list"):
		return k.print(inv.List(listing))
	}
	return exit.Wrong(errors.New("one of --list, --graph and --host is wanted"))
}

func unknownHost(inv *inventory.Inventory, name string) error {
	all, err := inv.Match(inventory.All)
	if err != nil {
		return err
	}
	return diag.Diagnostic{Summary: "unknown host", Detail: fmt.Sprintf("%q", name), Hint: diag.Suggest(name, all.Names())}
}

// print writes x as JSON or YAML.
func (k *kit) print(x any) error {
	if k.c.Bool("yaml") {
		enc := yaml.NewEncoder(k.c.App.Writer)
		enc.SetIndent(2)
		return enc.Encode(x)
	}
	enc := json.NewEncoder(k.c.App.Writer)
	enc.SetIndent("", "    ")
	return enc.Encode(x)
}

func inventoryBuildCommand() *cli.Command {
	return &cli.Command{
		Name:      "build",
		Usage:     "Write the first inventory of a cluster",
		ArgsUsage: "[ADDRESS...]",
		Description: "Addresses are written 10.0.0.11, name=10.0.0.11, 10.0.0.11-10.0.0.19 or 10.0.0.11-19.\n" +
			"The first hosts become control planes, with etcd beside them; all others become workers.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "ips", Usage: "`ADDRESSES` of the hosts, with commas between them"},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`DIR` to write"},
			&cli.IntFlag{Name: "control-planes", Usage: "`NUMBER` of control planes", DefaultText: "3, or 1 of less than three hosts"},
			&cli.IntFlag{Name: "etcd", Usage: "`NUMBER` of hosts of etcd", DefaultText: "as many as control planes"},
			&cli.StringFlag{Name: "prefix", Usage: "how the `NAMES` of hosts begin that are given none", Value: "node"},
			&cli.StringFlag{Name: "user", Usage: "`NAME` to log in as"},
			&cli.BoolFlag{Name: "force", Usage: "replace files that are there"},
		},
		Action: buildInventory,
	}
}

func buildInventory(c *cli.Context) error {
	dir := c.String("out")
	if dir == "" {
		return exit.Wrong(errors.New("--out DIR is wanted: the directory to write"))
	}
	words := strings.FieldsFunc(strings.Join(append(c.Args().Slice(), c.String("ips")), ","), func(r rune) bool { return r == ',' || r == ' ' })
	hosts, err := draft.Hosts(words, c.String("prefix"))
	if err != nil {
		return exit.Wrong(err)
	}
	files, err := draft.Cluster{Hosts: hosts, ControlPlanes: c.Int("control-planes"), Etcd: c.Int("etcd"), User: c.String("user")}.Files()
	if err == nil {
		err = draft.Write(dir, files, c.Bool("force"))
	}
	if err != nil {
		return exit.Wrong(err)
	}
	fmt.Fprintf(c.App.Writer, "wrote %s: %d hosts\nnext: gokube play -i %s preflight.yml\n", dir, len(hosts), filepath.Join(dir, "hosts.yml"))
	return nil
}

//go:build linux

package labcli

import (
	"fmt"
	"io/fs"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/gokube/gokube/cmd/internal/lab"
	"github.com/gokube/gokube/cmd/internal/lab/mirror/build"
	"github.com/gokube/gokube/cmd/internal/lab/mirror/oci"
)

// mirrorCommand is gokube lab mirror: what stands for the public sites in a lab.
func mirrorCommand() *cli.Command {
	recipes := &cli.StringFlag{Name: "recipes", Usage: "the `FOLDER` of recipes and Go modules; default: testdata/lab/mirror of gokube's sources"}
	return &cli.Command{
		Name:  "mirror",
		Usage: "Build what a lab's hosts install a cluster from, and look at it",
		Description: "Real Kubernetes, etcd, containerd and the rest are built from Go modules, once, and laid out as the public\n" +
			"download sites and a registry have them. A lab made with --mirror serves them to its hosts.",
		Subcommands: []*cli.Command{
			{Name: "build", Usage: "Build what is missing; takes minutes the first time", Flags: []cli.Flag{recipes}, Action: mirrorBuild},
			{Name: "list", Usage: "List the files and images that a mirror serves, building what is missing", Flags: []cli.Flag{recipes}, Action: mirrorList},
			{Name: "fault", Usage: "Make a lab's mirror fail for paths that end in PATH; without arguments it behaves again", ArgsUsage: "[KIND:PATH...]",
				Description: "KIND is an HTTP status such as 404, half (the answer ends half way) or wrong (one byte differs).",
				Flags:       []cli.Flag{labName()}, Action: mirrorFault},
		},
	}
}

func mirrorBuild(c *cli.Context) error {
	sites, err := buildMirror(c)
	if err != nil {
		return err
	}
	for _, s := range sites {
		fmt.Fprintln(c.App.Writer, s)
	}
	return nil
}

func buildMirror(c *cli.Context) ([]string, error) {
	ctx, stop := signal.NotifyContext(c.Context, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	start := time.Now()
	sites, err := lab.BuildMirror(ctx, c.App.ErrWriter, c.String("recipes"))
	if err == nil {
		fmt.Fprintf(c.App.ErrWriter, "mirror is ready after %.1f s\n", time.Since(start).Seconds())
	}
	return sites, err
}

func mirrorList(c *cli.Context) error {
	sites, err := buildMirror(c)
	if err != nil {
		return err
	}
	for _, s := range sites {
		if err := listSite(c, s); err != nil {
			return err
		}
	}
	return nil
}

func listSite(c *cli.Context, site string) error {
	files := filepath.Join(site, build.FilesDir)
	err := filepath.WalkDir(files, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		at, err := filepath.Rel(files, p)
		fmt.Fprintln(c.App.Writer, at)
		return err
	})
	if err != nil {
		return err
	}
	images, err := oci.Images(filepath.Join(site, build.ImagesDir))
	if err != nil {
		return err
	}
	var lines []string
	for name, m := range images {
		lines = append(lines, fmt.Sprintf("%s@%s", name, m.Digest))
	}
	slices.Sort(lines)
	for _, l := range lines {
		fmt.Fprintln(c.App.Writer, l)
	}
	return nil
}

func mirrorFault(c *cli.Context) error {
	l, err := lab.Open(c.String("name"))
	if err != nil {
		return err
	}
	return l.SetMirrorFaults(c.Context, c.Args().Slice()...)
}

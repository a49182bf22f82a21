//go:build linux

package image

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// LayerCommand is the hidden command that buildLayer runs itself as, in a mount
// namespace of its own: gokube lab LayerCommand LOWER UPPER PACKAGE...
const LayerCommand = "make-layer"

// buildLayer installs packages above the plain image; dir gets what they add.
func (c Cache) buildLayer(ctx context.Context, dir, plain string, l layer) error {
	argv := append([]string{"lab", LayerCommand, plain, dir}, l.Packages...)
	if err := c.run(exec.CommandContext(ctx, "/proc/self/exe", argv...)); err != nil {
		return err
	}
	if _, err := os.Lstat(dir + "/usr/bin/python3"); err != nil {
		return fmt.Errorf("check the python image: %w", err)
	}
	return nil
}

// MakeLayer is what LayerCommand does; log gets what apt prints. The packages come over this machine's own
// network: apt reads the machine's resolver and proxy, as any apt here.
func MakeLayer(ctx context.Context, log io.Writer, lower, upper string, packages []string) error {
	scratch := filepath.Join(filepath.Dir(upper), "scratch")
	root, work := filepath.Join(scratch, "root"), filepath.Join(scratch, "work")
	for _, d := range []string{root, work} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
	}
	options := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s,redirect_dir=off,metacopy=off", lower, upper, work)
	if err := syscall.Mount("overlay", root, "overlay", 0, options); err != nil {
		return fmt.Errorf("mount the layer: %w", err)
	}
	for _, dir := range []string{"/proc", "/dev"} {
		if err := syscall.Mount(dir, root+dir, "", syscall.MS_BIND|syscall.MS_REC, ""); err != nil {
			return fmt.Errorf("mount %s: %w", dir, err)
		}
	}
	if err := install(ctx, log, root, packages); err != nil {
		return err
	}
	for _, dir := range []string{"/dev", "/proc", ""} {
		if err := syscall.Unmount(root+dir, syscall.MNT_DETACH); err != nil {
			return err
		}
	}
	return nil
}

// install runs apt with the root as its folder for packages, so that it needs
// none of the network's settings inside.
func install(ctx context.Context, log io.Writer, root string, packages []string) error {
	policy := root + "/usr/sbin/policy-rc.d"
	if err := os.WriteFile(policy, []byte("#!/bin/sh\nexit 101\n"), 0o755); err != nil {
		return err
	}
	if err := lendResolver(root); err != nil {
		return err
	}
	for _, argv := range [][]string{
		{"apt-get", "update", "-qq"},
		append([]string{"apt-get", "install", "-y", "-qq", "--no-install-recommends"}, packages...),
		{"apt-get", "clean"},
	} {
		cmd := chroot(ctx, root, argv...)
		for _, v := range []string{"http_proxy", "https_proxy"} {
			if p := os.Getenv(v); p != "" {
				cmd.Env = append(cmd.Env, v+"="+p)
			}
		}
		cmd.Stdout, cmd.Stderr = log, log
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("run %v: %w", argv, err)
		}
	}
	for _, f := range []string{policy, root + "/etc/resolv.conf"} {
		if err := os.Remove(f); err != nil {
			return err
		}
	}
	lists, _ := filepath.Glob(root + "/var/lib/apt/lists/*_*")
	for _, f := range lists {
		if err := os.Remove(f); err != nil {
			return err
		}
	}
	return nil
}

func lendResolver(root string) error {
	data, err := os.ReadFile("/etc/resolv.conf")
	if err != nil {
		return err
	}
	return os.WriteFile(root+"/etc/resolv.conf", data, 0o644)
}

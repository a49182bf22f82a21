//go:build linux

package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// buildPlain installs the recipe's packages into the empty folder dir and prepares it.
func (c Cache) buildPlain(ctx context.Context, dir string, r recipe) error {
	if _, err := exec.LookPath("mmdebstrap"); err != nil {
		return errors.New("mmdebstrap is not installed; run: apt-get install -y mmdebstrap")
	}
	cmd := exec.CommandContext(ctx, "mmdebstrap", "--mode=root", "--variant=minbase", "--components=main", "--format=directory",
		"--dpkgopt=force-unsafe-io", `--aptopt=Acquire::Check-Valid-Until "false"`, `--aptopt=Acquire::Check-Date "false"`,
		`--aptopt=Acquire::Languages "none"`, "--include="+strings.Join(r.Packages, ","), r.Suite, dir, "-")
	cmd.Stdin = strings.NewReader(r.Sources)
	if err := c.run(cmd); err != nil {
		return err
	}
	if err := c.prepare(ctx, dir, r); err != nil {
		return err
	}
	for _, python := range []string{"/usr/bin/python3", "/usr/bin/python"} {
		if _, err := os.Lstat(dir + python); err == nil {
			return fmt.Errorf("check the plain image: it has %s; one of its packages brings Python", python)
		}
	}
	return nil
}

// prepare makes of a fresh Debian what the hosts have in common.
func (c Cache) prepare(ctx context.Context, dir string, r recipe) error {
	if err := c.run(chroot(ctx, dir, "useradd", "--create-home", "--shell", "/bin/bash", "--uid", "1000", User)); err != nil {
		return err
	}
	// As on a host that has used apt before.
	if err := c.run(chroot(ctx, dir, "chown", "_apt:root", "/var/lib/apt/lists/partial", "/var/cache/apt/archives/partial")); err != nil {
		return err
	}
	for _, pattern := range []string{"etc/ssh/ssh_host_*", "var/lib/dbus/machine-id", "etc/apt/sources.list.d/0000*", "etc/apt/sources.list",
		"usr/sbin/policy-rc.d", "var/cache/apt/archives/*.deb", "etc/hostname", "etc/resolv.conf", "var/log/*.log", "var/log/apt/*"} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, f := range found {
			if err := os.Remove(f); err != nil {
				return err
			}
		}
	}
	for path, text := range r.Files {
		if err := write(dir+path, text); err != nil {
			return err
		}
	}
	for _, folder := range r.Folders {
		if err := os.MkdirAll(dir+folder, 0o755); err != nil {
			return err
		}
	}
	units := dir + "/etc/systemd/system/"
	for _, unit := range r.Masks {
		_ = os.Remove(units + unit)
		if err := os.Symlink("/dev/null", units+unit); err != nil {
			return err
		}
	}
	_ = os.Remove(units + "default.target")
	return os.Symlink("/lib/systemd/system/multi-user.target", units+"default.target")
}

func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

// chroot is a command inside the image, with nothing of this machine's environment.
func chroot(ctx context.Context, dir string, argv ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "chroot", append([]string{dir}, argv...)...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "HOME=/root"}
	return cmd
}

// run runs a build's command. What it mounts is mounted in a namespace of its
// own, so nothing stays mounted however it ends.
func (c Cache) run(cmd *exec.Cmd) error {
	var tail bytes.Buffer
	cmd.Stdout, cmd.Stderr = &tail, &tail
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Run(); err != nil {
		lines := strings.Split(strings.TrimSpace(tail.String()), "\n")
		return fmt.Errorf("run %s: %w: %s", filepath.Base(cmd.Path), err, strings.Join(lines[max(0, len(lines)-5):], "; "))
	}
	return nil
}

//go:build linux

package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/gokube/gokube/cmd/internal/lab/image"
	"github.com/gokube/gokube/cmd/internal/lab/state"
	"github.com/gokube/gokube/cmd/internal/lab/supervisor"
)

// The user's ids in the image.
const userID = 1000

// disk is a host's disk before its first boot: an upper folder above the image.
type disk struct {
	upper  string
	layers []string
}

// seed makes a host's folders and writes what sets it apart from the others.
func seed(l *state.Lab, h state.Host, a *access) error {
	dir := l.HostDir(h.Name)
	for _, sub := range []string{"upper", "work", "root", "scratch", "data"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return err
		}
	}
	d := disk{filepath.Join(dir, "upper"), l.Layers}
	home := "/home/" + image.User
	rule := "ALL"
	if l.Password == "" {
		rule = "NOPASSWD:ALL"
	}
	for _, f := range []struct {
		path, text string
		mode       os.FileMode
		owner      int
	}{
		{"/etc/hostname", h.Name + "\n", 0o644, 0},
		{"/etc/hosts", fmt.Sprintf("127.0.0.1 localhost\n127.0.1.1 %s\n::1 localhost ip6-localhost ip6-loopback\n", h.Name), 0o644, 0},
		{"/etc/resolv.conf", "nameserver " + l.Gateway + "\n", 0o644, 0},
		{"/etc/ssh/ssh_host_ed25519_key", string(a.hosts[h.Name].private), 0o600, 0},
		{"/etc/ssh/ssh_host_ed25519_key.pub", a.hosts[h.Name].public + "\n", 0o644, 0},
		{"/etc/sudoers.d/" + image.User, fmt.Sprintf("%s ALL=(ALL:ALL) %s\n", image.User, rule), 0o440, 0},
		{"/etc/apt/apt.conf.d/91proxy", fmt.Sprintf("Acquire::http::Proxy \"http://%s:%s\";\n", l.Gateway, supervisor.ProxyPort), 0o644, 0},
		{home + "/.ssh/authorized_keys", a.user.public + " " + l.Name + "\n", 0o600, userID},
	} {
		if err := d.put(f.path, f.text, f.mode, f.owner); err != nil {
			return fmt.Errorf("prepare %s: %w", h.Name, err)
		}
	}
	return nil
}

// put writes one file of the host.
func (d disk) put(path, text string, mode os.FileMode, owner int) error {
	if err := d.folders(filepath.Dir(path), owner); err != nil {
		return err
	}
	full := d.upper + path
	if err := os.WriteFile(full, []byte(text), mode); err != nil {
		return err
	}
	return settle(full, mode, owner, owner)
}

// folders makes the folders that lead to a file. One that the image has keeps the
// mode and owner it has there: in an overlay, the upper folder's count.
func (d disk) folders(path string, owner int) error {
	at := ""
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		at += "/" + part
		if err := os.Mkdir(d.upper+at, 0o700); os.IsExist(err) {
			continue
		} else if err != nil {
			return err
		}
		if err := d.copyAttrs(at, owner); err != nil {
			return err
		}
	}
	return nil
}

func (d disk) copyAttrs(at string, owner int) error {
	for _, lower := range d.layers {
		info, err := os.Lstat(lower + at)
		if err != nil {
			continue
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if !ok || !info.IsDir() {
			return fmt.Errorf("seed %s: the image has something else there", at)
		}
		return settle(d.upper+at, info.Mode(), int(st.Uid), int(st.Gid))
	}
	return settle(d.upper+at, 0o700, owner, owner)
}

// settle sets mode and owner; who is not root, as in a test, keeps the owner.
func settle(full string, mode os.FileMode, uid, gid int) error {
	if os.Geteuid() == 0 {
		if err := os.Lchown(full, uid, gid); err != nil {
			return err
		}
	}
	return os.Chmod(full, mode)
}

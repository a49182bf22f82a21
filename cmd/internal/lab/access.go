//go:build linux

package lab

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/gokube/gokube/cmd/internal/lab/image"
	"github.com/gokube/gokube/cmd/internal/lab/state"
)

// access is what lets somebody in: the user's key and each host's.
type access struct {
	user  key
	hosts map[string]key
}

func newAccess(l *state.Lab) (*access, error) {
	user, err := newKey("gokube lab " + l.Name)
	if err != nil {
		return nil, err
	}
	a := &access{user, map[string]key{}}
	for _, h := range l.Hosts {
		if a.hosts[h.Name], err = newKey(h.Name); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// The files that a lab's user needs, in the lab's folder.
const (
	inventoryFile  = "inventory.yml"
	keyFile        = "id_ed25519"
	knownHostsFile = "known_hosts"
	sshConfigFile  = "ssh_config"
)

// write puts inventory, key, known hosts and an ssh configuration into the lab's
// folder, readable for whoever called sudo.
func (a *access) write(l *state.Lab) error {
	inventory, err := inventory(l)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		data []byte
		mode os.FileMode
	}{
		{inventoryFile, inventory, 0o644},
		{keyFile, a.user.private, 0o600},
		{keyFile + ".pub", []byte(a.user.public + "\n"), 0o644},
		{knownHostsFile, a.knownHosts(l), 0o644},
		{sshConfigFile, sshConfig(l), 0o644},
	} {
		path := filepath.Join(l.Dir, f.name)
		if f.name == inventoryFile && l.Password != "" {
			f.mode = 0o600
		}
		if err := state.Replace(path, f.data, f.mode); err != nil {
			return err
		}
		if err := handOver(path); err != nil {
			return err
		}
	}
	return nil
}

// handOver gives a file to the user behind sudo, if there is one.
func handOver(path string) error {
	uid, err1 := strconv.Atoi(os.Getenv("SUDO_UID"))
	gid, err2 := strconv.Atoi(os.Getenv("SUDO_GID"))
	if err1 != nil || err2 != nil {
		return nil
	}
	return os.Lchown(path, uid, gid)
}

// hostVars and groupVars hold the inventory's variables in the order they are written in.
type hostVars struct {
	Host string `yaml:"ansible_host"`
}

type groupVars struct {
	User       string `yaml:"ansible_user"`
	Key        string `yaml:"ansible_ssh_private_key_file"`
	KnownHosts string `yaml:"ansible_ssh_known_hosts_file"`
	Python     string `yaml:"ansible_python_interpreter,omitempty"`
	Password   string `yaml:"ansible_become_password,omitempty"`

	*mirrorVars `yaml:",inline"`
}

// inventory renders the lab as an Ansible inventory.
func inventory(l *state.Lab) ([]byte, error) {
	hosts := yaml.Node{Kind: yaml.MappingNode}
	for _, h := range l.Hosts {
		var v yaml.Node
		if err := v.Encode(hostVars{h.Address}); err != nil {
			return nil, err
		}
		hosts.Content = append(hosts.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: h.Name}, &v)
	}
	vars := groupVars{User: image.User, Key: filepath.Join(l.Dir, keyFile),
		KnownHosts: filepath.Join(l.Dir, knownHostsFile), Password: l.Password, mirrorVars: mirrorVarsOf(l)}
	if l.Image == image.Python {
		vars.Python = "/usr/bin/python3"
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	err := e.Encode(map[string]any{"all": struct {
		Hosts *yaml.Node `yaml:"hosts"`
		Vars  groupVars  `yaml:"vars"`
	}{&hosts, vars}})
	return b.Bytes(), err
}

func (a *access) knownHosts(l *state.Lab) []byte {
	var b bytes.Buffer
	for _, h := range l.Hosts {
		fmt.Fprintf(&b, "%s,%s %s\n", h.Address, h.Name, a.hosts[h.Name].public)
	}
	return b.Bytes()
}

// sshConfig serves ssh -F and Lab's own ssh.
func sshConfig(l *state.Lab) []byte {
	var b bytes.Buffer
	for _, h := range l.Hosts {
		fmt.Fprintf(&b, "Host %s\n  HostName %s\n", h.Name, h.Address)
	}
	fmt.Fprintf(&b, "Host *\n  User %s\n  IdentityFile %q\n  IdentitiesOnly yes\n  UserKnownHostsFile %q\n  StrictHostKeyChecking yes\n  LogLevel ERROR\n",
		image.User, filepath.Join(l.Dir, keyFile), filepath.Join(l.Dir, knownHostsFile))
	return b.Bytes()
}

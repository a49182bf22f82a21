package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gokube/gokube/engine/runner"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/engine/transport/sshtest"
	"github.com/gokube/gokube/engine/wire"
	"github.com/gokube/gokube/modules"
)

// The files of the folder that controller and hosts share.
const (
	keyFile   = "key"
	knownFile = "known_hosts"
	hostsFile = "hosts"
	bookFile  = "site.yml"
)

// serve is the hosts: it writes their keys and an inventory, says so, and ends with
// its standard input.
func serve(_ context.Context, o options) error {
	defer o.startCPU(o.hostCPU)()
	key, err := sshtest.NewKey()
	if err != nil {
		return err
	}
	if err := key.Write(filepath.Join(o.dir, keyFile)); err != nil {
		return err
	}
	var hosts []*sshtest.Host
	var inventory strings.Builder
	for i := range o.hosts {
		h, err := sshtest.Listen(sshtest.Config{Keys: []sshtest.Key{key}, Shell: shell(systemtest.New())})
		if err != nil {
			return err
		}
		hosts = append(hosts, h)
		fmt.Fprintf(&inventory, "host%04d ansible_host=127.0.0.1 ansible_port=%d rack=%d\n", i, h.Port(), i/40)
	}
	fmt.Fprintf(&inventory, "\n[all:vars]\nansible_user=gokube\nansible_ssh_private_key_file=%s\nansible_ssh_known_hosts_file=%s\n",
		filepath.Join(o.dir, keyFile), filepath.Join(o.dir, knownFile))
	for name, text := range map[string]string{knownFile: sshtest.Known(hosts...), hostsFile: inventory.String()} {
		if err := os.WriteFile(filepath.Join(o.dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	fmt.Println("ready")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// shell is a login shell that knows only how to start a runner, in whatever words.
func shell(f *systemtest.Fake) sshtest.Shell {
	return func(ctx context.Context, command string, stdin io.Reader, stdout, stderr io.Writer) int {
		if !strings.Contains(command, " serve ") {
			fmt.Fprintf(stderr, "%s: command not found\n", command)
			return 127
		}
		h := runner.New(f, runner.Options{Modules: modules.All(), User: "root", Login: "root"})
		err := runner.Serve(ctx, h, runner.Serving{In: stdin, Out: stdout, Facts: strings.Contains(command, "-facts"),
			Hello: wire.Hello{OS: runtime.GOOS, Arch: runtime.GOARCH, User: "root", Session: rand.Text()}})
		if err != nil {
			fmt.Fprintf(stderr, "gokube-runner: %v\n", err)
			return 1
		}
		return 0
	}
}

//go:build linux

// Package hostinit is the first process of a host: it lays out the host's file
// systems and becomes its systemd. It runs in namespaces that the supervisor made
// for it, and does not know of other hosts, of addresses or of labs.
//
// # Decisions
//
// All mounts are made in the host's own mount namespace, so they end with the host
// and are never seen by this machine. Settings of the kernel that are one for the
// whole machine are plain files in a host: a playbook sets them and reads them
// back, and the machine keeps its own. A host may not set the clock, which is the
// machine's.
package hostinit

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/gokube/gokube/cmd/internal/lab/cgroup"
)

// Spec is what a host is made of.
type Spec struct {
	Root     string            `json:"root"`   // an empty folder to mount the disk at
	Layers   []string          `json:"layers"` // the topmost first
	Upper    string            `json:"upper"`
	Work     string            `json:"work"`
	Scratch  string            `json:"scratch"`  // an empty folder
	Data     map[string]string `json:"data"`     // path on the host -> folder of this machine
	Groups   cgroup.Set        `json:"groups"`   // the host's control groups
	User     string            `json:"user"`     // who logs in
	Password string            `json:"password"` // the user's, empty for none; set once
}

// SpecFile is the number of the file that Run reads its Spec from.
const SpecFile = 3

// Run turns the calling process into the host's systemd; it returns only an
// error.
func Run() error {
	// Namespaces and capabilities belong to a thread, and exec keeps those of the
	// thread that calls it.
	runtime.LockOSThread()
	s, err := readSpec(os.NewFile(SpecFile, "spec"))
	if err != nil {
		return err
	}
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"enter control groups", s.enterGroups},
		{"mount the disk", s.mountDisk},
		{"mount kernel file systems", s.mountKernel},
		{"mount devices", s.mountDevices},
		{"mount control groups", s.mountGroups},
		{"shadow kernel settings", s.shadowSysctls},
		{"mount folders beside the disk", s.mountData},
		{"mount kernel modules", s.mountModules},
		{"change root", s.changeRoot},
		{"index kernel modules", indexModules},
		{"set the password", s.setPassword},
		{"give up the clock", giveUpClock},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return unix.Exec("/sbin/init", []string{"/sbin/init"}, []string{"container=gokube-lab", path})
}

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

func readSpec(r io.ReadCloser) (*Spec, error) {
	defer r.Close()
	s := new(Spec)
	if err := json.NewDecoder(r).Decode(s); err != nil {
		return nil, fmt.Errorf("read the host's description: %w", err)
	}
	return s, nil
}

// enterGroups moves into the host's groups and then makes them the roots of what
// the host sees.
func (s *Spec) enterGroups() error {
	if err := s.Groups.Join(); err != nil {
		return err
	}
	return unix.Unshare(unix.CLONE_NEWCGROUP)
}

func giveUpClock() error {
	return unix.Prctl(unix.PR_CAPBSET_DROP, unix.CAP_SYS_TIME, 0, 0, 0)
}

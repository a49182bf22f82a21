//go:build linux

package lab

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/cmd/internal/lab/state"
)

func sample(t *testing.T) *state.Lab {
	t.Helper()
	l := &state.Lab{Name: "one", Dir: t.TempDir(), Image: "python", Password: "p: 'w", Layers: []string{t.TempDir()}}
	if err := l.Plan(netip.MustParsePrefix("10.77.3.0/24"), 2); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestInventoryHoldsWhatItTakesToConnect(t *testing.T) {
	t.Parallel()
	l := sample(t)
	got, err := inventory(l)
	if err != nil {
		t.Fatal(err)
	}
	want := `all:
  hosts:
    host1:
      ansible_host: 10.77.3.11
    host2:
      ansible_host: 10.77.3.12
  vars:
    ansible_user: deploy
    ansible_ssh_private_key_file: DIR/id_ed25519
    ansible_ssh_known_hosts_file: DIR/known_hosts
    ansible_python_interpreter: /usr/bin/python3
    ansible_become_password: 'p: ''w'
`
	if d := cmp.Diff(want, strings.ReplaceAll(string(got), l.Dir, "DIR")); d != "" {
		t.Error(d)
	}
}

func TestInventoryOfALabWithAMirrorSaysWhereItIs(t *testing.T) {
	t.Parallel()
	l := sample(t)
	l.Mirror = []string{"/site"}
	got, err := inventory(l)
	if err != nil {
		t.Fatal(err)
	}
	want := `    files_repo: http://10.77.3.1:3143
    registry_host: 10.77.3.1:3143
    kube_proxy_conntrack_max_per_core: 0
    kube_proxy_conntrack_min: 0
    containerd_restrict_oom_score_adj: true
    kubelet_config_extra_args:
      evictionHard:
        imagefs.available: 0%
        imagefs.inodesFree: 0%
        memory.available: 100Mi
        nodefs.available: 0%
        nodefs.inodesFree: 0%
      imageGCHighThresholdPercent: 100
`
	if !strings.HasSuffix(string(got), want) {
		t.Errorf("%s", got)
	}
}

func TestFaultsOfAMirrorAreCheckedBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]Options{
		"--mirror":  {Faults: []string{"404:/x"}},
		"KIND:PATH": {Faults: []string{"404"}, Mirror: true},
	} {
		if err := o.checkMirror(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}

func TestKeysAreReadByOpenSSH(t *testing.T) {
	t.Parallel()
	keygen, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("ssh-keygen is not installed")
	}
	for range 8 {
		k, err := newKey("a comment")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, k.private, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(keygen, "-y", "-f", path).CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != k.public+" a comment" {
			t.Errorf("%v: %s is not %s", err, out, k.public)
		}
	}
}

func TestFilesForTheUserKeepSecretsToTheUser(t *testing.T) {
	t.Parallel()
	l := sample(t)
	a, err := newAccess(l)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.write(l); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{"id_ed25519": 0o600, "inventory.yml": 0o600, "known_hosts": 0o644, "ssh_config": 0o644} {
		if info, err := os.Stat(filepath.Join(l.Dir, name)); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	known, _ := os.ReadFile(filepath.Join(l.Dir, "known_hosts"))
	if !strings.Contains(string(known), "10.77.3.12,host2 "+a.hosts["host2"].public) {
		t.Errorf("%s", known)
	}
}

func TestSeededFoldersKeepTheImagesModes(t *testing.T) {
	t.Parallel()
	l := sample(t)
	if err := os.MkdirAll(l.Layers[0]+"/etc/ssh", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(l.Layers[0]+"/etc/ssh", 0o711); err != nil {
		t.Fatal(err)
	}
	a, err := newAccess(l)
	if err != nil {
		t.Fatal(err)
	}
	if err := seed(l, l.Hosts[0], a); err != nil {
		t.Fatal(err)
	}
	upper := filepath.Join(l.HostDir("host1"), "upper")
	for path, want := range map[string]fs.FileMode{"/etc/ssh": 0o711, "/home/deploy/.ssh": 0o700, "/etc/ssh/ssh_host_ed25519_key": 0o600, "/etc/sudoers.d/deploy": 0o440} {
		if info, err := os.Stat(upper + path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	if rule, _ := os.ReadFile(upper + "/etc/sudoers.d/deploy"); strings.Contains(string(rule), "NOPASSWD") {
		t.Errorf("%s", rule)
	}
}

func TestOptionsThatCannotBeAreRefusedBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	good := Options{Name: "one", Hosts: 1, Image: "plain", Sudo: SudoFree}
	for want, change := range map[string]func(*Options){
		"lower case":   func(o *Options) { o.Name = "../x" },
		"plain python": func(o *Options) { o.Image = "perl" },
		"nopasswd or":  func(o *Options) { o.Sudo = "yes" },
		"1 to 200":     func(o *Options) { o.Hosts = 0 },
		"not empty":    func(o *Options) { o.Dir = full },
	} {
		o := good
		change(&o)
		_, err := o.plan(state.Store{Root: t.TempDir()})
		if err = errors.Join(err, empty(o.Dir)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}

func TestWhoeverIsNotRootIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	asNobody(func() {
		for what, err := range map[string]error{"up": check(dir), "down": Down(t.Context(), "none")} {
			if err == nil || !strings.Contains(err.Error(), "sudo") {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// asNobody does something on a thread of its own that is not root's.
func asNobody(do func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // for good: the thread ends with the function
		const keep = ^uintptr(0)
		_, _, _ = syscall.RawSyscall(syscall.SYS_SETRESUID, keep, 65534, keep)
		do()
	}()
	<-done
}

func TestFolderThatMountOptionsCannotNameIsRefused(t *testing.T) {
	t.Parallel()
	if err := checkDisk("/a:b"); err == nil {
		t.Error("a colon passed")
	}
	if err := checkDisk("/none/such/folder/yet"); err != nil {
		t.Log("this machine's root is an overlay: ", err)
	}
}

//go:build e2e && linux

package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMain lets the test binary stand in for gokube: a lab runs its own program
// for its inner processes.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "lab" {
		err := Inner(context.Background(), os.Stderr, os.Args[2], os.Args[3:])
		if os.Args[2] == "up" {
			_, err = Up(context.Background(), options(os.Args[3], os.Stderr))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func options(name string, log io.Writer) Options {
	return Options{Name: name, Hosts: 2, Image: "plain", Sudo: SudoFree, Log: log}
}

// up makes a lab that is taken down after the test.
func up(t *testing.T, o Options) *Lab {
	t.Helper()
	l, err := Up(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := Down(context.Background(), o.Name); err != nil {
			t.Error(err)
		}
		if left := traces(o.Name); len(left) > 0 {
			t.Errorf("down left %v", left)
		}
	})
	return l
}

// traces finds what is left of a lab on this machine.
func traces(name string) []string {
	var found []string
	for _, pattern := range []string{"/sys/fs/cgroup/*/gokube-lab-" + name, "/sys/fs/cgroup/gokube-lab-" + name, "/var/lib/gokube-lab/" + name, "/var/lib/gokube-lab/." + name + "*"} {
		m, _ := filepath.Glob(pattern)
		found = append(found, m...)
	}
	for _, table := range []string{"/proc/self/mounts", "/proc/net/dev"} {
		data, _ := os.ReadFile(table)
		for line := range strings.Lines(string(data)) {
			if strings.Contains(line, "gokube-lab/"+name) || strings.Contains(line, "gkl") && len(labsUp()) == 0 {
				found = append(found, strings.TrimSpace(line))
			}
		}
	}
	return found
}

func labsUp() []string { names, _ := Names(); return names }

func run(t *testing.T, l *Lab, host string, argv ...string) string {
	t.Helper()
	out, err := l.Exec(t.Context(), host, argv...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func ssh(t *testing.T, l *Lab, host, command string) string {
	t.Helper()
	cmd, err := l.SSH(t.Context(), host, command)
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", command, err, out)
	}
	return strings.TrimSpace(string(out))
}

func paths(changes []FileChange) []string {
	var all []string
	for _, c := range changes {
		all = append(all, c.String())
	}
	return all
}

func TestHostsAreRealAndTellWhatChanged(t *testing.T) {
	l := up(t, options("e2e-real", t.Output()))
	const host = "host1"
	if got := run(t, l, host, "cat", "/proc/1/comm"); got != "systemd" {
		t.Errorf("process 1 is %s", got)
	}
	if got := run(t, l, host, "sh", "-c", "pwd; ls /etc/sudoers.d/deploy ./etc/sudoers.d/deploy"); got != "/\n./etc/sudoers.d/deploy\n/etc/sudoers.d/deploy" {
		t.Errorf("a command starts in %q", got)
	}
	if got := ssh(t, l, host, "hostname; id -un; sudo id -un; systemctl is-system-running; command -v python3 || echo none"); got != "host1\ndeploy\nroot\nrunning\nnone" {
		t.Errorf("%q", got)
	}
	if got, err := l.AllChanges(host); err != nil || len(got) > 0 {
		t.Errorf("looking changed %v, %v", paths(got), err)
	}
	ssh(t, l, host, "sudo sh -c 'echo x > /etc/new; chmod 600 /etc/hosts; rm /etc/issue; echo y >> /etc/issue.net; touch /etc/passwd; mkdir -p /var/lib/docker/a'; mkdir -p .cache/gokube; touch .cache/gokube/runner")
	got, err := l.Changes(host)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"changed /etc/hosts (mode -rw-r--r-- -> -rw-------)", "deleted /etc/issue", "changed /etc/issue.net (content)", "added   /etc/new", "added   /var/lib/docker/a"}
	if d := cmp.Diff(want, paths(got)); d != "" {
		t.Error(d)
	}
	if err := l.Mark(host); err != nil {
		t.Fatal(err)
	}
	if got, err := l.AllChanges(host); err != nil || len(got) > 0 {
		t.Errorf("after a mark: %v, %v", paths(got), err)
	}
	ssh(t, l, host, "sudo apt-get update && sudo DEBIAN_FRONTEND=noninteractive apt-get install -y tree && tree --version")
	if got := run(t, l, host, "sh", "-c", "curl -s -o /dev/null -w '%{http_code}' -x http://$(ip route | awk '/default/{print $3}'):3142 http://example.invalid/; true"); got != "403" {
		t.Errorf("the proxy answers %q for another's address", got)
	}
}

func TestRebootKeepsDiskAndAddressAndSettingsStayInside(t *testing.T) {
	l := up(t, options("e2e-boot", t.Output()))
	boot := func() string { return run(t, l, "host1", "cat", "/proc/sys/kernel/random/boot_id") }
	machine, _ := os.ReadFile("/proc/sys/vm/swappiness")
	run(t, l, "host1", "sysctl", "-w", "vm.swappiness=7")
	if now, _ := os.ReadFile("/proc/sys/vm/swappiness"); !bytes.Equal(machine, now) {
		t.Error("a host changed the machine's sysctl")
	}
	before := boot()
	run(t, l, "host1", "sh", "-c", "echo kept > /root/f; sync")
	if err := l.Reboot(t.Context(), "host1"); err != nil {
		t.Fatal(err)
	}
	if got := ssh(t, l, "host1", "sudo cat /root/f"); got != "kept" || boot() == before {
		t.Error(got)
	}
	if err := l.Kill(t.Context(), "host2"); err != nil {
		t.Fatal(err)
	}
	d := net.Dialer{Timeout: time.Second}
	if _, err := d.Dial("tcp", l.Hosts()[1].Address+":22"); err == nil || errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a dead host answers: %v", err)
	}
	if err := l.Start(t.Context(), "host2"); err != nil {
		t.Fatal(err)
	}
	ssh(t, l, "host2", "true")
}

func TestPartitionStallsConnectionsAndDelayDelays(t *testing.T) {
	l := up(t, options("e2e-net", t.Output()))
	cmd, err := l.SSH(t.Context(), "host1", "echo hello; cat")
	if err != nil {
		t.Fatal(err)
	}
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 6)
	if _, err := io.ReadFull(out, buf); err != nil {
		t.Fatal(err)
	}
	if err := l.Partition(t.Context(), "host1"); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(in, "again\n")
	run(t, l, "host2", "sh", "-c", "! ping -q -c 1 -W 1 "+l.Hosts()[0].Address)
	if err := l.Heal(t.Context(), "host1"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, buf); err != nil || string(buf) != "again\n" {
		t.Errorf("the connection did not outlive the partition: %q, %v", buf, err)
	}
	in.Close()
	_ = cmd.Wait()
	if err := l.Delay(t.Context(), "host1", 30*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if rtt := ping(t, l); rtt < 30 {
		t.Errorf("round trip of %v ms through a delay of 30", rtt)
	}
	cmd, _ = l.SSH(t.Context(), "host1", "wc -c")
	cmd.Stdin = bytes.NewReader(make([]byte, 8<<20))
	if n, err := cmd.Output(); err != nil || strings.TrimSpace(string(n)) != strconv.Itoa(8<<20) {
		t.Errorf("%s bytes came through the delay, %v", n, err)
	}
	if err := l.Delay(t.Context(), "host1", 0); err != nil {
		t.Fatal(err)
	}
	if rtt := ping(t, l); rtt > 25 {
		t.Errorf("round trip of %v ms after the delay ended", rtt)
	}
}

// ping is the best of three round trips from host2 to host1, in milliseconds.
func ping(t *testing.T, l *Lab) float64 {
	t.Helper()
	out := run(t, l, "host2", "ping", "-q", "-c", "3", "-i", "0.2", l.Hosts()[0].Address)
	_, figures, _ := strings.Cut(out, "mdev = ")
	least, _, _ := strings.Cut(figures, "/")
	ms, err := strconv.ParseFloat(least, 64)
	if err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	return ms
}

func TestLabsLiveSideBySideAndSudoCanAsk(t *testing.T) {
	o := options("e2e-ask", t.Output())
	o.Sudo, o.Dir = SudoPassword, filepath.Join(t.TempDir(), "files")
	a, b := up(t, o), up(t, options("e2e-free", t.Output()))
	if a.Hosts()[0].Address == b.Hosts()[0].Address {
		t.Error("two labs share an address")
	}
	if got := ssh(t, a, "host1", "sudo -n true 2>&1 || echo asks"); !strings.HasSuffix(got, "asks") {
		t.Errorf("%q", got)
	}
	inventory, err := os.ReadFile(filepath.Join(o.Dir, "inventory.yml"))
	if err != nil || !strings.Contains(string(inventory), "ansible_become_password: "+a.state.Password) {
		t.Errorf("%s, %v", inventory, err)
	}
	if got := ssh(t, a, "host1", "echo "+a.state.Password+" | sudo -S -p '' id -un"); got != "root" {
		t.Errorf("%q", got)
	}
	if _, err := Up(t.Context(), options("e2e-free", t.Output())); err == nil || !strings.Contains(err.Error(), "lab down") {
		t.Error(err)
	}
}

func TestWhatAKilledUpOrSupervisorLeavesIsClearedAway(t *testing.T) {
	const name = "e2e-crash"
	for _, wait := range []string{"state.json", "supervisor.json", "control.sock"} {
		cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "lab", "up", name)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if err := poll(t.Context(), func() error { _, err := os.Stat("/var/lib/gokube-lab/" + name + "/" + wait); return err }); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if err := Down(t.Context(), name); err != nil {
			t.Error(err)
		}
		if left := traces(name); len(left) > 0 {
			t.Errorf("killed at %s: down left %v", wait, left)
		}
	}
	l := up(t, options(name, t.Output()))
	p, ok := l.store.Supervisor(name)
	if !ok {
		t.Fatal("no supervisor")
	}
	_ = syscall.Kill(p.Pid, syscall.SIGKILL)
	if err := poll(t.Context(), func() error {
		if p.Alive() {
			return errors.New("alive")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := l.Kill(t.Context(), "host1"); err == nil || !strings.Contains(err.Error(), "lab down") {
		t.Error(err)
	}
	again := up(t, options(name, t.Output()))
	if got := ssh(t, again, "host1", "id -un"); got == "" {
		t.Error("a lab made over the remains of another does not work")
	}
}

// Command peers plays the same tasks with gokube, Ansible and Mitogen on the same
// lab hosts, and logs in to them with nothing to do as the floor. It prints wall
// and CPU time and peak memory of each, and last a line of ratios. It is what
// make bench-peers runs, after the hosts are up.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// figures are what one command cost.
type figures struct {
	wall, cpu time.Duration
	peakMB    int64
}

// peer is one command to measure; runs is how often.
type peer struct {
	name string
	runs int
	argv []string
	env  []string
}

func main() {
	bin := flag.String("bin", "bin", "folder with gokube and floor")
	lab := flag.String("lab", "bin/bench", "folder of the lab")
	books := flag.String("books", "testdata/bench", "folder of the playbooks")
	runs := flag.Int("runs", 5, "counted runs of the quick ones; Ansible has two")
	flag.Parse()
	if err := run(*bin, *lab, *books, *runs, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(bin, lab, books string, runs int, addresses []string) error {
	inventory := filepath.Join(lab, "inventory.yml")
	gokube := func(n int) peer {
		return peer{fmt.Sprintf("gokube %d", n), runs, []string{filepath.Join(bin, "gokube"), "play", "-i", inventory, fmt.Sprintf("%s/gokube-%d.yml", books, n)}, nil}
	}
	ansible := func(name string, n int, env ...string) peer {
		env = append(env, "ANSIBLE_PIPELINING=1", "ANSIBLE_FORKS=50", "ANSIBLE_SSH_ARGS=-C -o ControlMaster=auto -o ControlPersist=60s -F "+filepath.Join(lab, "ssh_config"))
		return peer{fmt.Sprintf("%s %d", name, n), 2, []string{"ansible-playbook", "-i", inventory, fmt.Sprintf("%s/ansible-%d.yml", books, n)}, env}
	}
	mitogen := []string{"ANSIBLE_STRATEGY=mitogen_linear", "ANSIBLE_STRATEGY_PLUGINS=" + mitogenDir()}
	peers := []peer{
		{"floor", runs, append([]string{filepath.Join(bin, "floor"), "deploy", key(lab)}, addresses...), nil},
		gokube(30), gokube(60),
		ansible("ansible", 30), ansible("ansible", 60),
		ansible("mitogen", 30, mitogen...), ansible("mitogen", 60, mitogen...),
	}
	got := map[string]figures{}
	for _, p := range peers {
		f, err := p.measure()
		if err != nil {
			return err
		}
		got[p.name] = f
		fmt.Printf("%-12s wall %8.3f s   cpu %8.3f s   peak %4d MB   (median of %d)\n", p.name, f.wall.Seconds(), f.cpu.Seconds(), f.peakMB, p.runs)
	}
	result(got, len(addresses))
	return nil
}

// result prints the ratios. The marginal cost of a task is what 30 more of them
// cost, for one host.
func result(got map[string]figures, hosts int) {
	ratio := func(a, b string) float64 { return got[a].wall.Seconds() / got[b].wall.Seconds() }
	marginal := func(name string) float64 {
		return (got[name+" 60"].wall - got[name+" 30"].wall).Seconds() * 1000 / 30 / float64(hosts)
	}
	fmt.Printf("RESULT ansible/gokube=%.1f mitogen/gokube=%.1f gokube/floor=%.2f marginal_ansible/gokube=%.0f marginal_mitogen/gokube=%.0f gokube_marginal_ms=%.3f\n",
		ratio("ansible 30", "gokube 30"), ratio("mitogen 30", "gokube 30"), ratio("gokube 30", "floor"),
		marginal("ansible")/marginal("gokube"), marginal("mitogen")/marginal("gokube"), marginal("gokube"))
}

// measure runs p once uncounted, then runs times, and gives the medians.
func (p peer) measure() (figures, error) {
	var all []figures
	for i := range p.runs + 1 {
		f, err := p.once()
		if err != nil {
			return f, err
		}
		if i > 0 {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b figures) int { return int(a.wall - b.wall) })
	return all[len(all)/2], nil
}

func (p peer) once() (figures, error) {
	cmd := exec.Command(p.argv[0], p.argv[1:]...)
	cmd.Env = append(os.Environ(), p.env...)
	start := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return figures{}, fmt.Errorf("%s: %w\n%s", strings.Join(p.argv, " "), err, out)
	}
	usage, _ := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return figures{time.Since(start), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), usage.Maxrss / 1024}, nil
}

// key is the lab's private key.
func key(lab string) string {
	found, err := filepath.Glob(filepath.Join(lab, "id_*"))
	if err != nil || len(found) == 0 {
		return ""
	}
	slices.Sort(found)
	return found[0]
}

// mitogenDir is where Debian puts Mitogen's strategies.
func mitogenDir() string {
	for _, pattern := range []string{"/usr/share/ansible/plugins/mitogen*/strategy", "/usr/lib/python3/dist-packages/ansible_mitogen/plugins/strategy"} {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return found[0]
		}
	}
	return "/usr/lib/python3/dist-packages/ansible_mitogen/plugins/strategy"
}

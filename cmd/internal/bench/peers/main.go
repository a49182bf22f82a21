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
	quick := flag.Bool("quick", false, "gokube and the floor only, in turn")
	flag.Parse()
	if err := run(*bin, *lab, *books, *runs, *quick, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(bin, lab, books string, runs int, quick bool, addresses []string) error {
	inventory := filepath.Join(lab, "inventory.yml")
	gokube := func(n int) peer {
		return peer{fmt.Sprintf("gokube %d", n), runs, []string{filepath.Join(bin, "gokube"), "play", "-i", inventory, fmt.Sprintf("%s/gokube-%d.yml", books, n)}, nil}
	}
	ansible := func(name string, n int, env ...string) peer {
		env = append(env, "ANSIBLE_PIPELINING=1", "ANSIBLE_FORKS=50", "ANSIBLE_SSH_ARGS=-C -o ControlMaster=auto -o ControlPersist=60s -F "+filepath.Join(lab, "ssh_config"))
		return peer{fmt.Sprintf("%s %d", name, n), 2, []string{"ansible-playbook", "-i", inventory, fmt.Sprintf("%s/ansible-%d.yml", books, n)}, env}
	}
	mitogen := []string{"ANSIBLE_STRATEGY=mitogen_linear", "ANSIBLE_STRATEGY_PLUGINS=" + mitogenDir()}
	floor := peer{"floor", runs, append([]string{filepath.Join(bin, "floor"), "deploy", key(lab)}, addresses...), nil}
	compared := [][]peer{
		{floor, gokube(30), gokube(60)},
		{ansible("ansible", 30), ansible("ansible", 60)},
		{ansible("mitogen", 30, mitogen...), ansible("mitogen", 60, mitogen...)},
	}
	if quick {
		compared = compared[:1]
	}
	got := map[string]figures{}
	for _, peers := range compared {
		if err := inTurn(peers, got); err != nil {
			return err
		}
	}
	if quick {
		fmt.Printf("RESULT gokube/floor=%.2f gokube_marginal_ms=%.3f\n", got["gokube 30"].wall.Seconds()/got["floor"].wall.Seconds(), marginal(got, "gokube", len(addresses)))
		return nil
	}
	result(got, len(addresses))
	return nil
}

// inTurn measures peers one after the other, again and again, so that a machine that
// is slower for a while is so for all of them.
func inTurn(peers []peer, got map[string]figures) error {
	all := map[string][]figures{}
	for round := range peers[0].runs + 1 {
		for _, p := range peers {
			f, err := p.once()
			if err != nil {
				return err
			}
			if round > 0 { // the first one warms up
				all[p.name] = append(all[p.name], f)
			}
		}
	}
	for _, p := range peers {
		f := median(all[p.name])
		got[p.name] = f
		fmt.Printf("%-12s wall %8.3f s   cpu %8.3f s   peak %4d MB   (median of %d)\n", p.name, f.wall.Seconds(), f.cpu.Seconds(), f.peakMB, p.runs)
	}
	return nil
}

// median is that of the walls, with what else belongs to it.
func median(all []figures) figures {
	slices.SortFunc(all, func(a, b figures) int { return int(a.wall - b.wall) })
	return all[len(all)/2]
}

// marginal is what 30 more tasks cost, for one of them and one host, in milliseconds.
func marginal(got map[string]figures, name string, hosts int) float64 {
	return (got[name+" 60"].wall - got[name+" 30"].wall).Seconds() * 1000 / 30 / float64(hosts)
}

// result prints the ratios.
func result(got map[string]figures, hosts int) {
	ratio := func(a, b string) float64 { return got[a].wall.Seconds() / got[b].wall.Seconds() }
	ours := marginal(got, "gokube", hosts)
	fmt.Printf("RESULT ansible/gokube=%.1f mitogen/gokube=%.1f gokube/floor=%.2f marginal_ansible/gokube=%.0f marginal_mitogen/gokube=%.0f gokube_marginal_ms=%.3f\n",
		ratio("ansible 30", "gokube 30"), ratio("mitogen 30", "gokube 30"), ratio("gokube 30", "floor"),
		marginal(got, "ansible", hosts)/ours, marginal(got, "mitogen", hosts)/ours, ours)
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

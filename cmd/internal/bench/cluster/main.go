// Command cluster times what cluster.yml takes on bare hosts: a check, the first
// run, which is watched, a second run and what that still changes. It is what
// make bench-cluster runs, after the hosts are up.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

func main() {
	gokube := flag.String("gokube", "bin/gokube", "the program")
	flag.Parse()
	if err := bench(*gokube, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// bench plays cluster.yml with args, which name the inventory.
func bench(gokube string, args []string) error {
	var seconds [3]float64
	changed := 0
	for i, what := range []struct {
		name string
		args []string
	}{{"check", []string{"--check"}}, {"first run", nil}, {"second run", nil}} {
		p, err := play(gokube, append(append([]string{"cluster.yml"}, args...), what.args...))
		if err != nil {
			return err
		}
		seconds[i], changed = p.wall.Seconds(), p.changed
		fmt.Printf("%-11s %7.1f s   %4d changes   cpu %5.1f s   peak %d MB\n", what.name, seconds[i], p.changed, p.cpu.Seconds(), p.peakMB)
	}
	fmt.Printf("RESULT first=%.1f second=%.1f check=%.1f changed_second=%d\n", seconds[1], seconds[2], seconds[0], changed)
	return nil
}

// played is what one run took, and how many changes it told of.
type played struct {
	wall, cpu time.Duration
	peakMB    int64
	changed   int
}

func play(gokube string, args []string) (played, error) {
	cmd := exec.Command(gokube, append([]string{"play", "--output", "jsonl"}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return played{}, fmt.Errorf("%s: %w\n%s%s", strings.Join(cmd.Args, " "), err, stderr.Bytes(), failures(stdout.Bytes()))
	}
	usage, _ := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return played{time.Since(start), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), usage.Maxrss / 1024, changes(stdout.Bytes())}, nil
}

// changes counts the changes that lines of events tell of.
func changes(lines []byte) (n int) {
	for line := range bytes.Lines(lines) {
		var e struct {
			Event   string
			Changes []struct{ Action string }
		}
		if json.Unmarshal(line, &e) != nil || e.Event != "done" {
			continue
		}
		for _, c := range e.Changes {
			if c.Action != "wait" {
				n++
			}
		}
	}
	return n
}

// failures are the lines of events that tell of one.
func failures(lines []byte) (out []byte) {
	for line := range bytes.Lines(lines) {
		if bytes.Contains(line, []byte(`"err":`)) {
			out = append(out, line...)
		}
	}
	return out
}

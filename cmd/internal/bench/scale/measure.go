package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// measure plays on all hosts, twice unless told otherwise, and prints what it took, the figures that must
// be reached last: the slowest run, and the memory that a host adds to the peak.
func (o options) measure(ctx context.Context, hosts *process) error {
	base, err := peak()
	if err != nil {
		return err
	}
	defer o.startCPU(o.cpu)()
	var slowest time.Duration
	for i := range o.runs {
		before, theirs, err := used(hosts)
		if err != nil {
			return err
		}
		got, err := play(ctx, o, nil, 1)
		if err != nil {
			return err
		}
		after, later, err := used(hosts)
		if err != nil {
			return err
		}
		fmt.Printf("run %d: wall %7.3f s   controller CPU %7.3f s   hosts CPU %7.3f s   ok %d changed %d\n",
			i+1, got.wall.Seconds(), (after - before).Seconds(), (later - theirs).Seconds(), got.ok, got.changed)
		if i > 0 && got.changed > 0 {
			return fmt.Errorf("play again: %d tasks on hosts changed something", got.changed)
		}
		slowest = max(slowest, got.wall)
	}
	top, err := peak()
	if err != nil {
		return err
	}
	fmt.Printf("controller: %d KB at its peak, %d KB of it with one host\n", top, base)
	fmt.Printf("RESULT hosts=%d seconds=%.2f kb_per_host=%.1f\n", o.hosts, slowest.Seconds(), float64(top-base)/float64(o.hosts))
	return nil
}

// used is the CPU time of this process and of the hosts.
func used(hosts *process) (ours, theirs time.Duration, err error) {
	if ours, err = cpuOf("self"); err == nil {
		theirs, err = hosts.cpu()
	}
	return ours, theirs, err
}

// tick is the unit of /proc/PID/stat, on all Linux machines.
const tick = 10 * time.Millisecond

// cpuOf is the CPU time of a process so far.
func cpuOf(pid string) (time.Duration, error) {
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	words := strings.Fields(rest) // from the state on, the third
	if len(words) < 13 {
		return 0, fmt.Errorf("read the CPU time of process %s: it has only %d fields", pid, len(words))
	}
	user, err := strconv.Atoi(words[11])
	if err != nil {
		return 0, err
	}
	system, err := strconv.Atoi(words[12])
	return time.Duration(user+system) * tick, err
}

// peak is the most memory that this process ever had resident, in KB.
func peak() (int, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			return strconv.Atoi(strings.Fields(rest)[0])
		}
	}
	return 0, fmt.Errorf("read the peak of the memory: the kernel does not say it")
}

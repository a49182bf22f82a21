//go:build e2e && linux

package main

import (
	"context"
	"os"
	"strings"
	"syscall"
	"testing"
)

// work begins, takes a while and ends; each leaves a line in a file.
const work = `
- name: work
  shell: echo begun >> /tmp/begun; sleep 5; echo ended >> /tmp/ended
- name: more
  command: echo more`

const begun = "test -e /tmp/begun"

func fresh(t *testing.T, l *faultLab) { l.sh(t, "rm -f /tmp/begun /tmp/ended") }

func controllerFaults(t *testing.T, l *faultLab) {
	t.Run("interrupted", func(t *testing.T) {
		fresh(t, l)
		c := l.start(t, "play", l.book(t, work))
		l.await(t, begun)
		c.signal(t, os.Interrupt)
		out := c.end(t, 130)
		says(t, out, "running tasks may finish", "changed:     host1 host2", "recap", "interrupted: tasks that had not begun were not run")
		if strings.Contains(out, "task more") {
			t.Errorf("a task began after the interrupt\n%s", out)
		}
		l.sh(t, "test -e /tmp/ended")
	})
	t.Run("interrupted twice", func(t *testing.T) {
		fresh(t, l)
		c := l.start(t, "play", l.book(t, work))
		l.await(t, begun)
		c.signal(t, os.Interrupt)
		c.signal(t, syscall.SIGTERM)
		says(t, c.end(t, 130), `task "work" (`, "task was cancelled", "recap")
		l.sh(t, "! test -e /tmp/ended; ! pgrep -x sleep")
	})
	t.Run("killed", func(t *testing.T) {
		fresh(t, l)
		c := l.start(t, "play", l.book(t, work))
		l.await(t, begun)
		c.signal(t, os.Kill)
		c.end(t, -1)
		l.await(t, "test -e /tmp/ended")
		says(t, l.play(t, 0, ping), "ok:          host1 host2")
	})
	t.Run("two at once", func(t *testing.T) {
		const tasks = "- command: sleep 1\n- lineinfile: {path: '/tmp/of-{{ .me }}', line: 'by {{ .me }}', create: true}\n- file: {path: /tmp/of-both, state: directory}\n  become: true"
		a := l.start(t, "play", l.book(t, tasks), "-e", "me=one")
		b := l.start(t, "play", l.book(t, tasks), "-e", "me=two")
		for _, c := range []*controller{a, b} {
			says(t, c.end(t, 0), "ok=3", "failed=0")
		}
		if got := l.sh(t, "cat /tmp/of-one /tmp/of-two"); got != "by one\nby two\n" {
			t.Errorf("got %q", got)
		}
	})
}

func (c *controller) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

func linkFaults(t *testing.T, l *faultLab) {
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Run("off", func(t *testing.T) {
		must(l.Kill(ctx, "host1"))
		out := l.play(t, 3, ping, "--timeout", "3s")
		must(l.Start(ctx, "host1"))
		says(t, out, "ok:          host2", `host1: task "look" (`, "is the host up")
	})
	t.Run("reset", func(t *testing.T) {
		fresh(t, l)
		c := l.start(t, "play", l.book(t, work))
		l.await(t, begun)
		l.sh(t, "pkill -KILL -f '[s]shd.*deploy'")
		says(t, c.end(t, 0), "host1: lost", "host1: reconnected", "host1 host2  ok=2")
		if got := l.sh(t, "cat /tmp/begun"); got != "begun\n" {
			t.Errorf("the step was repeated: %q", got)
		}
	})
	t.Run("silent for a while", func(t *testing.T) {
		fresh(t, l)
		c := l.start(t, "play", l.book(t, work))
		l.await(t, begun)
		must(l.Partition(ctx, "host1"))
		l.await(t, "test -e /tmp/ended")
		must(l.Heal(ctx, "host1"))
		says(t, c.end(t, 0), "host1 host2  ok=2")
	})
	t.Run("silent for good", func(t *testing.T) {
		fresh(t, l)
		c := l.start(t, "play", l.book(t, strings.Replace(work, "- name: more", "  timeout: 8\n- name: more", 1)))
		l.await(t, begun)
		must(l.Partition(ctx, "host1"))
		out := c.end(t, 3)
		must(l.Heal(ctx, "host1"))
		says(t, out, "changed:     host2", `host1: task "work" (`, "timeout of 8s passed, and the host did not say what came of it", "host2  ok=2")
	})
}

func reboots(t *testing.T, l *faultLab) {
	const id = "cat /proc/sys/kernel/random/boot_id; systemctl show -P UserspaceTimestampMonotonic"
	l.await(t, "systemctl is-active ssh")
	before := l.sh(t, id)
	out := l.play(t, 0, "- reboot:\n  become: true\n- command: echo back\n  register: r\n- debug: {msg: \"{{ .r.stdout }}\"}", "--limit", "host1")
	says(t, out, "back")
	if strings.Contains(out, "lost") {
		t.Errorf("a host that was told to reboot is lost\n%s", out)
	}
	if l.sh(t, id) == before {
		t.Error("it has not rebooted")
	}
}

// killedPackager finds a host whose dpkg was killed in the midst of its work.
func killedPackager(t *testing.T, l *faultLab) {
	l.sh(t, `apt-get update -qq
for p in tree ethtool less rsync file; do
  apt-get install -y -qq $p >/dev/null 2>&1 &
  until [ -e /var/lib/dpkg/updates/0000 ]; do kill -0 $! || break; done
  pkill -9 -x dpkg; wait
  apt-get check >/dev/null 2>&1 || exit 0
done
exit 1`)
	const install = "- name: install\n  package: {name: bc}"
	says(t, l.play(t, 0, install, "-b", "--limit", "host1", "--check"), "run package manager dpkg", "create package bc")
	says(t, l.play(t, 0, install, "-b", "--limit", "host1"), "changed:     host1")
	says(t, l.play(t, 0, install, "-b", "--limit", "host1"), "ok:          host1")
	if left := l.sh(t, "dpkg --audit"); left != "" {
		t.Errorf("still half done: %s", left)
	}
}

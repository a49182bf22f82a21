//go:build e2e && linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFaults meets hosts that are not as they should be. Each fault must be told
// with host, task, cause and the way out, and leave the other host alone.
func TestFaults(t *testing.T) {
	l := newFaultLab(t)
	for _, part := range []struct {
		name string
		run  func(*testing.T, *faultLab)
	}{
		{"login", loginFaults}, {"become", becomeFaults}, {"ground", groundFaults}, {"sshd", sshdFaults}, {"output", outputFaults},
		{"facts", hostileFacts}, {"controllers", controllerFaults}, {"link", linkFaults}, {"packager", killedPackager}, {"reboot", reboots},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, l) })
	}
}

const ping = "- name: look\n  ping:"

func loginFaults(t *testing.T, l *faultLab) {
	known, err := os.ReadFile(filepath.Join(l.Dir(), "known_hosts"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(known)), "\n")
	none := l.file(t, "none", "")
	// host2's key as host1's
	changed := l.file(t, "changed", strings.Fields(lines[0])[0]+" "+strings.Join(strings.Fields(lines[1])[1:], " ")+"\n"+lines[1]+"\n")
	key := filepath.Join(l.home, "other")
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	const onlyHost2 = "ok:          host2"
	for _, tc := range []struct {
		name string
		args []string
		code int
		want []string
	}{
		{"unknown key", []string{"-e", "ansible_ssh_known_hosts_file=" + none}, 3,
			[]string{"unreachable: host1", `host1: task "look" (`, "verify host key of ", "is unknown, compare the fingerprint", "ssh-keyscan", "accept-new"}},
		{"accepted key", []string{"-e", "ansible_ssh_known_hosts_file=" + none, "--accept-new"}, 0, []string{"ok:          host1 host2"}},
		{"remembered key", []string{"-e", "ansible_ssh_known_hosts_file=" + none}, 0, []string{"ok:          host1 host2"}},
		{"changed key", []string{"-e", "ansible_ssh_known_hosts_file=" + changed}, 3,
			[]string{onlyHost2, `host1: task "look" (`, "is changed (see " + changed + ":1)", "may be intercepting", "ssh-keygen -f"}},
		{"changed key is not new", []string{"-e", "ansible_ssh_known_hosts_file=" + changed, "--accept-new"}, 3, []string{onlyHost2, "is changed"}},
		{"no such user", []string{"-e", "ansible_user=nobodyhere"}, 3,
			[]string{`host1: task "look" (`, `as "nobodyhere": permission denied, tried `, "is the user right"}},
		{"wrong key", []string{"-e", "ansible_ssh_private_key_file=" + key}, 3, []string{`host1: task "look" (`, "permission denied, tried " + key, "may one of these log in"}},
		{"no key", []string{"-e", "ansible_ssh_private_key_file=/nowhere/key"}, 3, []string{"read key: open /nowhere/key: no such file or directory"}},
	} {
		t.Run(tc.name, func(t *testing.T) { says(t, l.play(t, tc.code, ping, tc.args...), tc.want...) })
	}
	t.Run("command in ssh_config", func(t *testing.T) {
		mark := filepath.Join(l.home, "ran")
		config := l.file(t, ".ssh/config", "Match exec \"touch "+mark+"\"\n  User evil\n")
		defer os.Remove(config)
		out := l.play(t, 0, ping)
		says(t, out, "warning: "+config+":1: unsupported Match line", "its block is skipped", "ok:          host1 host2")
		if _, err := os.Stat(mark); err == nil {
			t.Error("the command was run")
		}
	})
}

func becomeFaults(t *testing.T, l *faultLab) {
	const whoami = "- name: who\n  command: id -un\n  become: true\n  register: r\n- debug: {msg: \"I am {{ .r.stdout }}\"}"
	says(t, l.play(t, 0, whoami), "I am root")
	says(t, l.play(t, 2, whoami, "-e", "ansible_become_password=not-this"), `task "who" (`, "become root by sudo: the become password is wrong")
	says(t, l.play(t, 2, whoami, "-e", "ansible_become_user=nosuch"), "become nosuch by sudo: there is no such user on the host")
	says(t, l.play(t, 2, whoami, "-e", "ansible_become_method=doas"), "there is no doas on the host")
	l.sh(t, "echo root:lab-root | chpasswd")
	says(t, l.play(t, 0, whoami, "--limit", "host1", "-e", "ansible_become_method=su ansible_become_password=lab-root"), "I am root")
	says(t, l.play(t, 2, whoami, "--limit", "host1", "-e", "ansible_become_method=su ansible_become_password=not-this"), "the become password is wrong")
	l.sh(t, "apt-get update -qq; apt-get install -y -qq doas >/dev/null; echo permit deploy > /etc/doas.conf")
	says(t, l.play(t, 0, whoami, "--limit", "host1", "-e", "ansible_become_method=doas"), "I am root")
	says(t, l.play(t, 2, whoami, "--limit", "host1", "-e", "ansible_become_method=doas ansible_become_password=not-this"), "the become password is wrong")
	says(t, l.play(t, 0, strings.ReplaceAll(whoami, "command:", "raw:")), "I am root")
	t.Run("secrecy", func(t *testing.T) {
		// the pattern finds the password and not itself
		out := l.play(t, 0, `
- shell: |
    for d in /proc/[0-9]*; do tr '\0' ' ' < $d/cmdline; tr '\0' ' ' < $d/environ; done 2>/dev/null | grep -c '[{{ substr 0 1 .ansible_become_password }}]{{ substr 1 -1 .ansible_become_password }}'; true
  become: true
  register: r
- debug: {msg: "found {{ .r.stdout }} times"}
- shell: tr '\0' ' ' < /proc/$$/environ | grep -c "LEAK=$LEAK"
  environment: {LEAK: "{{ .ansible_become_password }}"}
  register: r
- debug: {msg: "but found {{ .r.stdout }} where it was put"}`, "-vvv")
		says(t, out, "found 0 times", "but found 1 where it was put")
	})
}

func groundFaults(t *testing.T, l *faultLab) {
	t.Run("disk full", func(t *testing.T) {
		big := l.file(t, "big", strings.Repeat("0123456789abcde\n", 200_000))
		out := l.play(t, 2, `
- shell: mkdir -p /mnt/small; mount -t tmpfs -o size=1m tmpfs /mnt/small; echo old > /mnt/small/file
  when: eq .inventory_hostname "host1"
- file: {path: /mnt/small, state: directory}
- name: fill
  copy: {src: `+big+`, dest: /mnt/small/file}`, "-b")
		says(t, out, `host1: task "fill" (`, "update file /mnt/small/file", "no space left on device", "changed:     host2")
		if got := l.sh(t, "ls -A /mnt/small; cat /mnt/small/file; umount /mnt/small"); got != "file\nold\n" {
			t.Errorf("left behind: %q", got)
		}
	})
	for _, tc := range []struct{ name, before, mounts string }{
		{"noexec", "rm -rf ~deploy/.cache; mkdir ~deploy/.cache; mount -t tmpfs -o noexec,mode=1777 t /tmp; mount -t tmpfs -o noexec,mode=777 t ~deploy/.cache", "/tmp ~deploy/.cache"},
		{"no room", "mkdir -p ~deploy/.cache; mount -t tmpfs -o size=100k,mode=777 t ~deploy/.cache", "~deploy/.cache"},
		{"read-only home", "rm -rf ~deploy/.cache; mount --bind /home/deploy /home/deploy; mount -o remount,bind,ro /home/deploy", "/home/deploy"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l.sh(t, tc.before)
			// a session that has just ended may hold them for a moment
			defer l.await(t, "for m in "+tc.mounts+"; do if mountpoint -q $m; then umount $m || exit 1; fi; done")
			says(t, l.play(t, 0, ping), "ok:          host1 host2")
			says(t, l.play(t, 0, ping, "-b"), "ok:          host1 host2")
		})
	}
}

func sshdFaults(t *testing.T, l *faultLab) {
	l.sh(t, `cp -a /etc/ssh/sshd_config /root; cp -a ~deploy/.bashrc /root; sed -i /Subsystem/d /etc/ssh/sshd_config
printf 'MaxSessions 1\nBanner /etc/issue\n' >> /etc/ssh/sshd_config; systemctl restart ssh
sed -i '1i echo welcome to the; echo jungle >&2' ~deploy/.bashrc; rm -rf ~deploy/.cache /var/tmp/*gokube*`)
	defer l.sh(t, "cp -a /root/sshd_config /etc/ssh; cp -a /root/.bashrc ~deploy; systemctl restart ssh")
	small := l.file(t, "small", "some text\n")
	out := l.play(t, 0, "- raw: echo straight\n  register: r\n- debug: {msg: \"{{ .r.stdout }}\"}\n- ping:\n- copy: {src: "+small+", dest: /tmp/small}\n- command: cat /tmp/small\n  register: r\n- debug: {msg: \"{{ .r.stdout }}\"}")
	says(t, out, "straight", "some text")
	out = l.play(t, 3, "- ping:\n- name: second\n  raw: echo straight")
	says(t, out, `host1: task "second" (`, "MaxSessions in sshd_config", "changed:     host2")
}

func outputFaults(t *testing.T, l *faultLab) {
	c := l.start(t, "play", l.book(t, `
- shell: head -c 100000000 /dev/zero | tr '\0' x
  register: r
- debug: {msg: "{{ gt (len .r.stdout) 1000000 }} and {{ lt (len .r.stdout) 10000000 }}"}
- command: head -c 3000 /dev/urandom
- name: many lines
  shell: printf 'a\033[31mred\007\n'; head -c 100000000 /dev/zero | tr '\0' '\n' >&2; echo the end >&2; exit 3`))
	out := c.end(t, 2)
	says(t, out, "true and true", `2 hosts: task "many lines" (`, "exit status 3: the end", "a␛[31mred␇")
	if usage, ok := c.cmd.ProcessState.SysUsage().(*syscall.Rusage); !ok || usage.Maxrss > 400<<10 {
		t.Errorf("%d KiB of memory were used", usage.Maxrss)
	}
	t.Run("large file", func(t *testing.T) {
		large := l.file(t, "large", "")
		if err := os.Truncate(large, 2<<30); err != nil {
			t.Fatal(err)
		}
		c := l.start(t, "play", l.book(t, "- copy: {src: "+large+", dest: /var/tmp/large}\n- stat: {path: /var/tmp/large}\n  register: r\n- debug: {msg: \"it has {{ .r.stat.size }} bytes\"}"), "--limit", "host1")
		says(t, c.end(t, 0), "it has 2147483648 bytes")
		if usage, ok := c.cmd.ProcessState.SysUsage().(*syscall.Rusage); !ok || usage.Maxrss > 300<<10 {
			t.Errorf("%d KiB of memory were used", usage.Maxrss)
		}
		l.sh(t, "rm /var/tmp/large")
	})
}

func hostileFacts(t *testing.T, l *faultLab) {
	l.sh(t, `cp -aL /etc/os-release /root/; rm /etc/os-release
printf 'ID="{{ env \\"HOME\\" }}"\nNAME="\033[31mred\033]0;title\033"\n' > /etc/os-release`)
	defer l.sh(t, "cp -a /root/os-release /etc/os-release")
	out := l.play(t, 0, `
- setup:
- debug: {msg: "id {{ .facts.os.id }}, name {{ .facts.os.name }}"}
- command: cat /etc/os-release
  register: r
- set_fact: {z: "{{ .r.stdout }}"}
- copy: {content: "{{ .z }}\n", dest: /tmp/z}
- command: cmp /tmp/z /etc/os-release`, "--limit", "host1", "--diff")
	says(t, out, `id {{ env "HOME" }}, name ␛[31mred␛]0;title␛`)
	if strings.ContainsAny(out, "\x1b\x07") {
		t.Errorf("control characters reach the terminal: %q", out)
	}
}

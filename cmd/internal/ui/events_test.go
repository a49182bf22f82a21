package ui_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/unknown"
)

// recording makes events as a run emits them.
type recording struct {
	out   []event.Event
	id    int
	tally *event.Tally
	hosts []string
}

func record(check bool, hosts ...string) *recording {
	r := &recording{tally: event.NewTally(), hosts: hosts}
	r.add(event.RunStart{Check: check, Version: "1.0.0"})
	r.add(event.PlayStart{Play: "cluster", Pos: diag.Pos{File: "site.yml", Line: 1, Col: 3}, Hosts: hosts, Batch: 1, Of: 1, Tasks: 4})
	return r
}

func (r *recording) add(e event.Event) {
	r.tally.Report(e)
	r.out = append(r.out, e)
}

// task begins a task on n hosts.
func (r *recording) task(title, module string, n int) *recording {
	r.id++
	r.add(event.TaskStart{ID: r.id, Play: "cluster", Role: "kubelet", Task: title, Module: module, Pos: diag.Pos{File: "roles/kubelet/tasks/main.yml", Line: 10 * r.id, Col: 3}, Hosts: n})
	return r
}

// done tells d of every one of hosts, each taking a little longer.
func (r *recording) done(d event.Done, hosts ...string) *recording {
	for i, h := range hosts {
		r.add(event.HostStart{ID: r.id, Host: h})
		e := d
		e.ID, e.Host, e.Trips = r.id, h, 1
		if e.Elapsed == 0 {
			e.Elapsed = time.Duration(i+1) * 90 * time.Millisecond
		}
		if d.Err != nil {
			f := *d.Err
			f.Host = h
			e.Err = &f
		}
		r.add(e)
	}
	return r
}

func (r *recording) end() []event.Event {
	e := r.tally.End(r.hosts)
	e.Elapsed = 75*time.Second + 123*time.Millisecond
	return append(r.out, e)
}

func text(s string) *change.Value { return &change.Value{Text: &s} }

func fails(module, words string) *event.Failure {
	return &event.Failure{Task: "install kubelet", Module: module, Pos: diag.Pos{File: "roles/kubelet/tasks/main.yml", Line: 12, Col: 3}, Text: words}
}

var (
	three   = []string{"cp-1", "cp-2", "worker-1"}
	version = change.Change{Action: change.Update, Kind: "package", Target: "kubelet", Before: change.Attrs("version", "1.30.0", "held", "yes"), After: change.Attrs("version", "1.31.0", "held", "yes")}
	config  = change.Change{Action: change.Update, Kind: "file", Target: "/etc/kubernetes/kubelet.yaml",
		Before: text("kind: KubeletConfiguration\nmaxPods: 110\nport: 10250\n"), After: text("kind: KubeletConfiguration\nmaxPods: 200\nport: 10250")}
	other   = change.Change{Action: change.Update, Kind: "file", Target: "/etc/kubernetes/kubelet.yaml", Before: text("port: 10250\n"), After: text("port: 10255\n")}
	made    = change.Change{Action: change.Create, Kind: "file", Target: "/etc/default/kubelet", After: text("ARGS=\n")}
	restart = change.Change{Action: change.Run, Kind: "unit", Target: "restart kubelet.service"}
	gone    = change.Change{Action: change.Delete, Kind: "swap", Target: "/dev/vdb", Before: change.Attrs("size", "1 GiB")}
	wait    = change.Change{Action: change.Wait, Kind: "port", Target: "127.0.0.1:10250"}
	hush    = change.Change{Action: change.Update, Kind: "file", Target: "/etc/token", Before: &change.Value{Secret: true}, After: &change.Value{Secret: true}}
)

func doubtful(c change.Change, why string) change.Change {
	c.Doubt = why
	return c
}

// usual is a run, or its check, in which this and that changes.
func usual(check bool) []event.Event {
	r := record(check, three...)
	r.task("gather facts", "setup", 3).done(event.Done{Status: event.OK}, three...)
	r.task("install kubelet", "package", 3).done(event.Done{Status: event.Changed, Changes: []change.Change{version}, Elapsed: 12340 * time.Millisecond}, "cp-2", "worker-1").
		done(event.Done{Status: event.OK, Note: "1.31.0 is the newest"}, "cp-1")
	r.task("configure it", "template", 3).done(event.Done{Status: event.Changed, Changes: []change.Change{config, made}}, three[:2]...).
		done(event.Done{Status: event.Changed, Changes: []change.Change{other, made}}, three[2])
	r.task("turn swap off", "swap", 3).done(event.Done{Status: event.Changed, Changes: []change.Change{gone}}, "worker-1").done(event.Done{Status: event.OK}, "cp-1", "cp-2")
	r.task("set the token", "copy", 3).done(event.Done{Status: event.Changed, Changes: []change.Change{hush}}, three...)
	if check {
		r.task("join", "kubeadm", 3).done(event.Done{Status: event.Unknown, Why: `stdout of task "kubeadm token create"`}, "worker-1").
			done(event.Done{Status: event.Unknown, Why: "program kubeadm", Changes: []change.Change{doubtful(made, "program kubeadm")}}, "cp-2").
			done(event.Done{Status: event.Skipped, Why: `.inventory_hostname | ne "cp-1"`}, "cp-1")
	}
	if !check {
		r.task("bring the kubeconfig", "kubeconfig", 2).done(event.Done{Status: event.OK, Next: "export KUBECONFIG=/srv/admin.conf; kubectl get nodes"}, "cp-1", "cp-2")
	}
	r.task("wait for it", "wait_for", 3).done(event.Done{Status: event.OK, Changes: []change.Change{wait}}, three...)
	r.task("say so", "debug", 1).done(event.Done{Status: event.OK, Message: "first line\n  second line\n"}, "cp-1")
	r.id++
	r.add(event.TaskStart{ID: r.id, Task: "restart kubelet", Module: "systemd", Handler: true, Hosts: 3})
	r.done(event.Done{Status: event.Changed, Changes: []change.Change{restart}}, three...)
	r.task("ask the first", "command", 2).done(event.Done{Status: event.Changed, Delegate: "cp-1", Changes: []change.Change{{Action: change.Run, Kind: "command", Target: "kubeadm token create"}},
		Output: map[string]any{"stdout": "abc", "rc": 0, "token": secret.New("hunter2"), "later": unknown.Value{Why: "x"}}}, "cp-2", "worker-1")
	return r.end()
}

// troubled is a run in which much fails.
func troubled() []event.Event {
	r := record(false, three...)
	long := &event.Failure{Text: "install kubelet=1.31.9: exit status 100: E: Version '1.31.9' not found", Stderr: strings.Repeat("Reading package lists...\n", 20) + "E: Version '1.31.9' not found\r\n", Stdout: "10%\r20%\r\n", Code: 100, Hint: "apt-cache policy kubelet lists the versions there are"}
	long.Task, long.Module, long.Pos = "install kubelet", "package", diag.Pos{File: "roles/kubelet/tasks/main.yml", Line: 12, Col: 3}
	r.task("install kubelet", "package", 3).done(event.Done{Status: event.Failed, Err: long}, "cp-1", "cp-2").
		done(event.Done{Status: event.Unreachable, Err: fails("", "connect to 10.0.0.3:22: no route to host")}, "worker-1")
	r.add(event.HostState{Host: "worker-1", State: "lost", Text: "keepalive was not answered"})
	r.add(event.Warning{Pos: diag.Pos{File: "site.yml", Line: 3, Col: 1}, Text: "become_flags has no effect with su"})
	r.task("try", "command", 2)
	r.add(event.Retry{ID: r.id, Host: "cp-1", Attempt: 1, Left: 2})
	r.done(event.Done{Status: event.Failed, Ignored: true, Err: fails("command", "false: exit status 1")}, "cp-1").
		done(event.Done{Status: event.Failed, Rescued: true, Changes: []change.Change{made}, Err: fails("command", "false: exit status 2")}, "cp-2")
	r.task("secret", "command", 2).done(event.Done{Status: event.Failed, Hidden: true, Message: "hunter2", Changes: []change.Change{made}, Err: fails("command", "hunter2: exit status 1")}, "cp-1").
		done(event.Done{Status: event.Changed, Hidden: true, Message: "hunter2", Changes: []change.Change{made}, Output: map[string]any{"stdout": "hunter2"}}, "cp-2")
	out := r.end()
	end := out[len(out)-1].(event.RunEnd)
	end.Interrupted, end.Bugs = true, []string{"module copy: its second plan is not empty: update file /etc/a"}
	out[len(out)-1] = end
	return out
}

// looping is a task with a loop, on two hosts.
func looping() []event.Event {
	r := record(false, "cp-1", "cp-2")
	r.task("load modules", "modprobe", 2)
	load := func(name string) event.Done {
		return event.Done{Loop: true, Item: name, Status: event.Changed, Changes: []change.Change{{Action: change.Create, Kind: "kernel module", Target: name}}}
	}
	r.done(load("overlay"), "cp-1").done(event.Done{Loop: true, Item: "overlay", Status: event.OK}, "cp-2")
	r.done(load("br_netfilter"), "cp-1", "cp-2")
	r.done(event.Done{Loop: true, Item: "hunter2", Hidden: true, Status: event.Changed}, "cp-1")
	r.done(event.Done{Loop: true, Item: "nope", Status: event.Failed, Err: fails("modprobe", "Module nope not found")}, "cp-2")
	r.done(event.Done{Status: event.Changed}, "cp-1").done(event.Done{Status: event.Failed, Err: fails("modprobe", "one of 3 items failed")}, "cp-2")
	return r.end()
}

// cluster is a run of several roles.
func cluster() []event.Event {
	r := record(false, three...)
	r.task("gather facts", "setup", 3)
	start := r.out[len(r.out)-1].(event.TaskStart)
	start.Role = ""
	r.out[len(r.out)-1] = start
	r.done(event.Done{Status: event.OK}, three...)
	for _, role := range []string{"download", "download", "etcd", "control-plane", "etcd", "", "control-plane"} {
		r.id++
		r.add(event.TaskStart{ID: r.id, Play: "cluster", Role: role, Task: fmt.Sprintf("step %d of those that are to be done", r.id), Module: "command", Hosts: 2})
		for _, h := range three[:2] {
			r.add(event.HostStart{ID: r.id, Host: h})
		}
		r.done(event.Done{Status: event.OK, Elapsed: time.Duration(r.id) * time.Second}, three[:2]...)
	}
	return r.end()
}

func hosts(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("worker-%04d", i+1))
	}
	return out
}

// many is a run of two tasks on n hosts.
func many(n int) []event.Event {
	names := hosts(n)
	r := record(false, names...)
	r.task("install kubelet", "package", n).done(event.Done{Status: event.Changed, Changes: []change.Change{version}, Elapsed: time.Second}, names[:n-20]...).
		done(event.Done{Status: event.OK, Elapsed: time.Millisecond}, names[n-20:n-5]...).
		done(event.Done{Status: event.Unreachable, Err: fails("", "connect: i/o timeout")}, names[n-5:]...)
	r.task("start it", "systemd", n-5).done(event.Done{Status: event.OK, Elapsed: time.Millisecond}, names[:n-5]...)
	return r.end()
}

// hostile is a run in which everything that others can write is evil.
func hostile() []event.Event {
	evil := "a\x1b[31mred\x1b]0;title\x07\r\x7f\u009b2J\u202egnp.exe\u200b\xff\u2028b"
	r := record(false, evil)
	r.out[1] = event.PlayStart{Play: evil, Hosts: []string{evil}, Batch: 1, Of: 2}
	bad := &event.Failure{Task: evil, Module: evil, Pos: diag.Pos{File: evil, Line: 1, Col: 1}, Text: evil, Hint: evil, Stdout: evil + "\nb", Stderr: evil}
	c := change.Change{Action: change.Update, Kind: "file", Target: evil, Before: &change.Value{Text: &evil, Attrs: []change.Attr{{Name: "owner", Value: evil}}},
		After: &change.Value{Text: new(string), Attrs: []change.Attr{{Name: "owner", Value: "root"}}}, Doubt: evil}
	r.id++
	r.add(event.TaskStart{ID: r.id, Role: evil, Task: evil, Module: evil, Pos: diag.Pos{File: evil, Line: 1, Col: 1}, Hosts: 2})
	r.add(event.Retry{ID: r.id, Host: evil, Attempt: 1, Left: 1})
	r.done(event.Done{Loop: true, Item: evil, Status: event.Changed, Message: evil}, evil)
	r.done(event.Done{Status: event.Unknown, Why: evil, Note: evil, Message: evil, Delegate: evil, Changes: []change.Change{c}}, evil)
	r.done(event.Done{Status: event.Failed, Err: bad, Next: evil}, evil)
	r.add(event.HostState{Host: evil, State: "lost", Text: evil})
	r.add(event.Warning{Pos: diag.Pos{File: evil, Line: 1, Col: 1}, Text: evil})
	out := r.end()
	end := out[len(out)-1].(event.RunEnd)
	end.Bugs = []string{evil}
	out[len(out)-1] = end
	return out
}

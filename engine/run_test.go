package engine_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/gokube/gokube/engine"
	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/fleet"
	"github.com/gokube/gokube/engine/inventory"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/playbook/load"
	"github.com/gokube/gokube/engine/runner"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/engine/vars"
	"github.com/gokube/gokube/engine/wire"
	"github.com/gokube/gokube/modules"
)

// world is hosts in memory and the files of a controller.
type world struct {
	t     *testing.T
	files fstest.MapFS
	hosts map[string]*systemtest.Fake
	names []string        // the inventory, or a file of it
	down  map[string]bool // hosts that cannot be reached
}

func newWorld(t *testing.T, names ...string) *world {
	t.Helper()
	w := &world{t: t, files: fstest.MapFS{}, hosts: map[string]*systemtest.Fake{}, names: names, down: map[string]bool{}}
	for _, n := range names {
		w.hosts[n] = systemtest.New()
	}
	return w
}

// file adds a file of the controller.
func (w *world) file(name, text string) { w.files[name] = &fstest.MapFile{Data: []byte(text)} }

// source is where the inventory comes from.
func (w *world) source() string {
	if len(w.names) == 1 && strings.Contains(w.names[0], "/") {
		return w.names[0]
	}
	return strings.Join(w.names, ",") + ","
}

// memory reaches hosts in memory.
type memory struct {
	*world
	mu      sync.Mutex
	check   bool
	runners map[string]*runner.Host
	trips   int
}

func (m *memory) host(t fleet.Target) *runner.Host {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.trips++
	f := m.hosts[t.Name]
	if f == nil || m.down[t.Name] {
		return nil
	}
	h := m.runners[t.Name]
	if h == nil {
		h = runner.New(f, runner.Options{Check: m.check, Modules: modules.All(), As: func(context.Context, wire.Become) (system.System, error) { return f, nil }})
		m.runners[t.Name] = h
	}
	return h
}

var lost = &wire.Error{Kind: wire.Lost, Text: "connect: refused"}

func (m *memory) Do(ctx context.Context, t fleet.Target, q *wire.Request) *wire.Result {
	if h := m.host(t); h != nil {
		return h.Do(ctx, q)
	}
	return &wire.Result{Err: lost}
}

func (m *memory) Facts(_ context.Context, t fleet.Target) (*system.Facts, *wire.Error) {
	if h := m.host(t); h != nil {
		return h.System().Facts(), nil
	}
	return nil, lost
}

func (m *memory) Shell(_ context.Context, t fleet.Target) (system.System, *wire.Error) {
	return m.hosts[t.Name], nil
}

func (m *memory) Await(context.Context, fleet.Target, wire.Reconnect) *wire.Error { return nil }
func (m *memory) Reset(string)                                                    {}

// log is a Reporter that keeps what happened.
type log struct {
	tasks map[int]event.TaskStart
	lines []string
	done  []event.Done
	end   event.RunEnd
}

func (l *log) Report(e event.Event) {
	switch e := e.(type) {
	case event.TaskStart:
		l.tasks[e.ID] = e
	case event.Done:
		l.done = append(l.done, e)
		s := fmt.Sprintf("%s %s: %s", e.Host, l.tasks[e.ID].Task, e.Status)
		if e.Loop {
			s += " " + e.Item
		}
		switch {
		case e.Rescued:
			s += " rescued"
		case e.Ignored:
			s += " ignored"
		}
		if e.Why != "" && e.Status == event.Unknown {
			s += " (" + e.Why + ")"
		}
		if e.Err != nil {
			s += ": " + e.Err.Text
		}
		if e.Message != "" {
			s += ": " + e.Message
		}
		if !strings.Contains(s, "gather facts: ok") {
			l.lines = append(l.lines, s)
		}
	case event.RunEnd:
		l.end = e
	}
}

// changes are all changes told.
func (l *log) changes() (out []change.Change) {
	for _, d := range l.done {
		out = append(out, d.Changes...)
	}
	return out
}

// play runs site.yml.
func (w *world) play(o engine.Options) (*log, engine.Outcome) {
	w.t.Helper()
	specs := map[string]*module.Spec{}
	var names []string
	for _, m := range modules.All() {
		specs[m.Spec().Name] = m.Spec()
		names = append(names, m.Spec().Name)
	}
	files := load.Disk(w.files)
	loader := load.New(load.Options{Files: files, Names: names, Modules: func(n string) *module.Spec { return specs[n] }})
	pb, err := loader.Playbook(w.t.Context(), playbook.BuiltIn+"site.yml")
	if err != nil {
		w.t.Fatal(err)
	}
	inv, err := inventory.Load(w.t.Context(), inventory.Options{Sources: []string{w.source()}})
	if err != nil {
		w.t.Fatal(err)
	}
	l := &log{tasks: map[int]event.TaskStart{}}
	e := engine.New(engine.Parts{Inventory: inv, Loader: loader, Files: files, Vars: vars.NewReader(nil), Modules: modules.All(),
		Fleet: &memory{world: w, check: o.Check, runners: map[string]*runner.Host{}}, Reporter: l}, o)
	out, err := e.Run(w.t.Context(), w.t.Context(), pb)
	if err != nil {
		w.t.Fatal(err)
	}
	return l, out
}

func (w *world) want(l *log, want ...string) {
	w.t.Helper()
	got := strings.Join(l.lines, "\n")
	if got != strings.Join(want, "\n") {
		w.t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestCheckRunRunCheck(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a")
	w.hosts["a"].Files["/etc"] = systemtest.File{Type: fs.ModeDir}
	w.file("site.yml", `
- hosts: all
  tasks:
    - name: conf
      copy: {dest: /etc/app.conf, content: "port {{ .port }}\n"}
      vars: {port: 80}
      register: conf
      notify: tell
    - name: seen
      stat: {path: /etc/app.conf}
      register: seen
    - name: after
      copy: {dest: /etc/after, content: "x"}
      when: [.conf.changed, .seen.stat.exists]
  handlers:
    - name: tell
      copy: {dest: /etc/told, content: "y"}
`)
	changed := []string{"a conf: changed", "a seen: ok", "a after: changed", "a tell: changed"}
	check, _ := w.play(engine.Options{Check: true})
	w.want(check, changed...)
	if len(w.hosts["a"].Log) > 0 {
		t.Fatalf("the check touched the host: %q", w.hosts["a"].Log)
	}
	run, _ := w.play(engine.Options{})
	w.want(run, changed...)
	if b := change.Broken(check.changes(), run.changes()); len(b) > 0 {
		t.Errorf("broken: %q", b)
	}
	again := []string{"a conf: ok", "a seen: ok", "a after: skipped"}
	second, out := w.play(engine.Options{})
	w.want(second, again...)
	last, _ := w.play(engine.Options{Check: true})
	w.want(last, again...)
	if out.Failed || len(second.changes()) > 0 {
		t.Errorf("second run: %+v %v", out, second.changes())
	}
}

func TestBlocksRescueAndAlways(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a", "b")
	w.file("site.yml", `
- hosts: all
  tasks:
    - block:
        - name: bad
          fail: {msg: "no"}
          when: eq .inventory_hostname "a"
        - name: good
          debug: {msg: fine}
      rescue:
        - name: mend
          debug: {msg: "{{ .ansible_failed_task.name }}"}
      always:
        - name: both
          debug: {msg: "{{ .inventory_hostname }}"}
    - name: last
      debug: {msg: end}
      run_once: true
`)
	l, out := w.play(engine.Options{Forks: 1})
	w.want(l, "a bad: failed rescued: no", "b bad: skipped", "b good: ok: fine", "a mend: ok: bad", "a both: ok: a", "b both: ok: b", "a last: ok: end")
	if out.Failed {
		t.Error("a rescued failure counts")
	}
}

func TestLoopsRetriesAndJudging(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a")
	w.file("site.yml", `
- hosts: all
  tasks:
    - name: each
      debug: {msg: "{{ .item }}{{ .i }}"}
      loop: [x, y]
      loop_control: {index_var: i}
      when: ne .item "x"
      register: all
    - name: count
      debug: {msg: "{{ len .all.results }}"}
    - name: tries
      fail: {msg: "no"}
      retries: 1
      delay: 0
      ignore_errors: true
    - name: not failed
      fail: {msg: "no"}
      failed_when: false
    - name: facts
      set_fact: {one: 1}
    - name: use
      debug: {msg: "{{ .one }}"}
      failed_when: eq .result.msg "2"
`)
	l, _ := w.play(engine.Options{})
	w.want(l, "a each: skipped x", "a each: ok y: y1", "a each: ok", "a count: ok: 2", "a tries: failed ignored: no", "a not failed: ok",
		"a facts: ok", "a use: ok: 1")
}

func TestUnreachableHostsDropOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a", "b")
	w.down["a"] = true
	w.file("site.yml", "- hosts: all\n  tasks:\n    - name: one\n      ping:\n")
	l, out := w.play(engine.Options{Forks: 1})
	w.want(l, "a gather facts: unreachable: connect: refused", "b one: ok")
	if !out.Unreachable || out.Failed {
		t.Errorf("%+v", out)
	}
}

func TestUnknownSpreads(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a")
	w.hosts["a"].Commands = map[string]systemtest.Command{"elect": systemtest.Prints("leader")}
	w.file("site.yml", `
- hosts: all
  tasks:
    - name: elect
      command: elect
      register: e
    - name: lead
      copy: {dest: /etc/lead, content: "I lead"}
      when: eq .e.stdout "leader"
      notify: tell
    - name: each
      copy: {dest: "/etc/{{ .item }}", content: x}
      loop: "{{ .e.stdout_lines }}"
  handlers:
    - name: tell
      debug: {msg: told}
`)
	l, _ := w.play(engine.Options{Check: true})
	got := strings.Join(l.lines, "\n")
	for _, want := range []string{"a elect: changed", "a lead: unknown", "a each: unknown"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestWhatTheControllerDoesIsUnknownUnderAnUnknownCondition(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a")
	w.hosts["a"].Commands = map[string]systemtest.Command{"elect": systemtest.Prints("leader")}
	w.file("site.yml", `
- hosts: all
  tasks:
    - {name: elect, command: elect, register: e}
    - when: eq .e.stdout "leader"
      block:
        - {name: say, debug: {msg: I lead}, register: said}
        - {name: keep, set_fact: {one: 1}}
        - {name: want, assert: {that: [true]}}
        - {name: give up, fail: {msg: "no"}}
        - {name: end, meta: end_host}
        - {name: each, assert: {that: ["eq .item 1"]}, loop: [1, 2], register: all}
    - {name: judge, assert: {that: ["eq .e.stdout .item"]}, loop: [x]}
    - {name: use, debug: {msg: "{{ .one }}"}, when: .said.msg}
`)
	l, out := w.play(engine.Options{Check: true})
	why := ": unknown (stdout of task \"elect\")"
	w.want(l, "a elect: changed", "a say"+why, "a keep"+why, "a want"+why, "a give up"+why, "a end"+why,
		"a each: unknown 1 (stdout of task \"elect\")", "a each: unknown 2 (stdout of task \"elect\")", "a each"+why,
		"a judge: unknown x (stdout of task \"elect\")", "a judge"+why, "a use"+why)
	if out.Failed {
		t.Error("the check failed")
	}
	run, _ := w.play(engine.Options{})
	w.want(run, "a elect: changed", "a say: ok: I lead", "a keep: ok", "a want: ok", "a give up: failed: no")
}

func TestDebugShowsVariablesByName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a")
	w.hosts["a"].Commands = map[string]systemtest.Command{"elect": systemtest.Prints("leader")}
	w.file("site.yml", `
- hosts: all
  vars: {one: {two: 3}}
  tasks:
    - {name: elect, command: elect, register: e}
    - {name: name, debug: {var: one.two}}
    - {name: path, debug: {var: .one.two}}
    - {name: pipeline, debug: {var: add .one.two 1}}
    - {name: later, debug: {var: e.stdout}}
`)
	shown := []string{"a elect: changed", "a name: ok: one.two: 3", "a path: ok: .one.two: 3", "a pipeline: ok: add .one.two 1: 4"}
	run, _ := w.play(engine.Options{})
	w.want(run, append(shown, "a later: ok: e.stdout: leader")...)
	check, _ := w.play(engine.Options{Check: true})
	w.want(check, append(shown, `a later: ok: e.stdout: (depends on stdout of task "elect", known after apply)`)...)
}

func TestWhatIsNoFailureIsNotToldLikeOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a")
	w.file("site.yml", "- hosts: all\n  tasks:\n    - name: look\n      slurp: {src: /nope}\n      failed_when: false\n      register: x\n    - debug: {var: .x.msg}\n")
	l, _ := w.play(engine.Options{})
	w.want(l, "a look: ok", "a debug: ok: .x.msg: look up path /nope: file does not exist")
}

package engine_test

import (
	"strings"
	"testing"

	"github.com/gokube/gokube/engine"
	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

const copies = `
- hosts: all
  gather_facts: false
  tasks:
    - name: make
      copy: {dest: /etc/key, content: "{{ .key }}", mode: "0600"}
      vars: {key: the private part}
      when: eq .inventory_hostname "a"
    - name: fan out
      copy: {from: a, src: /etc/key, dest: /srv/key, mode: preserve}
    - name: tree
      copy: {from: a, src: /opt/tree/, dest: /opt/other/}
`

func copying(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, "a", "b", "c")
	w.hosts["a"].Files["/opt/tree"] = systemtest.Dir()
	w.hosts["a"].Files["/opt/tree/sub"] = systemtest.Dir()
	w.hosts["a"].Files["/opt/tree/sub/x"] = systemtest.File{Text: "x", Attrs: system.Attrs{Mode: 0o644}}
	w.hosts["a"].Files["/opt/tree/link"] = systemtest.Link("sub/x")
	w.file("site.yml", copies)
	return w
}

func TestFilesOfAnotherHostAreCopiedAsACheckSays(t *testing.T) {
	t.Parallel()
	w := copying(t)
	checked, _ := w.play(engine.Options{Check: true})
	done, out := w.play(engine.Options{Verify: true})
	if out.Failed || len(out.Bugs) > 0 {
		t.Fatal(done.lines, out.Bugs)
	}
	if broken := change.Broken(checked.changes(), done.changes()); len(broken) > 0 || len(done.changes()) == 0 {
		t.Errorf("broken %q\n%s", broken, strings.Join(checked.lines, "\n"))
	}
	for _, h := range []string{"a", "b", "c"} {
		f := w.hosts[h].Files
		if f["/srv/key"].Text != "the private part" || f["/srv/key"].Attrs.Mode != 0o600 || f["/opt/other/sub/x"].Text != "x" || f["/opt/other/link"].Target != "sub/x" {
			t.Errorf("%s: %+v", h, f)
		}
	}
	for _, l := range []*log{checked, done} {
		for _, c := range l.changes() {
			if c.Target == "/srv/key" && (c.After.Text != nil || !c.Certain()) {
				t.Errorf("change %+v of %+v", c, c.After)
			}
		}
	}
	for _, check := range []bool{false, true} {
		if again, _ := w.play(engine.Options{Check: check}); len(again.changes()) > 0 {
			t.Errorf("again, check %v: %+v", check, again.changes())
		}
	}
}

func TestASourceThatIsMadeLaterIsCopiedForCertain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a", "b")
	w.file("site.yml", `
- hosts: all
  gather_facts: false
  tasks:
    - name: make
      get_url: {url: "http://mirror/made", dest: /etc/made}
      when: eq .inventory_hostname "a"
    - name: fan out
      copy: {from: a, src: /etc/made, dest: /srv/made, mode: "0600"}
    - name: fan out again
      copy: {from: a, src: /etc/made, dest: /srv/there, mode: "0600"}
`)
	w.hosts["a"].Commands["fetch"] = func(f *systemtest.Fake, _ system.Cmd) system.Output {
		f.Files["/etc/made"] = systemtest.File{Text: "made", Attrs: system.Attrs{Owner: "root", Group: "root", Mode: 0o644}}
		return system.Output{}
	}
	w.hosts["b"].Files["/srv/there"] = systemtest.File{Text: "made"}
	checked, _ := w.play(engine.Options{Check: true})
	done, _ := w.play(engine.Options{})
	if broken := change.Broken(checked.changes(), done.changes()); len(broken) > 0 || w.hosts["b"].Files["/srv/made"].Text != "made" {
		t.Errorf("broken %q, %q\n%q", broken, done.lines, checked.lines)
	}
	for _, c := range checked.changes() {
		if sure := c.Target != "/srv/there" || c.Action == change.Create; c.Certain() != sure {
			t.Errorf("%s %s: %q", c.Action, c.Target, c.Doubt)
		}
	}
}

func TestSourcesThatCannotBeCopiedSayWhy(t *testing.T) {
	t.Parallel()
	for task, want := range map[string]string{
		"copy: {from: aa, src: /etc/x, dest: /srv/x}":                    `unknown host to copy from: "aa", did you mean "a"?`,
		"copy: {from: nowhere, src: /etc/x, dest: /srv/x}":               `unknown host to copy from: "nowhere", it must be in the inventory`,
		"copy: {from: a, src: /etc/none, dest: /srv/x}":                  "copy /etc/none: it is not on a",
		"copy: {from: a, src: etc, dest: /srv/x}":                        "look at etc on a: look at etc: the path is not absolute",
		"copy: {from: down, src: /etc/x, dest: /srv/x}":                  "look at /etc/x on down: connect: refused",
		"copy: {from: \"{{ .groups.all }}\", src: /etc/x, dest: /srv/x}": "wrong type of argument: from: the name of a host is wanted, got a list",
	} {
		w := newWorld(t, "a", "b", "down")
		w.down["down"] = true
		w.file("site.yml", "- hosts: b\n  gather_facts: false\n  tasks:\n    - name: it\n      "+task+"\n")
		l, out := w.play(engine.Options{})
		if all := strings.Join(l.lines, "\n"); !out.Failed || out.Unreachable || !strings.Contains(all, want) {
			t.Errorf("%s:\n%s\nwant %s", task, all, want)
		}
	}
}

func TestFetchWritesOnTheController(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a", "b")
	w.hosts["localhost"] = systemtest.New()
	w.hosts["a"].Files["/etc/id"], w.hosts["b"].Files["/etc/id"] = systemtest.File{Text: "A"}, systemtest.File{Text: "B"}
	w.file("site.yml", `
- hosts: all
  gather_facts: false
  become: true
  tasks:
    - name: one of each
      fetch: {src: /etc/id, dest: /srv/ids}
    - name: one
      fetch: {src: /etc/id, from: b, dest: /srv/b.id, flat: true}
      run_once: true
`)
	checked, _ := w.play(engine.Options{Check: true})
	if len(w.hosts["localhost"].Log) > 0 {
		t.Fatal(w.hosts["localhost"].Log)
	}
	done, _ := w.play(engine.Options{})
	if broken := change.Broken(checked.changes(), done.changes()); len(broken) > 0 {
		t.Errorf("broken %q, %q", broken, done.lines)
	}
	got := w.hosts["localhost"].Files
	if got["/srv/ids/a/etc/id"].Text != "A" || got["/srv/ids/b/etc/id"].Text != "B" || got["/srv/b.id"].Text != "B" {
		t.Errorf("%+v\n%q", got, done.lines)
	}
	if again, _ := w.play(engine.Options{}); len(again.changes()) > 0 {
		t.Errorf("again: %+v", again.changes())
	}
}

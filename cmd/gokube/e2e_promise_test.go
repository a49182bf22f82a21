//go:build e2e && linux

package main

import (
	"fmt"
	"testing"

	"github.com/gokube/gokube/cmd/internal/lab"
	"github.com/gokube/gokube/engine/change"
)

// promise is the figures of the RESULT line.
type promise struct {
	playbooks, certain, possible, done, wrong, unknown, second int
}

// keeps has a single book keep the promise, and ends the test if it does not.
func keeps(t *testing.T, l *lab.Lab, b book) {
	t.Helper()
	var p promise
	p.keeps(t, l, b)
	p.result(t)
	if t.Failed() {
		t.FailNow()
	}
}

// keeps plays b on fresh hosts: check, run, run, check.
func (p *promise) keeps(t *testing.T, l *lab.Lab, b book) {
	t.Helper()
	p.playbooks++
	check := play(t, l, b, "--check", "--diff")
	p.untouched(t, l, "the first check")
	run := play(t, l, b, "--diff")
	for _, h := range l.Hosts() {
		p.compare(t, l, h.Name, check[h.Name], run[h.Name])
	}
	p.settled(t, "second run", play(t, l, b, "--diff"))
	p.settled(t, "second check", play(t, l, b, "--check", "--diff"))
}

// settled fails for all that a play of finished hosts would still do.
func (p *promise) settled(t *testing.T, what string, again map[string]*outcome) {
	t.Helper()
	for host, o := range again {
		for _, c := range o.changes {
			t.Errorf("%s: %s: %s %s %s %s", host, what, c.Action, c.Kind, c.Target, c.Doubt)
			p.second++
		}
		for _, u := range o.unknown {
			t.Errorf("%s: %s: unknown: %s", host, what, u)
		}
	}
}

// result prints the line of figures.
func (p *promise) result(t *testing.T) {
	t.Helper()
	if most := p.certain + p.possible; most > 0 && p.certain*100 < most*95 {
		t.Errorf("only %d of %d changes are certain", p.certain, most)
	}
	fmt.Printf("RESULT playbooks=%d certain=%d possible=%d done=%d wrong=%d unknown=%d second_run_changed=%d\n",
		p.playbooks, p.certain, p.possible, p.done, p.wrong, p.unknown, p.second)
}

// untouched fails unless not one file of any host has changed.
func (p *promise) untouched(t *testing.T, l *lab.Lab, what string) {
	t.Helper()
	for _, h := range l.Hosts() {
		changes, err := l.Changes(h.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			t.Errorf("%s changed %s on %s", what, c.Path, h.Name)
			p.wrong++
		}
	}
}

// compare holds a run to what the check promised, and to what the host's disk shows.
func (p *promise) compare(t *testing.T, l *lab.Lab, host string, check, run *outcome) {
	t.Helper()
	if check == nil && run == nil { // none of the playbook's
		check, run = &outcome{}, &outcome{}
	}
	if check == nil || run == nil {
		t.Fatalf("%s: no outcome", host)
	}
	for _, c := range check.changes {
		if c.Certain() {
			p.certain++
		} else {
			t.Logf("%s: possible: %s %s %s: %s", host, c.Action, c.Kind, c.Target, c.Doubt)
			p.possible++
		}
	}
	for _, u := range check.unknown {
		t.Logf("%s: unknown: %s", host, u)
		p.unknown++
	}
	p.done += len(run.changes)
	for _, b := range change.Broken(check.changes, run.changes) {
		t.Errorf("%s: promise broken: %s", host, b)
		p.wrong++
	}
	for _, path := range unannounced(t, l, host, run.changes) {
		t.Errorf("%s: changed without being announced: %s", host, path)
		p.wrong++
	}
}

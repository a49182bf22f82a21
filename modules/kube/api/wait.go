package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/api/client"
	"github.com/gokube/gokube/modules/kube/api/object"
)

// await plans the wait until those of objects that can be unready are not, or, if
// every is set, until all are there and so. There is nothing to wait for if it is so.
func (s *set) await(ctx context.Context, r system.Reader, p *module.Plan, objects []object.Object, every bool) error {
	var waits []object.Object
	for _, o := range objects {
		if every || s.waitsFor(o) {
			waits = append(waits, o.ID().Object())
		}
	}
	if every {
		found, err := s.look(ctx, r, waits)
		if err != nil {
			return err
		}
		s.live = found
	}
	waits = slices.DeleteFunc(waits, func(o object.Object) bool {
		_, changes := object.Find(s.changed, o.ID())
		found, ok := object.Find(s.live, o.ID())
		return s.state == client.Live && ok && !changes && s.judge(found).Ready
	})
	if len(waits) == 0 {
		return nil
	}
	c := change.Change{Action: change.Wait, Kind: "objects", Target: names(waits)}
	p.Add(c, func(ctx context.Context, sys system.System) error { return s.wait(ctx, sys, waits) }).Certain = true
	return nil
}

// waitsFor reports whether o may be unready: what did its work and is gone is not.
func (s *set) waitsFor(o object.Object) bool {
	_, changes := object.Find(s.changed, o.ID())
	return (changes || !s.spent(o)) && (o.Waits() || len(s.waiting.WaitCondition) > 0)
}

func names(objects []object.Object) string {
	var out []string
	for _, o := range objects {
		out = append(out, o.ID().String())
	}
	return strings.Join(out, ", ")
}

// judge is how far o is from what is waited for.
func (s *set) judge(o object.Object) object.Readiness {
	kind := s.waiting.WaitCondition["type"]
	if kind == "" {
		return o.Readiness()
	}
	want := s.waiting.WaitCondition["status"]
	if want == "" {
		want = "True"
	}
	c, _ := o.Condition(kind)
	if reason := s.waiting.WaitCondition["reason"]; c.Text("status") == want && (reason == "" || reason == c.Text("reason")) {
		return object.Readiness{Ready: true}
	}
	return object.Readiness{Why: strings.TrimSuffix(fmt.Sprintf("condition %s is %q, not %q: %s", kind, c.Text("status"), want, c.Text("message")), ": ")}
}

// wait looks again and again until all objects are ready, one of them cannot become
// so, or the time is over.
func (s *set) wait(ctx context.Context, sys system.System, objects []object.Object) error {
	var first object.Object
	err := client.Until(ctx, s.waiting.timeout(), func(ctx context.Context) (missing string, err error) {
		found, err := s.Objects(ctx, sys, objects)
		if err != nil {
			return "", err
		}
		var late []object.Object
		for _, o := range objects {
			is, ok := object.Find(found, o.ID())
			why, err := s.lacking(o, is, ok)
			if err != nil {
				return "", err
			}
			if why == "" {
				continue
			}
			if late = append(late, o); len(late) == 1 { // what comes later may only wait for it
				missing, first = why, is
			}
		}
		objects = late
		return missing, nil
	})
	var over *client.Overdue
	if errors.As(err, &over) {
		over.Last += s.reasons(ctx, sys, first)
	}
	return err
}

// lacking is what o, which is there as is, is late with, "" if with nothing; it fails
// if o cannot become ready.
func (s *set) lacking(o, is object.Object, there bool) (string, error) {
	if applied, mine := object.Find(s.objects, o.ID()); !there && mine && applied.Vanishes() {
		return "", nil
	}
	if !there {
		return o.ID().String() + " is not there", nil
	}
	ready := s.judge(is)
	switch {
	case ready.Failed:
		return "", fmt.Errorf("%s: %s", o.ID(), ready.Why)
	case ready.Ready:
		return "", nil
	}
	return o.ID().String() + ": " + ready.Why, nil
}

// reasons are what keeps the pods of o from running, as far as anybody can tell.
func (s *set) reasons(ctx context.Context, r system.Reader, o object.Object) string {
	labels, _ := o.At("spec", "selector", "matchLabels").(map[string]any)
	var terms []string
	for k, v := range labels {
		terms = append(terms, fmt.Sprintf("%s=%v", k, v))
	}
	if len(terms) == 0 {
		return ""
	}
	pods, err := s.Listed(ctx, r, nil, "pods", "-n", o.ID().Namespace, "-l", strings.Join(terms, ","))
	if err != nil {
		return ""
	}
	for _, pod := range pods {
		if why := pod.Trouble(); why != "" {
			return fmt.Sprintf("; pod %s%s: %s%s", pod.ID().Name, on(pod.Text("spec", "nodeName")), why, s.lastWords(ctx, r, pod))
		}
	}
	return ""
}

// lastWords are what a program that ended said last, and why it is started anew
// again and again.
func (s *set) lastWords(ctx context.Context, r system.Reader, pod object.Object) string {
	name := pod.CrashLoop()
	if name == "" {
		return ""
	}
	out, err := s.Ask(ctx, r, nil, nil, "logs", "-n", pod.ID().Namespace, pod.ID().Name, "-c", name, "--previous", "--tail=1")
	if said := strings.TrimSpace(out.Text()); err == nil && said != "" {
		return "; its last words: " + said
	}
	return ""
}

func on(host string) string {
	if host == "" {
		return ""
	}
	return " on " + host
}

package object

import "fmt"

// Readiness is how far an object is from being ready.
type Readiness struct {
	Ready  bool
	Failed bool   // it will not become ready
	Why    string // "2 of 3 pods are available"
}

func not(format string, args ...any) Readiness { return Readiness{Why: fmt.Sprintf(format, args...)} }

// Readiness judges o as the API server tells of it. What is of a kind that is never
// unready is ready as soon as it is there.
func (o Object) Readiness() Readiness {
	switch o.ID().Kind {
	case "Deployment", "DaemonSet", "StatefulSet":
		if o.Int(0, "status", "observedGeneration") < o.Int(1, "metadata", "generation") {
			return not("its controller has not seen it yet")
		}
		return o.rolledOut()
	case "Job":
		return o.finished()
	case "Pod":
		return o.running()
	case "Node":
		return o.is("Ready")
	case "CustomResourceDefinition":
		return o.is("Established")
	case "APIService":
		return o.is("Available")
	case "Namespace":
		if phase := o.Text("status", "phase"); phase != "" && phase != "Active" {
			return not("it is %s", phase)
		}
	}
	return Readiness{Ready: true}
}

func (o Object) running() Readiness {
	if phase := o.Text("status", "phase"); phase == "Succeeded" || phase == "Failed" {
		return Readiness{Ready: phase == "Succeeded", Failed: phase == "Failed", Why: o.Text("status", "message")}
	}
	return o.is("Ready")
}

// Ending reports whether o has been told to go.
func (o Object) Ending() bool { return o.Text("metadata", "deletionTimestamp") != "" }

// Waits reports whether o may be unready for a while after it was applied.
func (o Object) Waits() bool {
	switch o.ID().Kind {
	case "Deployment", "DaemonSet", "StatefulSet", "Job", "Pod", "CustomResourceDefinition", "APIService":
		return true
	}
	return false
}

// Vanishes reports whether o is a job that removes itself when it is done.
func (o Object) Vanishes() bool {
	return o.ID().Kind == "Job" && o.At("spec", "ttlSecondsAfterFinished") != nil
}

// rolledOut counts pods.
func (o Object) rolledOut() Readiness {
	want, updated, available := o.Int(1, "spec", "replicas"), o.Int(0, "status", "updatedReplicas"), o.Int(0, "status", "availableReplicas")
	switch o.ID().Kind {
	case "DaemonSet":
		want, updated, available = o.Int(0, "status", "desiredNumberScheduled"), o.Int(0, "status", "updatedNumberScheduled"), o.Int(0, "status", "numberAvailable")
	case "StatefulSet":
		updated += o.Int(0, "spec", "updateStrategy", "rollingUpdate", "partition")
		if available = o.Int(0, "status", "readyReplicas"); o.Text("status", "updateRevision") == o.Text("status", "currentRevision") {
			updated = want
		}
	default:
		if why := o.stuck(want, updated); !why.Ready {
			return why
		}
	}
	if o.Text("spec", "updateStrategy", "type") == "OnDelete" {
		updated = want
	}
	switch {
	case updated < want:
		return not("%d of %d pods are up to date", updated, want)
	case available < want:
		return not("%d of %d pods are available", available, want)
	}
	return Readiness{Ready: true}
}

// stuck is a Deployment that has given up, or still has old pods.
func (o Object) stuck(want, updated int64) Readiness {
	if c, ok := o.Condition("Progressing"); ok && c.Text("reason") == "ProgressDeadlineExceeded" {
		return Readiness{Failed: true, Why: c.Text("message")}
	}
	if old := o.Int(0, "status", "replicas") - updated; updated >= want && old > 0 {
		return not("%d old pods are still there", old)
	}
	return Readiness{Ready: true}
}

func (o Object) finished() Readiness {
	if c, ok := o.Condition("Failed"); ok && c.Text("status") == "True" {
		return Readiness{Failed: true, Why: c.Text("message")}
	}
	return o.is("Complete")
}

// is asks for a condition.
func (o Object) is(kind string) Readiness {
	c, ok := o.Condition(kind)
	switch {
	case ok && c.Text("status") == "True":
		return Readiness{Ready: true}
	case c.Text("message") != "":
		return not("it is not %s: %s", kind, c.Text("message"))
	}
	return not("it is not %s", kind)
}

// Trouble is what keeps a pod's containers from running, "" if nothing does that
// time alone would not mend.
func (o Object) Trouble() string {
	if c, reason := o.held(); reason != "" {
		if message := c.Text("state", "waiting", "message"); message != "" {
			reason += ": " + message
		}
		return "container " + c.Text("name") + ": " + reason
	}
	if c, ok := o.Condition("PodScheduled"); ok && c.Text("status") != "True" {
		return "it is on no node: " + c.Text("message")
	}
	return ""
}

// CrashLoop is the container of a pod that ends and is started anew again and again,
// and is its Trouble; "" if none is.
func (o Object) CrashLoop() string {
	if c, reason := o.held(); reason == "CrashLoopBackOff" {
		return c.Text("name")
	}
	return ""
}

// held is the first container of a pod that waits for something else than its turn,
// and why.
func (o Object) held() (container Object, reason string) {
	for _, list := range []string{"initContainerStatuses", "containerStatuses"} {
		for _, c := range o.List("status", list) {
			switch reason := c.Text("state", "waiting", "reason"); reason {
			case "", "ContainerCreating", "PodInitializing":
			default:
				return c, reason
			}
		}
	}
	return Object{}, ""
}

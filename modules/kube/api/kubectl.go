package api

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/api/client"
	"github.com/gokube/gokube/modules/kube/api/object"
)

// KubectlArgs are the arguments of the kubectl module.
type KubectlArgs struct {
	// State is what is to become of the objects. present (applied) applies
	// definition on the server's side, absent (deleted) deletes what it names,
	// patched changes what is there by definition or patch, waited only waits, and
	// get only reads.
	State string `arg:"state" enum:"present|applied|absent|deleted|patched|waited|get" default:"present"`
	// Definition is the objects: maps, YAML text, or names of files with them.
	Definition module.Documents `arg:"definition,alias=src"`
	// Namespace is that of the objects that name none; state get takes it for all
	// namespaces if it is not set.
	Namespace string `arg:"namespace"`
	// Set is a name for all that definition holds: what an earlier task applied
	// under this name, and is no longer in definition, is deleted. Namespaces,
	// definitions of kinds, volumes and their claims are only forgotten.
	Set string `arg:"set"`
	// ForceConflicts takes over fields that others manage.
	ForceConflicts bool `arg:"force_conflicts"`
	// FieldManager is the name under which the API server keeps what was applied.
	FieldManager string `arg:"field_manager" default:"gokube"`
	// Patch is what changes in the object that kind and name name: a map to be
	// merged into it, or a list of operations of JSON Patch.
	Patch any `arg:"patch"`
	// PatchType says how a map is merged; auto is strategic, or merge for kinds
	// that the API server does not bring itself.
	PatchType string `arg:"patch_type" enum:"auto|strategic|merge|json" default:"auto"`
	// LabelSelectors narrow what state get reads: app=web.
	LabelSelectors []string `arg:"label_selectors"`
	// FieldSelectors narrow what state get reads: status.phase=Running.
	FieldSelectors []string `arg:"field_selectors"`
	One
	Waiting
	client.Access
}

// One is the arguments that name one object without a definition.
type One struct {
	// Kind is the kind of the object, such as Deployment.
	Kind string `arg:"kind"`
	// Name is the object's name.
	Name string `arg:"name"`
	// APIVersion is the version of kind, which the API's own kinds need not have.
	APIVersion string `arg:"api_version,alias=apiVersion"`
}

// Waiting is the arguments that say what to wait for.
type Waiting struct {
	// Wait waits until what was applied is ready: rolled out, established, complete;
	// or until what was deleted is gone, which is waited for if this is not set.
	Wait *bool `arg:"wait"`
	// WaitTimeout is how many seconds to wait at most.
	WaitTimeout int `arg:"wait_timeout" default:"120"`
	// WaitCondition is a condition of the objects' status to wait for instead, as
	// type and status, which is "True" if it is not set.
	WaitCondition map[string]string `arg:"wait_condition"`
}

// waits reports whether it is waited, if the task does not say so.
func (w Waiting) waits(otherwise bool) bool {
	if w.Wait == nil {
		return otherwise
	}
	return *w.Wait
}

func (w Waiting) timeout() time.Duration { return time.Duration(w.WaitTimeout) * time.Second }

// Kubectl makes objects of a cluster so.
var Kubectl = module.Define(module.Spec{
	Name:    "kubectl",
	Summary: "Apply, delete, patch, read or wait for objects of a Kubernetes cluster",
	Example: `- name: run a web server
  kubectl:
    definition: web.yml
    namespace: default
    set: web
    wait: true
- name: give the service a fixed port
  kubectl:
    state: patched
    kind: Service
    name: web
    namespace: default
    patch: {spec: {ports: [{port: 80, nodePort: 30080}]}}
- name: remove a job
  kubectl: {state: absent, kind: Job, name: migrate, namespace: default}
- name: read the cluster's settings
  kubectl: {state: get, kind: ConfigMap, name: kubeadm-config, namespace: kube-system}
  register: settings
`,
	OneOf:     [][]string{{"definition", "kind"}},
	Exclusive: [][]string{{"definition", "kind"}},
	Output:    []module.Doc{{Name: "resources", Text: "the objects that state get read, with the data of Secrets as secrets"}},
}, planKubectl)

func planKubectl(ctx context.Context, r system.Reader, a *KubectlArgs) (*module.Plan, error) {
	p := &module.Plan{}
	if a.State == "get" {
		return p, a.read(ctx, r, p)
	}
	objects, err := a.objects()
	if err != nil {
		return nil, err
	}
	if len(objects) == 0 && a.Set == "" {
		p.Note = "there are no objects in definition"
		return p, nil
	}
	c := a.Client()
	state, err := c.State(r)
	if err != nil {
		return nil, err
	}
	s := &set{Client: c, state: state, objects: objects, name: a.Set, namespace: a.space(), manager: a.FieldManager, force: a.ForceConflicts, waiting: a.Waiting}
	switch a.State {
	case "absent", "deleted":
		return p, s.remove(ctx, r, p)
	case "patched":
		return p, a.patched(ctx, r, p, s)
	case "waited":
		return p, s.await(ctx, r, p, objects, true)
	}
	return p, s.present(ctx, r, p)
}

// present plans that s's objects are there, and the wait for them.
func (s *set) present(ctx context.Context, r system.Reader, p *module.Plan) error {
	if err := s.survey(ctx, r); err != nil {
		return err
	}
	if err := s.apply(ctx, r, p); err != nil || !s.waiting.waits(false) {
		return err
	}
	return s.await(ctx, r, p, s.objects, false)
}

func (a *KubectlArgs) space() string {
	if a.Namespace == "" {
		return "default"
	}
	return a.Namespace
}

// objects are what the task is about.
func (a *KubectlArgs) objects() ([]object.Object, error) {
	if a.Kind == "" {
		return object.Read(a.Definition, a.space())
	}
	switch {
	case a.Name == "":
		return nil, errors.New("the name of the " + a.Kind + " is missing")
	case a.State == "present" || a.State == "applied":
		return nil, fmt.Errorf("apply %s %s: a definition is wanted", a.Kind, a.Name)
	}
	version, err := a.version()
	if err != nil {
		return nil, err
	}
	id := object.ID{APIVersion: version, Kind: a.Kind, Namespace: a.Namespace, Name: a.Name}
	return object.Read([]map[string]any{id.Object().Fields}, a.space())
}

func (a *KubectlArgs) version() (string, error) {
	if a.APIVersion != "" {
		return a.APIVersion, nil
	}
	if v := object.Version(a.Kind); v != "" {
		return v, nil
	}
	return "", fmt.Errorf("kind %s is none of the API's own, so set api_version, such as apps/v1", a.Kind)
}

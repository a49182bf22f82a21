package certs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"

	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/modules/files/place"
)

// KubeconfigArgs are the arguments of the kubeconfig module.
type KubeconfigArgs struct {
	// From is the host that has the kubeconfig; the task's if it is not given.
	From module.HostName `arg:"from"`
	// Src is the kubeconfig there.
	Src module.Source `arg:"src" default:"/etc/kubernetes/admin.conf"`
	// Dest is the kubeconfig on the controller.
	Dest module.LocalPath `arg:"dest,required" target:"path"`
	// Server is the URL of the API, in the place of the one that the host uses.
	Server string `arg:"server"`
	// Cluster is the cluster's name, in the place of kubernetes.
	Cluster string `arg:"cluster"`
	// User is the user's name, in the place of kubernetes-admin.
	User string `arg:"user"`
	// Context is the context's name, in the place of kubernetes-admin@kubernetes.
	Context string `arg:"context"`
	// Merge keeps what else is in a kubeconfig that is there. Its comments are lost.
	Merge bool `arg:"merge" default:"true"`
	// Current makes the context the current one.
	Current bool `arg:"current" default:"true"`
}

// Kubeconfig brings a kubeconfig to the controller.
var Kubeconfig = module.Define(module.Spec{
	Name: "kubeconfig", Summary: "Bring a kubeconfig of a host to the controller, alone or merged into one that is there", Where: module.AtController, Contained: true,
	Example: `- name: let the operator use the cluster
  kubeconfig:
    dest: ~/.kube/config
    server: https://lb.example:6443
    cluster: prod
    user: prod-admin
    context: prod
  run_once: true
- kubeconfig: {dest: "{{ .inventory_dir }}/artifacts/admin.conf", merge: false}
`,
	Output: []module.Doc{{Name: "dest", Text: "the file on the controller"}, {Name: "context", Text: "the context's name"}},
}, planKubeconfig)

func planKubeconfig(ctx context.Context, r system.Reader, a *KubeconfigArgs) (*module.Plan, error) {
	if len(a.Src.Entries) == 0 {
		return nil, fmt.Errorf("copy kubeconfig: %s is not on %s", a.Src.Name, a.From)
	}
	dest, err := place.AbsPath(r, string(a.Dest))
	if err != nil {
		return nil, fmt.Errorf("dest: %w", err)
	}
	if dest, err = place.Real(r, dest); err != nil {
		return nil, err
	}
	p := &module.Plan{Output: map[string]any{"dest": dest}}
	if err := (place.FileAttrs{Mode: "0700"}).MakeAll(r, p, path.Dir(dest)); err != nil {
		return nil, err
	}
	f := place.File{Path: dest, Attrs: place.FileAttrs{Mode: "0600"}, Secret: true, InNew: len(p.Steps) > 0}
	if f.Content, err = a.content(ctx, r, p, dest); err != nil {
		return nil, err
	}
	p.Next = a.next(dest)
	_, err = f.Plan(ctx, r, p)
	return p, err
}

// next is how the file at dest is used.
func (a *KubeconfigArgs) next(dest string) string {
	use := system.Command("kubectl", "get", "nodes")
	if !a.Current && a.Context != "" {
		use = system.Command("kubectl", "--context", a.Context, "get", "nodes")
	}
	return system.Command("export", "KUBECONFIG="+dest).String() + "; " + use.String()
}

// content is what the file is to hold; not known yet while what is copied is not.
func (a *KubeconfigArgs) content(ctx context.Context, r system.Reader, p *module.Plan, dest string) (system.Content, error) {
	given := a.Src.Entries[0].Content
	text, err := given.Bytes(ctx)
	if _, vague := unknown.Of(err); vague {
		p.Output["context"] = module.Pending{}
		if a.Context != "" {
			p.Output["context"] = a.Context
		}
		return given, nil
	}
	if err != nil {
		return given, fmt.Errorf("read %s of %s: %w", a.Src.Name, a.From, err)
	}
	c, err := parse(ctx, r, text)
	if err == nil {
		err = a.rename(c)
	}
	if err != nil {
		return given, fmt.Errorf("read %s of %s: %w", a.Src.Name, a.From, err)
	}
	p.Output["context"] = c.text("current-context")
	return a.merged(ctx, r, c, dest)
}

// merged is c in what is there, or in its place.
func (a *KubeconfigArgs) merged(ctx context.Context, r system.Reader, c config, dest string) (system.Content, error) {
	old, err := system.ReadFile(r, dest)
	if errors.Is(err, fs.ErrNotExist) {
		return write(ctx, r, c)
	}
	if err != nil {
		return system.Content{}, err
	}
	had, err := parse(ctx, r, old)
	if err != nil && a.Merge {
		return system.Content{}, fmt.Errorf("merge into %s: %w", dest, err)
	}
	if a.Merge {
		c = had.with(c, a.Current)
	}
	if err == nil && reflect.DeepEqual(had, c) {
		return system.Data(old), nil
	}
	return write(ctx, r, c)
}

// parse reads the one document of a kubeconfig.
func parse(ctx context.Context, r system.Reader, text []byte) (config, error) {
	out, err := ask(ctx, r, "to-json", text)
	if err != nil {
		return nil, err
	}
	var docs []map[string]any
	if err := json.Unmarshal(out, &docs); err != nil {
		return nil, errors.New("it is no kubeconfig: its documents are not maps")
	}
	if len(docs) == 0 {
		return config{}, nil
	}
	if kind := docs[0]["kind"]; len(docs) > 1 || kind != nil && kind != "Config" {
		return nil, errors.New("it is no kubeconfig: it holds other documents")
	}
	return docs[0], nil
}

func write(ctx context.Context, r system.Reader, c config) (system.Content, error) {
	text, err := json.Marshal(map[string]any(c))
	if err == nil {
		text, err = ask(ctx, r, "from-json", text)
	}
	return system.Data(text), err
}

// ask has the tool turn YAML into JSON or back.
func ask(ctx context.Context, r system.Reader, verb string, in []byte) ([]byte, error) {
	c := system.Cmd{Tool: true, Argv: []string{"yaml", verb}, Stdin: in, Reads: []system.Key{}}
	out, err := r.Query(ctx, c)
	if err == nil {
		err = out.Err(c)
	}
	return out.Stdout, err
}

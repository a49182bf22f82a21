package inventory_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/inventory"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/source"
)

// write makes files below a new directory.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTextOfFilesGoesThroughTheHookAndThatOfExecutablesDoesNot(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"ini": "h a={{x}} n=1 l=\"['{{y}}']\"\n", "y.yml": "all: {hosts: {h: {b: '{{ x }}'}}}", "j.json": `{"g":["h"],"_meta":{"hostvars":{"h":{"c":"{{ x }}"}}}}`,
		"dyn": "#!/bin/true\n", "group_vars/all.yml": "d: !vault hidden\n",
	})
	var sources []string
	for _, name := range []string{"ini", "y.yml", "j.json", "dyn"} {
		sources = append(sources, filepath.Join(dir, name))
	}
	in, err := inventory.Load(context.Background(), inventory.Options{
		Sources: sources,
		Hooks: source.Hooks{
			Text: func(s source.Scalar) any {
				return fmt.Sprintf("<%s %d:%d>", s.Value, s.At.Line, s.At.Col)
			},
			Tag: func(s source.Scalar) (any, error) { return secret.New(s.Value), nil },
		},
		Run: func(_ context.Context, path string, _ ...string) (stdout, stderr []byte, err error) {
			if path != filepath.Join(dir, "dyn") {
				err = errors.New("another path: " + path)
			}
			return []byte(`{"g":["h"],"_meta":{"hostvars":{"h":{"e":"{{ x }}"}}}}`), nil, err
		},
	})
	if err != nil {
		t.Fatal(problems(err))
	}
	h, _ := in.Host("h")
	want := map[string]any{"a": "<{{x}} 1:5>", "n": 1, "l": []any{"<{{y}} 1:17>"}, "b": "<{{ x }} 1:23>", "c": "<{{ x }} 0:0>", "d": secret.Mask, "e": "{{ x }}"}
	if diff := cmp.Diff(want, in.HostVars(h)); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	if _, err := json.Marshal(in.List(inventory.Listing{})); err != nil {
		t.Error(err)
	}
}

func TestEncryptedFilesAreDecrypted(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"hosts": "h\n", "group_vars/all": "$ANSIBLE_VAULT;1.1;AES256\n3132\n"})
	o := inventory.Options{Sources: []string{filepath.Join(dir, "hosts")}, Decrypt: func(string, []byte) ([]byte, error) { return []byte("a: 1"), nil }}
	in, err := inventory.Load(context.Background(), o)
	if err != nil {
		t.Fatal(problems(err))
	}
	h, _ := in.Host("h")
	if v := in.HostVars(h)["a"]; v != 1 {
		t.Errorf("a is %v", v)
	}
	o.Decrypt = func(string, []byte) ([]byte, error) { return nil, errors.New("no password opens it") }
	_, err = inventory.Load(context.Background(), o)
	if want := filepath.Join(dir, "group_vars/all") + ":1:1: no password opens it"; err == nil || err.Error() != want {
		t.Errorf("%v; want %s", err, want)
	}
}

func TestAnExecutableThatDoesNotEndIsAnError(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"dyn": "#!/bin/true\n"})
	o := inventory.Options{
		Sources: []string{filepath.Join(dir, "dyn")}, Timeout: time.Millisecond,
		Run: func(ctx context.Context, _ string, _ ...string) (stdout, stderr []byte, err error) {
			<-ctx.Done()
			return nil, []byte("asking the cloud\n"), ctx.Err()
		},
	}
	_, err := inventory.Load(context.Background(), o)
	want := filepath.Join(dir, "dyn") + ": executable inventory failed: --list: it did not end within 1ms: asking the cloud"
	if err == nil || err.Error() != want {
		t.Errorf("%v; want %s", err, want)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := inventory.Load(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled load: %v", err)
	}
}

func TestVariablesBesideAnotherPlaybook(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"inv/hosts": "h\n", "one/group_vars/all": "a: 1", "two/host_vars/h.yml": "a: 2", "bad/group_vars/all": "- a"})
	first, err := inventory.Load(context.Background(), inventory.Options{Sources: []string{dir + "/inv/hosts"}, PlaybookDir: dir + "/one"})
	if err != nil {
		t.Fatal(problems(err))
	}
	second, err := first.BesidePlaybook(dir + "/two")
	if err != nil {
		t.Fatal(problems(err))
	}
	none, err := first.BesidePlaybook("")
	if err != nil {
		t.Fatal(problems(err))
	}
	h, _ := first.Host("h")
	for i, c := range []struct {
		in   *inventory.Inventory
		want any
	}{{first, 1}, {second, 2}, {none, nil}} {
		if got := c.in.HostVars(h)["a"]; got != c.want {
			t.Errorf("%d: a is %v; want %v", i, got, c.want)
		}
	}
	if _, err := first.BesidePlaybook(dir + "/bad"); err == nil || !strings.Contains(err.Error(), "not a map") {
		t.Errorf("bad group_vars: %v", err)
	}
}

func TestAnInventoryIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	in := load(t, fleet)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, p := range []string{"all", "h*:!web", "late", "nobody"} {
				if _, err := in.Match(p); err != nil {
					t.Error(err)
				}
			}
			for _, h := range in.Hosts() {
				if len(in.HostVars(h)) != 0 || !h.In("all") {
					t.Errorf("%s: %v", h.Name, in.HostVars(h))
				}
			}
			if _, err := in.BesidePlaybook("/nonexistent"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestMembershipIncludesAncestors(t *testing.T) {
	t.Parallel()
	in := load(t, fleet)
	h, _ := in.Host("h1")
	if !h.In("web") || !h.In("prod") || !h.In("all") || h.In("db") || h.In("nothing") {
		t.Errorf("h1 is in %v", h.GroupNames())
	}
	if diff := cmp.Diff([]string{"early", "late", "prod", "web"}, h.GroupNames()); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	g, _ := in.Group("late")
	if g.Depth != 1 || len(g.Hosts) != 4 || len(g.Direct) != 0 {
		t.Errorf("late is %+v", g)
	}
}

func TestTheGroupOfAClusterIsImplied(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"hosts.ini": "[kube_control_plane]\na\n[kube_node]\nb\n[etcd]\nc\n[k8s_cluster:vars]\nx=1\n", "group_vars/k8s_cluster/y.yml": "y: 2\n"})
	in, err := inventory.Load(t.Context(), inventory.Options{Sources: []string{filepath.Join(dir, "hosts.ini")}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"a": true, "b": true, "c": false} {
		h, _ := in.Host(name)
		got := map[string]any{}
		for _, l := range in.Layers(h) {
			for k, v := range l.Vars {
				got[k] = v.Value
			}
		}
		if _, has := got["y"]; has != want || (got["x"] != nil) != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	dir = write(t, map[string]string{"hosts.ini": "[kube_node]\nb\n[k8s_cluster]\nd\n"})
	if in, err = inventory.Load(t.Context(), inventory.Options{Sources: []string{filepath.Join(dir, "hosts.ini")}}); err != nil {
		t.Fatal(err)
	}
	if h, _ := in.Host("b"); len(h.Groups) != 2 {
		t.Errorf("the group is there, and has been given more: %v", h.GroupNames())
	}
	if found, err := in.Match("etcd:loadbalancer:kube_control_plane"); err != nil || len(found.Hosts)+len(found.Unmatched) > 0 {
		t.Errorf("the other groups of a cluster are not there without hosts: %v, %v", found, err)
	}
}

package manifest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/modules/kube/kubeadm/manifest"
)

func TestArgumentsThatDiffer(t *testing.T) {
	t.Parallel()
	list := func(pairs ...string) (out []any) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, map[string]any{"name": pairs[i], "value": pairs[i+1]})
		}
		return out
	}
	own := []string{"--bind-address=127.0.0.1", "--kubeconfig=/etc/kubernetes/scheduler.conf", "--leader-elect=true"}
	for name, tc := range map[string]struct {
		args    []string
		patches string
		extra   any
		older   bool
		want    string
	}{
		"kubeadm's own":                {args: own},
		"more":                         {args: append(own, "--v=4"), extra: list("v", "4")},
		"more, of the older API":       {args: append(own, "--v=4"), extra: map[string]any{"v": 4}},
		"one that is missing":          {args: own, extra: list("v", "4"), want: "--v=4 is missing"},
		"another value":                {args: append(own, "--v=5"), extra: list("v", "4"), want: "--v=4 is missing"},
		"one of two that was removed":  {args: append(own, "--v=5", "--v=4"), extra: list("v", "4"), want: "--v=5 is not wanted"},
		"one that was removed":         {args: append(own, "--v=4"), want: "--v=4 is not in the configuration"},
		"one in place of kubeadm's":    {args: []string{"--bind-address=::"}, want: "--bind-address=:: is not in the configuration"},
		"one that depends":             {args: []string{"--kubeconfig=/elsewhere"}},
		"an unknown version":           {args: append(own, "--v=4"), older: true},
		"an unknown version, more":     {args: own, extra: list("v", "4"), older: true, want: "--v=4 is missing"},
		"a patch's":                    {args: append(own, "--v=4"), patches: `[{"op": "add", "value": "--v=4"}]`},
		"a patch's, of the other kind": {args: own, extra: list("v", "4"), patches: "command: [x, --v]"},
		"what a patch's begins with":   {args: append(own, "--v=4"), patches: "--vmodule=a=3", want: "--v=4 is not in the configuration"},
	} {
		p := manifest.Pod{Name: "kube-scheduler", Args: tc.args, Patches: tc.patches, Judged: !tc.older}
		if got := p.Differs(tc.extra); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestTheArgumentsOfAManifest(t *testing.T) {
	t.Parallel()
	doc := map[string]any{"spec": map[string]any{"containers": []any{map[string]any{"command": []any{"kube-scheduler", "--a=1"}, "args": []any{"--b=2", 3, "x"}}}}}
	if diff := cmp.Diff([]string{"--a=1", "--b=2"}, manifest.Read("kube-scheduler", doc).Args); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []map[string]any{nil, {"spec": 1}, {"spec": map[string]any{"containers": []any{1}}}} {
		if p := manifest.Read("x", bad); len(p.Args) != 0 {
			t.Errorf("%v has %v", bad, p.Args)
		}
	}
}

func FuzzDiffers(f *testing.F) {
	f.Add("--v=4", "v", "4", "--v")
	f.Add("--", "", "", "")
	f.Fuzz(func(t *testing.T, arg, name, value, patches string) {
		extra := []any{map[string]any{"name": name, "value": value}}
		p := manifest.Pod{Name: "kube-scheduler", Args: manifest.Arguments(extra), Patches: patches, Judged: true}
		if why := p.Differs(extra); why != "" {
			t.Errorf("what is wanted is there, and %s", why)
		}
		p.Args = append(p.Args, arg)
		p.Differs(nil)
	})
}

package runtime

import (
	_ "embed"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
)

//go:embed testdata/ls.txt
var list string

const (
	ones   = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	nginx  = "docker.io/library/nginx:1.29"
	pull   = "/usr/bin/ctr -a /run/containerd/containerd.sock -n k8s.io images pull --hosts-dir /etc/containerd/certs.d "
	remove = "/usr/bin/ctr -a /run/containerd/containerd.sock -n k8s.io images rm "
)

// host has a containerd with the images of testdata, and a tar with two others.
func host() *systemtest.Fake {
	f, text := systemtest.New(), list
	f.Files["/usr/bin/ctr"] = systemtest.File{Text: "ELF"}
	f.Set("containerd.service", system.Unit{Active: true})
	add := func(ref string) {
		text += ref + " application/vnd.oci.image.manifest.v1+json sha256:" + strings.Repeat("4", 64) + " 1.0 MiB linux/amd64 - \n"
	}
	f.Commands["ctr"] = func(_ *systemtest.Fake, c system.Cmd) system.Output {
		last := c.Argv[len(c.Argv)-1]
		switch c.Argv[6] {
		case "ls":
			return system.Output{Stdout: []byte(text)}
		case "pull":
			if strings.Contains(last, "nosuch") {
				return system.Output{Code: 1, Stderr: []byte("ctr: failed to resolve reference \"" + last + "\": not found\n")}
			}
			add(last)
		case "import":
			add(nginx)
			add("docker.io/library/redis:8")
		case "rm":
			lines := strings.SplitAfter(text, "\n")
			text = ""
			for _, l := range lines {
				if ref, _, _ := strings.Cut(l, " "); !cmp.Equal(ref, "") && !contains(c.Argv[7:], ref) {
					text += l
				}
			}
		}
		return system.Output{}
	}
	return f
}

func contains(all []string, s string) bool {
	for _, a := range all {
		if a == s {
			return true
		}
	}
	return false
}

func made(name, from string) change.Change {
	return change.Change{Action: change.Create, Kind: "image", Target: name, After: change.Attrs("from", from)}
}

func TestContainerImage(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, ContainerImage)
	gone := func(name, digest string) change.Change {
		return change.Change{Action: change.Delete, Kind: "image", Target: name, Before: change.Attrs("digest", digest)}
	}
	moduletest.Run(t, ContainerImage, []moduletest.Case{
		{Name: "pull what is not there", Host: host, Args: module.Args{"name": []any{"nginx:1.29", "registry.k8s.io/kube-proxy:v1.34.4", "docker.io/nginx:1.29", "quay.io/a/b"}},
			Want:   []change.Change{made(nginx, "docker.io"), made("docker.io/nginx:1.29", "docker.io"), made("quay.io/a/b:latest", "quay.io")},
			Then:   moduletest.Then{Ran: []string{pull + nginx, pull + "docker.io/nginx:1.29", pull + "quay.io/a/b:latest"}},
			Output: map[string]any{"images": []any{nginx, "registry.k8s.io/kube-proxy:v1.34.4", "docker.io/nginx:1.29", "quay.io/a/b:latest"}}},
		{Name: "pinned and there by another name", Host: host, Args: module.Args{"name": []any{"registry.k8s.io/kube-proxy:v1.34.4@" + ones, "registry.k8s.io/kube-proxy@" + ones}}, Then: moduletest.Then{Ran: []string{}}},
		{Name: "pinned to something else", Host: host, Args: module.Args{"name": "registry.k8s.io/pause:3.10.1@" + ones}, Want: []change.Change{made("registry.k8s.io/pause:3.10.1@"+ones, "registry.k8s.io")}},
		{Name: "for a platform", Host: host, Args: module.Args{"name": nginx, "platform": "linux/arm64"}, Want: []change.Change{made(nginx, "docker.io")},
			Then: moduletest.Then{Ran: []string{strings.TrimSuffix(pull, " ") + " --platform linux/arm64 " + nginx}}},
		{Name: "from a file", Host: host, Args: module.Args{"name": []any{nginx, "redis:8", "registry.k8s.io/pause:3.10.1"}, "src": "/srv/i.tar"}, Want: []change.Change{made(nginx+", docker.io/library/redis:8, registry.k8s.io/pause:3.10.1", "/srv/i.tar")},
			Then: moduletest.Then{Ran: []string{"/usr/bin/ctr -a /run/containerd/containerd.sock -n k8s.io images import /srv/i.tar"}}},
		{Name: "from a file that holds others", Host: host, Args: module.Args{"name": "busybox", "src": "/srv/i.tar"}, Want: []change.Change{made("docker.io/library/busybox:latest", "/srv/i.tar")},
			Err: "/srv/i.tar does not hold docker.io/library/busybox:latest; what it holds is there now: docker.io/library/nginx:1.29, docker.io/library/redis:8"},
		{Name: "all from a file there", Host: host, Args: module.Args{"name": "registry.k8s.io/pause:3.10.1", "src": "/srv/nosuch.tar"}},
		{Name: "remove with its other names", Host: host, Args: module.Args{"name": []any{"registry.k8s.io/kube-proxy:v1.34.4", "nginx"}, "state": "absent"}, Want: []change.Change{gone("registry.k8s.io/kube-proxy:v1.34.4", ones)},
			Then: moduletest.Then{Ran: []string{remove + "registry.k8s.io/kube-proxy:v1.34.4 registry.k8s.io/kube-proxy@" + ones + " sha256:" + strings.Repeat("3", 64)}}},
		{Name: "nobody has it", Host: host, Args: module.Args{"name": "nosuch:1"}, Want: []change.Change{made("docker.io/library/nosuch:1", "docker.io")}, Err: "not found"},
		{Name: "no name", Host: host, Args: module.Args{"name": "Not A Name"}, Err: "image \"Not A Name\" has no name that a registry could know"},
		{Name: "no containerd", Args: module.Args{"name": nginx}, Err: "containerd brings it"},
		{Name: "containerd is stopped", Host: func() *systemtest.Fake {
			f := host()
			f.Commands["ctr"] = systemtest.Fails(1, "ctr: failed to dial \"/run/containerd/containerd.sock\": context deadline exceeded\n")
			return f
		}, Args: module.Args{"name": nginx}, Err: "list images: "},
	})
}

// A check of a bare host is sure of what it pulls; of an image that an earlier task
// has to do with it is not.
func TestImagesOfAHostWithoutContainerdYet(t *testing.T) {
	t.Parallel()
	f := systemtest.New()
	o := overlay.New(system.ReadOnly(f))
	if err := o.Run(t.Context(), system.Command("apt-get"), system.Closed(system.Holds("/usr/bin/ctr", system.Info{}), system.Holds("containerd.service", system.Unit{Active: true}))); err != nil {
		t.Fatal(err)
	}
	for i, certain := range []bool{true, false} {
		o.Task("")
		p, err := ContainerImage.Plan(t.Context(), o, module.Args{"name": nginx})
		if err != nil || len(p.Steps) != 1 || p.Steps[0].Certain != certain {
			t.Fatalf("plan %d: %+v, %v", i, p, err)
		}
		if _, err := p.Predict(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNormal(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"nginx": "docker.io/library/nginx:latest", "a/b:1": "docker.io/a/b:1", "localhost/a": "localhost/a:latest", "10.0.0.1:5000/a/b": "10.0.0.1:5000/a/b:latest",
		"nginx@" + ones: "docker.io/library/nginx@" + ones, "q.io/x:1@" + ones: "q.io/x:1@" + ones, "": "", "a b": "", "x@sha256:1": "",
	} {
		if got, _ := Normal(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

func FuzzNormal(f *testing.F) {
	f.Add("nginx:1@" + ones)
	f.Fuzz(func(t *testing.T, name string) {
		if full, err := Normal(name); err == nil {
			if again, err := Normal(full); err != nil || again != full {
				t.Errorf("%q is %q, and that is %q, %v", name, full, again, err)
			}
		}
	})
}

func FuzzList(f *testing.F) {
	f.Add(list)
	f.Fuzz(func(_ *testing.T, text string) { _, _ = parse(text) })
}

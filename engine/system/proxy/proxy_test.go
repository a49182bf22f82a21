package proxy_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/local"
	"github.com/gokube/gokube/engine/system/proxy"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/engine/unknown"
)

// over is s reached over a pipe that ends with the test.
func over(t *testing.T, s system.System) *proxy.System {
	t.Helper()
	near, far := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- proxy.Serve(far, s) }()
	t.Cleanup(func() {
		_ = near.Close()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return proxy.Dial(near)
}

func fake() *systemtest.Fake {
	f := systemtest.New()
	systemtest.Posix(f)
	return f
}

func TestFakeThroughProxy(t *testing.T) {
	t.Parallel()
	make := func(t *testing.T) system.System { return over(t, fake()) }
	systemtest.Suite(t, make)
	systemtest.SuiteApplied(t, make)
}

func TestLocalThroughProxy(t *testing.T) {
	t.Parallel()
	make := func(t *testing.T) system.System { return over(t, local.New(local.Options{Root: t.TempDir()})) }
	systemtest.Suite(t, make)
	systemtest.SuiteApplied(t, make)
}

func TestEveryObjectAndFactArrivesAsItIs(t *testing.T) {
	t.Parallel()
	f := fake()
	f.Host.Network.Interfaces = []system.Interface{{Name: "\xff\x1b", IPv4: []string{"10.0.0.1/8"}, IPv6: []string{}}}
	s := over(t, f)
	for _, o := range []system.Object{
		system.Package{Version: "1\xfe"}, system.Unit{Active: true, Stale: true}, system.User{UID: -1, Groups: []string{"a", ""}, Comment: "{{ x }}"},
		system.Group{GID: 7, Members: []string{}}, system.Sysctl{Value: "1 2"}, system.KernelModule{BuiltIn: true}, system.Mount{Source: "s"},
		system.Swap{SizeKB: 1 << 40}, system.Hostname{Kernel: "k"},
	} {
		f.Set("x", o)
		got, err := s.Object(t.Context(), system.Key{Kind: o.Kind(), Name: "x"})
		if diff := cmp.Diff(o, got); diff != "" || err != nil {
			t.Error(err, diff)
		}
	}
	if diff := cmp.Diff(f.Facts(), s.Facts()); diff != "" {
		t.Error(diff)
	}
	f.Files["/etc/\xff"] = systemtest.File{Text: "x"}
	if in, err := s.Lstat("/etc/\xff"); err != nil || in.Path != "/etc/\xff" {
		t.Errorf("%+v, %v", in, err)
	}
}

func TestEffectsArrive(t *testing.T) {
	t.Parallel()
	f := fake()
	f.Set("old", system.Package{Version: "1"})
	s := over(t, f)
	set := []system.Effect{
		system.Gone(system.Key{Kind: "package", Name: "old"}), system.Holds("/etc/x", system.Info{}), system.Vague(system.Path("/etc/y")),
		system.Holds("u", system.User{UID: -1}),
	}
	f.Commands["good"] = systemtest.Does(func(f *systemtest.Fake) {
		delete(f.Objects, set[0].Key)
		f.Files["/etc/x"], f.Files["/etc/y"] = systemtest.File{}, systemtest.File{}
		f.Set("u", system.User{UID: 5})
	})
	f.Commands["bad"] = systemtest.Does(func(f *systemtest.Fake) { delete(f.Files, "/etc/x") })
	if err := s.Run(t.Context(), system.Command("good"), system.Closed(set...)); err != nil {
		t.Error(err)
	}
	if err := s.Run(t.Context(), system.Command("bad"), system.Closed(set...)); err == nil || !strings.Contains(err.Error(), "path /etc/x") {
		t.Errorf("got %v", err)
	}
}

func TestErrorsKeepTheirKindAndWords(t *testing.T) {
	t.Parallel()
	f := fake()
	s := over(t, f)
	_, far := s.Lstat("/no")
	_, near := f.Lstat("/no")
	if far.Error() != near.Error() || !errors.Is(far, fs.ErrNotExist) || errors.Is(far, fs.ErrExist) {
		t.Errorf("got %v, want %v", far, near)
	}
	open := func(context.Context) (io.ReadCloser, error) { return nil, unknown.Value{Why: "a download"} }
	err := s.WriteFile("/etc/x", system.Content{Size: -1, Open: open}, system.Attrs{})
	if u, ok := unknown.Of(err); !ok || u.Why != "a download" {
		t.Errorf("got %v", err)
	}
}

func TestAContentMayComeFromTheSameConnection(t *testing.T) {
	t.Parallel()
	s := over(t, local.New(local.Options{Root: t.TempDir()}))
	data := bytes.Repeat([]byte("ab\n"), 1<<20)
	if err := s.WriteFile("/a", system.Data(data), system.Attrs{}); err != nil {
		t.Fatal(err)
	}
	err := s.WriteFile("/b", system.Content{Size: -1, Open: func(context.Context) (io.ReadCloser, error) { return s.Open("/a") }}, system.Attrs{})
	if err != nil {
		t.Fatal(err)
	}
	if sum, err := s.Digest("/b"); err != nil || sum != system.Sum(data) {
		t.Errorf("digest %s, %v", sum, err)
	}
}

func TestACancelledCommandEndsThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := over(t, local.New(local.Options{Root: dir}))
	if err := s.WriteFile("/pid", system.Data(nil), system.Attrs{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("no more time")
	go func() {
		for {
			if data, err := os.ReadFile(dir + "/pid"); err != nil || len(data) > 0 {
				break
			}
		}
		cancel(why)
	}()
	err := s.Run(ctx, system.Command("sh", "-c", "echo $$ > "+dir+"/pid; sleep 1000"), system.Effects{})
	if !errors.Is(err, why) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestWhenTheConnectionEndsEverythingEnds(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- proxy.Serve(far, local.New(local.Options{Root: t.TempDir()})) }()
	s := proxy.Dial(near)
	if len(s.Facts().Arch) == 0 {
		t.Error("no facts")
	}
	ran := make(chan error, 1)
	go func() { ran <- s.Run(t.Context(), system.Command("sleep", "1000"), system.Effects{}) }()
	if _, err := s.Lstat("/"); err != nil {
		t.Error(err)
	}
	_ = near.Close()
	if err := <-ran; err == nil {
		t.Error("the command ended well")
	}
	// The request to run may be on its way when the connection ends: then it is cut short.
	if err := <-done; err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("Serve: %v", err)
	}
	if _, err := s.Lstat("/"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after the end: %v", err)
	}
}

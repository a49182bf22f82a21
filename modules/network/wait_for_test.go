package network

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
)

// host answers at 127.0.0.1:80, and has a file.
func host() *systemtest.Fake {
	f := systemtest.New()
	f.Files["/run/ready"] = systemtest.File{Text: "a\nstate=up\n"}
	f.Commands["tcp -timeout 5 127.0.0.1:80"] = systemtest.Prints("")
	f.Commands["tcp -timeout 1 '[::1]:80'"] = systemtest.Prints("")
	f.Commands["tcp -timeout 5 -source 10.0.0.1 127.0.0.1:80"] = systemtest.Prints("")
	f.Commands["tcp -timeout 5 -refused 127.0.0.1:81"] = systemtest.Prints("")
	f.Commands["tcp"] = systemtest.Fails(noConnection, "connection refused")
	f.Commands["tcp -timeout 5 'a b:1'"] = systemtest.Fails(2, "invalid")
	return f
}

func wait(kind, target string) []change.Change {
	return []change.Change{{Action: change.Wait, Kind: kind, Target: target}}
}

func TestWaitFor(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, WaitFor)
	moduletest.Run(t, WaitFor, []moduletest.Case{
		{Name: "a port that answers", Host: host, Args: module.Args{"port": 80}, Want: wait("port", "127.0.0.1:80"), OpaqueAgain: true, Output: map[string]any{"elapsed": 0}},
		{Name: "an address with colons", Host: host, Args: module.Args{"host": "::1", "port": 80, "connect_timeout": 1}, Want: wait("port", "[::1]:80"), OpaqueAgain: true},
		{Name: "from an address", Host: host, Args: module.Args{"port": 80, "source": "10.0.0.1"}, Want: wait("port", "127.0.0.1:80"), OpaqueAgain: true},
		{Name: "a port that is closed", Host: host, Args: module.Args{"port": 81, "state": "stopped"}, Want: wait("port", "127.0.0.1:81"), OpaqueAgain: true},
		{Name: "a file", Host: host, Args: module.Args{"path": "/run/ready"}, Output: map[string]any{"elapsed": 0}},
		{Name: "what a file says", Host: host, Args: module.Args{"path": "/run/ready", "search_regex": "^state=(up|done)$"}},
		{Name: "what a file no longer says", Host: host, Args: module.Args{"path": "/run/ready", "search_regex": "down", "state": "absent"}},
		{Name: "no file", Host: host, Args: module.Args{"path": "/run/lock", "state": "absent"}},
		{Name: "no time", Host: host, Args: module.Args{"timeout": 0}, Want: wait("time", "0 s"), OpaqueAgain: true},
		{Name: "a file in vain", Host: host, Args: module.Args{"path": "/run/no", "timeout": 0}, Want: wait("file", "/run/no"), Err: "/run/no is not started after 0 s"},
		{Name: "in vain, with words", Host: host, Args: module.Args{"path": "/run/no", "timeout": 0, "msg": "no flannel"}, Want: wait("file", "/run/no"), Err: "no flannel"},
		{Name: "no address", Host: host, Args: module.Args{"host": "a b", "port": 1}, Want: wait("port", "a b:1"), Err: "exit status 2: invalid"},
		{Name: "no port", Host: host, Args: module.Args{"port": 65536}, Err: "port 65536 is not between 1 and 65535"},
		{Name: "no expression", Host: host, Args: module.Args{"path": "/a", "search_regex": "("}, Err: "search_regex: error parsing regexp"},
		{Name: "nothing", Args: module.Args{}, Err: "missing argument: one of port, path, timeout"},
	})
}

// plan is WaitFor's plan for f.
func plan(t *testing.T, f system.System, args module.Args) *module.Plan {
	t.Helper()
	p, err := WaitFor.Plan(t.Context(), system.ReadOnly(f), args)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestItLooksAgainAndAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := host()
		looks := 0
		f.Commands["tcp"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
			if looks++; looks < 4 {
				return systemtest.Fails(noTime, "")(f, c)
			}
			return system.Output{}
		}
		p := plan(t, f, module.Args{"port": 81, "delay": 5, "sleep": 2})
		if _, err := p.Apply(t.Context(), f); err != nil || p.Output["elapsed"] != 5+3*2 {
			t.Errorf("elapsed %v, %v", p.Output["elapsed"], err)
		}
	})
}

func TestTheTimeEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		_, err := plan(t, host(), module.Args{"path": "/run/no", "timeout": 30, "sleep": 0}).Apply(t.Context(), host())
		if err == nil || !strings.Contains(err.Error(), "/run/no is not started after 30 s") || time.Since(begun) != 30*time.Second {
			t.Errorf("after %s: %v", time.Since(begun), err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err = plan(t, host(), module.Args{"path": "/run/no"}).Apply(ctx, host()); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		begun = time.Now()
		if _, err = plan(t, host(), module.Args{"timeout": 7}).Apply(t.Context(), host()); err != nil || time.Since(begun) != 7*time.Second {
			t.Errorf("only time, after %s: %v", time.Since(begun), err)
		}
	})
}

func TestACheckDoesNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun, o := time.Now(), overlay.New(system.ReadOnly(host()))
		o.Task("")
		p := plan(t, o, module.Args{"path": "/run/no"})
		if done, err := p.Predict(t.Context(), o); done != 1 || err != nil || time.Since(begun) != 0 {
			t.Errorf("%d done in %s, %v", done, time.Since(begun), err)
		}
		if _, pending := p.Output["elapsed"].(module.Pending); !pending {
			t.Errorf("elapsed is %v", p.Output["elapsed"])
		}
	})
}

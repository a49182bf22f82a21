package control

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

func TestExamplesFit(t *testing.T) {
	t.Parallel()
	for _, m := range Modules() {
		moduletest.Examples(t, m)
	}
}

func TestDebugShows(t *testing.T) {
	t.Parallel()
	expr := func(text string, v any) module.Args {
		return module.Args{"var": module.Expression{Text: text, Value: v}}
	}
	moduletest.Run(t, Debug, []moduletest.Case{
		{Name: "nothing", Output: map[string]any{"msg": "Hello world!"}},
		{Name: "text", Args: module.Args{"msg": "a\n<b>"}, Output: map[string]any{"msg": "a\n<b>"}},
		{Name: "number", Args: module.Args{"msg": 3}, Output: map[string]any{"msg": "3"}},
		{Name: "list", Args: module.Args{"msg": []any{"<a>", 1}}, Output: map[string]any{"msg": "[\n  \"<a>\",\n  1\n]"}},
		{Name: "variable", Args: expr("x", map[string]any{"b": 1, "a": "&"}),
			Output: map[string]any{"msg": "x: {\n  \"a\": \"&\",\n  \"b\": 1\n}", "value": map[string]any{"b": 1, "a": "&"}}},
		{Name: "null", Args: expr("x", nil), Output: map[string]any{"msg": "x: null"}},
		{Name: "secret", Args: module.Args{"msg": secret.New("hunter2")}, Output: map[string]any{"msg": secret.Mask}},
		{Name: "secret within", Args: expr("x", []any{secret.New("hunter2")}), Output: map[string]any{"msg": "x: [\n  \"" + secret.Mask + "\"\n]"}},
		{Name: "what JSON cannot say", Args: module.Args{"msg": []any{func() {}}}},
		{Name: "both", Args: module.Args{"msg": "a", "var": module.Expression{Text: "x"}}, Err: "arguments exclude each other"},
	})
}

func TestFailFails(t *testing.T) {
	t.Parallel()
	moduletest.Run(t, Fail, []moduletest.Case{
		{Name: "with words", Args: module.Args{"msg": "no network"}, Err: "no network"},
		{Name: "without", Err: "failed as asked for by the task"},
	})
}

func TestAssert(t *testing.T) {
	t.Parallel()
	both := module.Conditions{{Text: "eq 1 1", Holds: true}, {Text: "eq 1 2", Holds: false}}
	moduletest.Run(t, Assert, []moduletest.Case{
		{Name: "true", Args: module.Args{"that": both[:1]}},
		{Name: "true, with words", Args: module.Args{"that": both[:1], "success_msg": "fine"}, Output: map[string]any{"msg": "fine"}},
		{Name: "false", Args: module.Args{"that": both}, Err: "eq 1 2 is false"},
		{Name: "false, with words", Args: module.Args{"that": both, "msg": "too small"}, Err: "too small (eq 1 2 is false)"},
		{Name: "nothing", Err: `missing argument: "that"`},
	})
	p, err := Assert.Plan(t.Context(), system.ReadOnly(systemtest.New()), module.Args{"that": both})
	if err == nil || p.Output["assertion"] != "eq 1 2" {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestSetFact(t *testing.T) {
	t.Parallel()
	moduletest.Run(t, SetFact, []moduletest.Case{
		{Name: "values keep their types", Args: module.Args{"port": 6443, "on": true, "names": []any{"a"}, "cacheable": true},
			Output: map[string]any{"ansible_facts": map[string]any{"port": 6443, "on": true, "names": []any{"a"}}}},
		{Name: "nothing", Args: module.Args{"cacheable": true}, Err: "there is no variable to set"},
		{Name: "no name", Args: module.Args{"a": 1, "my-port": 1}, Err: `"my-port" is no name for a variable`},
	})
}

func TestMeta(t *testing.T) {
	t.Parallel()
	moduletest.Run(t, Meta, []moduletest.Case{
		{Name: "action", Args: module.Args{"action": "end_host"}, Output: map[string]any{"action": "end_host"}},
		{Name: "no such action", Args: module.Args{"action": "end_hots"}, Err: `did you mean "end_host"?`},
	})
}

func TestPing(t *testing.T) {
	t.Parallel()
	moduletest.Run(t, Ping, []moduletest.Case{
		{Name: "pong", Output: map[string]any{"ping": "pong"}},
		{Name: "data", Args: module.Args{"data": "hi"}, Output: map[string]any{"ping": "hi"}},
		{Name: "crash", Args: module.Args{"data": "crash"}, Err: "crash, as asked for"},
	})
}

func TestSetupGivesFactsAsTemplatesSeeThem(t *testing.T) {
	t.Parallel()
	f := systemtest.New()
	f.Host.CPU.Count, f.Host.Network.Nameservers = 4, []string{"10.0.0.1"}
	p, err := Setup.Plan(t.Context(), system.ReadOnly(f), module.Args{"gather_subset": "all"})
	if err != nil || !p.Facts || len(p.Steps) != 0 {
		t.Fatalf("got %+v, %v", p, err)
	}
	facts := p.Output["facts"].(map[string]any)
	got := []any{facts["cpu"].(map[string]any)["count"], facts["os"].(map[string]any)["family"], facts["network"].(map[string]any)["nameservers"]}
	if diff := cmp.Diff([]any{4, "debian", []any{"10.0.0.1"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWaitForConnectionAsksTheEngine(t *testing.T) {
	t.Parallel()
	p, err := WaitForConnection.Plan(t.Context(), system.ReadOnly(systemtest.New()), module.Args{"timeout": 5, "delay": "2"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&module.Reconnect{Timeout: 5 * time.Second, Delay: 2 * time.Second}, p.Reconnect); diff != "" || len(p.Steps) > 0 {
		t.Error(diff)
	}
}

func TestClockTellsTheTime(t *testing.T) {
	t.Parallel()
	before := time.Now().Unix()
	p, err := Clock.Plan(t.Context(), systemtest.New(), nil)
	if err != nil || len(p.Steps) > 0 || int64(p.Output["epoch"].(int)) < before || int64(p.Output["epoch"].(int)) > time.Now().Unix() {
		t.Errorf("%v, %v", p, err)
	}
}

package edit

import (
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system/systemtest"
)

const conf = "/etc/conf"

func holding(s string) func() *systemtest.Fake {
	return func() *systemtest.Fake {
		f := systemtest.New()
		f.Files[conf] = systemtest.File{Text: s}
		return f
	}
}

// edited is the one case of an edit: was and is are the text before and after.
func edited(name, was, is string, args module.Args) moduletest.Case {
	args["path"] = conf
	c := moduletest.Case{Name: name, Host: holding(was), Args: args, Then: moduletest.Then{Files: map[string]systemtest.File{conf: {Text: is}}}}
	if was != is {
		c.Want = []change.Change{{Action: change.Update, Kind: "file", Target: conf, Before: shown(was), After: shown(is)}}
	}
	return c
}

func shown(s string) *change.Value { return change.Attrs().WithText([]byte(s), "") }

func refused(name, err string, args module.Args) moduletest.Case {
	if args["path"] == nil {
		args["path"] = conf
	}
	return moduletest.Case{Name: name, Host: holding("a\n"), Args: args, Err: err}
}

func TestLineinfile(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, Lineinfile)
	moduletest.Run(t, Lineinfile, []moduletest.Case{
		edited("appended", "a\n", "a\nb\n", module.Args{"line": "b"}),
		edited("appended where the last newline is missing", "a", "a\nb\n", module.Args{"line": "b\n"}),
		edited("there", "a\nb\n", "a\nb\n", module.Args{"line": "b"}),
		edited("into an empty file", "", "b\n", module.Args{"line": "b"}),
		edited("the last match is replaced", "x=1\ny\nx=2\n", "x=1\ny\nx=3\n", module.Args{"regexp": "^x=", "line": "x=3"}),
		edited("the first match is replaced", "x=1\ny\nx=2\n", "x=3\ny\nx=2\n", module.Args{"regexp": "^x=", "line": "x=3", "firstmatch": true}),
		edited("all matches if the line is none", "foo\ny\nfoo\n", "bar\ny\nbar\n", module.Args{"regexp": "^foo", "line": "bar"}),
		edited("no match, appended", "a\n", "a\nx=3\n", module.Args{"regexp": "^x=", "line": "x=3"}),
		edited("no match, but there", "y=3\na\n", "y=3\na\n", module.Args{"regexp": "^x=", "line": "y=3"}),
		edited("search string", "a[1]\nb\n", "c[1]\nb\n", module.Args{"search_string": "[1]", "line": "c[1]"}),
		edited("after the last match", "a\nb\na\nc\n", "a\nb\na\nn\nc\n", module.Args{"insertafter": "^a", "line": "n"}),
		edited("after the first match", "a\nb\na\nc\n", "a\nn\nb\na\nc\n", module.Args{"insertafter": "^a", "line": "n", "firstmatch": true}),
		edited("after nothing", "a\n", "a\nn\n", module.Args{"insertafter": "^z", "line": "n"}),
		edited("at the end", "a\n", "a\nn\n", module.Args{"insertafter": "EOF", "line": "n"}),
		edited("before a match", "a\nb\n", "a\nn\nb\n", module.Args{"insertbefore": "^b", "line": "n"}),
		edited("at the beginning", "a\n", "n\na\n", module.Args{"insertbefore": "BOF", "line": "n"}),
		edited("with what was matched", "port = 1 # x\n", "port = 80 # x\n", module.Args{"regexp": `^port = \d+(.*)`, "line": `port = 80\1`, "backrefs": true}),
		edited("with a named group", "a=$1\n", "$1=a\n", module.Args{"regexp": `^(?P<k>a)=(.*)`, "line": `\g<2>=\g<k>`, "backrefs": true}),
		edited("backrefs without a match", "a\n", "a\n", module.Args{"regexp": `^(z)`, "line": `\1`, "backrefs": true}),
		edited("all are removed", "x\ny\nx2\n", "y\n", module.Args{"regexp": "^x", "state": "absent"}),
		edited("the line itself is removed", "x\ny\nx2", "y\nx2", module.Args{"line": "x", "state": "absent"}),
		edited("carriage returns", "x=1\r\ny\r\n", "x=2\ny\r\n", module.Args{"regexp": "^x=.$", "line": "x=2"}),
		{Name: "created", Args: module.Args{"path": conf, "line": "b", "create": true, "mode": "0600"},
			Want: []change.Change{{Action: change.Create, Kind: "file", Target: conf, After: change.Attrs("mode", "0600").WithText([]byte("b\n"), "")}}},
		{Name: "nothing to remove from", Args: module.Args{"path": conf, "line": "b", "state": "absent"}},
		{Name: "attributes alone", Host: holding("b\n"), Args: module.Args{"path": conf, "line": "b", "mode": "0600"},
			Want: []change.Change{{Action: change.Update, Kind: "file", Target: conf, Before: change.Attrs("mode", "0644"), After: change.Attrs("mode", "0600")}}},
		{Name: "secret", Host: holding("a\n"), Args: module.Args{"path": conf, "line": secret.New("hunter2")},
			Want: []change.Change{{Action: change.Update, Kind: "file", Target: conf, Before: &change.Value{Secret: true}, After: &change.Value{Secret: true}}}},
		{Name: "missing", Args: module.Args{"path": conf, "line": "b"}, Err: "edit /etc/conf: it is not there; create: true makes it"},
		refused("a directory", "edit /etc: it is not a file", module.Args{"path": "/etc", "line": "x"}),
		refused("several lines", "blockinfile puts in more than one", module.Args{"line": "a\nb"}),
		refused("no line", "line is missing", module.Args{}),
		refused("remove nothing", "must say which", module.Args{"state": "absent"}),
		refused("bad pattern", "regexp: error parsing", module.Args{"regexp": "(?=x)", "line": "x"}),
		refused("two places", "arguments exclude each other", module.Args{"line": "x", "insertafter": "EOF", "insertbefore": "BOF"}),
		refused("backrefs without groups", "there is no regexp", module.Args{"line": "x", "backrefs": true}),
		refused("without end", "grows with each run", module.Args{"regexp": "(a+)", "line": `\1a`, "backrefs": true}),
	})
}

func TestLineinfileFollowsALink(t *testing.T) {
	t.Parallel()
	host := func() *systemtest.Fake {
		f := holding("a\n")()
		f.Files["/l"] = systemtest.Link(conf)
		return f
	}
	moduletest.Run(t, Lineinfile, []moduletest.Case{{Name: "link", Host: host, Args: module.Args{"path": "/l", "line": "b"},
		Want:   []change.Change{{Action: change.Update, Kind: "file", Target: conf, Before: shown("a\n"), After: shown("a\nb\n")}},
		Then:   moduletest.Then{Files: map[string]systemtest.File{"/l": systemtest.Link(conf), conf: {Text: "a\nb\n"}}},
		Output: map[string]any{"path": conf}}})
}

func TestBlockinfile(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, Blockinfile)
	const block = "# BEGIN GOKUBE MANAGED BLOCK\nx\ny\n# END GOKUBE MANAGED BLOCK\n"
	moduletest.Run(t, Blockinfile, []moduletest.Case{
		edited("appended", "a", "a\n"+block, module.Args{"block": "x\ny\n"}),
		edited("there", "a\n"+block, "a\n"+block, module.Args{"block": "x\ny"}),
		edited("replaced", "a\n# BEGIN GOKUBE MANAGED BLOCK\nold\n# END GOKUBE MANAGED BLOCK\nb\n", "a\n"+block+"b\n", module.Args{"block": "x\ny\n"}),
		edited("removed", "a\n"+block+"b\n", "a\nb\n", module.Args{"state": "absent", "block": "x"}),
		edited("every one removed", block+block, "", module.Args{"block": ""}),
		edited("after", "a\nb\n", "a\n"+block+"b\n", module.Args{"block": "x\ny\n", "insertafter": "^a"}),
		edited("before", "a\nb\n", "a\n"+block+"b\n", module.Args{"block": "x\ny\n", "insertbefore": "^b"}),
		edited("at the beginning with an empty line", "a\n", block+"\na\n", module.Args{"block": "x\ny\n", "insertbefore": "BOF", "append_newline": true}),
		edited("at the end with an empty line", "a\n", "a\n\n"+block, module.Args{"block": "x\ny\n", "prepend_newline": true}),
		edited("own marker", "", "<!-- start -->\nx\n<!-- stop -->\n", module.Args{"block": "x", "marker": "<!-- {mark} -->", "marker_begin": "start", "marker_end": "stop"}),
		edited("a marker left over", "# BEGIN GOKUBE MANAGED BLOCK\na\n", "# BEGIN GOKUBE MANAGED BLOCK\na\n"+block, module.Args{"block": "x\ny\n"}),
		{Name: "created", Args: module.Args{"path": conf, "block": "x\ny", "create": true}, Want: []change.Change{{Action: change.Create, Kind: "file", Target: conf, After: shown(block)}}},
		{Name: "missing and to be absent", Args: module.Args{"path": conf, "state": "absent"}},
		refused("marker without mark", "{mark} tells them apart", module.Args{"block": "x", "marker": "# mine"}),
		refused("marker of two lines", "more than one line", module.Args{"block": "x", "marker": "{mark}\n"}),
		refused("marker in the block", "it holds its own marker", module.Args{"block": "x\n# END GOKUBE MANAGED BLOCK\n"}),
	})
}

func TestReplace(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, Replace)
	moduletest.Run(t, Replace, []moduletest.Case{
		edited("all", "a=1\nb\na=2\n", "a=3\nb\na=3\n", module.Args{"regexp": "^a=.", "replace": "a=3"}),
		edited("with a group", "/dev/x none swap sw 0 0\n", "# /dev/x none swap sw 0 0\n", module.Args{"regexp": `^([^#\n].*\sswap\s.*)$`, "replace": `# \1`}),
		edited("between", "x\nstart\nx\nstop\nx\n", "x\nstart\ny\nstop\nx\n", module.Args{"regexp": "x", "replace": "y", "after": "start", "before": "stop"}),
		edited("after nothing", "x\n", "x\n", module.Args{"regexp": "x", "replace": "y", "after": "start"}),
		edited("removed", "ab\n", "b\n", module.Args{"regexp": "a"}),
		refused("without end", "each run would change the file again", module.Args{"regexp": "a", "replace": "aa"}),
		{Name: "missing", Args: module.Args{"path": conf, "regexp": "x"}, Err: "edit /etc/conf: it is not there"},
	})
}

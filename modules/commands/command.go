// Package commands holds the modules that run what they cannot predict.
package commands

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// Modules are the modules of this family.
func Modules() []module.Module { return []module.Module{Command, Raw, Shell} }

// Options are the arguments that command and shell share.
type Options struct {
	// Chdir is the folder to run in.
	Chdir string `arg:"chdir"`
	// Creates is a path; while it exists the command is not run.
	Creates string `arg:"creates"`
	// Removes is a path; while it does not exist the command is not run.
	Removes string `arg:"removes"`
	// Stdin is what the command reads.
	Stdin module.Secret `arg:"stdin"`
	// StdinAddNewline ends stdin with a newline.
	StdinAddNewline bool `arg:"stdin_add_newline" default:"true"`
	// StripEmptyEnds takes newlines off the end of the output.
	StripEmptyEnds bool `arg:"strip_empty_ends" default:"true"`
	// ReadOnly promises that the command changes nothing. It then runs in a check
	// too, unless what it would see is itself not known, and is never a change.
	ReadOnly bool `arg:"read_only"`
	// Contained promises that nothing changes but the path of creates, so that what
	// comes after it can be predicted.
	Contained bool `arg:"contained"`
}

// outputs documents what the commands of this family register.
func outputs() []module.Doc {
	return []module.Doc{{Name: "stdout", Text: "what it printed"}, {Name: "stdout_lines", Text: "the same, by lines"},
		{Name: "stderr", Text: "what it complained of"}, {Name: "stderr_lines", Text: "the same, by lines"}, {Name: "rc", Text: "its exit code"}, {Name: "cmd", Text: "the command"}}
}

// CommandArgs are the arguments of the command module.
type CommandArgs struct {
	// Cmd is the command as one text, split like a shell would but run without one.
	Cmd string `arg:"cmd"`
	// Argv is the command as a list.
	Argv []string `arg:"argv"`
	// ExpandArgumentVars is accepted for Ansible's sake; nothing is expanded.
	ExpandArgumentVars bool `arg:"expand_argument_vars"`
	Options
}

// Command runs a command.
var Command = module.Define(module.Spec{
	Name: "command", Summary: "Run a command, without a shell", FreeForm: "cmd",
	OneOf: [][]string{{"cmd", "argv"}}, Exclusive: [][]string{{"cmd", "argv"}},
	Example: "- command: kubeadm init --config /etc/kubernetes/kubeadm.yaml\n  args: {creates: /etc/kubernetes/admin.conf}\n- command: {argv: [systemctl, is-system-running], read_only: true}\n",
	Output:  outputs(),
}, func(ctx context.Context, r system.Reader, a *CommandArgs) (*module.Plan, error) {
	argv := a.Argv
	if a.Cmd != "" {
		var err error
		if argv, err = words(a.Cmd); err != nil {
			return nil, err
		}
	}
	if len(argv) == 0 {
		return nil, errors.New("the command is empty")
	}
	return a.plan(ctx, r, system.Cmd{Argv: argv})
})

// ShellArgs are the arguments of the shell module.
type ShellArgs struct {
	// Cmd is the command line.
	Cmd string `arg:"cmd,required"`
	// Executable is the shell.
	Executable string `arg:"executable" default:"/bin/sh"`
	Options
}

// Shell runs a command line in a shell.
var Shell = module.Define(module.Spec{
	Name: "shell", Summary: "Run a command line in a shell", FreeForm: "cmd",
	Example: "- shell: ss -tln | grep -c :6443\n  args: {read_only: true}\n  register: listening\n",
	Output:  outputs(),
}, func(ctx context.Context, r system.Reader, a *ShellArgs) (*module.Plan, error) {
	return a.plan(ctx, r, system.Cmd{Argv: []string{a.Executable, "-c", a.Cmd}})
})

// plan is one opaque step, unless creates or removes say that it is not needed.
func (o *Options) plan(ctx context.Context, r system.Reader, c system.Cmd) (*module.Plan, error) {
	c.Dir = o.Chdir
	if in := o.Stdin.Reveal(); in != "" {
		if o.StdinAddNewline && !strings.HasSuffix(in, "\n") {
			in += "\n"
		}
		c.Stdin = []byte(in)
	}
	p := &module.Plan{Output: map[string]any{"cmd": c.String()}}
	note, err := o.skip(r)
	if err != nil || note != "" {
		p.Note = note
		o.fill(p, system.Output{})
		return p, err
	}
	if o.ReadOnly {
		return p, o.look(ctx, r, c, p)
	}
	for _, k := range []string{"stdout", "stdout_lines", "stderr", "stderr_lines", "rc"} {
		p.Output[k] = module.Pending{}
	}
	e := system.Effects{Closed: o.Contained}
	if o.Creates != "" {
		e.Set = append(e.Set, system.Vague(system.Path(o.Creates)))
	}
	p.Add(change.Change{Action: change.Run, Kind: "command", Target: c.String()}, func(ctx context.Context, s system.System) error {
		out, err := s.Capture(ctx, c, e)
		if err != nil {
			return err
		}
		o.fill(p, out)
		return out.Err(c)
	})
	return p, nil
}

// look runs a command that changes nothing.
func (o *Options) look(ctx context.Context, r system.Reader, c system.Cmd, p *module.Plan) error {
	out, err := r.Query(ctx, c)
	if err != nil {
		return err
	}
	o.fill(p, out)
	return out.Err(c)
}

// skip says why the command need not run, "" if it must.
func (o *Options) skip(r system.Reader) (note string, err error) {
	if o.Creates != "" {
		_, err := r.Lstat(o.Creates)
		if err == nil {
			return o.Creates + " exists", nil
		}
		if _, vague := unknown.Of(err); !vague && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	if o.Removes != "" {
		_, err := r.Lstat(o.Removes)
		if errors.Is(err, fs.ErrNotExist) {
			return o.Removes + " does not exist", nil
		}
		if _, vague := unknown.Of(err); !vague && err != nil {
			return "", err
		}
	}
	return "", nil
}

func (o *Options) fill(p *module.Plan, out system.Output) {
	trim := func(b []byte) string {
		s := strings.ToValidUTF8(string(b), "\uFFFD")
		if o.StripEmptyEnds {
			s = strings.TrimRight(s, "\r\n")
		}
		return s
	}
	stdout, stderr := trim(out.Stdout), trim(out.Stderr)
	p.Output["stdout"], p.Output["stdout_lines"] = stdout, lines(stdout)
	p.Output["stderr"], p.Output["stderr_lines"] = stderr, lines(stderr)
	p.Output["rc"] = out.Code
}

func lines(s string) []any {
	out := []any{}
	if s == "" {
		return out
	}
	for l := range strings.SplitSeq(strings.TrimSuffix(s, "\n"), "\n") {
		out = append(out, l)
	}
	return out
}

// words splits a command as a shell would: blanks separate, quotes and
// backslashes join. Nothing is expanded.
func words(s string) (out []string, err error) {
	var word strings.Builder
	quote, begun := rune(0), false
	escaped := false
	for _, r := range s {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, begun = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, begun = r, true
		case strings.ContainsRune(" \t\n", r):
			if begun || word.Len() > 0 {
				out = append(out, word.String())
				word.Reset()
				begun = false
			}
		default:
			word.WriteRune(r)
		}
	}
	if quote != 0 || escaped {
		return nil, fmt.Errorf("the command ends inside a quotation or after a backslash: %s", s)
	}
	if begun || word.Len() > 0 {
		out = append(out, word.String())
	}
	return out, nil
}

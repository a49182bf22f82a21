package cli

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/gokube/gokube/cmd/internal/ui"
	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/secret"
)

// reporter shows the run as the flags and the terminal say.
func (k *kit) reporter() (*event.Serial, error) {
	w := k.c.App.Writer
	switch form := k.c.String("output"); form {
	case "jsonl":
		return event.NewSerial(ui.NewJSONL(w, time.Now)), nil
	case "text", "":
	default:
		return nil, fmt.Errorf("unknown form of output %q, it may be text or jsonl", form)
	}
	o := ui.TextOptions{Diff: k.c.Bool("diff"), Verbose: k.c.Count("verbose"), Now: time.Now}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		width, _, err := term.GetSize(int(f.Fd()))
		if err != nil || width <= 0 {
			width = 80
		}
		o.Style = ui.Style{Color: os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb", Width: width}
		if os.Getenv("TERM") != "dumb" {
			k.bar = ui.NewBar(f, width)
			o.Bar = k.bar
		}
	}
	var out event.Reporter = ui.NewText(w, o)
	if k.loud {
		out = loud{out}
	}
	return event.NewSerial(out), nil
}

// prompt asks on the terminal for vars_prompt; nil where there is none.
func (k *kit) prompt() func(playbook.Prompt) (string, error) {
	f, ok := k.c.App.Reader.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return func(p playbook.Prompt) (string, error) {
		defer k.bar.Pause()()
		text := p.Text
		if text == "" {
			text = p.Name
		}
		if p.Private {
			s, err := ask(k.c, text+": ")
			return s.Reveal(), err
		}
		fmt.Fprint(k.c.App.ErrWriter, text+": ")
		return readLine(f)
	}
}

// passphrase asks for the passphrase of a key file.
func (k *kit) passphrase(file string, again bool) (secret.String, error) {
	defer k.bar.Pause()()
	if again {
		fmt.Fprintln(k.c.App.ErrWriter, "that was not it")
	}
	return ask(k.c, "passphrase of "+file+": ")
}

// tagList is tags given as lists or with commas.
func tagList(given []string) (out []string) {
	for _, g := range given {
		for t := range strings.SplitSeq(g, ",") {
			if t = strings.TrimSpace(t); t != "" {
				out = append(out, t)
			}
		}
	}
	return out
}

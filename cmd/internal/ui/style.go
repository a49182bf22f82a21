package ui

import (
	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/event"
)

// Style is what a writer can show.
type Style struct {
	Color bool
	Width int // columns; 0 means unlimited
}

// The colours, as SGR parameters.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	blue   = "34"
	purple = "35"
	cyan   = "36"
)

// paint is text in a colour, if the style has any; "" is none.
func (s Style) paint(color, text string) string {
	if !s.Color || text == "" || color == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// short is text cut to what a line of the width has beside used columns.
func (s Style) short(text string, used int) string {
	if s.Width == 0 {
		return text
	}
	return cut(text, max(12, s.Width-used))
}

// colors are those of outcomes, as Ansible's users know them.
var colors = map[event.Status]string{
	event.OK: green, event.Changed: yellow, event.Skipped: cyan, event.Failed: red, event.Unreachable: red, event.Unknown: purple,
}

// signs are those of changes in diffs and lists.
var signs = map[change.Action]string{
	change.Create: "+", change.Update: "~", change.Delete: "-", change.Run: "!", change.Wait: "…",
}

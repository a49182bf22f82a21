// Package ui shows a run to a person or a program: as text with diffs, a progress
// bar and a recap, or as lines of JSON. It is the only package that knows a
// terminal; it knows nothing of how a run is made.
//
// # Decisions
//
// Text is one line for each outcome of a task, with the hosts that share it: the
// thousand hosts that are all ok are one line. What hosts say is stripped of
// control characters before it is shown.
package ui

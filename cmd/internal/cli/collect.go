package cli

import (
	"os"
	"runtime/debug"
)

// few is as many hosts as do not fill the memory that a run may leave uncollected.
const few = 100

// collect has garbage collected as suits a run on so many hosts: on few of them the
// run is over before it matters, and collecting would take a tenth of its CPU time;
// on many it is memory that counts. GOGC in the environment wins.
func collect(hosts int) {
	if _, said := os.LookupEnv("GOGC"); said {
		return
	}
	percent := 800 // the first time at 32 MB
	if hosts > few {
		percent = 100
	}
	debug.SetGCPercent(percent)
}

//go:build linux

package host

import "os"

// slack is how late, in nanoseconds, the kernel may wake a thread that sleeps.
const slack = "1000000"

// patient has the threads there are so far woken a little late. One of them is of Go's
// runtime and looks after the others every 20 µs while anything runs, which costs a
// tenth of what a task does that changes nothing; here there is one thread to look
// after. Only root may set it, and without it all goes on as well.
func patient() {
	d, err := os.Open("/proc/self/task")
	if err != nil {
		return
	}
	defer d.Close()
	threads, _ := d.Readdirnames(-1)
	for _, t := range threads {
		if f, err := os.OpenFile("/proc/"+t+"/timerslack_ns", os.O_WRONLY, 0); err == nil {
			_, _ = f.WriteString(slack)
			_ = f.Close()
		}
	}
}

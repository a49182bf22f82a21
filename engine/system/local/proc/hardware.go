package proc

import (
	"strconv"
	"strings"
)

// fields are the lines "name: value" of a text; of a name that is there several
// times the first.
func fields(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !ok || name == "" {
			continue
		}
		if _, there := out[name]; !there {
			out[name] = strings.TrimSpace(value)
		}
	}
	return out
}

// Memory is MemTotal and SwapTotal of the text of /proc/meminfo in MiB.
func Memory(text string) (total, swap int64) {
	f := fields(text)
	mib := func(s string) int64 {
		n, err := strconv.ParseInt(strings.TrimSuffix(s, " kB"), 10, 64)
		if err != nil || n < 0 {
			return 0
		}
		return n >> 10
	}
	return mib(f["MemTotal"]), mib(f["SwapTotal"])
}

// CPUModel is what the text of /proc/cpuinfo calls the first processor. ARM has
// numbers for that only.
func CPUModel(text string) string {
	f := fields(text)
	for _, name := range []string{"model name", "cpu model", "Model", "Processor", "cpu"} {
		if f[name] != "" {
			return f[name]
		}
	}
	if f["CPU implementer"] != "" {
		return "implementer " + f["CPU implementer"] + " part " + f["CPU part"]
	}
	return ""
}

// Virtualized reports whether the processor says that it is a hypervisor's.
func Virtualized(text string) bool {
	f := fields(text)
	for _, flag := range strings.Fields(f["flags"]) {
		if flag == "hypervisor" {
			return true
		}
	}
	return false
}

// Count is how many numbers a list like "0-3,8" holds; 0 if it is none.
func Count(list string) (n int) {
	for _, r := range strings.Split(strings.TrimSpace(list), ",") {
		from, to, isRange := strings.Cut(r, "-")
		a, err := strconv.ParseUint(from, 10, 16)
		b := a
		if err == nil && isRange {
			b, err = strconv.ParseUint(to, 10, 16)
		}
		if err != nil || b < a {
			return 0
		}
		n += int(b-a) + 1
	}
	return n
}

package system

import (
	"path"
	"strings"
)

// Named is the key of what people call name: settings may be written with slashes,
// kernel modules with dashes, mount points with a slash at their end. A path stays
// as it is: its slash means all below it.
func Named(kind, name string) Key {
	switch kind {
	case "mount":
		if name != "" {
			name = path.Clean(name)
		}
	case "sysctl":
		if i := strings.IndexAny(name, "./"); i >= 0 && name[i] == '/' {
			name = strings.NewReplacer("/", ".", ".", "/").Replace(name)
		}
	case "kernel module":
		name = strings.ReplaceAll(name, "-", "_")
	case "hostname":
		name = ""
	}
	return Key{kind, name}
}

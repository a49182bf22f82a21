package cli

import "runtime/debug"

// release is set by the linker in builds that are released.
var release string //nolint:gochecknoglobals // the linker sets nothing else

// version is the release, or what the build knows of its revision.
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return "dev-" + s.Value[:12]
			}
		}
	}
	return "dev"
}

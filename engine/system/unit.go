package system

// UnitDirs are the directories that hold systemd's unit files, the strongest
// first, each with a slash at its end.
func UnitDirs() []string {
	return []string{"/etc/systemd/system/", "/run/systemd/system/", "/usr/local/lib/systemd/system/", "/usr/lib/systemd/system/", "/lib/systemd/system/"}
}

// AllUnits is what a command that makes systemd read its unit files again declares
// as Vague: no unit is stale after it, and nothing else about units has changed.
func AllUnits() Key { return Key{"unit", "*"} }

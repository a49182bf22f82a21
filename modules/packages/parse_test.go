package packages

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCandidatesAreRead(t *testing.T) {
	t.Parallel()
	for name, got := range map[string]map[string]string{
		"apt":    parsePolicy([]byte("curl:\n  Installed: 7.88\n  Candidate: 7.89\n  Version table:\n     7.89 500\nlibstdc++6:\n  Installed: (none)\n  Candidate: 12.2\nmail:\n  Candidate: (none)\n")),
		"dnf":    parsePairs([]byte("curl 7.89\n\nlibstdc++6 0:12.2\n")),
		"pacman": parseFields([]byte("Repository      : core\nName            : curl\nVersion         : 7.89\nURL             : https://x\n\nName            : libstdc++6\nVersion         : 12.2\n")),
		"apk":    parseApk([]byte("curl policy:\n  7.89:\n    https://x/main\n  7.88:\n    lib/apk/db/installed\nlibstdc++6 policy:\n  12.2:\n    https://x/main\n")),
	} {
		if diff := cmp.Diff(map[string]string{"curl": "7.89", "libstdc++6": "12.2"}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzCandidates(f *testing.F) {
	f.Add([]byte("curl:\n  Candidate: 7.89\n"))
	f.Add([]byte("Name : x\nVersion : 1\n"))
	f.Add([]byte("x policy:\n  1:\n"))
	f.Add([]byte(" x | 1 | y\n"))
	f.Fuzz(func(t *testing.T, out []byte) {
		for _, parse := range []func([]byte) map[string]string{parsePolicy, parsePairs, parseFields, parseApk} {
			for name, version := range parse(out) {
				if name == "" || version == "" {
					t.Errorf("%q has version %q", name, version)
				}
			}
		}
		for name, versions := range parseMadison(out) {
			if name == "" || len(versions) == 0 {
				t.Errorf("%q has versions %q", name, versions)
			}
		}
	})
}

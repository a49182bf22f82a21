package accounts

import (
	"strings"
	"testing"
)

// A file is written as it was read, and what is added is found again.
func FuzzKeys(f *testing.F) {
	const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMwbe+o2MR16Mk4jRu3tn7kAm2QH0F4NBct7q8Y4q/pH a b"
	f.Add(key+"\n# x\n\n", "no-pty")
	f.Add(`command="x \" y",no-pty `+key, `from="a b"`)
	f.Add("garbage \"", "")
	f.Fuzz(func(t *testing.T, text, options string) {
		lines := parseFile(text)
		if got := parseFile(render(lines)); render(got) != render(lines) {
			t.Fatalf("%q is read as %q", render(lines), render(got))
		}
		if cut, rest := cutOptions(options + " " + key); strings.ContainsAny(options, "\n\r\x00") || cut != options || rest != key || isKind(options) || strings.HasPrefix(options, "#") {
			return
		}
		keys, err := parseKeys(key)
		if err != nil {
			t.Fatal(err)
		}
		for _, state := range []string{"present", "absent"} {
			a := &AuthorizedKeyArgs{State: state, KeyOptions: options}
			a.adorn(&keys[0])
			once := render(a.edit(lines, keys))
			if twice := render(a.edit(parseFile(once), keys)); once != twice {
				t.Errorf("%s: %q becomes %q and then %q", state, text, once, twice)
			}
		}
	})
}

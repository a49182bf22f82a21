package program

import (
	"os"
	"path/filepath"
	"testing"
)

func TestASealIsNoLinkToFollow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	victim, seal := filepath.Join(dir, "victim"), filepath.Join(dir, "runner.seal")
	if err := os.WriteFile(victim, []byte("as it was"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, seal); err != nil {
		t.Fatal(err)
	}
	writeSeal(seal, "mark")
	if got, err := os.ReadFile(victim); err != nil || string(got) != "as it was" {
		t.Errorf("the link's target holds %q, %v", got, err)
	}
	if got, err := os.ReadFile(seal); err != nil || string(got) != "mark" {
		t.Errorf("the seal holds %q, %v", got, err)
	}
}

func TestIdentityNamesTheDigestAndTheFile(t *testing.T) {
	t.Parallel()
	if a, b := identity("a"), identity("b"); a == "" || a == b || a != identity("a") {
		t.Errorf("%q, %q", a, b)
	}
}

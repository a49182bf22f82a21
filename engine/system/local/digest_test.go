package local_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/local"
	"github.com/gokube/gokube/engine/system/local/digests"
)

func TestALargeFileIsReadAgainOnlyIfItChanged(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	data := bytes.Repeat([]byte("x"), digests.Smallest)
	if err := os.WriteFile(filepath.Join(root, "large"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(root, "large"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := digests.Of(f)
	if err != nil {
		t.Fatal(err)
	}
	kept, other := filepath.Join(t.TempDir(), "digests"), strings.Repeat("ab", 32)
	if err := os.WriteFile(kept, fmt.Appendf(nil, "%d %d %d %d %d %s\n", st.Dev, st.Ino, st.Size, st.Mtime, st.Ctime, other), 0o600); err != nil {
		t.Fatal(err)
	}
	s := local.New(local.Options{Root: root, Digests: digests.In(kept)})
	if got, err := s.Digest("/large"); err != nil || got != other {
		t.Errorf("what is remembered is not believed: %s, %v", got, err)
	}
	if err := os.WriteFile(filepath.Join(root, "large"), append(data, 'y'), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Digest("/large"); err != nil || got != system.Sum(append(data, 'y')) {
		t.Errorf("the file changed, and its digest is %s, %v", got, err)
	}
}

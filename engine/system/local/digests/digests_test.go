package digests_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gokube/gokube/engine/system/local/digests"
)

var sum = strings.Repeat("0123456789abcdef", 4) //nolint:gochecknoglobals // never changed

// old is the stamp of a file that changed long ago.
func old(ino uint64) digests.Stamp {
	return digests.Stamp{Dev: 1, Ino: ino, Size: digests.Smallest, Mtime: 5, Ctime: 6}
}

func TestADigestIsKnownInTheNextRun(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "digests")
	m := digests.In(file)
	m.Put(old(1), sum)
	m.Save()
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(info, err)
	}
	next := digests.In(file)
	if got, ok := next.Get(old(1)); !ok || got != sum {
		t.Errorf("got %q, %v", got, ok)
	}
	for _, other := range []digests.Stamp{old(2), {Dev: 1, Ino: 1, Size: digests.Smallest, Mtime: 5, Ctime: 7}, {Dev: 1, Ino: 1, Size: digests.Smallest + 1, Mtime: 5, Ctime: 6}} {
		if _, ok := next.Get(other); ok {
			t.Errorf("%+v is known", other)
		}
	}
}

func TestWhatIsSmallOrChangedJustNowIsNotRemembered(t *testing.T) {
	t.Parallel()
	m := digests.In("")
	now := time.Now().UnixNano()
	for _, s := range []digests.Stamp{{Size: digests.Smallest - 1}, {Size: digests.Smallest, Ctime: now}, {Size: digests.Smallest, Mtime: now}} {
		m.Put(s, sum)
		if _, ok := m.Get(s); ok {
			t.Errorf("%+v is remembered", s)
		}
	}
	m.Put(old(1), sum)
	if _, ok := m.Get(old(1)); !ok {
		t.Error("nothing is remembered")
	}
	m.Save() // and is kept nowhere
	var none *digests.Memory
	none.Put(old(1), sum)
	none.Save()
	if _, ok := none.Get(old(1)); ok {
		t.Error("no memory remembers")
	}
}

func TestTheLatestAreKept(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "digests")
	m := digests.In(file)
	for i := range uint64(5000) {
		m.Put(old(i), sum)
	}
	m.Save()
	next := digests.In(file)
	if _, ok := next.Get(old(4999)); !ok {
		t.Error("the latest is gone")
	}
	if _, ok := next.Get(old(0)); ok {
		t.Error("the oldest is kept")
	}
}

func TestAFileThatIsDamagedOrALinkIsDoneWithout(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, precious := filepath.Join(dir, "digests"), filepath.Join(dir, "precious")
	if err := os.WriteFile(precious, []byte("1 1 1048576 5 6 "+sum+"\nx\n1 2 3\n\n1 2 1048576 5 6 "+sum[1:]+"g\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok := digests.In(precious).Get(old(1)); !ok {
		t.Error("a whole line is not read")
	}
	if err := os.Symlink(precious, file); err != nil {
		t.Fatal(err)
	}
	m := digests.In(file)
	if _, ok := m.Get(old(1)); ok {
		t.Error("a link was followed")
	}
	m.Put(old(7), sum)
	m.Save()
	if text, err := os.ReadFile(precious); err != nil || strings.Contains(string(text), "1 7 ") {
		t.Errorf("what the link leads to was written: %q, %v", text, err)
	}
	if _, ok := digests.In(file).Get(old(7)); !ok {
		t.Error("nothing was saved")
	}
}

func FuzzIn(f *testing.F) {
	f.Add("1 1 1048576 5 6 " + sum + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		file := filepath.Join(t.TempDir(), "digests")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		m := digests.In(file)
		m.Put(old(1), sum)
		m.Save()
		if got, ok := digests.In(file).Get(old(1)); !ok || got != sum {
			t.Errorf("got %q, %v", got, ok)
		}
	})
}

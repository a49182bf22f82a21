package program

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/gokube/gokube/engine/wire"
)

// genuine compares this program with what the controller sent, if sum says so.
// Its digest takes milliseconds, so a program that was found genuine is sealed: a
// file beside it keeps which inode that was, its size and when it last changed,
// which only the kernel sets. Whoever can write there can run programs as this user.
func genuine(sum string) error {
	if sum == "" {
		return nil
	}
	seal, mark := self()+".seal", identity(sum)
	if kept, err := os.ReadFile(seal); err == nil && mark != "" && string(kept) == mark {
		return nil
	}
	if got := digest("/proc/self/exe"); got != sum {
		return &exit{wire.ExitDamaged, fmt.Errorf("verify the runner: %s has digest %.12s, not %.12s", self(), got, sum)}
	}
	writeSeal(seal, mark)
	return nil
}

// identity names the file that this process runs, as it is now; "" if that cannot
// be told.
func identity(sum string) string {
	var st unix.Stat_t
	if err := unix.Stat("/proc/self/exe", &st); err != nil {
		return ""
	}
	return fmt.Sprintf("%s %d %d %d %d.%09d\n", sum, st.Dev, st.Ino, st.Size, st.Ctim.Sec, st.Ctim.Nsec)
}

// writeSeal writes the seal, if it can: without one the next start takes its time. A
// link in its place is not followed, for this may be root in a user's directory.
func writeSeal(seal, mark string) {
	_ = os.Remove(seal)
	f, err := os.OpenFile(seal, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	if _, err := f.WriteString(mark); err != nil {
		_ = os.Remove(seal)
	}
}

//go:build linux

package host

import (
	"os"
	"syscall"
)

// pollable is f, and if it is a pipe or a socket, such that reading from it keeps no
// thread waiting: the thread that works at tasks is woken by what comes itself,
// without another one that hands over to it. A terminal stays as it is, for its
// mode would outlive this process.
func pollable(f *os.File) *os.File {
	var st syscall.Stat_t
	fd := int(f.Fd())
	if syscall.Fstat(fd, &st) != nil {
		return f
	}
	if kind := st.Mode & syscall.S_IFMT; kind != syscall.S_IFIFO && kind != syscall.S_IFSOCK {
		return f
	}
	if syscall.SetNonblock(fd, true) != nil {
		return f
	}
	return os.NewFile(uintptr(fd), f.Name())
}

//go:build linux

package build

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// errorLines is how much of a failed command's words an error repeats.
const errorLines = 8

// goTool runs the go command in a folder. Nothing of the caller's settings that
// changes what is built gets through. It dies with the caller, and so do the
// compilers that it started.
func goTool(ctx context.Context, dir string, cgo bool, args ...string) ([]byte, error) {
	// The kernel kills the child when the thread that started it ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var out, tail bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &tail
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off", "GOTOOLCHAIN=local", "GOOS=linux", "GOARCH="+runtime.GOARCH,
		"GOEXPERIMENT=", "GOAMD64=", "GOARM64=", "CGO_ENABLED="+map[bool]string{true: "1", false: "0"}[cgo])
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		lines := strings.Split(strings.TrimSpace(tail.String()), "\n")
		return nil, fmt.Errorf("run go %s: %w: %s", args[0], err, strings.Join(lines[max(0, len(lines)-errorLines):], "; "))
	}
	return out.Bytes(), nil
}

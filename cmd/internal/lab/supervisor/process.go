//go:build linux

package supervisor

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/gokube/gokube/cmd/internal/lab/cgroup"
	"github.com/gokube/gokube/cmd/internal/lab/hostinit"
	"github.com/gokube/gokube/cmd/internal/lab/image"
	"github.com/gokube/gokube/cmd/internal/lab/state"
)

// The files that a supervisor is started with, beyond the standard three.
const (
	lockFile   = 3 // the lab's lock; closed once the supervisor can be found
	configFile = 4 // its Config, then one byte once the lab is to stay
	readyFile  = 5 // where it says "ok" or what went wrong
)

// Handle is held by the process that starts a supervisor. Until Keep is called,
// the lab ends with that process.
type Handle struct {
	word *os.File
}

// Keep lets the lab outlive the caller.
func (h *Handle) Keep() error {
	_, err := h.word.Write([]byte{'k'})
	return errors.Join(err, h.word.Close())
}

// Abandon ends the supervisor, if it is not to be kept.
func (h *Handle) Abandon() { h.word.Close() }

// Spawn starts the lab's supervisor as a process of its own and waits until all
// hosts' first processes run. The lab's lock is shared with it until it can be found.
func Spawn(ctx context.Context, c Config, lock *state.Lock) (*Handle, error) {
	logs, err := os.OpenFile(filepath.Join(c.Store.Folder(c.Name), "supervisor.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer logs.Close()
	configR, configW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer configR.Close()
	readyR, readyW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer readyR.Close()
	cmd := exec.Command("/proc/self/exe", "lab", Command, "--name", c.Name)
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = logs, logs
	cmd.ExtraFiles = []*os.File{lock.File, configR, readyW}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Unshareflags: syscall.CLONE_NEWNS}
	err = cmd.Start()
	readyW.Close()
	h := &Handle{configW}
	if err != nil {
		h.Abandon()
		return nil, fmt.Errorf("start the lab's supervisor: %w", err)
	}
	go func() { _ = cmd.Wait() }()
	defer context.AfterFunc(ctx, h.Abandon)()
	if err := h.settle(c, readyR); err != nil {
		h.Abandon()
		return nil, errors.Join(err, ctx.Err())
	}
	return h, nil
}

// settle tells the supervisor its config and hears how the start went.
func (h *Handle) settle(c Config, ready io.Reader) error {
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if _, err := h.word.Write(append(data, '\n')); err != nil {
		return err
	}
	answer, err := io.ReadAll(ready)
	if err != nil {
		return err
	}
	switch text := strings.TrimSpace(string(answer)); text {
	case "ok":
		return nil
	case "":
		return errors.New("start the lab's supervisor: it ended without a word, see supervisor.log in the lab's folder")
	default:
		return errors.New(text)
	}
}

// Main is the supervisor's process; it ends with the lab.
func Main() error {
	lock, config, ready := os.NewFile(lockFile, "lock"), bufio.NewReader(os.NewFile(configFile, "config")), os.NewFile(readyFile, "ready")
	l := log.New(os.Stderr, "", log.LstdFlags)
	line, err := config.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("read the supervisor's config: %w", err)
	}
	var c Config
	if err := json.Unmarshal(line, &c); err != nil {
		return err
	}
	if err := appear(c); err != nil {
		return tell(ready, err)
	}
	lock.Close()
	ctx, cancel := watch(config)
	defer cancel()
	err = run(ctx, c, l, func(err error) { _ = tell(ready, err) })
	l.Printf("end: %v", errors.Join(err, context.Cause(ctx)))
	return tell(ready, err)
}

// appear makes the supervisor one that can be found and ended: by its recorded
// id and by its control group.
func appear(c Config) error {
	me, err := state.ProcessOf(os.Getpid())
	if err != nil {
		return err
	}
	if err := c.Store.SaveSupervisor(c.Name, me); err != nil {
		return err
	}
	groups, err := cgroup.OfLab(c.Name)
	if err != nil {
		return err
	}
	own := groups.Child("supervisor")
	return errors.Join(groups.Create(), own.Create(), own.Join())
}

// tell says how the start went, the first time it is called.
func tell(ready *os.File, err error) error {
	text := "ok"
	if err != nil {
		text = err.Error()
	}
	_, _ = ready.WriteString(text)
	_ = ready.Close()
	return err
}

// spec describes one host to its first process.
func spec(lab *state.Lab, h state.Host, groups cgroup.Set) hostinit.Spec {
	dir := lab.HostDir(h.Name)
	return hostinit.Spec{
		Root:     filepath.Join(dir, "root"),
		Layers:   lab.Layers,
		Upper:    filepath.Join(dir, "upper"),
		Work:     filepath.Join(dir, "work"),
		Scratch:  filepath.Join(dir, "scratch"),
		Data:     lab.DataDirs(h.Name, image.DataFolders()),
		Groups:   groups,
		User:     image.User,
		Password: lab.Password,
	}
}

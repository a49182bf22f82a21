//go:build linux

package hostinit

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// setPassword gives the user a password, unless there is one: later boots leave
// what the host's owner has made of it.
func (s *Spec) setPassword() error {
	if s.Password == "" {
		return nil
	}
	shadow, err := os.ReadFile("/etc/shadow")
	if err != nil || !locked(string(shadow), s.User) {
		return err
	}
	cmd := exec.Command("/usr/sbin/chpasswd", "--crypt-method", "SHA512")
	cmd.Env = []string{path}
	cmd.Stdin = strings.NewReader(s.User + ":" + s.Password + "\n")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run chpasswd: %w: %s", err, out.String())
	}
	return nil
}

// locked tells whether the user has no password in a shadow file.
func locked(shadow, user string) bool {
	for line := range strings.Lines(shadow) {
		f := strings.Split(line, ":")
		if len(f) > 1 && f[0] == user {
			return f[1] == "" || strings.ContainsAny(f[1][:1], "!*")
		}
	}
	return false
}

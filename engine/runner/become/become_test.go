package become_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/runner/become"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/wire"
)

const marker = "\x01here\n"

// program prints the marker and then the lines it reads.
const program = `printf '\001here\n'; while read -r line; do echo "got $line"; done`

// fake writes a shell script that plays a tool.
func fake(t *testing.T, script string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), "tool")
	if err := os.WriteFile(p, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return p
}

// sudo asks by its prompt until the password is right, three times at most.
const sudo = `
ask=; while [ "$1" != -- ]; do case "$1" in -n) echo "sudo: a password is required" >&2; exit 1;; -p) ask=$2; shift;; esac; shift; done; shift
for i in 1 2 3; do printf %s "$ask" >&2; read -r pw; if [ "$pw" = "open sesame" ]; then exec "$@"; fi; echo "Sorry, try again." >&2; done
echo "sudo: 3 incorrect password attempts" >&2; exit 1
`

// terminal asks on the terminal alone, as doas does.
const terminal = `
while [ "$1" != -u ]; do [ "$1" = -n ] && { echo "doas: Authentication required" >&2; exit 1; }; shift; done; shift 2
printf 'doas (me@here) password: ' > /dev/tty; read -r pw < /dev/tty
[ "$pw" = "open sesame" ] || { echo "doas: Authentication failed" >&2; exit 1; }
exec "$@"
`

// su reads its standard input, which has to be a terminal.
const su = `
[ -t 0 ] || { echo "su: must be run from a terminal" >&2; exit 1; }
printf 'Password: ' >&2; read -r pw
[ "$pw" = "open sesame" ] || { sleep 0; echo "su: Authentication failure" >&2; exit 1; }
shift 2; exec sh -c "$1"
`

func start(t *testing.T, method, script, password string) (*become.Child, error) {
	t.Helper()
	b := wire.Become{Method: method, User: "bob", Exe: fake(t, script), Password: secret.New(password)}
	return become.Start(t.Context(), b, []string{"/bin/sh", "-c", program}, marker)
}

func TestAProgramStartsAfterThePassword(t *testing.T) {
	t.Parallel()
	for method, script := range map[string]string{"sudo": sudo, "doas": terminal, "su": su} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			c, err := start(t, method, script, "open sesame")
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(c, "hello\n")
			line, err := bufio.NewReader(c).ReadString('\n')
			if line != "got hello\n" || err != nil {
				t.Errorf("%q, %v", line, err)
			}
			c.Close()
			<-c.Done()
			if strings.Contains(c.Words(), "sesame") || strings.Contains(c.Words(), "gokube") {
				t.Errorf("the password or our prompt shows in %q", c.Words())
			}
		})
	}
}

func TestEveryByteReachesTheProgram(t *testing.T) {
	t.Parallel()
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for method, script := range map[string]string{"sudo": sudo, "doas": terminal, "su": su} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			b := wire.Become{Method: method, User: "bob", Exe: fake(t, script), Password: secret.New("open sesame")}
			c, err := become.Start(t.Context(), b, []string{"/bin/sh", "-c", `printf '\001here\n'; exec cat`}, marker)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			go func() {
				for range 64 {
					c.Write(all)
				}
			}()
			got := make([]byte, 64*256)
			if _, err := io.ReadFull(c, got); err != nil || string(got) != strings.Repeat(string(all), 64) {
				t.Errorf("other bytes came back, %v", err)
			}
		})
	}
}

func TestRefusalsSayWhy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ method, script, password, want string }{
		"sudo, wrong":     {"sudo", sudo, "nope", "become bob by sudo: the become password is wrong"},
		"sudo, missing":   {"sudo", sudo, "", "a password is required"},
		"sudo, unlisted":  {"sudo", `echo "me is not in the sudoers file." >&2; exit 1`, "x", "is not permitted to (me is not in the sudoers file.)"},
		"sudo, nobody":    {"sudo", `echo "sudo: unknown user bob" >&2; exit 1`, "", "there is no such user"},
		"sudo, crash":     {"sudo", `echo "sudo: /etc/sudo.conf is bad" >&2; exit 1`, "", "become bob by sudo: sudo: /etc/sudo.conf is bad"},
		"sudo, silent":    {"sudo", `exit 1`, "", "without a word"},
		"doas, wrong":     {"doas", terminal, "nope", "password is wrong"},
		"doas, missing":   {"doas", terminal, "", "doas: Authentication required"},
		"su, wrong":       {"su", su, "nope", "password is wrong"},
		"su, missing":     {"su", su, "", "a password is required"},
		"su, nobody":      {"su", `echo "su: user bob does not exist or the user entry does not contain all the required fields" >&2; exit 1`, "", "no such user"},
		"unknown method":  {"runas", ``, "", `method "runas" is not one of sudo, su, doas`},
		"a program fails": {"sudo", `echo "exec: not found" >&2; exit 127`, "", "exec: not found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			child, err := start(t, c.method, c.script, c.password)
			if err == nil {
				child.Close()
				t.Fatal("no refusal")
			}
			if !strings.Contains(err.Error(), c.want) || c.password != "" && strings.Contains(err.Error(), c.password+" ") {
				t.Errorf("got %q, want %q", err, c.want)
			}
		})
	}
}

func TestAToolThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	_, err := become.Start(t.Context(), wire.Become{Method: "sudo", User: "bob", Exe: "nosuchtool"}, []string{"true"}, marker)
	if err == nil || err.Error() != "become bob: there is no nosuchtool on the host" {
		t.Error(err)
	}
}

func TestCancellingEndsTheWait(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := become.Start(ctx, wire.Become{Method: "sudo", User: "bob", Exe: fake(t, "exec sleep 60")}, []string{"true"}, marker)
	if err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Error(err)
	}
}

func TestRootChangesTheUserItself(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can")
	}
	c, err := become.Switch(t.Context(), become.Identity{UID: 65534, GID: 65534, Home: "/"}, []string{"/bin/sh", "-c", `printf '\001here\n'; id -u`}, marker)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got, err := io.ReadAll(c); string(got) != "65534\n" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

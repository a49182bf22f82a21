package systemtest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

// taught is a fake that knows every simulated command.
func taught() *systemtest.Fake {
	f := systemtest.New()
	systemtest.Systemd(f)
	systemtest.Apt(f, map[string]string{"curl": "8-1"})
	systemtest.Accounts(f)
	return f
}

// sh runs words and wants an exit code.
func sh(t *testing.T, f *systemtest.Fake, code int, line string) string {
	t.Helper()
	c := system.Command(strings.Fields(line)...)
	if line == "chpasswd -e" {
		c.Stdin = []byte("kube:hash\n")
	}
	out, err := f.Capture(t.Context(), c, system.Effects{})
	if err != nil || out.Code != code {
		t.Errorf("%s: exit %d %s, %v; want %d", line, out.Code, out.Stderr, err, code)
	}
	return out.Text()
}

func object[T system.Object](t *testing.T, f *systemtest.Fake, name string, want T) {
	t.Helper()
	got, err := system.Get[T](t.Context(), f, name)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%s: %v\n%s", name, err, diff)
	}
}

func TestSystemctl(t *testing.T) {
	t.Parallel()
	f := taught()
	sh(t, f, 5, "systemctl start a")
	f.Files["/etc/systemd/system/a.service"] = systemtest.File{Text: "[Install]"}
	object(t, f, "a.service", system.Unit{})
	sh(t, f, 0, "systemctl enable --now a.service")
	object(t, f, "a.service", system.Unit{Enabled: true, Active: true})
	f.Files["/etc/systemd/system/a.service"] = systemtest.File{Text: "[Install]\n"}
	object(t, f, "a.service", system.Unit{Enabled: true, Active: true, Stale: true})
	sh(t, f, 0, "systemctl restart a")
	object(t, f, "a.service", system.Unit{Enabled: true, Active: true, Stale: true})
	sh(t, f, 0, "systemctl daemon-reload")
	object(t, f, "a.service", system.Unit{Enabled: true, Active: true})
	if got := sh(t, f, 0, "systemctl is-active a"); got != "active" {
		t.Errorf("got %q", got)
	}
	sh(t, f, 0, "systemctl mask --now a")
	object(t, f, "a.service", system.Unit{Masked: true})
	sh(t, f, 1, "systemctl start a")
	sh(t, f, 1, "systemctl is-enabled a")
	sh(t, f, 1, "systemctl hum a")
}

func TestApt(t *testing.T) {
	t.Parallel()
	f := taught()
	sh(t, f, 100, "apt-get install -y vim")
	sh(t, f, 100, "apt-get install -y curl=9")
	if got := sh(t, f, 0, "apt-cache policy curl"); !strings.Contains(got, "Candidate: 8-1") || !strings.Contains(got, "(none)") {
		t.Error(got)
	}
	sh(t, f, 0, "apt-get install -y -o Dpkg::Options::=--force-confold curl=8-1")
	object(t, f, "curl", system.Package{Version: "8-1"})
	f.Set("curl", system.Package{Version: "7"})
	sh(t, f, 0, "apt-mark hold curl")
	sh(t, f, 0, "apt-get -y upgrade")
	object(t, f, "curl", system.Package{Version: "7"})
	if got := sh(t, f, 0, "apt-mark showhold"); got != "curl" {
		t.Errorf("got %q", got)
	}
	sh(t, f, 0, "apt-get purge -y curl")
	if len(f.Objects) != 3 {
		t.Errorf("left %v", f.Objects)
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	f := taught()
	sh(t, f, 0, "groupadd -g 50 adm")
	sh(t, f, 9, "groupadd adm")
	sh(t, f, 6, "useradd -G none kube")
	sh(t, f, 0, "useradd -r -m -s /bin/bash -G adm kube")
	sh(t, f, 9, "useradd kube")
	object(t, f, "kube", system.User{UID: 100, Group: "kube", Groups: []string{"adm"}, Home: "/home/kube", Shell: "/bin/bash", PasswordHash: "!"})
	object(t, f, "adm", system.Group{GID: 50, Members: []string{"kube"}})
	sh(t, f, 0, "chpasswd -e")
	sh(t, f, 0, "groupadd docker")
	sh(t, f, 0, "usermod -a -G docker -u 7 kube")
	object(t, f, "kube", system.User{UID: 7, Group: "kube", Groups: []string{"adm", "docker"}, Home: "/home/kube", Shell: "/bin/bash", PasswordHash: "hash"})
	if in, err := f.Lstat("/home/kube"); err != nil || in.Attrs.Owner != "kube" {
		t.Errorf("home %+v, %v", in, err)
	}
	sh(t, f, 0, "userdel -r kube")
	object(t, f, "adm", system.Group{GID: 50})
	sh(t, f, 6, "userdel kube")
}

func TestAFakeBelievesNoDeclaration(t *testing.T) {
	t.Parallel()
	f := taught()
	f.Commands["touch"] = systemtest.Does(func(f *systemtest.Fake) { f.Files["/etc/x"] = systemtest.File{} })
	for what, run := range map[string]func() error{
		"effect that did not come true": func() error {
			return f.Run(t.Context(), system.Command("touch"), system.Closed(system.Holds("/etc/y", system.Info{})))
		},
		"closed effects that were not": func() error {
			delete(f.Files, "/etc/x")
			return f.Run(t.Context(), system.Command("touch"), system.Closed())
		},
		"query that changes": func() error {
			delete(f.Files, "/etc/x")
			_, err := f.Query(t.Context(), system.Command("touch"))
			return err
		},
	} {
		if err := run(); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

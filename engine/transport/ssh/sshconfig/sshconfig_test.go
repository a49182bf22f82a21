package sshconfig_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/transport/ssh/sshconfig"
)

// load writes files below a home directory and loads .ssh/config.
func load(t testing.TB, files map[string]string) (*sshconfig.Config, string) {
	t.Helper()
	home := t.TempDir()
	for name, text := range files {
		path := filepath.Join(home, ".ssh", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := sshconfig.Env{Home: home, User: "me", LookupEnv: func(name string) (string, bool) {
		return map[string]string{"KEYS": "/keys"}[name], name == "KEYS"
	}}
	c, err := sshconfig.Load(env, filepath.Join(home, ".ssh/config"), filepath.Join(home, ".ssh/missing"))
	if err != nil {
		t.Fatal(err)
	}
	return c, home
}

func lookup(t testing.TB, c *sshconfig.Config, alias string) sshconfig.Settings {
	t.Helper()
	s, err := c.Lookup(alias, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLookupFindsAllThatIsHeeded(t *testing.T) {
	t.Parallel()
	c, home := load(t, map[string]string{"config": `
# comment
Host "web*" !web9
  HostName %h.example.org   # the real name
  User = deploy
  Port 2222
  IdentityFile ~/.ssh/id_%r_%p
  IdentityFile ${KEYS}/%h
  CertificateFile ~/c-cert.pub
  IdentitiesOnly yes
  IdentityAgent none
  ProxyJump jump@bastion:2200,second
  UserKnownHostsFile ~/kh1 "/kh 2"
  StrictHostKeyChecking accept-new
  HostKeyAlias cluster
  ConnectTimeout 7
  SendEnv LANG
Host *
  User nobody
`})
	want := sshconfig.Settings{
		HostName: "web1.example.org", User: "deploy", Port: 2222,
		IdentityFiles:    []string{home + "/.ssh/id_deploy_2222", "/keys/web1.example.org"},
		CertificateFiles: []string{home + "/c-cert.pub"}, IdentitiesOnly: true, IdentityAgent: "none",
		Jumps:      []transport.Jump{{User: "jump", Address: "bastion", Port: 2200}, {Address: "second"}},
		KnownHosts: append([]string{home + "/kh1", "/kh 2"}, sshconfig.SystemKnownHosts()...),
		HostKeys:   transport.HostKeysAcceptNew, HostKeyAlias: "cluster", ConnectTimeout: 7 * time.Second,
	}
	if diff := cmp.Diff(want, lookup(t, c, "web1")); diff != "" {
		t.Error(diff)
	}
	if got := lookup(t, c, "web9"); got.User != "nobody" || got.HostName != "web9" {
		t.Errorf("negated pattern: %+v", got)
	}
	if got, _ := c.Lookup("web1", "root", 22); got.User != "root" || got.Port != 22 {
		t.Errorf("given user and port: %+v", got)
	}
	if len(c.Warnings()) != 0 {
		t.Errorf("warnings: %v", c.Warnings())
	}
}

func TestMatchExecIsSkippedWithItsPlace(t *testing.T) {
	t.Parallel()
	c, home := load(t, map[string]string{"config": `Host a
  Port 1
Match exec "test -e /x" host b
  User evil
  Include more
Match host b,c
  Port 2
Match localuser me
  HostKeyAlias mine
Match localuser you
  HostKeyAlias yours
Match final all
  User late
Match all
  User everyone
`, "more": "User worse\n"})
	got := lookup(t, c, "b")
	if got.User != "everyone" || got.Port != 2 || got.HostKeyAlias != "mine" {
		t.Errorf("%+v", got)
	}
	var places []string
	for _, w := range c.Warnings() {
		places = append(places, strings.TrimPrefix(w.Error(), home+"/.ssh/"))
	}
	hint := ", its block is skipped; Match all, host, originalhost and localuser are understood"
	want := []string{
		`config:3: unsupported Match line in ssh_config: exec test -e /x host b` + hint,
		`config:12: unsupported Match line in ssh_config: final all` + hint,
	}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Error(diff)
	}
}

func TestIncludeCountsInsideItsBlockOnly(t *testing.T) {
	t.Parallel()
	c, _ := load(t, map[string]string{
		"config":    "Include conf.d/*\nHost b\n  Include only-b\n  Port 5\nHost *\n  User last\n",
		"conf.d/10": "Host a\n  User first\n",
		"conf.d/20": "Match exec x\n  User evil\n",
		"only-b":    "HostKeyAlias plain\nHost a b\n  User inner\n",
	})
	a, b := lookup(t, c, "a"), lookup(t, c, "b")
	if a.User != "first" || a.HostKeyAlias != "" || a.Port != 0 {
		t.Errorf("a: %+v", a)
	}
	if b.User != "inner" || b.HostKeyAlias != "plain" || b.Port != 5 {
		t.Errorf("b: %+v", b)
	}
	if len(c.Warnings()) != 1 || c.Warnings()[0].Pos.Line != 1 || filepath.Base(c.Warnings()[0].Pos.File) != "20" {
		t.Errorf("warnings: %v", c.Warnings())
	}
}

func TestIncludeOfItselfEnds(t *testing.T) {
	t.Parallel()
	c, _ := load(t, map[string]string{"config": "Include config\nUser u\n"})
	if got := lookup(t, c, "a"); got.User != "u" {
		t.Errorf("%+v", got)
	}
	if len(c.Warnings()) != 1 {
		t.Errorf("warnings: %v", c.Warnings())
	}
}

func TestUnusableValuesNameTheirPlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"\nPort 0":                       "config:2: unusable value in ssh_config: port 0: a port is a number from 1 to 65535",
		"IdentitiesOnly perhaps":         "config:1: unusable value in ssh_config: identitiesonly perhaps: want yes or no",
		"IdentityFile %Q":                "config:1: unusable value in ssh_config: identityfile %Q: token %Q is not understood here",
		"IdentityFile ${NO}":             "config:1: unusable value in ssh_config: identityfile ${NO}: environment variable NO is not set",
		"ConnectTimeout soon":            "config:1: unusable value in ssh_config: connecttimeout soon: want seconds",
		"ProxyCommand nc %h %p":          "config:1: unusable value in ssh_config: ProxyCommand nc %h %p: gokube runs no proxy commands: use ProxyJump",
		"ProxyJump a:b":                  `config:1: unusable value in ssh_config: proxyjump a:b: parse jump hosts "a:b": port "b" is not between 1 and 65535`,
		"HostName x%":                    "config:1: unusable value in ssh_config: hostname x%: % at the end",
		"ProxyJump j\nProxyCommand nc":   "",
		"ProxyCommand none\nProxyJump j": "",
	} {
		c, home := load(t, map[string]string{"config": text})
		_, err := c.Lookup("h", "", 0)
		got := ""
		var d diag.Diagnostic
		if errors.As(err, &d) {
			got = strings.TrimPrefix(d.Error(), home+"/.ssh/")
		}
		if got != want {
			t.Errorf("%q\ngot  %s\nwant %s", text, got, want)
		}
	}
}

func TestNoneMeansNoKeysAtAll(t *testing.T) {
	t.Parallel()
	c, _ := load(t, map[string]string{"config": "IdentityFile none\n"})
	if got := lookup(t, c, "a"); got.IdentityFiles == nil || len(got.IdentityFiles) != 0 {
		t.Errorf("%#v", got.IdentityFiles)
	}
	c, _ = load(t, nil)
	if got := lookup(t, c, "a"); got.IdentityFiles != nil {
		t.Errorf("%#v", got.IdentityFiles)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("Host a b\n User x\n\tPort=22\n", "a")
	f.Add("Match exec \"x y\"\nUser u\nMatch all\nUser v", "a")
	f.Add("Include config\n= x\n\"\n#\nHost\nHost !\n", "a")
	f.Add("User \"\"\nHost \"a b\"\nHostName %h", "")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text, alias string) {
		path := filepath.Join(dir, "config")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := sshconfig.Load(sshconfig.Env{Home: dir, User: "me"}, path)
		if err != nil {
			t.Fatalf("the library refuses what is left of the file: %v", err)
		}
		if _, err := c.Lookup(alias, "", 0); err != nil && !strings.Contains(err.Error(), path+":") {
			t.Errorf("no place in %v", err)
		}
	})
}

package crypto

import (
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
)

// pki does what the program does, with files that only say what they are: a key
// "key rsa 2048", a certificate the request that it was made from.
func pki(f *systemtest.Fake, c system.Cmd) system.Output {
	if !c.Tool {
		return systemtest.Fails(1, "it is no program of the host")(f, c)
	}
	options := map[string]string{}
	words := c.Argv[2:]
	for ; len(words) > 1 && strings.HasPrefix(words[0], "-"); words = words[2:] {
		options[words[0]] = words[1]
	}
	switch c.Argv[1] {
	case "inspect":
		return says([]any{described(f, words[0])})
	case "key":
		return writes(f, options, "key "+options["-type"]+" "+options["-size"])
	case "cert":
		return signs(f, c, options)
	}
	return compares(f, c, words[0])
}

func says(v any) system.Output {
	text, _ := json.Marshal(v)
	return system.Output{Stdout: text}
}

func described(f *systemtest.Fake, p string) map[string]any {
	w := strings.Fields(f.Files[p].Text)
	switch {
	case len(w) == 3 && w[0] == "key":
		n, _ := strconv.Atoi(w[2])
		return map[string]any{"kind": "key", "key_type": w[1], "key_size": n, "spki_sha256": "sha256:" + p}
	case len(w) == 2 && w[0] == "key":
		return map[string]any{"kind": "key", "error": "it is encrypted"}
	case len(w) == 0:
		return map[string]any{"kind": "other", "error": "it holds nothing in PEM"}
	}
	return map[string]any{"kind": "certificate", "subject": "S", "issuer": "I", "not_after": "2030-01-01T00:00:00Z", "serial": "1", "fingerprint_sha256": "f", "spki_sha256": "sha256:k"}
}

func writes(f *systemtest.Fake, options map[string]string, text string) system.Output {
	mode, _ := strconv.ParseUint(options["-mode"], 8, 12)
	p := options["-o"]
	if err := f.WriteFile(p, system.Data([]byte(text)), system.Attrs{Owner: options["-owner"], Group: options["-group"], Mode: fs.FileMode(mode)}); err != nil {
		return system.Output{Code: 8, Stderr: []byte(err.Error())}
	}
	f.Log = f.Log[:len(f.Log)-1] // the command is what is logged
	return says(described(f, p))
}

func asked(c system.Cmd) (q map[string]any) {
	_ = json.Unmarshal(c.Stdin, &q)
	return q
}

func signs(f *systemtest.Fake, c system.Cmd, options map[string]string) system.Output {
	q := asked(c)
	for _, k := range []string{"key", "ca", "ca_key"} {
		if p, _ := q[k].(string); p != "" && f.Files[p].Text == "" {
			return system.Output{Code: 9, Stderr: []byte("read " + p)}
		}
	}
	return writes(f, options, string(c.Stdin))
}

func compares(f *systemtest.Fake, c system.Cmd, p string) system.Output {
	q, had, ds := asked(c), map[string]any{}, []any{}
	if json.Unmarshal([]byte(f.Files[p].Text), &had) != nil {
		ds = append(ds, map[string]any{"name": "content", "had": "other"})
		had = q
	}
	for _, k := range slices.Sorted(maps.Keys(q)) {
		was, _ := json.Marshal(had[k])
		if is, _ := json.Marshal(q[k]); string(is) != string(was) {
			ds = append(ds, map[string]any{"name": k, "had": string(was)})
		}
	}
	return says(map[string]any{"entry": described(f, p), "differences": ds})
}

func host(files map[string]string) func() *systemtest.Fake {
	return func() *systemtest.Fake {
		f := systemtest.New()
		f.Commands["pki"] = pki
		f.Set("app", system.Group{GID: 7})
		for p, text := range files {
			f.Files[p] = systemtest.File{Text: text, Attrs: system.Attrs{Mode: 0o600}}
		}
		return f
	}
}

func rooted(text string, mode fs.FileMode) systemtest.File {
	return systemtest.File{Text: text, Attrs: system.Attrs{Owner: "root", Group: "root", Mode: mode}}
}

func key(action change.Action, after *change.Value) []change.Change {
	return []change.Change{{Action: action, Kind: "private key", Target: "/etc/k", After: after}}
}

func TestPrivateKey(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, PrivateKey)
	empty := host(map[string]string{"/etc/x": ""})
	there := host(map[string]string{"/etc/k": "key rsa 2048", "/etc/locked": "key locked", "/etc/other": ""})
	replaced := key(change.Update, change.Attrs("mode", "0600", "key", "ecdsa 384"))
	replaced[0].Before = change.Attrs("mode", "0600", "key", "rsa 2048")
	keep := change.Change{Action: change.Create, Kind: "backup", Target: "/etc/k", After: &change.Value{Secret: true}}
	moduletest.Run(t, PrivateKey, []moduletest.Case{
		{Name: "new", Host: empty, Args: module.Args{"path": "/etc/k"}, Want: key(change.Create, change.Attrs("mode", "0600", "key", "rsa 2048")),
			Then:   moduletest.Then{Files: map[string]systemtest.File{"/etc/k": rooted("key rsa 2048", 0o600)}, Ran: []string{"pki key -type rsa -size 2048 -o /etc/k -mode 0600 -owner root -group root"}},
			Output: map[string]any{"filename": "/etc/k", "type": "rsa", "size": 2048, "public_key_sha256": "sha256:/etc/k"}},
		{Name: "new, of its kind and owner", Host: empty, Args: module.Args{"path": "/etc/k", "type": "ecdsa", "group": "app", "mode": "0640"}, Want: key(change.Create, change.Attrs("group", "app", "mode", "0640", "key", "ecdsa 256")),
			Then: moduletest.Then{Files: map[string]systemtest.File{"/etc/k": {Text: "key ecdsa 256", Attrs: system.Attrs{Owner: "root", Group: "app", Mode: 0o640}}}}},
		{Name: "there", Host: there, Args: module.Args{"path": "/etc/k"}, Then: moduletest.Then{Ran: []string{}}, Output: map[string]any{"type": "rsa", "public_key_sha256": "sha256:/etc/k"}},
		{Name: "there, with another mode", Host: there, Args: module.Args{"path": "/etc/k", "mode": "0400"},
			Want: []change.Change{{Action: change.Update, Kind: "file", Target: "/etc/k", Before: change.Attrs("mode", "0600"), After: change.Attrs("mode", "0400")}}},
		{Name: "of another kind", Host: there, Args: module.Args{"path": "/etc/k", "type": "ed25519"}, Err: "keep /etc/k: there is rsa 2048, not ed25519 256; set regenerate: full_idempotence"},
		{Name: "of another kind, left", Host: there, Args: module.Args{"path": "/etc/k", "type": "ed25519", "regenerate": "never"}},
		{Name: "replaced", Host: there, Args: module.Args{"path": "/etc/k", "type": "ecdsa", "size": 384, "regenerate": "full_idempotence"}, Want: replaced},
		{Name: "replaced, with a backup", Host: there, Args: module.Args{"path": "/etc/k", "type": "ecdsa", "size": 384, "regenerate": "full_idempotence", "backup": true}, Want: append([]change.Change{keep}, replaced...)},
		{Name: "locked", Host: there, Args: module.Args{"path": "/etc/locked"}, Err: "a private key that cannot be read (it is encrypted)"},
		{Name: "no key", Host: there, Args: module.Args{"path": "/etc/other"}, Err: "there is no private key"},
		{Name: "no such size", Host: there, Args: module.Args{"path": "/etc/k", "type": "ecdsa", "size": 5}, Err: "size 5 is none of a key of type ecdsa"},
		{Name: "a directory", Host: there, Args: module.Args{"path": "/etc"}, Err: "write /etc: a directory is there"},
		{Name: "no directory", Host: there, Args: module.Args{"path": "/nope/k"}, Err: "directory /nope does not exist"},
		{Name: "nobody's", Host: there, Args: module.Args{"path": "/etc/k2", "owner": "etcd"}, Err: `there is no user "etcd"`},
		{Name: "no group", Host: there, Args: module.Args{"path": "/etc/k2", "group": "etcd"}, Err: `there is no group "etcd"`},
		{Name: "no path", Host: there, Args: module.Args{"path": "k"}, Err: "not absolute"},
	})
}

// signed are the arguments of a certificate that the CA signs, changed by more.
func signed(more module.Args) module.Args {
	out := module.Args{
		"path": "/etc/c.pem", "privatekey_path": "/etc/k", "ownca_path": "/etc/ca.pem", "ownca_privatekey_path": "/etc/ca.key", "common_name": "me", "organization": []any{"o", "p"},
		"subject_alt_name": []any{"DNS:a.b", "IP:10.0.0.1"}, "key_usage": []any{"digitalSignature"}, "extended_key_usage": []any{"serverAuth"},
	}
	maps.Copy(out, more)
	for k, v := range out {
		if v == nil {
			delete(out, k)
		}
	}
	return out
}

const asSigned = `{"key":"/etc/k","ca":"/etc/ca.pem","ca_key":"/etc/ca.key","common_name":"me","organization":["o","p"],"organizational_unit":null,"country":"","state":"","locality":"",` +
	`"sans":{"dns":["a.b"],"ips":["10.0.0.1"]},"is_ca":false,"key_usages":["digitalSignature"],"extended_key_usages":["serverAuth"],"days":365}`

func certificate(action change.Action, pairs ...string) []change.Change {
	all := []string{"mode", "0644", "subject", "CN=me,O=o,O=p", "issuer", "/etc/ca.pem", "privatekey_path", "/etc/k", "subject_alt_name", "DNS:a.b, IP:10.0.0.1", "key_usage", "digitalSignature", "extended_key_usage", "serverAuth", "not_after", "365 days after it is made"}
	if pairs != nil {
		all = pairs
	}
	return []change.Change{{Action: action, Kind: "certificate", Target: "/etc/c.pem", After: change.Attrs(all...)}}
}

func TestX509Certificate(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, X509Certificate)
	files := map[string]string{"/etc/k": "key rsa 2048", "/etc/ca.pem": "{}", "/etc/ca.key": "key rsa 2048"}
	with := func(text string) func() *systemtest.Fake {
		all := maps.Clone(files)
		all["/etc/c.pem"] = text
		return host(all)
	}
	update := certificate(change.Update)
	update[0].Before = change.Attrs("mode", "0600", "common_name", `"me"`)
	update[0].After.Attrs[1].Value = "CN=you,O=o,O=p"
	self := certificate(change.Create, "mode", "0644", "subject", "CN=ca", "issuer", "itself", "privatekey_path", "/etc/k", "basic_constraints", "CA:TRUE, pathlen:1", "not_after", "2099-01-01T00:00:00+01:00")
	content := certificate(change.Update)
	content[0].Before = change.Attrs("mode", "0600", "content", "other")
	bad := func(name string, value any, err string) moduletest.Case {
		return moduletest.Case{Name: err, Host: host(files), Args: signed(module.Args{name: value}), Err: err}
	}
	moduletest.Run(t, X509Certificate, []moduletest.Case{
		{Name: "new", Host: host(files), Args: signed(nil), Want: certificate(change.Create),
			Then:   moduletest.Then{Files: map[string]systemtest.File{"/etc/c.pem": {Attrs: system.Attrs{Owner: "root", Group: "root", Mode: 0o644}, Text: asSigned}}, Ran: []string{"pki cert -o /etc/c.pem -mode 0644 -owner root -group root"}},
			Output: map[string]any{"filename": "/etc/c.pem", "subject": "S", "issuer": "I", "not_after": "2030-01-01T00:00:00Z", "serial_number": "1", "fingerprint_sha256": "f", "public_key_sha256": "sha256:k"}},
		{Name: "as it should be", Host: with(asSigned), Args: signed(module.Args{"mode": "0600"}), Then: moduletest.Then{Ran: []string{}}, Output: map[string]any{"issuer": "I"}},
		{Name: "of another subject", Host: with(asSigned), Args: signed(module.Args{"common_name": "you"}), Want: update},
		{Name: "no certificate", Host: with("x"), Args: signed(module.Args{"backup": true}),
			Want: append([]change.Change{{Action: change.Create, Kind: "backup", Target: "/etc/c.pem", After: change.Attrs("name", "/etc/c.pem."+system.Sum([]byte("x"))[:12]+"~")}}, content...)},
		{Name: "signed by itself", Host: host(files), Args: signed(module.Args{"ownca_path": nil, "ownca_privatekey_path": nil, "common_name": "ca", "organization": nil, "subject_alt_name": nil, "key_usage": nil,
			"extended_key_usage": nil, "basic_constraints": []any{"CA:TRUE", "pathlen:1"}, "not_after": "2099-01-01T00:00:00+01:00"}), Want: self},
		bad("privatekey_path", "/etc/none", "its private key, /etc/none, does not exist; make it with the module private_key"),
		bad("ownca_path", "/etc/none", "its certificate of the CA, /etc/none, does not exist"),
		bad("ownca_privatekey_path", nil, "belong together"),
		bad("subject_alt_name", []any{"a.b"}, `subject_alt_name "a.b" does not begin with DNS:`),
		bad("subject_alt_name", []any{"IP:a.b"}, `"a.b" is no IP address`),
		bad("basic_constraints", []any{"CA"}, `basic_constraints "CA" is none of`),
		bad("basic_constraints", []any{"pathlen:1"}, "add CA:TRUE"),
		bad("days", 20, "it would be renewed at once"),
		bad("not_after", "+20d", "is no time such as"),
		bad("renew_before", -1, "below 0"),
		bad("path", "/nope/c", "directory /nope does not exist"),
	})
}

// TestACheckOfABareHostIsCertain makes a CA, a key and a certificate that the CA
// signs, none of which is there yet.
func TestACheckOfABareHostIsCertain(t *testing.T) {
	t.Parallel()
	f := host(nil)()
	o := overlay.New(system.ReadOnly(f))
	for _, task := range []struct {
		m    module.Module
		args module.Args
	}{
		{PrivateKey, module.Args{"path": "/etc/ca.key"}},
		{X509Certificate, module.Args{"path": "/etc/ca.pem", "privatekey_path": "/etc/ca.key", "common_name": "ca", "basic_constraints": []any{"CA:TRUE"}}},
		{PrivateKey, module.Args{"path": "/etc/k"}},
		{X509Certificate, signed(nil)},
	} {
		o.Task("")
		p, err := task.m.Plan(t.Context(), system.ReadOnly(o), task.args)
		if err != nil || len(p.Steps) != 1 || o.Doubt() != nil && !p.Steps[0].Certain {
			t.Fatalf("%v: %+v, %v, %v", task.args, p, err, o.Doubt())
		}
		if n, err := p.Predict(t.Context(), o); n != 1 || err != nil {
			t.Fatalf("%v: %d, %v", task.args, n, err)
		}
	}
	o.Task("")
	if in, err := o.Lstat("/etc/ca.key"); err != nil || in.Attrs != (system.Attrs{Owner: "root", Group: "root", Mode: 0o600}) {
		t.Errorf("%+v, %v", in, err)
	}
}

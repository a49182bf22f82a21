package pki

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

func call(t *testing.T, in string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := Run(t.Context(), args, strings.NewReader(in), &out)
	return out.String(), err
}

func must(t *testing.T, in string, args ...string) string {
	t.Helper()
	out, err := call(t, in, args...)
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return out
}

func seen(t *testing.T, args ...string) (all []Entry) {
	t.Helper()
	if err := json.Unmarshal([]byte(must(t, "", append([]string{"inspect"}, args...)...)), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func text(t *testing.T, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// authority makes a CA in a directory of its own.
func authority(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	must(t, "", "key", "-type", "ecdsa", "-o", dir+"/ca.key")
	must(t, text(t, map[string]any{"key": dir + "/ca.key", "common_name": "ca", "is_ca": true, "path_length": 0, "days": 100, "key_usages": []string{"keyCertSign"}}), "cert", "-o", dir+"/ca.crt")
	return dir
}

func leaf(dir string, more map[string]any) map[string]any {
	out := map[string]any{
		"key": dir + "/ca.key", "ca": dir + "/ca.crt", "ca_key": dir + "/ca.key", "days": 10, "common_name": "me", "organization": []string{"o"},
		"sans":       map[string]any{"dns": []string{"a.b", "localhost"}, "ips": []string{"127.0.0.1", "fd00::1"}, "uris": []string{"spiffe://x/y"}},
		"key_usages": []string{"digitalSignature", "keyEncipherment"}, "extended_key_usages": []string{"serverAuth", "clientAuth"},
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func TestCertificatesSayWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	dir := authority(t)
	must(t, text(t, leaf(dir, nil)), "cert", "-o", dir+"/me.crt")
	got := seen(t, "-ca", dir+"/ca.crt", dir+"/me.crt", dir+"/ca.crt", dir+"/ca.key", dir+"/none")
	yes, zero := true, 0
	want := []Entry{
		{Path: dir + "/me.crt", Kind: "certificate", KeyType: "ecdsa", KeySize: 256, Cert: &Cert{
			Subject: "CN=me,O=o", CommonName: "me", Organization: []string{"o"},
			SANs:   SANs{DNS: []string{"a.b", "localhost"}, IPs: []string{"127.0.0.1", "fd00::1"}, Emails: []string{}, URIs: []string{"spiffe://x/y"}},
			Issued: &Issued{Issuer: "CN=ca", KeyUsages: []string{"digitalSignature", "keyEncipherment"}, ExtUsages: []string{"serverAuth", "clientAuth"}, FromCA: &yes},
		}},
		{Path: dir + "/ca.crt", Kind: "certificate", KeyType: "ecdsa", KeySize: 256, Cert: &Cert{
			Subject: "CN=ca", CommonName: "ca", Organization: []string{},
			SANs:   SANs{DNS: []string{}, IPs: []string{}, Emails: []string{}, URIs: []string{}},
			Issued: &Issued{Issuer: "CN=ca", KeyUsages: []string{"keyCertSign"}, ExtUsages: []string{}, IsCA: true, PathLength: &zero, SelfSigned: true, FromCA: &yes},
		}},
		{Path: dir + "/ca.key", Kind: "key", KeyType: "ecdsa", KeySize: 256},
		{Path: dir + "/none", Absent: true},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Issued{}, "NotBefore", "NotAfter", "Serial", "Fingerprint"), cmpopts.IgnoreFields(Entry{}, "SPKI")); diff != "" {
		t.Error(diff)
	}
	for _, e := range got[1:3] {
		if !strings.HasPrefix(e.SPKI, "sha256:") || e.SPKI != got[0].SPKI || len(e.SPKI) != 71 {
			t.Errorf("%s has the public key %q", e.Path, e.SPKI)
		}
	}
	if d := time.Until(got[0].NotAfter); d > 240*time.Hour || d < 239*time.Hour {
		t.Errorf("it ends in %s", d)
	}
	if other := seen(t, "-ca", dir+"/me.crt", dir+"/ca.crt"); *other[0].FromCA {
		t.Error("the CA is signed by what it has signed")
	}
}

func TestKeysAreOfTheirKindAndTheirOwnersAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, c := range []struct {
		args []string
		kind string
		bits int
	}{
		{nil, "rsa", 2048}, {[]string{"-type", "rsa", "-size", "1024"}, "rsa", 1024}, {[]string{"-type", "ecdsa"}, "ecdsa", 256},
		{[]string{"-type", "ecdsa", "-size", "384"}, "ecdsa", 384}, {[]string{"-type", "ed25519"}, "ed25519", 256},
	} {
		p := filepath.Join(dir, fmt.Sprint(i))
		said := must(t, "", append([]string{"key", "-o", p}, c.args...)...)
		e := seen(t, p)[0]
		if e.Kind != "key" || e.KeyType != c.kind || e.KeySize != c.bits || !strings.Contains(said, e.SPKI) || strings.Contains(said, "PRIVATE") {
			t.Errorf("%q: %+v, printed %s", c.args, e, said)
		}
		if in, err := os.Stat(p); err != nil || in.Mode() != 0o600 {
			t.Errorf("%v, %v", in.Mode(), err)
		}
	}
	if out := must(t, "", "key", "-type", "ed25519"); !strings.HasPrefix(out, "-----BEGIN PRIVATE KEY-----\n") {
		t.Error("without a path it is not printed")
	}
}

func TestACertificateAndItsKeyBelongTogether(t *testing.T) {
	t.Parallel()
	dir := authority(t)
	must(t, "", "key", "-type", "ed25519", "-o", dir+"/other.key")
	for key, want := range map[string]string{"/ca.key": "{\"match\":true}\n", "/other.key": "{\"match\":false}\n"} {
		if got := must(t, "", "match", dir+"/ca.crt", dir+key); got != want {
			t.Errorf("%s: %s", key, got)
		}
	}
}

func TestFilesOfOtherThingsAreSeenAsSuch(t *testing.T) {
	t.Parallel()
	dir := authority(t)
	for name, text := range map[string]string{
		"empty": "", "broken": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "locked": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
		"crl": "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", "public": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "request": "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]struct{ kind, words string }{
		"empty": {"other", "nothing in PEM"}, "broken": {"certificate", "x509"}, "locked": {"key", "encrypted"}, "crl": {"crl", ""}, "public": {"public key", "asn1"}, "request": {"csr", "asn1"},
	} {
		e := seen(t, filepath.Join(dir, name))[0]
		if e.Kind != want.kind || !strings.Contains(e.Error, want.words) {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestDifferencesAreNamed(t *testing.T) {
	t.Parallel()
	dir, other := authority(t), authority(t)
	must(t, text(t, leaf(dir, nil)), "cert", "-mode", "0644", "-o", dir+"/me.crt")
	if in, err := os.Stat(dir + "/me.crt"); err != nil || in.Mode() != 0o644 {
		t.Errorf("%v, %v", in.Mode(), err)
	}
	for name, c := range map[string]struct {
		more map[string]any
		want []Difference
	}{
		"none":        {nil, []Difference{}},
		"order":       {map[string]any{"sans": map[string]any{"dns": []string{"localhost", "a.b"}, "ips": []string{"fd00:0::1", "127.0.0.1"}, "uris": []string{"spiffe://x/y"}}, "extended_key_usages": []string{"clientAuth", "serverAuth"}}, []Difference{}},
		"another CA":  {map[string]any{"ca": other + "/ca.crt"}, []Difference{{"issuer", "CN=ca"}}},
		"self-signed": {map[string]any{"ca": ""}, []Difference{{"issuer", "CN=ca"}}},
		"another key": {map[string]any{"key": other + "/ca.key"}, []Difference{{"privatekey_path", "another key"}}},
		"subject":     {map[string]any{"common_name": "you", "sans": nil}, []Difference{{"subject", "CN=me,O=o"}, {"subject_alt_name", "DNS:a.b, DNS:localhost, IP:127.0.0.1, IP:fd00::1, URI:spiffe://x/y"}}},
		"purposes":    {map[string]any{"is_ca": true, "key_usages": nil, "extended_key_usages": []string{"serverAuth"}}, []Difference{{"basic_constraints", "CA:FALSE"}, {"key_usage", "digitalSignature, keyEncipherment"}, {"extended_key_usage", "serverAuth, clientAuth"}}},
	} {
		var v Verdict
		if err := json.Unmarshal([]byte(must(t, text(t, leaf(dir, c.more)), "check", dir+"/me.crt")), &v); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, v.Differences); diff != "" || v.Entry.CommonName != "me" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWhatDoesNotLastIsADifference(t *testing.T) {
	t.Parallel()
	dir := authority(t)
	must(t, text(t, leaf(dir, nil)), "cert", "-o", dir+"/me.crt")
	for _, c := range []struct {
		in   map[string]any
		args []string
		want string
	}{
		{nil, []string{"-renew", "864001", dir + "/me.crt"}, `{"name":"not_after","had":"20`},
		{nil, []string{"-renew", "800000", dir + "/me.crt"}, `"differences":[]`},
		{map[string]any{"not_after": "2999-01-01T00:00:00Z"}, []string{dir + "/me.crt"}, `{"name":"not_after","had":"20`},
		{nil, []string{dir + "/no"}, `{"name":"file","had":"absent"}`},
		{nil, []string{dir + "/ca.key"}, `{"name":"content","had":"key"}`},
	} {
		if out := must(t, text(t, leaf(dir, c.in)), append([]string{"check"}, c.args...)...); !strings.Contains(out, c.want) {
			t.Errorf("%q: %s", c.args, out)
		}
	}
}

func TestOwnersAreGiven(t *testing.T) {
	t.Parallel()
	dir, me := t.TempDir(), fmt.Sprint(os.Getuid())
	must(t, "", "key", "-type", "ed25519", "-owner", me, "-group", fmt.Sprint(os.Getgid()), "-o", dir+"/k")
	for _, args := range [][]string{{"-owner", "no-such-user"}, {"-group", "no-such-group"}, {"-mode", "rw"}} {
		if out, err := call(t, "", append([]string{"key", "-type", "ed25519", "-o", dir + "/x"}, args...)...); err == nil || out != "" {
			t.Errorf("%q: %q, %v", args, out, err)
		}
	}
	if left, err := os.ReadDir(dir); len(left) != 1 || err != nil {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestWhatCannotBeDoneSaysWhy(t *testing.T) {
	t.Parallel()
	dir := authority(t)
	must(t, text(t, leaf(dir, nil)), "cert", "-o", dir+"/me.crt")
	must(t, "", "key", "-type", "ed25519", "-o", dir+"/other.key")
	q := func(k string, v any) string { return text(t, leaf(dir, map[string]any{k: v})) }
	for _, c := range []struct {
		code int
		want string
		in   string
		args []string
	}{
		{outcome.Usage, "inspect, match, key, cert or check", "", nil},
		{outcome.Usage, "paths are wanted", "", []string{"inspect"}},
		{outcome.Usage, "a certificate and a private key", "", []string{"match", "a"}},
		{outcome.Input, "no file of keys", "", []string{"inspect", dir}},
		{outcome.Input, "holds no certificate", "", []string{"match", dir + "/ca.key", dir + "/ca.key"}},
		{outcome.Input, "holds no private key", "", []string{"match", dir + "/ca.crt", dir + "/ca.crt"}},
		{outcome.Usage, "no rsa keys of 5 bits", "", []string{"key", "-size", "5"}},
		{outcome.Usage, "no x keys of 0 bits", "", []string{"key", "-type", "x"}},
		{outcome.Usage, "0 words are wanted", "", []string{"key", "x"}},
		{outcome.Write, "no such file", "", []string{"key", "-type", "ed25519", "-o", dir + "/no/x"}},
		{outcome.Usage, "private key is wanted", "", []string{"cert"}},
		{outcome.Usage, "unknown field", `{"keys":1}`, []string{"cert"}},
		{outcome.Input, "no such file", q("key", dir+"/no"), []string{"cert"}},
		{outcome.Input, "is not that of the CA's certificate", q("ca_key", dir+"/other.key"), []string{"cert"}},
		{outcome.Input, "is not the certificate of a CA", q("ca", dir+"/me.crt"), []string{"cert"}},
		{outcome.Input, "ends at", q("days", 200), []string{"cert"}},
		{outcome.Usage, "before it begins", q("days", 0), []string{"cert"}},
		{outcome.Usage, "before it begins", q("not_after", "2000-01-01T00:00:00Z"), []string{"cert"}},
		{outcome.Usage, `no key usage "fly"`, q("key_usages", []string{"fly"}), []string{"cert"}},
		{outcome.Usage, `no extended key usage "fly"`, q("extended_key_usages", []string{"fly"}), []string{"cert"}},
		{outcome.Usage, `"1.2.3" is no IP`, q("sans", map[string]any{"ips": []string{"1.2.3"}}), []string{"cert"}},
		{outcome.Usage, `is no URI`, q("sans", map[string]any{"uris": []string{":"}}), []string{"cert"}},
	} {
		out, err := call(t, c.in, c.args...)
		if outcome.Code(err) != c.code || !strings.Contains(err.Error(), c.want) || out != "" {
			t.Errorf("%q %s: %q, %v", c.args, c.in, out, err)
		}
	}
}

func FuzzDescribe(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"))
	f.Add([]byte("-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		all := describe("p", text, nil)
		if len(all) == 0 {
			t.Error("nothing is said")
		}
		if _, err := json.Marshal(all); err != nil {
			t.Error(err)
		}
	})
}

func TestInspectReadsStandardInput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, "", "key", "-o", dir+"/a.key")
	text, err := os.ReadFile(dir + "/a.key")
	if err != nil {
		t.Fatal(err)
	}
	if got := must(t, string(text), "inspect", "-"); !strings.Contains(got, `"path":"-","kind":"key"`) {
		t.Error(got)
	}
}

package crypto

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// X509CertificateArgs are the arguments of the x509_certificate module.
type X509CertificateArgs struct {
	// Path is the file of the certificate. Its mode is 0644 unless the task says
	// otherwise.
	Path string `arg:"path,required" target:"path"`
	// PrivatekeyPath is the file of its private key, which must be there.
	PrivatekeyPath string `arg:"privatekey_path,required"`
	// OwncaPath is the certificate of the CA that signs it; without it, it signs itself.
	OwncaPath string `arg:"ownca_path,alias=ca_path"`
	// OwncaPrivatekeyPath is the private key of that CA.
	OwncaPrivatekeyPath string `arg:"ownca_privatekey_path,alias=ca_key_path"`
	Subject
	// SubjectAltName are the names that it is for, each with its kind: `DNS:a.example`,
	// `IP:10.0.0.1`, `URI:...` or `email:...`. Their order does not matter.
	SubjectAltName []string `arg:"subject_alt_name"`
	// KeyUsage is what its key may do: `digitalSignature`, `keyEncipherment`,
	// `keyCertSign`, `cRLSign` and so on.
	KeyUsage []string `arg:"key_usage,alias=keyUsage"`
	// ExtendedKeyUsage is what it may be used for: `serverAuth`, `clientAuth` and so on.
	ExtendedKeyUsage []string `arg:"extended_key_usage,alias=extKeyUsage"`
	// BasicConstraints are `CA:TRUE` for the certificate of a CA, and maybe `pathlen:N`,
	// the number of CAs below it.
	BasicConstraints []string `arg:"basic_constraints,alias=basicConstraints"`
	Period
	// Backup keeps the old certificate beside the new one, as NAME.DIGEST~.
	Backup bool `arg:"backup"`
	place.FileAttrs
}

// Subject is whom a certificate is about.
type Subject struct {
	// CommonName is the subject's CN.
	CommonName string `arg:"common_name"`
	// Organization is the subject's O; for Kubernetes, the groups of a user.
	Organization []string `arg:"organization,alias=organization_name"`
	// OrganizationalUnit is the subject's OU.
	OrganizationalUnit []string `arg:"organizational_unit,alias=organizational_unit_name"`
	// CountryName is the subject's C.
	CountryName string `arg:"country_name"`
	// StateOrProvinceName is the subject's ST.
	StateOrProvinceName string `arg:"state_or_province_name"`
	// LocalityName is the subject's L.
	LocalityName string `arg:"locality_name"`
}

// Period is how long a certificate is valid.
type Period struct {
	// Days is how long it is valid, from when it is made.
	Days int `arg:"days" default:"365"`
	// NotAfter is when it ends, instead: 2035-01-01T00:00:00Z.
	NotAfter string `arg:"not_after"`
	// RenewBefore is how many days before its end another is made, if it is to last a
	// number of days.
	RenewBefore int `arg:"renew_before" default:"30"`
}

// X509Certificate makes a certificate.
var X509Certificate = module.Define(module.Spec{
	Name: "x509_certificate", Summary: "Make a certificate for a private key, signed by itself or by a CA of the host", Contained: true,
	Example: `- name: make a CA
  x509_certificate:
    path: /etc/ssl/etcd/ca.pem
    privatekey_path: /etc/ssl/etcd/ca-key.pem
    common_name: etcd-ca
    basic_constraints: ["CA:TRUE"]
    key_usage: [digitalSignature, keyEncipherment, keyCertSign]
    days: 3650
- name: make a certificate that the CA signs
  x509_certificate:
    path: /etc/ssl/etcd/member.pem
    privatekey_path: /etc/ssl/etcd/member-key.pem
    ownca_path: /etc/ssl/etcd/ca.pem
    ownca_privatekey_path: /etc/ssl/etcd/ca-key.pem
    common_name: "{{ .inventory_hostname }}"
    subject_alt_name: ["DNS:localhost", "IP:127.0.0.1"]
    key_usage: [digitalSignature, keyEncipherment]
    extended_key_usage: [serverAuth, clientAuth]
`,
	Output: []module.Doc{{Name: "filename", Text: "the file"}, {Name: "subject", Text: "whom it is about"}, {Name: "issuer", Text: "who signed it"}, {Name: "not_after", Text: "when it ends"},
		{Name: "serial_number", Text: "in hex"}, {Name: "fingerprint_sha256", Text: "digest of the certificate"}, {Name: "public_key_sha256", Text: "`sha256:` and the digest of its public key, as kubeadm wants that of a CA"},
		{Name: "backup_file", Text: "where the old certificate is, if it was kept"}},
}, planX509Certificate)

func planX509Certificate(ctx context.Context, r system.Reader, a *X509CertificateArgs) (*module.Plan, error) {
	s, err := newSpot(ctx, r, a.Path, a.FileAttrs, "0644")
	if err != nil {
		return nil, err
	}
	q, err := a.request()
	if err != nil {
		return nil, err
	}
	stdin, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	p := &module.Plan{Output: map[string]any{"filename": s.path}}
	if err := a.sources(ctx, r); err != nil {
		return nil, err
	}
	w := &work{args: a, spot: s, plan: p, stdin: stdin}
	if s.found.There {
		if done, err := w.there(ctx, r); done || err != nil {
			return p, err
		}
	}
	return p, w.sign(r)
}

// sources is an error if it is certain that a file is missing that is needed.
func (a *X509CertificateArgs) sources(ctx context.Context, r system.Reader) error {
	for _, f := range []struct{ path, what, way string }{
		{a.PrivatekeyPath, "private key", "; make it with the module private_key"}, {a.OwncaPath, "certificate of the CA", ""}, {a.OwncaPrivatekeyPath, "private key of the CA", ""},
	} {
		if f.path == "" {
			continue
		}
		if there, err := system.Exists(ctx, r, f.path); !there && (err == nil || errors.Is(err, fs.ErrNotExist)) {
			return fmt.Errorf("make certificate %s: its %s, %s, does not exist%s", a.Path, f.what, f.path, f.way)
		} else if err != nil && !system.Absent(err) {
			return err
		}
	}
	return nil
}

// work is one certificate being planned.
type work struct {
	args  *X509CertificateArgs
	spot  *spot
	plan  *module.Plan
	stdin []byte
	had   []change.Attr
	vague bool // it is not known in what the one that is there differs
}

// verdict is what the program says of a certificate.
type verdict struct {
	Entry       entry        `json:"entry"`
	Differences []difference `json:"differences"`
}

type difference struct {
	Name string `json:"name"`
	Had  string `json:"had"`
}

// there looks at the certificate that is there; done says that it stays.
func (w *work) there(ctx context.Context, r system.Reader) (done bool, err error) {
	reads := []string{w.spot.path, w.args.PrivatekeyPath}
	if w.args.OwncaPath != "" {
		reads = append(reads, w.args.OwncaPath)
	}
	var v verdict
	renew := w.args.RenewBefore * 24 * 3600
	if w.args.NotAfter != "" {
		renew = 0 // another would end no later
	}
	argv := []string{"check", "-renew", strconv.Itoa(renew), w.spot.path}
	err = ask(ctx, r, &v, w.stdin, argv, reads...)
	switch {
	case place.Unsure(err):
		w.vague = true
		return false, nil
	case err != nil:
		return false, err
	case len(v.Differences) == 0:
		w.tell(v.Entry)
		return true, w.spot.kept(r, w.plan)
	}
	for _, d := range v.Differences {
		w.had = append(w.had, change.Attr{Name: d.Name, Value: d.Had})
	}
	return false, nil
}

func (w *work) tell(e entry) {
	o := w.plan.Output
	o["subject"], o["issuer"], o["not_after"] = e.Subject, e.Issuer, e.NotAfter
	o["serial_number"], o["fingerprint_sha256"], o["public_key_sha256"] = e.Serial, e.Fingerprint, e.SPKI
}

// sign plans a new certificate.
func (w *work) sign(r system.Reader) error {
	if err := w.spot.backup(r, w.plan, w.args.Backup, false); err != nil {
		return err
	}
	c := change.Change{Kind: "certificate", After: &change.Value{Attrs: w.args.shown()}}
	if w.spot.found.There && !w.vague {
		c.Before = place.Had(w.spot.found.In.Attrs, w.spot.want)
		c.Before.Attrs = append(c.Before.Attrs, w.had...)
	}
	for _, name := range []string{"subject", "issuer", "not_after", "serial_number", "fingerprint_sha256", "public_key_sha256"} {
		w.plan.Output[name] = module.Pending{}
	}
	cmd := system.Cmd{Tool: true, Argv: []string{"pki", "cert"}, Stdin: w.stdin}
	step, err := w.spot.write(r, w.plan, c, cmd, w.tell)
	if err == nil && w.vague {
		step.Certain = false
	}
	return err
}

// shown is what is asked for, as a diff has it.
func (a *X509CertificateArgs) shown() (out []change.Attr) {
	issuer, end := "itself", strconv.Itoa(a.Days)+" days after it is made"
	if a.OwncaPath != "" {
		issuer = a.OwncaPath
	}
	if a.NotAfter != "" {
		end = a.NotAfter
	}
	for _, x := range [][2]string{
		{"subject", a.Subject.text()}, {"issuer", issuer}, {"privatekey_path", a.PrivatekeyPath}, {"subject_alt_name", strings.Join(a.SubjectAltName, ", ")},
		{"basic_constraints", strings.Join(a.BasicConstraints, ", ")}, {"key_usage", strings.Join(a.KeyUsage, ", ")}, {"extended_key_usage", strings.Join(a.ExtendedKeyUsage, ", ")}, {"not_after", end},
	} {
		if x[1] != "" {
			out = append(out, change.Attr{Name: x[0], Value: x[1]})
		}
	}
	return out
}

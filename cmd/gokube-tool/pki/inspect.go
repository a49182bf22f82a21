package pki

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"flag"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

// Entry is what is in a file: one for each PEM block, one for a file that is absent
// or has none.
type Entry struct {
	Path   string `json:"path"`
	Absent bool   `json:"absent,omitempty"`
	// Kind is certificate, key, public key, csr, crl, or other.
	Kind string `json:"kind,omitempty"`
	// Error says why nothing more is known of it.
	Error string `json:"error,omitempty"`
	*Cert
	KeyType string `json:"key_type,omitempty"` // rsa, ecdsa, ed25519, other
	KeySize int    `json:"key_size,omitempty"`
	// SPKI is "sha256:" and the digest of the public key; kubeadm's CA hash.
	SPKI string `json:"spki_sha256,omitempty"`
}

// Cert is what a certificate, or a request for one, says.
type Cert struct {
	Subject      string   `json:"subject"`
	CommonName   string   `json:"common_name"`
	Organization []string `json:"organization"`
	SANs         SANs     `json:"sans"`
	*Issued
}

// SANs are the names that a certificate is for. No list is nil.
type SANs struct {
	DNS    []string `json:"dns"`
	IPs    []string `json:"ips"`
	Emails []string `json:"emails"`
	URIs   []string `json:"uris"`
}

// Issued is what only a certificate says.
type Issued struct {
	Issuer      string    `json:"issuer"`
	NotBefore   time.Time `json:"not_before"`
	NotAfter    time.Time `json:"not_after"`
	Serial      string    `json:"serial"`             // hex
	Fingerprint string    `json:"fingerprint_sha256"` // hex
	IsCA        bool      `json:"is_ca"`
	PathLength  *int      `json:"path_length,omitempty"`
	KeyUsages   []string  `json:"key_usages"`
	ExtUsages   []string  `json:"extended_key_usages"`
	SelfSigned  bool      `json:"self_signed"`
	// FromCA is whether the certificate of -ca has signed it.
	FromCA *bool `json:"from_ca,omitempty"`
}

func inspect(args []string, in io.Reader, out io.Writer) error {
	f := flag.NewFlagSet("inspect", flag.ContinueOnError)
	by := f.String("ca", "", "")
	if err := parse(f, args, -1); err != nil {
		return err
	}
	if f.NArg() == 0 {
		return outcome.Misuse("paths are wanted")
	}
	var ca *x509.Certificate
	if *by != "" {
		var err error
		if ca, err = certificate(*by); err != nil {
			return err
		}
	}
	all := []Entry{}
	for _, p := range f.Args() {
		text, err := readOr(in, p)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			all = append(all, Entry{Path: p, Absent: true})
		case err != nil:
			return outcome.Bad("inspect: %w", err)
		default:
			all = append(all, describe(p, text, ca)...)
		}
	}
	return outcome.Print(out, all)
}

// describe is what text, of the file at path, holds; at least one entry.
func describe(path string, text []byte, ca *x509.Certificate) (all []Entry) {
	for b, rest := pem.Decode(text); b != nil; b, rest = pem.Decode(rest) {
		e := Entry{Path: path, Kind: "other"}
		if err := e.fill(b, ca); err != nil {
			e.Error = err.Error()
		}
		all = append(all, e)
	}
	if len(all) == 0 {
		all = []Entry{{Path: path, Kind: "other", Error: "it holds nothing in PEM"}}
	}
	return all
}

func (e *Entry) fill(b *pem.Block, ca *x509.Certificate) error {
	switch {
	case b.Type == "CERTIFICATE" || b.Type == "TRUSTED CERTIFICATE":
		e.Kind = "certificate"
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return err
		}
		e.Cert = said(c, ca)
		e.public(c.PublicKey, c.RawSubjectPublicKeyInfo)
	case strings.HasSuffix(b.Type, "PRIVATE KEY"):
		e.Kind = "key"
		k, err := parseKey(b)
		if err != nil {
			return err
		}
		return e.derive(k.Public())
	case b.Type == "PUBLIC KEY":
		e.Kind = "public key"
		k, err := x509.ParsePKIXPublicKey(b.Bytes)
		if err != nil {
			return err
		}
		e.public(k, b.Bytes)
	case b.Type == "CERTIFICATE REQUEST" || b.Type == "NEW CERTIFICATE REQUEST":
		return e.request(b.Bytes)
	case b.Type == "X509 CRL":
		e.Kind = "crl"
	}
	return nil
}

func (e *Entry) request(der []byte) error {
	e.Kind = "csr"
	r, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return err
	}
	e.Cert = &Cert{Subject: r.Subject.String(), CommonName: r.Subject.CommonName, Organization: list(r.Subject.Organization)}
	e.Cert.SANs = SANs{DNS: list(r.DNSNames), IPs: words(r.IPAddresses), Emails: list(r.EmailAddresses), URIs: words(r.URIs)}
	e.public(r.PublicKey, r.RawSubjectPublicKeyInfo)
	return nil
}

func (e *Entry) derive(public any) error {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err == nil {
		e.public(public, der)
	}
	return err
}

func (e *Entry) public(k any, spki []byte) {
	e.KeyType, e.KeySize = sort(k)
	e.SPKI = "sha256:" + digest(spki)
}

func said(c, ca *x509.Certificate) *Cert {
	out := &Cert{Subject: c.Subject.String(), CommonName: c.Subject.CommonName, Organization: list(c.Subject.Organization)}
	out.SANs = SANs{DNS: list(c.DNSNames), IPs: words(c.IPAddresses), Emails: list(c.EmailAddresses), URIs: words(c.URIs)}
	out.Issued = &Issued{
		Issuer: c.Issuer.String(), NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), Serial: c.SerialNumber.Text(16),
		Fingerprint: digest(c.Raw), IsCA: c.IsCA, KeyUsages: usageNames(c.KeyUsage), ExtUsages: extNames(c),
		SelfSigned: signed(c, c),
	}
	if c.IsCA && (c.MaxPathLen > 0 || c.MaxPathLenZero) {
		out.PathLength = &c.MaxPathLen
	}
	if ca != nil {
		from := signed(c, ca)
		out.FromCA = &from
	}
	return out
}

// signed reports whether ca, by its name and its key, has signed c.
func signed(c, ca *x509.Certificate) bool {
	return string(c.RawIssuer) == string(ca.RawSubject) && ca.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// list is s, never nil.
func list(s []string) []string { return append([]string{}, s...) }

func words[T interface{ String() string }](all []T) []string {
	out := []string{}
	for _, x := range all {
		out = append(out, x.String())
	}
	return out
}

func match(args []string, out io.Writer) error {
	if len(args) != 2 {
		return outcome.Misuse("a certificate and a private key are wanted")
	}
	c, err := certificate(args[0])
	if err != nil {
		return err
	}
	k, err := private(args[1])
	if err != nil {
		return err
	}
	return outcome.Print(out, map[string]bool{"match": belong(c, k)})
}

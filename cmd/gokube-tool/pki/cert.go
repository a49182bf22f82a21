package pki

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/url"
	"time"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

// Request is the certificate that is wanted.
type Request struct {
	Key   string `json:"key"`    // path of its private key
	CA    string `json:"ca"`     // path of the CA's certificate; "" if it signs itself
	CAKey string `json:"ca_key"` // path of the CA's private key

	CommonName         string   `json:"common_name"`
	Organization       []string `json:"organization"`
	OrganizationalUnit []string `json:"organizational_unit"`
	Country            string   `json:"country"`
	State              string   `json:"state"`
	Locality           string   `json:"locality"`
	SANs               SANs     `json:"sans"`

	IsCA       bool     `json:"is_ca"`
	PathLength *int     `json:"path_length"` // no limit if nil
	KeyUsages  []string `json:"key_usages"`
	ExtUsages  []string `json:"extended_key_usages"`
	Period
}

// Period is when it is valid. Its end is NotAfter, or Days after now.
type Period struct {
	NotBefore time.Time `json:"not_before"` // five minutes ago, if zero: clocks differ
	NotAfter  time.Time `json:"not_after"`
	Days      int       `json:"days"`
}

const skew = 5 * time.Minute

func makeCert(args []string, in io.Reader, out io.Writer) error {
	f := flag.NewFlagSet("cert", flag.ContinueOnError)
	at := placeFlags(f)
	if err := parse(f, args, 0); err != nil {
		return err
	}
	var q Request
	if err := outcome.Options(in, &q); err != nil {
		return err
	}
	text, err := q.sign(time.Now())
	if err != nil {
		return err
	}
	return at.finish(text, out)
}

func (q *Request) sign(now time.Time) ([]byte, error) {
	if q.Key == "" {
		return nil, outcome.Misuse("the path of a private key is wanted")
	}
	key, err := private(q.Key)
	if err != nil {
		return nil, err
	}
	c, err := q.template(now)
	if err != nil {
		return nil, err
	}
	parent, signer := c, key
	if q.CA != "" {
		if parent, signer, err = q.authority(c); err != nil {
			return nil, err
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		return nil, fmt.Errorf("sign the certificate: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

// authority is the CA that is to sign c.
func (q *Request) authority(c *x509.Certificate) (*x509.Certificate, crypto.Signer, error) {
	ca, err := certificate(q.CA)
	if err != nil {
		return nil, nil, err
	}
	key, err := private(q.CAKey)
	switch {
	case err != nil:
		return nil, nil, err
	case !belong(ca, key):
		return nil, nil, outcome.Bad("the private key %s is not that of the CA's certificate %s", q.CAKey, q.CA)
	case !ca.IsCA:
		return nil, nil, outcome.Bad("%s is not the certificate of a CA", q.CA)
	case ca.NotAfter.Before(c.NotAfter):
		return nil, nil, outcome.Bad("the CA %s ends at %s, before the certificate that it is to sign, at %s", q.CA, ca.NotAfter.UTC().Format(time.RFC3339), c.NotAfter.UTC().Format(time.RFC3339))
	}
	if c.NotBefore.Before(ca.NotBefore) {
		c.NotBefore = ca.NotBefore
	}
	return ca, key, nil
}

// belong reports whether key is that of c.
func belong(c *x509.Certificate, key crypto.Signer) bool {
	k, ok := key.Public().(interface{ Equal(x crypto.PublicKey) bool })
	return ok && k.Equal(c.PublicKey)
}

func (q *Request) template(now time.Time) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("draw a serial number: %w", err)
	}
	c := &x509.Certificate{
		SerialNumber: serial.Add(serial, big.NewInt(1)), Subject: q.subject(), BasicConstraintsValid: true, IsCA: q.IsCA,
		NotBefore: q.NotBefore, NotAfter: q.NotAfter, DNSNames: q.SANs.DNS, EmailAddresses: q.SANs.Emails,
	}
	if c.NotBefore.IsZero() {
		c.NotBefore = now.Add(-skew)
	}
	if c.NotAfter.IsZero() {
		c.NotAfter = now.AddDate(0, 0, q.Days)
	}
	if !c.NotAfter.After(c.NotBefore) || q.NotAfter.IsZero() && q.Days <= 0 {
		return nil, outcome.Misuse("the certificate would end before it begins")
	}
	if q.PathLength != nil {
		c.MaxPathLen, c.MaxPathLenZero = *q.PathLength, *q.PathLength == 0
	}
	if c.KeyUsage, err = parseUsages(q.KeyUsages); err != nil {
		return nil, err
	}
	if c.ExtKeyUsage, err = parseExtended(q.ExtUsages); err != nil {
		return nil, err
	}
	return c, q.names(c)
}

func (q *Request) subject() pkix.Name {
	n := pkix.Name{CommonName: q.CommonName, Organization: q.Organization, OrganizationalUnit: q.OrganizationalUnit}
	for at, v := range map[*[]string]string{&n.Country: q.Country, &n.Province: q.State, &n.Locality: q.Locality} {
		if v != "" {
			*at = []string{v}
		}
	}
	return n
}

func (q *Request) names(c *x509.Certificate) error {
	for _, s := range q.SANs.IPs {
		ip := net.ParseIP(s)
		if ip == nil {
			return outcome.Misuse("%q is no IP address", s)
		}
		c.IPAddresses = append(c.IPAddresses, ip)
	}
	for _, s := range q.SANs.URIs {
		u, err := url.Parse(s)
		if err != nil {
			return outcome.Misuse("%q is no URI", s)
		}
		c.URIs = append(c.URIs, u)
	}
	return nil
}

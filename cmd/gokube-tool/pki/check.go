package pki

import (
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

// Verdict is in what a certificate differs from the one that is wanted.
type Verdict struct {
	Entry       Entry        `json:"entry"` // the first of the file
	Differences []Difference `json:"differences"`
}

// Difference is one property: what it is, for people to read.
type Difference struct {
	Name string `json:"name"`
	Had  string `json:"had"`
}

// check compares. The CA is looked at as well as the key, so both must be there.
func check(args []string, in io.Reader, out io.Writer) error {
	f := flag.NewFlagSet("check", flag.ContinueOnError)
	renew := f.Int64("renew", 0, "")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	var q Request
	if err := outcome.Options(in, &q); err != nil {
		return err
	}
	v, err := q.compare(f.Arg(0), time.Now().Add(time.Duration(*renew)*time.Second))
	if err != nil {
		return err
	}
	return outcome.Print(out, v)
}

// compare looks at the certificate at path, which must last until then.
func (q *Request) compare(path string, then time.Time) (*Verdict, error) {
	text, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Verdict{Entry: Entry{Path: path, Absent: true}, Differences: []Difference{{"file", "absent"}}}, nil
	}
	if err != nil {
		return nil, outcome.Bad("check: %w", err)
	}
	ca, err := q.issuer()
	if err != nil {
		return nil, err
	}
	v := &Verdict{Entry: describe(path, text, ca)[0], Differences: []Difference{}}
	if v.Entry.Kind != "certificate" || v.Entry.Error != "" {
		v.add("content", strings.TrimSpace(v.Entry.Kind+" "+v.Entry.Error))
		return v, nil
	}
	key, err := private(q.Key)
	if err != nil {
		return nil, err
	}
	c, err := certificate(path)
	if err != nil {
		return nil, err
	}
	if !belong(c, key) {
		v.add("privatekey_path", "another key")
	}
	return v, v.weigh(q, c, then)
}

// issuer is the CA's certificate, nil if the certificate signs itself.
func (q *Request) issuer() (*x509.Certificate, error) {
	if q.CA == "" {
		return nil, nil
	}
	return certificate(q.CA)
}

func (v *Verdict) add(name, had string) { v.Differences = append(v.Differences, Difference{name, had}) }

// weigh compares what c says with q.
func (v *Verdict) weigh(q *Request, c *x509.Certificate, then time.Time) error {
	want, err := q.template(time.Now())
	if err != nil {
		return err
	}
	i := v.Entry.Issued
	if !q.signed(i) {
		v.add("issuer", i.Issuer)
	}
	if had := c.Subject.String(); had != want.Subject.String() {
		v.add("subject", had)
	}
	if had := names(c); !slices.Equal(sorted(had), sorted(names(want))) {
		v.add("subject_alt_name", told(had))
	}
	if had := constraints(c); had != constraints(want) {
		v.add("basic_constraints", had)
	}
	if c.KeyUsage != want.KeyUsage {
		v.add("key_usage", told(i.KeyUsages))
	}
	if !slices.Equal(sorted(i.ExtUsages), sorted(extNames(want))) {
		v.add("extended_key_usage", told(i.ExtUsages))
	}
	if end := i.NotAfter; end.Before(then) || !q.NotAfter.IsZero() && !end.Equal(q.NotAfter.Truncate(time.Second)) {
		v.add("not_after", end.Format(time.RFC3339))
	}
	return nil
}

// signed reports whether i is by q's CA, or by itself if q has none.
func (q *Request) signed(i *Issued) bool {
	if q.CA == "" {
		return i.SelfSigned
	}
	return *i.FromCA
}

// names are all that c is for, with their kinds.
func names(c *x509.Certificate) (out []string) {
	for _, n := range c.DNSNames {
		out = append(out, "DNS:"+n)
	}
	for _, n := range c.IPAddresses {
		out = append(out, "IP:"+n.String())
	}
	for _, n := range c.EmailAddresses {
		out = append(out, "email:"+n)
	}
	for _, n := range c.URIs {
		out = append(out, "URI:"+n.String())
	}
	return out
}

func sorted(s []string) []string {
	s = slices.Sorted(slices.Values(s))
	return slices.Compact(s)
}

func told(s []string) string {
	if len(s) == 0 {
		return "none"
	}
	return strings.Join(s, ", ")
}

func constraints(c *x509.Certificate) string {
	if !c.IsCA {
		return "CA:FALSE"
	}
	if c.MaxPathLen > 0 || c.MaxPathLenZero {
		return fmt.Sprintf("CA:TRUE, pathlen:%d", c.MaxPathLen)
	}
	return "CA:TRUE"
}

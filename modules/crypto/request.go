package crypto

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/system/ip"
)

// request is what the program is asked to make.
type request struct {
	Key                string              `json:"key"`
	CA                 string              `json:"ca"`
	CAKey              string              `json:"ca_key"`
	CommonName         string              `json:"common_name"`
	Organization       []string            `json:"organization"`
	OrganizationalUnit []string            `json:"organizational_unit"`
	Country            string              `json:"country"`
	State              string              `json:"state"`
	Locality           string              `json:"locality"`
	SANs               map[string][]string `json:"sans"`
	constraints
	KeyUsages []string `json:"key_usages"`
	ExtUsages []string `json:"extended_key_usages"`
	NotAfter  string   `json:"not_after,omitempty"`
	Days      int      `json:"days,omitempty"`
}

// constraints are those that a CA has.
type constraints struct {
	IsCA       bool `json:"is_ca"`
	PathLength *int `json:"path_length,omitempty"`
}

func (a *X509CertificateArgs) request() (*request, error) {
	s := a.Subject
	q := &request{
		Key: a.PrivatekeyPath, CA: a.OwncaPath, CAKey: a.OwncaPrivatekeyPath,
		CommonName: s.CommonName, Organization: s.Organization, OrganizationalUnit: s.OrganizationalUnit,
		Country: s.CountryName, State: s.StateOrProvinceName, Locality: s.LocalityName,
		KeyUsages: a.KeyUsage, ExtUsages: a.ExtendedKeyUsage,
	}
	if (a.OwncaPath == "") != (a.OwncaPrivatekeyPath == "") {
		return nil, fmt.Errorf("make certificate %s: ownca_path and ownca_privatekey_path belong together", a.Path)
	}
	var err error
	if q.SANs, err = alternatives(a.SubjectAltName); err != nil {
		return nil, err
	}
	if q.constraints, err = constrain(a.BasicConstraints); err != nil {
		return nil, err
	}
	return q, a.period(q)
}

// alternatives sorts names by their kind.
func alternatives(names []string) (map[string][]string, error) {
	out := map[string][]string{}
	kinds := map[string]string{"dns": "dns", "ip": "ips", "ip address": "ips", "uri": "uris", "email": "emails"}
	for _, n := range names {
		kind, name, ok := strings.Cut(n, ":")
		list := kinds[strings.ToLower(strings.TrimSpace(kind))]
		name = strings.TrimSpace(name)
		if !ok || list == "" || name == "" {
			return nil, fmt.Errorf("subject_alt_name %q does not begin with DNS:, IP:, URI: or email:", n)
		}
		if list == "ips" {
			if _, err := ip.Parse(name); err != nil {
				return nil, fmt.Errorf("subject_alt_name %q: %q is no IP address", n, name)
			}
		}
		out[list] = append(out[list], name)
	}
	return out, nil
}

func constrain(words []string) (c constraints, err error) {
	for _, w := range words {
		name, value, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(w), " ", ""), ":")
		n, nerr := strconv.Atoi(value)
		switch {
		case name == "ca" && (value == "true" || value == "false"):
			c.IsCA = value == "true"
		case name == "pathlen" && nerr == nil && n >= 0:
			c.PathLength = &n
		default:
			return c, fmt.Errorf("basic_constraints %q is none of CA:TRUE, CA:FALSE and pathlen:N", w)
		}
	}
	if c.PathLength != nil && !c.IsCA {
		return c, fmt.Errorf("basic_constraints: pathlen is for a CA, add CA:TRUE")
	}
	return c, nil
}

// period says in q when the certificate ends.
func (a *X509CertificateArgs) period(q *request) error {
	if a.RenewBefore < 0 {
		return fmt.Errorf("renew_before %d is below 0", a.RenewBefore)
	}
	if a.NotAfter != "" {
		at, err := time.Parse(time.RFC3339, a.NotAfter)
		if err != nil {
			return fmt.Errorf("not_after %q is no time such as 2035-01-01T00:00:00Z", a.NotAfter)
		}
		q.NotAfter = at.UTC().Format(time.RFC3339)
		return nil
	}
	if q.Days = a.Days; a.Days <= a.RenewBefore {
		return fmt.Errorf("days %d: it would be renewed at once, %d days before its end; lower renew_before", a.Days, a.RenewBefore)
	}
	return nil
}

// text is the subject, its most particular part first.
func (s *Subject) text() string {
	var out []string
	for _, x := range []struct {
		name   string
		values []string
	}{
		{"CN", []string{s.CommonName}}, {"OU", s.OrganizationalUnit}, {"O", s.Organization}, {"L", []string{s.LocalityName}}, {"ST", []string{s.StateOrProvinceName}}, {"C", []string{s.CountryName}},
	} {
		for _, v := range x.values {
			if v != "" {
				out = append(out, x.name+"="+v)
			}
		}
	}
	return strings.Join(out, ",")
}

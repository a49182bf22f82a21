package pki

import (
	"crypto/x509"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

// usage is one purpose of a key, by the name that RFC 5280 gives it.
type usage struct {
	name string
	bit  x509.KeyUsage
}

func usages() []usage {
	return []usage{
		{"digitalSignature", x509.KeyUsageDigitalSignature}, {"contentCommitment", x509.KeyUsageContentCommitment},
		{"keyEncipherment", x509.KeyUsageKeyEncipherment}, {"dataEncipherment", x509.KeyUsageDataEncipherment},
		{"keyAgreement", x509.KeyUsageKeyAgreement}, {"keyCertSign", x509.KeyUsageCertSign}, {"cRLSign", x509.KeyUsageCRLSign},
		{"encipherOnly", x509.KeyUsageEncipherOnly}, {"decipherOnly", x509.KeyUsageDecipherOnly},
	}
}

// extended is one extended purpose.
type extended struct {
	name string
	kind x509.ExtKeyUsage
}

func extendedUsages() []extended {
	return []extended{
		{"any", x509.ExtKeyUsageAny}, {"serverAuth", x509.ExtKeyUsageServerAuth}, {"clientAuth", x509.ExtKeyUsageClientAuth},
		{"codeSigning", x509.ExtKeyUsageCodeSigning}, {"emailProtection", x509.ExtKeyUsageEmailProtection},
		{"timeStamping", x509.ExtKeyUsageTimeStamping}, {"OCSPSigning", x509.ExtKeyUsageOCSPSigning},
	}
}

func usageNames(u x509.KeyUsage) []string {
	out := []string{}
	for _, x := range usages() {
		if u&x.bit != 0 {
			out = append(out, x.name)
		}
	}
	return out
}

func extNames(c *x509.Certificate) []string {
	out := []string{}
	for _, u := range c.ExtKeyUsage {
		name := "other"
		for _, x := range extendedUsages() {
			if x.kind == u {
				name = x.name
			}
		}
		out = append(out, name)
	}
	for _, id := range c.UnknownExtKeyUsage {
		out = append(out, id.String())
	}
	return out
}

func parseUsages(names []string) (out x509.KeyUsage, err error) {
	for _, n := range names {
		found := false
		for _, x := range usages() {
			if x.name == n {
				out, found = out|x.bit, true
			}
		}
		if !found {
			return 0, outcome.Misuse("there is no key usage %q", n)
		}
	}
	return out, nil
}

func parseExtended(names []string) (out []x509.ExtKeyUsage, err error) {
	for _, n := range names {
		found := false
		for _, x := range extendedUsages() {
			if x.name == n {
				out, found = append(out, x.kind), true
			}
		}
		if !found {
			return nil, outcome.Misuse("there is no extended key usage %q", n)
		}
	}
	return out, nil
}

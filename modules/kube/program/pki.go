package program

import (
	"context"
	"time"

	"github.com/gokube/gokube/engine/system"
)

// Cert is what a PEM file holds.
type Cert struct {
	Path   string `json:"path"`
	Absent bool   `json:"absent"`
	Kind   string `json:"kind"`
	Error  string `json:"error"` // why nothing more is known of it
	SANs   struct {
		DNS []string `json:"dns"`
		IPs []string `json:"ips"`
	} `json:"sans"`
	NotAfter    time.Time `json:"not_after"`
	Fingerprint string    `json:"fingerprint_sha256"`
	SPKI        string    `json:"spki_sha256"` // "sha256:" and hex, as kubeadm has it
}

// Inspect is what the files at paths hold, the first of each.
func Inspect(ctx context.Context, r system.Reader, paths ...string) (map[string]Cert, error) {
	c := system.Cmd{Tool: true, Argv: append([]string{"pki", "inspect"}, paths...), Reads: []system.Key{}}
	for _, p := range paths {
		c.Reads = append(c.Reads, system.Path(p))
	}
	var all []Cert
	if err := JSON(ctx, r, c, &all); err != nil {
		return nil, err
	}
	out := map[string]Cert{}
	for _, e := range all {
		if _, has := out[e.Path]; !has {
			out[e.Path] = e
		}
	}
	return out, nil
}

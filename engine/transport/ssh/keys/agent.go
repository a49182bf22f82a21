package keys

import (
	"context"
	"fmt"
	"net"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// Agent is a connection to an ssh-agent. It is for one login at a time.
type Agent struct {
	conn net.Conn
	keys []Key
}

// OpenAgent connects to the agent at socket and lists its keys. The caller closes
// it when the login is done, which ends with ctx.
func OpenAgent(ctx context.Context, socket string) (*Agent, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, fmt.Errorf("ask ssh-agent at %s: %w", socket, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	client := agent.NewClient(conn)
	listed, err := client.List()
	var signers []ssh.Signer
	if err == nil {
		signers, err = client.Signers()
	}
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("list keys of ssh-agent at %s: %w", socket, err)
	}
	comments := map[string]string{}
	for _, k := range listed {
		comments[string(k.Blob)] = k.Comment
	}
	a := &Agent{conn: conn}
	for _, s := range signers {
		name := comments[string(s.PublicKey().Marshal())]
		a.keys = append(a.keys, Key{Name: "agent key " + name, Public: s.PublicKey(), Signer: s})
	}
	return a, nil
}

// Keys are the agent's keys, in its order.
func (a *Agent) Keys() []Key { return a.keys }

// Find is the agent's key with the public half of k, if it has it.
func (a *Agent) Find(k Key) (Key, bool) {
	for _, have := range a.keys {
		if string(have.Public.Marshal()) == string(k.Public.Marshal()) {
			have.Name = k.Name
			return have, true
		}
	}
	// The agent may hold the bare key of a certificate that is a file.
	if cert, ok := k.Public.(*ssh.Certificate); ok {
		bare, found := a.Find(Key{Name: k.Name, Public: cert.Key})
		if !found {
			return Key{}, false
		}
		s, err := ssh.NewCertSigner(cert, bare.Signer)
		return Key{Name: k.Name, Public: cert, Signer: s}, err == nil
	}
	return Key{}, false
}

// Close ends the connection to the agent.
func (a *Agent) Close() error { return a.conn.Close() }

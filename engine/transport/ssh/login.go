package ssh

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/transport/ssh/keys"
	"github.com/gokube/gokube/engine/transport/ssh/link"
)

// login chooses what to log in with, one method after the other. It is used by one
// handshake.
type login struct {
	ctx  *timeLimit
	ring *keys.Ring
	plan *plan
	link *link.Link

	agent    *keys.Agent
	asked    bool     // the agent was, whatever came of it
	stage    int      // of sources
	queue    []method // of the stages so far
	tried    []string
	seen     map[string]bool // public keys
	offered  []string
	problems []error // why something was not tried
	over     bool    // everything was
}

// method is one way to log in.
type method struct {
	protocol string // as the host lists it
	label    string
	auth     ssh.AuthMethod
}

var errNothingLeft = errors.New("nothing left to log in with")

// sources are the methods in the order they are tried, each made when it is its
// turn.
func (g *login) sources() []func() []method {
	ids := g.plan.identities
	return []func() []method{
		func() []method { return g.files(ids.explicit, true) },
		g.passwords,
		func() []method { return g.files(ids.configured, false) },
		g.agents,
		func() []method { return g.files(ids.defaults, false) },
	}
}

// next is called by the handshake after each refusal.
func (g *login) next(c *ssh.ClientAuthContext) (ssh.AuthMethod, error) {
	if g.link.Broken() {
		return nil, io.EOF // or somebody would be asked for a passphrase in vain
	}
	g.offered = c.AllowedMethods
	sources := g.sources()
	for {
		for len(g.queue) > 0 {
			m := g.queue[0]
			g.queue = g.queue[1:]
			if slices.Contains(c.AllowedMethods, m.protocol) {
				g.tried = append(g.tried, m.label)
				return m.auth, nil
			}
		}
		if g.stage == len(sources) {
			g.over = true
			return nil, errNothingLeft
		}
		g.queue = sources[g.stage]()
		g.stage++
	}
}

// files are the keys in files; missing ones matter if they were asked for.
func (g *login) files(paths []string, must bool) []method {
	var all []method
	for _, path := range paths {
		ks, err := g.ring.File(path)
		if err != nil && (must || !errors.Is(err, fs.ErrNotExist)) {
			g.problems = append(g.problems, err)
		}
		if len(ks) > 0 {
			ks = append(g.certified(ks[len(ks)-1]), ks...)
		}
		for _, k := range ks {
			all = append(all, g.key(k)...)
		}
	}
	return all
}

// certified is k with those certificates that the configuration names for it.
func (g *login) certified(k keys.Key) []keys.Key {
	var all []keys.Key
	for _, file := range g.plan.identities.certificates {
		c, err := keys.Certify(k, file)
		if err != nil {
			g.problems = append(g.problems, err)
		}
		all = append(all, c...)
	}
	return all
}

// key is k as a method, by the agent if that saves a question. Nothing if it was
// tried before or nobody can sign with it.
func (g *login) key(k keys.Key) []method {
	id := string(k.Public.Marshal())
	if g.seen[id] {
		return nil
	}
	if k.Signer == nil || k.Locked {
		if a := g.openAgent(); a != nil {
			if have, ok := a.Find(k); ok {
				k = have
			}
		}
	}
	if k.Signer == nil {
		g.problems = append(g.problems, fmt.Errorf("no agent has the private half of %s", k))
		return nil
	}
	if g.seen == nil {
		g.seen = map[string]bool{}
	}
	g.seen[id] = true
	signer := k.Signer
	if s, ok := signer.(ssh.AlgorithmSigner); ok && k.Locked {
		signer = patient{s, g}
	}
	return []method{{"publickey", k.String(), ssh.PublicKeys(signer)}}
}

func (g *login) agents() []method {
	if !g.plan.identities.agentKeys {
		return nil
	}
	var all []method
	if a := g.openAgent(); a != nil {
		for _, k := range a.Keys() {
			all = append(all, g.key(k)...)
		}
	}
	return all
}

func (g *login) openAgent() *keys.Agent {
	if g.asked || g.plan.identities.agent == "" {
		return g.agent
	}
	g.asked = true
	a, err := keys.OpenAgent(g.ctx, g.plan.identities.agent)
	if err != nil {
		g.problems = append(g.problems, err)
		return nil
	}
	g.agent = a
	return a
}

func (g *login) end() {
	if g.agent != nil {
		_ = g.agent.Close()
	}
}

func (g *login) passwords() []method {
	password := g.plan.password.Reveal()
	if password == "" {
		return nil
	}
	return []method{
		{"password", "password", ssh.Password(password)},
		{"keyboard-interactive", "keyboard-interactive", ssh.KeyboardInteractive(answerOnce(password))},
	}
}

// answerOnce answers the first hidden question with the password, and no other: a
// second one asks for something else, or says that the password was wrong.
func answerOnce(password string) ssh.KeyboardInteractiveChallenge {
	answered := false
	return func(_, _ string, questions []string, echo []bool) ([]string, error) {
		if len(questions) == 0 {
			return nil, nil
		}
		if len(questions) > 1 || echo[0] || answered {
			return nil, fmt.Errorf("the host asks %s, which a password does not answer", strconv.Quote(questions[0]))
		}
		answered = true
		return []string{password}, nil
	}
}

// patient is a signer that may ask a person, for which the clock stops.
type patient struct {
	ssh.AlgorithmSigner
	login *login
}

// SignWithAlgorithm notes why a key could not be opened.
func (p patient) SignWithAlgorithm(rand io.Reader, data []byte, algorithm string) (*ssh.Signature, error) {
	defer p.login.ctx.pause()()
	s, err := p.AlgorithmSigner.SignWithAlgorithm(rand, data, algorithm)
	if err != nil {
		p.login.problems = append(p.login.problems, err)
	}
	return s, err
}

// refused tells whether err, the end of the handshake, is a no of the host and not
// the loss of the connection.
func (g *login) refused(err error) bool {
	return g.over || g.offered != nil && !hungUp(err)
}

// explain is the no of the host with all that was tried.
func (g *login) explain(err error) error {
	e := &transport.AuthError{
		Address: g.plan.address, User: g.plan.user, Tried: g.tried, Cause: errors.Join(g.problems...), Hint: g.hint(),
	}
	for _, m := range g.offered {
		e.Offered = append(e.Offered, strings.Trim(strconv.QuoteToASCII(m), `"`))
	}
	if !errors.Is(err, errNothingLeft) {
		e.Cause = errors.Join(append(g.problems, err)...)
		e.Hint = "the host hung up, perhaps after too many keys: name one key for it, or set IdentitiesOnly"
	}
	if e.Cause != nil {
		e.Cause = oneLine{e.Cause}
	}
	return e
}

func (g *login) hint() string {
	switch {
	case len(g.problems) > 0:
		return ""
	case len(g.tried) > 0:
		return "is the user right, and may one of these log in as it?"
	case slices.Contains(g.offered, "publickey"):
		return "name a key file, start ssh-agent, or give a password"
	}
	return "give a password"
}

// oneLine joins the lines of an error.
type oneLine struct{ error }

func (o oneLine) Error() string { return strings.ReplaceAll(o.error.Error(), "\n", "; ") }
func (o oneLine) Unwrap() error { return o.error }

package sshtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"

	"golang.org/x/crypto/ssh"
)

var errNo = errors.New("permission denied")

func (h *Host) serverConfig() *ssh.ServerConfig {
	c := &ssh.ServerConfig{MaxAuthTries: h.config.MaxAuth, PublicKeyCallback: h.judgeKey}
	if h.config.Password != "" {
		c.PasswordCallback = func(m ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			return h.judge(m, string(password) == h.config.Password)
		}
		c.KeyboardInteractiveCallback = func(m ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			answers, err := ask("", "", []string{"Password: "}, []bool{false})
			return h.judge(m, err == nil && answers[0] == h.config.Password)
		}
	}
	c.AddHostKey(h.config.HostKey.key.signer)
	return c
}

func (h *Host) judge(m ssh.ConnMetadata, ok bool) (*ssh.Permissions, error) {
	if m.User() != h.config.User || !ok {
		return nil, errNo
	}
	return &ssh.Permissions{}, nil
}

func (h *Host) judgeKey(m ssh.ConnMetadata, k ssh.PublicKey) (*ssh.Permissions, error) {
	checker := ssh.CertChecker{
		IsUserAuthority: h.has,
		UserKeyFallback: func(m ssh.ConnMetadata, k ssh.PublicKey) (*ssh.Permissions, error) { return h.judge(m, h.has(k)) },
	}
	return checker.Authenticate(m, k)
}

func (h *Host) has(k ssh.PublicKey) bool {
	for _, have := range h.config.Keys {
		if bytes.Equal(have.key.signer.PublicKey().Marshal(), k.Marshal()) {
			return true
		}
	}
	return false
}

// serve is one connection.
func (h *Host) serve(g *gate) {
	defer h.forget(g)
	defer func() { _ = g.Close() }()
	sc, chans, reqs, err := ssh.NewServerConn(g, h.server)
	if err != nil {
		return
	}
	h.mu.Lock()
	h.logins++
	h.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go ssh.DiscardRequests(reqs)
	s := &sessions{host: h, ctx: ctx}
	for n := range chans {
		switch n.ChannelType() {
		case "session":
			s.open(n)
		case "direct-tcpip":
			go forward(n)
		default:
			_ = n.Reject(ssh.UnknownChannelType, "unknown channel type")
		}
	}
	_ = sc.Close()
}

// forward connects a channel to an address, as a jump host does.
func forward(n ssh.NewChannel) {
	var to struct {
		Host       string
		Port       uint32
		Origin     string
		OriginPort uint32
	}
	if err := ssh.Unmarshal(n.ExtraData(), &to); err != nil {
		_ = n.Reject(ssh.ConnectionFailed, "malformed request")
		return
	}
	c, err := net.Dial("tcp", net.JoinHostPort(to.Host, strconv.Itoa(int(to.Port))))
	if err != nil {
		_ = n.Reject(ssh.ConnectionFailed, fmt.Sprint(err))
		return
	}
	ch, reqs, err := n.Accept()
	if err != nil {
		_ = c.Close()
		return
	}
	go ssh.DiscardRequests(reqs)
	go func() {
		_, _ = io.Copy(c, ch)
		_ = c.Close()
	}()
	_, _ = io.Copy(ch, c)
	_ = ch.Close()
}

package sshtest

import (
	"context"
	"io"
	"sync/atomic"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// sessions are those of one connection.
type sessions struct {
	host *Host
	ctx  context.Context
	n    atomic.Int32
}

func (s *sessions) open(n ssh.NewChannel) {
	limit := s.host.config.MaxSessions
	if limit > 0 && int(s.n.Load()) >= limit {
		_ = n.Reject(ssh.ConnectionFailed, "open failed")
		return
	}
	ch, reqs, err := n.Accept()
	if err != nil {
		return
	}
	s.n.Add(1)
	ctx, cancel := context.WithCancel(s.ctx)
	go func() {
		defer cancel()
		s.requests(ctx, cancel, ch, reqs)
	}()
}

func (s *sessions) requests(ctx context.Context, kill func(), ch ssh.Channel, reqs <-chan *ssh.Request) {
	started := false
	var killed atomic.Bool
	for r := range reqs {
		var arg struct{ Text string }
		_ = ssh.Unmarshal(r.Payload, &arg)
		ok := false
		switch {
		case r.Type == "signal":
			killed.Store(true)
			kill()
		case started:
		case r.Type == "exec":
			ok = true
			go s.exec(ctx, ch, arg.Text, &killed)
		case r.Type == "subsystem" && arg.Text == "sftp" && s.host.config.Home != "":
			ok = true
			go s.sftp(ch)
		}
		started = started || ok
		if r.WantReply {
			_ = r.Reply(ok, nil)
		}
	}
	if !started {
		s.n.Add(-1)
		_ = ch.Close()
	}
}

func (s *sessions) exec(ctx context.Context, ch ssh.Channel, command string, killed *atomic.Bool) {
	_, _ = io.WriteString(ch, s.host.config.Banner)
	code := 0
	if s.host.config.Shell != nil {
		code = s.host.config.Shell(ctx, command, ch, ch, ch.Stderr())
	}
	s.exit(ch, code, killed.Load())
}

func (s *sessions) sftp(ch ssh.Channel) {
	_, _ = io.WriteString(ch, s.host.config.Banner)
	server, err := sftp.NewServer(ch, sftp.WithServerWorkingDirectory(s.host.config.Home))
	if err == nil {
		_ = server.Serve()
	}
	s.exit(ch, 0, false)
}

// exit frees the session only after the client may have heard of its end, as sshd
// does.
func (s *sessions) exit(ch ssh.Channel, code int, killed bool) {
	switch {
	case code == NoStatus:
	case killed:
		_, _ = ch.SendRequest("exit-signal", false, ssh.Marshal(struct {
			Signal     string
			CoreDumped bool
			Message    string
			Language   string
		}{Signal: "KILL"}))
	default:
		_, _ = ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{uint32(code)}))
	}
	_ = ch.Close()
	s.n.Add(-1)
}

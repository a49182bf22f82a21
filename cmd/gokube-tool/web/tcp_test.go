package web

import (
	"strings"
	"testing"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

func TestAPortIsDialled(t *testing.T) {
	t.Parallel()
	s := site(t)
	address := s.Listener.Addr().String()
	if code, out, words := through(t, TCP, "", "-timeout", "20", "-source", "127.0.0.1", address); code != 0 || out != "" {
		t.Errorf("%d, %q, %q", code, out, words)
	}
	s.Close()
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{outcome.Connect, "refused", []string{"-timeout", "20", address}},
		{0, "", []string{"-timeout", "20", "-refused", address}},
		{outcome.Connect, "look up", []string{"-refused", "nobody.invalid:1"}},
		{outcome.Usage, "missing port", []string{"nowhere"}},
		{outcome.Usage, "here is no IP address", []string{"-source", "here", address}},
		{outcome.Usage, "one HOST:PORT is wanted", nil},
		{outcome.Connect, "cannot assign", []string{"-source", "203.0.113.1", address}},
	} {
		if code, _, words := through(t, TCP, "", c.args...); code != c.code || !strings.Contains(words, c.want) {
			t.Errorf("%q: %d, %q", c.args, code, words)
		}
	}
}

package session

import (
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/wire"
	"github.com/gokube/gokube/engine/wire/refusal"
)

// places are the directories for the runner, in order of preference. All but the
// first are in shared ones and are used only if they are this user's alone.
var places = []string{`$HOME/.cache/gokube`, `/var/tmp/gokube-$u`, `/tmp/gokube-$u`, `/dev/shm/gokube-$u`}

// script makes the command that starts a runner or says what is missing for it, in
// one go. The login shell may be any (fish, csh), so there is one pair of single
// quotes and nothing in it that a shell might take for its own: no single quote, no
// backslash, no exclamation mark, no newline.
type script struct {
	sums  []string // digests of the runners to look for
	args  []string // of serve, or attach and its argument
	as    *switching
	force bool            // look for none, but for a place
	skip  map[string]bool // places that turned out bad
}

// isRoot asks whether there is a user to switch to: only root is ever started
// through a become tool. It starts no program, and where / is not root's it costs no
// more than a sudo too many, or tasks that each switch.
const isRoot = "[ -O / ]"

// missing begins the lines of an answer without a runner.
const missing = "gokube-missing"

func (s *script) String() string {
	var b strings.Builder
	b.WriteString("p=; w=; ")
	if s.as != nil {
		fmt.Fprintf(&b, `%s || { p="%s"; w=-switched; }; `, isRoot, strings.Join(s.as.words, " "))
	}
	fmt.Fprintf(&b, `try() { for r in %s; do if [ -x "$1/runner-$r" ]; then exec $p "$1/runner-$r" serve -sum $r $w %s; fi; done; }; `,
		strings.Join(s.sums, " "), strings.Join(s.args, " "))
	b.WriteString(`own() { [ -O "$1" ] && case "$(ls -ld "$1")" in drwx------*) ;; *) false ;; esac; }; `)
	if !s.force {
		fmt.Fprintf(&b, `try "%s"; `, places[0])
	}
	b.WriteString(`u=$(id -u); `)
	if !s.force {
		fmt.Fprintf(&b, `for d in %s; do if [ -d "$d" ] && own "$d"; then try "$d"; fi; done; `, strings.Join(places[1:], " "))
	}
	fmt.Fprintf(&b, `umask 077; echo; echo "%s platform $(uname -s) $(uname -m)"; `, missing)
	for i, d := range places {
		if s.skip[d] {
			continue
		}
		private := ""
		if i > 0 {
			private = ` && { own "$d" || { echo "it is not private" >&2; false; }; }`
		}
		fmt.Fprintf(&b, `d="%s"; t="$d/.try$$"; if e=$( { mkdir -p "$d"%s && : > "$t" && chmod 700 "$t" && { [ -x "$t" ] || { echo "programs cannot be run there" >&2; false; }; }; } 2>&1 ); `,
			d, private)
		fmt.Fprintf(&b, `then rm -f "$t"; echo "%s place %d $d"; exit 0; fi; rm -f "$t" 2>/dev/null; echo "%s bad $d: $e"; `, missing, i, missing)
	}
	return "sh -c '" + b.String() + "'"
}

// attachCommand joins the streams with a runner that is there already.
func attachCommand(path, session string, as *switching) string {
	start := fmt.Sprintf(`exec $p "%s" attach %s`, path, session)
	if as == nil {
		return "sh -c 'p=; " + start + "'"
	}
	return fmt.Sprintf(`sh -c 'p=; %s || p="%s"; %s'`, isRoot, strings.Join(as.words, " "), start)
}

// switching is how a runner starts as another user.
type switching struct {
	wire.Become
	user   string
	words  []string
	prompt string // "" if there is no password
}

// switchingFor is b as a prefix of a command; nil if b cannot be driven without a
// terminal, has words that not every shell takes as they are, or names a user who
// could not read the runner where it lies: then the runner becomes the user itself.
func switchingFor(b wire.Become, random string) *switching {
	s := &switching{Become: b, user: b.User}
	if s.user == "" {
		s.user = "root"
	}
	if s.user != "root" {
		return nil
	}
	exe := b.Exe
	if exe == "" {
		exe = b.Method
	}
	flags := strings.Fields(b.Flags)
	switch {
	case b.Method == "sudo":
		if len(flags) == 0 {
			flags = []string{"-H"}
		}
		if b.Password.Reveal() == "" {
			flags = append(flags, "-n")
		} else {
			s.prompt = "gokube-" + random + ":"
			flags = append(flags, "-S", "-p", s.prompt)
		}
		flags = append(flags, "-u", s.user, "--")
	case b.Method == "doas" && b.Password.Reveal() == "":
		flags = append(flags, "-n", "-u", s.user)
	default:
		return nil
	}
	s.words = append([]string{exe}, flags...)
	for _, w := range append(s.words, s.user) {
		if !plain(w) {
			return nil
		}
	}
	return s
}

// plain reports whether every shell takes word as it is.
func plain(word string) bool {
	return word != "" && strings.IndexFunc(word, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:=+,@", r))
	}) < 0
}

// explain is a refusal to start as s's user.
func (s *switching) explain(err error) *wire.Error {
	return &wire.Error{Kind: wire.NoBecome, Text: refusal.Explain(s.Method, s.user, err).Error()}
}

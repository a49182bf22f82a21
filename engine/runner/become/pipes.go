package become

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// pipes are the streams of a child: ours, and theirs until it has started.
type pipes struct {
	in, out, err *os.File
	tty          *os.File // our side of its terminal; nil if it has none
	his          []*os.File
}

// openPipes makes streams; with a tool there is a terminal too, if the host can
// make one.
func openPipes(t *tool) (p *pipes, err error) {
	p = &pipes{}
	defer func() {
		if err != nil {
			p.closeTheirs()
			p.closeOurs()
		}
	}()
	var in *os.File
	if in, p.in, err = os.Pipe(); err != nil {
		return p, err
	}
	p.his = append(p.his, in)
	for _, ours := range []**os.File{&p.out, &p.err} {
		r, w, err := os.Pipe()
		if err != nil {
			return p, err
		}
		*ours, p.his = r, append(p.his, w)
	}
	if t != nil {
		err = p.terminal(t.tty)
	}
	return p, err
}

// terminal adds one, as the standard input too if it must be.
func (p *pipes) terminal(needed bool) error {
	master, slave, err := openTerminal()
	if err != nil && needed {
		return fmt.Errorf("open a terminal: %w", err)
	}
	if err != nil {
		return nil // sudo does without
	}
	p.tty, p.his = master, append(p.his, slave)
	if needed {
		p.his[0].Close()
		p.in.Close()
		p.his[0], p.in = slave, master
	}
	return nil
}

func (p *pipes) theirs() []*os.File { return p.his }

func (p *pipes) closeTheirs() {
	for _, f := range p.his {
		_ = f.Close() // the terminal may be there twice
	}
}

func (p *pipes) closeOurs() {
	for _, f := range []*os.File{p.in, p.out, p.err, p.tty} {
		if f != nil {
			_ = f.Close() // the terminal may be there twice
		}
	}
}

// openTerminal makes a terminal without echo.
func openTerminal() (master, slave *os.File, err error) {
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	name := ""
	err = control(master, func(fd int) error {
		if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
			return err
		}
		n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
		name = fmt.Sprintf("/dev/pts/%d", n)
		return err
	})
	if err == nil {
		slave, err = os.OpenFile(name, os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err == nil {
		err = control(slave, func(fd int) error { return modes(fd, func(t *unix.Termios) { t.Lflag &^= unix.ECHO }) })
	}
	if err != nil {
		master.Close()
		return nil, nil, err
	}
	return master, slave, nil
}

func control(f *os.File, do func(fd int) error) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = do(int(fd)) }); err != nil {
		return err
	}
	return inner
}

func modes(fd int, change func(*unix.Termios)) error {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return err
	}
	change(t)
	return unix.IoctlSetTermios(fd, unix.TCSETS, t)
}

// raw lets every byte pass on a terminal that is a program's standard input.
func (p *pipes) raw(t *tool) error {
	if t == nil || !t.tty {
		return nil
	}
	return control(p.tty, func(fd int) error {
		return modes(fd, func(t *unix.Termios) {
			t.Iflag, t.Oflag = 0, 0
			t.Lflag = 0
			t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
		})
	})
}

// watch keeps what comes on f, and tells when a password is asked for.
func watch(f io.Reader, words *tail, t *tool, events chan<- ask) {
	buf := make([]byte, 4<<10)
	fresh := ""
	for {
		n, err := f.Read(buf)
		text := string(buf[:n])
		words.add(text)
		if fresh += text; t != nil && t.asks(fresh) {
			fresh = ""
			select {
			case events <- prompt:
			default: // nobody listens once the program runs
			}
		}
		fresh = fresh[max(0, len(fresh)-1<<10):]
		if err != nil {
			return
		}
	}
}

// tail is the last of what a stream said.
type tail struct {
	prompt string // ours; "" if there is none
	mu     sync.Mutex
	text   string
}

func (t *tail) add(s string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text += s
	t.text = t.text[max(0, len(t.text)-4<<10):]
}

// String is the text without our prompts.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.prompt == "" {
		return strings.TrimSpace(t.text)
	}
	return strings.TrimSpace(strings.ReplaceAll(t.text, t.prompt, ""))
}

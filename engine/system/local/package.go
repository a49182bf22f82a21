package local

import (
	"context"
	"fmt"
	"os"
	"path"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/local/proc"
)

// packages are those that the host's package manager has installed.
type packages struct {
	s    *System
	list cached[map[string]string]
}

// database is where a package manager keeps what is installed.
type database struct {
	path  string // what changes whenever a package does
	parse func(s *System) map[string]string
}

// databases are tried in order; a Debian host may well have rpm's as well.
func databases() []database {
	rpm := func(s *System) map[string]string { return nil }
	return []database{
		{"/var/lib/dpkg/status", func(s *System) map[string]string { return proc.Dpkg([]byte(s.read("/var/lib/dpkg/status"))) }},
		{"/var/lib/pacman/local", (*System).pacman},
		{"/lib/apk/db/installed", func(s *System) map[string]string { return proc.Apk([]byte(s.read("/lib/apk/db/installed"))) }},
		{"/usr/lib/sysimage/rpm/rpmdb.sqlite", rpm},
		{"/usr/share/rpm/rpmdb.sqlite", rpm},
		{"/var/lib/rpm/rpmdb.sqlite", rpm},
		{"/usr/lib/sysimage/rpm/Packages.db", rpm},
		{"/var/lib/rpm/Packages.db", rpm},
		{"/var/lib/rpm/Packages", rpm},
	}
}

func (p *packages) object(ctx context.Context, k system.Key) (system.Object, error) {
	for _, db := range databases() {
		if in, err := os.Stat(p.s.real(db.path, true)); err != nil || in.Size() == 0 {
			continue
		}
		var err error
		list := p.list.get(p.s, p.watched(db.path), func() (out map[string]string) {
			if out = db.parse(p.s); out == nil {
				out, err = p.rpm(ctx)
			}
			return out
		})
		if err != nil {
			p.list.forget()
			return nil, err
		}
		if v, ok := list[k.Name]; ok {
			return system.Package{Version: v}, nil
		}
		return nil, system.NotExist(k)
	}
	return nil, system.NotExist(k)
}

// watched is the file whose change tells that db has changed: SQLite may write
// beside the database for a while.
func (p *packages) watched(db string) string {
	if p.s.exists(db + "-wal") {
		return db + "-wal"
	}
	return db
}

// rpm asks for all at once: the database has a format of its own.
func (p *packages) rpm(ctx context.Context) (map[string]string, error) {
	c := system.Command("rpm", "-qa", "--qf", `%{NAME} %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE} %{ARCH}\n`)
	out, err := p.s.Query(ctx, c)
	if err == nil {
		err = out.Err(c)
	}
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	return proc.Rpm(out.Stdout), nil
}

// pacman reads the names of the directories below /var/lib/pacman/local.
func (s *System) pacman() map[string]string {
	out := map[string]string{}
	list, _ := s.ReadDir("/var/lib/pacman/local") // absent without pacman
	for _, in := range list {
		if name, version, ok := proc.Pacman(path.Base(in.Path)); ok && in.Type.IsDir() {
			out[name] = version
		}
	}
	return out
}

package files

import (
	"context"
	"errors"
	"io/fs"
	"strconv"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// StatArgs are the arguments of the stat module.
type StatArgs struct {
	// Path is what is looked at.
	Path string `arg:"path,required,alias=dest,alias=name"`
	// Follow looks at what a link leads to.
	Follow bool `arg:"follow"`
	// GetChecksum has the content of a file read for its digest.
	GetChecksum bool `arg:"get_checksum" default:"true"`
	// ChecksumAlgorithm is the kind of digest.
	ChecksumAlgorithm string `arg:"checksum_algorithm,alias=checksum,alias=checksum_algo" default:"sha256" enum:"sha256"`
}

// Stat tells what is at a path.
var Stat = module.Define(module.Spec{
	Name:      "stat",
	Summary:   "Tell what is at a path",
	Contained: true,
	Example: `- name: look whether the cluster is there
  stat:
    path: /etc/kubernetes/admin.conf
  register: admin
`,
	Output: []module.Doc{{Name: "stat", Text: "exists; if it does: path, mode, isreg, isdir, islnk, size, pw_name, gr_name, uid, gid, executable, of a link lnk_target and lnk_source, of a file checksum"}},
}, planStat)

func planStat(ctx context.Context, r system.Reader, a *StatArgs) (*module.Plan, error) {
	p, err := place.AbsPath(r, a.Path)
	if err != nil {
		return nil, err
	}
	at := p
	if a.Follow {
		at = system.Resolve(r.Lstat, p, true)
	}
	in, err := r.Lstat(at)
	if errors.Is(err, fs.ErrNotExist) {
		return &module.Plan{Output: map[string]any{"stat": map[string]any{"exists": false}}}, nil
	}
	if err != nil {
		return nil, err
	}
	s := stat(in, p)
	if in.Type == fs.ModeSymlink {
		s["lnk_target"], s["lnk_source"] = in.Target, system.Resolve(r.Lstat, p, true)
	}
	if u, err := system.Get[system.User](ctx, r, in.Attrs.Owner); err == nil {
		s["uid"] = u.UID
	}
	if g, err := system.Get[system.Group](ctx, r, in.Attrs.Group); err == nil {
		s["gid"] = g.GID
	}
	if a.GetChecksum && in.Type == 0 {
		if s["checksum"], err = r.Digest(at); err != nil {
			return nil, err
		}
	}
	return &module.Plan{Output: map[string]any{"stat": s}}, nil
}

// stat is in as templates see it.
func stat(in system.Info, p string) map[string]any {
	s := map[string]any{
		"exists": true, "path": p, "mode": module.Octal(in.Attrs.Mode), "size": int(max(in.Size, 0)),
		"isreg": in.Type == 0, "isdir": in.Type == fs.ModeDir, "islnk": in.Type == fs.ModeSymlink,
		"issock": in.Type == fs.ModeSocket, "isfifo": in.Type == fs.ModeNamedPipe, "isblk": in.Type == fs.ModeDevice, "ischr": in.Type&fs.ModeCharDevice != 0,
		"pw_name": in.Attrs.Owner, "gr_name": in.Attrs.Group, "executable": in.Attrs.Mode&0o111 != 0,
		"isuid": in.Attrs.Mode&fs.ModeSetuid != 0, "isgid": in.Attrs.Mode&fs.ModeSetgid != 0,
	}
	for i, name := range []string{"rusr", "wusr", "xusr", "rgrp", "wgrp", "xgrp", "roth", "woth", "xoth"} {
		s[name] = in.Attrs.Mode&(0o400>>i) != 0
	}
	for name, owner := range map[string]string{"uid": in.Attrs.Owner, "gid": in.Attrs.Group} {
		if n, err := strconv.Atoi(owner); err == nil {
			s[name] = n
		}
	}
	return s
}

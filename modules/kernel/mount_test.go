package kernel

import (
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

func TestMount(t *testing.T) {
	t.Parallel()
	const at, line = "/var/lib/etcd", "/dev/vdc /var/lib/etcd ext4 noatime 0 2\n"
	args := func(state string, more ...string) module.Args {
		a := module.Args{"path": at + "/", "src": "/dev/vdc", "fstype": "ext4", "opts": "noatime", "passno": "2", "state": state}
		for i := 0; i < len(more); i += 2 {
			a[more[i]] = more[i+1]
		}
		return a
	}
	mounted := func() *systemtest.Fake {
		f := host()
		f.Files["/etc/fstab"], f.Files[at] = systemtest.File{Text: fstab + line}, systemtest.Dir()
		f.Set(at, system.Mount{Source: "/dev/vdc", FSType: "ext4", Options: "rw,noatime"})
		return f
	}
	mount := change.Change{Action: change.Create, Kind: "mount", Target: at, After: change.Attrs("source", "/dev/vdc", "type", "ext4", "options", "noatime")}
	umount := change.Change{Action: change.Delete, Kind: "mount", Target: at, Before: change.Attrs("source", "/dev/vdc", "type", "ext4")}
	kept, gone := file(change.Update, "/etc/fstab", fstab, fstab+line), file(change.Update, "/etc/fstab", fstab+line, fstab)
	moduletest.Run(t, Mount, []moduletest.Case{
		{Name: "mounted", Host: host, Args: args("mounted"), Want: []change.Change{dir(at), mount, kept},
			Then: moduletest.Then{Ran: []string{"mount -t ext4 -o noatime -- /dev/vdc " + at}}},
		{Name: "is mounted", Host: mounted, Args: args("mounted")},
		{Name: "deep below", Host: host, Args: args("ephemeral", "path", "/mnt/a/b"), Want: []change.Change{dir("/mnt"), dir("/mnt/a"), dir("/mnt/a/b"),
			{Action: change.Create, Kind: "mount", Target: "/mnt/a/b", After: mount.After}}},
		{Name: "present", Host: host, Args: args("present"), Want: []change.Change{kept}},
		{Name: "other options at the next start", Host: mounted, Args: args("mounted", "opts", "ro"),
			Want: []change.Change{file(change.Update, "/etc/fstab", fstab+line, fstab+"/dev/vdc /var/lib/etcd ext4 ro 0 2\n")}},
		{Name: "ephemeral", Host: host, Args: args("ephemeral"), Want: []change.Change{dir(at), mount}},
		{Name: "unmounted", Host: mounted, Args: args("unmounted"), Want: []change.Change{umount}, Then: moduletest.Then{Lacks: []system.Key{{Kind: "mount", Name: at}}}},
		{Name: "absent", Host: mounted, Args: module.Args{"path": at, "state": "absent"}, Want: []change.Change{umount, gone}},
		{Name: "was absent", Host: host, Args: module.Args{"path": at, "state": "absent"}},
		{Name: "fails", Host: func() *systemtest.Fake {
			f := host()
			f.Commands["mount"] = systemtest.Fails(32, "mount: unknown filesystem type")
			return f
		}, Args: args("mounted"), Want: []change.Change{dir(at), mount, kept}, Err: "unknown filesystem type"},
		{Name: "no source", Host: host, Args: module.Args{"path": at, "state": "mounted", "fstype": "ext4"}, Err: "src and fstype are wanted for state mounted"},
		{Name: "a relative path", Host: host, Args: args("mounted", "path", "none"), Err: "an absolute path is wanted"},
		{Name: "two lines", Host: host, Args: args("mounted", "src", "/dev/a\n/dev/b"), Err: "control character"},
		{Name: "blanks", Host: host, Args: args("mounted", "opts", "a b"), Err: `opts "a b" is empty or has blanks`},
	})
}

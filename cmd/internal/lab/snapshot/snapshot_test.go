//go:build linux

package snapshot

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// disk is a disk with two lower layers in temporary folders.
func disk(t *testing.T) Disk {
	t.Helper()
	dir := t.TempDir()
	d := Disk{Lower: []string{dir + "/top", dir + "/bottom"}, Upper: dir + "/upper", Beside: map[string]string{"/var/lib/docker": dir + "/docker"}}
	put(t, dir+"/bottom/etc/hosts", "localhost")
	put(t, dir+"/bottom/etc/app/a.conf", "a")
	put(t, dir+"/bottom/etc/app/b.conf", "b")
	put(t, dir+"/top/etc/top.conf", "top")
	put(t, dir+"/upper/var/x", "x")
	put(t, dir+"/docker/image", "layer")
	for _, f := range []string{"/bottom/var/lib/docker", "/upper/etc"} {
		if err := os.MkdirAll(dir+f, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// whiteOut deletes a lower path the way the overlay does.
func whiteOut(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mknod(path, unix.S_IFCHR, 0); err != nil {
		t.Skip("this system lets nobody make a whiteout: ", err)
	}
}

// changes applies f to a fresh disk and tells what differs.
func changes(t *testing.T, f func(d Disk)) []string {
	t.Helper()
	d := disk(t)
	before, err := d.Take(nil)
	if err != nil {
		t.Fatal(err)
	}
	f(d)
	after, err := d.Take(before)
	if err != nil {
		t.Fatal(err)
	}
	found, err := d.Diff(before, after)
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{}
	for _, c := range found {
		lines = append(lines, c.String())
	}
	return lines
}

func TestChangesAreThoseAPersonWouldName(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   func(d Disk)
		want []string
	}{
		"nothing": {func(Disk) {}, []string{}},
		"a new file in a new folder": {
			func(d Disk) { put(t, d.Upper+"/opt/new", "1") }, []string{"added   /opt", "added   /opt/new"}},
		"a file of a lower layer": {
			func(d Disk) { put(t, d.Upper+"/etc/hosts", "other") }, []string{"changed /etc/hosts (content)"}},
		"a file of the upper lower layer": {
			func(d Disk) { put(t, d.Upper+"/etc/top.conf", "toP") }, []string{"changed /etc/top.conf (content)"}},
		"a file written with what was there": {
			func(d Disk) { put(t, d.Upper+"/etc/hosts", "localhost") }, []string{}},
		"a file touched": {
			func(d Disk) { _ = os.Chtimes(d.Upper+"/var/x", time.Unix(1, 0), time.Unix(1, 0)) }, []string{}},
		"a file of the upper layer": {
			func(d Disk) { put(t, d.Upper+"/var/x", "y") }, []string{"changed /var/x (content)"}},
		"a mode": {
			func(d Disk) { _ = os.Chmod(d.Upper+"/var/x", 0o600) }, []string{"changed /var/x (mode -rw-r--r-- -> -rw-------)"}},
		"a file of the upper layer deleted": {
			func(d Disk) { _ = os.Remove(d.Upper + "/var/x") }, []string{"deleted /var/x"}},
		"a file become a link": {
			func(d Disk) {
				_ = os.Remove(d.Upper + "/var/x")
				_ = os.Symlink("y", d.Upper+"/var/x")
			}, []string{"changed /var/x (file -> link)"}},
		"beside the overlay": {
			func(d Disk) {
				put(t, d.Beside["/var/lib/docker"]+"/new", "1")
				_ = os.Remove(d.Beside["/var/lib/docker"] + "/image")
			}, []string{"deleted /var/lib/docker/image", "added   /var/lib/docker/new"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, changes(t, c.do)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDeletedFolderIsToldWithAllThatWasInIt(t *testing.T) {
	t.Parallel()
	got := changes(t, func(d Disk) { whiteOut(t, d.Upper+"/etc/app") })
	want := []string{"deleted /etc/app", "deleted /etc/app/a.conf", "deleted /etc/app/b.conf"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestFolderBecomeAFileLosesWhatWasInIt(t *testing.T) {
	t.Parallel()
	got := changes(t, func(d Disk) { put(t, d.Upper+"/etc/app", "") })
	want := []string{"changed /etc/app (folder -> file, mode -rwxr-xr-x -> -rw-r--r--)", "deleted /etc/app/a.conf", "deleted /etc/app/b.conf"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestFolderMadeAnewIsComparedWithTheOldOne(t *testing.T) {
	t.Parallel()
	got := changes(t, func(d Disk) {
		put(t, d.Upper+"/etc/app/a.conf", "a")
		put(t, d.Upper+"/etc/app/c.conf", "c")
		if err := unix.Setxattr(d.Upper+"/etc/app", "user.overlay.opaque", []byte("y"), 0); err != nil {
			t.Skip("this file system has no extended attributes: ", err)
		}
	})
	want := []string{"deleted /etc/app/b.conf", "added   /etc/app/c.conf"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestUnchangedInodesAreNotReadAgain(t *testing.T) {
	t.Parallel()
	d := disk(t)
	before, err := d.Take(nil)
	if err != nil {
		t.Fatal(err)
	}
	before["/var/x"].SHA256 = "remembered"
	after, err := d.Take(before)
	if err != nil || after["/var/x"].SHA256 != "remembered" {
		t.Error(after["/var/x"], err)
	}
}

func TestWhatALivingHostTouchesIsIgnored(t *testing.T) {
	t.Parallel()
	for p, want := range map[string]bool{
		"/var/log/journal/x/system.journal":        true,
		"/var/log/journal":                         true,
		"/var/log/wtmp":                            true,
		"/var/log/wtmp.d":                          false,
		"/home/deploy/.cache/gokube/runner":        true,
		"/home/deploy/.cache/other":                false,
		"/tmp/systemd-private-abc-chrony/tmp":      true,
		"/etc/hosts":                               false,
		"/var/lib/systemd/linger/deploy":           false,
		"/var/lib/systemd/timers/stamp-apt":        true,
		"/var/lib/systemd/deb-systemd-helper-x/y":  false,
		"/home/deploy/deep/.cache/gokube/whatever": false,
		"/var/lib/containerd/io.containerd/x":      true,
		"/var/lib/kubelet/pods/1/volumes":          true,
		"/var/lib/kubelet/pki/kubelet-client-1":    true,
		"/var/lib/kubelet/config.yaml":             false,
		"/var/lib/etcd/member/wal/0.wal":           true,
		"/var/lib/etcd":                            false,
		"/etc/kubernetes/pki/ca.crt":               false,
		"/etc/cni/net.d/10-own.conflist":           false,
	} {
		if got := Ignored(p); got != want {
			t.Errorf("Ignored(%s) = %v", p, got)
		}
	}
}

func TestFolderMadeForTheRunnersCacheAloneIsIgnored(t *testing.T) {
	t.Parallel()
	folder, file := &Entry{Type: "folder"}, &Entry{Type: "file"}
	made := []Change{
		{"/home/deploy/.cache", Added, nil, folder},
		{"/home/deploy/.cache/gokube", Added, nil, folder},
		{"/home/deploy/.cache/gokube/runner", Added, nil, file},
		{"/opt", Added, nil, folder},
	}
	if d := cmp.Diff(made[3:], Foreign(made)); d != "" {
		t.Error(d)
	}
	more := slices.Concat(made[:3], []Change{{"/home/deploy/.cache/other", Added, nil, file}})
	if d := cmp.Diff([]Change{more[0], more[3]}, Foreign(more)); d != "" {
		t.Error(d)
	}
}

func FuzzMatches(f *testing.F) {
	f.Add("/a/*/", "/a/b/c")
	f.Fuzz(func(t *testing.T, pattern, p string) {
		if len(p) > 0 && p[0] == '/' {
			matches(pattern, p)
		}
	})
}

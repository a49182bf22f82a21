package link_test

import (
	"testing"

	"github.com/gokube/gokube/modules/network/link"
)

func TestAPathIsThatOfAWebAddress(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://x/a/b.tgz?c=/d#e": "/a/b.tgz", "HTTP://me:hunter2@x:80": "", "http://x?a": "", "http://x/%20%zz": "/ %zz",
	} {
		if got, ok := link.Path(url); got != want || !ok {
			t.Errorf("%s: %q, %v", url, got, ok)
		}
	}
	for _, url := range []string{"", "x", "/x", "ftp://x/y", "http:///y", "http://me@/y", "http:x", "http://x/\n"} {
		if got, ok := link.Path(url); ok {
			t.Errorf("%q has the path %q", url, got)
		}
	}
}

func TestAPasswordIsNotShown(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://me:hunter2@x/y?z=@": "https://me:xxxxx@x/y?z=@", "http://:hunter2@x": "http://:xxxxx@x", "ftp://me:hunter2@/y": "ftp://me:xxxxx@/y",
		"http://x/a@b": "http://x/a@b", "/a/b c": "/a/b c", "http://a@b:c@x": "http://a@b:xxxxx@x",
	} {
		if got := link.Redacted(url); got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
}

func FuzzRedacted(f *testing.F) {
	f.Add("https://me:hunter2@x/y?z=@")
	f.Add("http://a%40b:c%2@[::1]:80#f")
	f.Fuzz(func(t *testing.T, url string) {
		rest, user, password := link.Bare(url)
		again, u, p := link.Bare(rest)
		if again == rest && u+p != "" {
			t.Errorf("%q: %q still holds %q", url, rest, u+p)
		}
		if user+password == "" && link.Redacted(url) != rest {
			t.Errorf("%q became %q", url, link.Redacted(url))
		}
	})
}

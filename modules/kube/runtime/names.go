package runtime

import (
	"fmt"
	"strings"
)

// Image is one that containerd has. An image has as many as it has names.
type Image struct{ Ref, Digest string }

// parse reads what `ctr images ls` prints: a line of headings, then a line for each
// name.
func parse(text string) (out []Image, err error) {
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		words := strings.Fields(line)
		switch {
		case i == 0 && len(words) > 2 && words[0] == "REF" && words[2] == "DIGEST":
		case i == 0 && line != "":
			return nil, fmt.Errorf("read the list of images: its headings are %q", line)
		case len(words) > 2:
			out = append(out, Image{Ref: words[0], Digest: words[2]})
		}
	}
	return out, nil
}

// Normal is the full name of an image, as containerd has it: nginx is
// docker.io/library/nginx:latest.
func Normal(name string) (string, error) {
	rest, digest, pinned := strings.Cut(name, "@")
	if host, _, ok := strings.Cut(rest, "/"); !ok || !strings.ContainsAny(host, ".:") && host != "localhost" {
		if !ok {
			rest = "library/" + rest
		}
		rest = "docker.io/" + rest
	}
	if !pinned && repository(rest) == rest {
		rest += ":latest"
	}
	if pinned {
		rest += "@" + digest
	}
	if !wellFormed(rest) {
		return "", fmt.Errorf("image %q has no name that a registry could know", name)
	}
	return rest, nil
}

// repository is ref without tag and digest.
func repository(ref string) string {
	ref, _, _ = strings.Cut(ref, "@")
	if i := strings.LastIndexByte(ref, ':'); i > strings.LastIndexByte(ref, '/') {
		return ref[:i]
	}
	return ref
}

// registry is the host that a full name begins with.
func registry(ref string) string {
	host, _, _ := strings.Cut(ref, "/")
	return host
}

const (
	digits = "0123456789"
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// wellFormed reports whether ref could be a full name: host[:port]/path[:tag][@digest].
func wellFormed(ref string) bool {
	ref, digest, pinned := strings.Cut(ref, "@")
	name := repository(ref)
	host, path, _ := strings.Cut(name, "/")
	host, port, hasPort := strings.Cut(host, ":")
	tag, tagged := strings.CutPrefix(ref[len(name):], ":")
	sum, known := strings.CutPrefix(digest, "sha256:")
	return only(host, upper+lower+digits+".-") && (!hasPort || only(port, digits)) &&
		only(path, lower+digits+"._/-") && strings.Trim(path, "._/-") == path &&
		(!tagged || isTag(tag)) &&
		(!pinned || known && only(sum, digits+"abcdef") && len(sum) == 64)
}

func isTag(s string) bool {
	return only(s, upper+lower+digits+"_.-") && strings.TrimLeft(s, ".-") == s && len(s) <= 128
}

// only reports whether s is made of nothing but some of the characters of set.
func only(s, set string) bool { return s != "" && strings.Trim(s, set) == "" }

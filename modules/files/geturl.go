package files

import (
	"context"
	"encoding/base64"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
	"github.com/gokube/gokube/modules/network/link"
)

// GetURLArgs are the arguments of the get_url module.
type GetURLArgs struct {
	// URL is what is downloaded, over http or https.
	URL string `arg:"url,required"`
	// Dest is the file to write, or the directory to write into: that must be there
	// already, or end in a slash.
	Dest string `arg:"dest,required" target:"path"`
	// Checksum is "sha256:" with the digest that the file must have, or with the URL
	// of a list of digests. A file that has it already is not downloaded again.
	Checksum string `arg:"checksum"`
	// Headers are sent along. None of them is shown.
	Headers map[string]module.Secret `arg:"headers"`
	// URLUsername is the user for basic authentication.
	URLUsername string `arg:"url_username,alias=username"`
	// URLPassword is that user's password.
	URLPassword module.Secret `arg:"url_password,alias=password"`
	// Force downloads a file that is there already, each time, if there is no
	// checksum to tell whether it is the right one.
	Force bool `arg:"force,alias=thirsty"`
	// Timeout is how many seconds the other side may be silent.
	Timeout int `arg:"timeout" default:"10"`
	// Backup keeps what was there beside the file, as NAME.DIGEST~.
	Backup bool `arg:"backup"`
	place.FileAttrs
}

// GetURL downloads a file to the host.
var GetURL = module.Define(module.Spec{
	Name:      "get_url",
	Summary:   "Download a file to the host",
	Contained: true,
	Example: `- name: download kubectl
  get_url:
    url: https://dl.k8s.io/release/v1.31.0/bin/linux/amd64/kubectl
    checksum: sha256:https://dl.k8s.io/release/v1.31.0/bin/linux/amd64/kubectl.sha256
    dest: /usr/local/bin/kubectl
    mode: "0755"
`,
	Output: []module.Doc{{Name: "dest", Text: "the file"}, {Name: "url", Text: "where it is from"}, {Name: "checksum", Text: "SHA-256 that the file must have, if that is known before"},
		{Name: "backup_file", Text: "where the old content is, if it was kept"}},
}, planGetURL)

func planGetURL(ctx context.Context, r system.Reader, a *GetURLArgs) (*module.Plan, error) {
	from, ok := link.Path(a.URL)
	if !ok {
		return nil, fmt.Errorf("url %q is neither http nor https", link.Redacted(a.URL))
	}
	dest, err := place.Abs(r, a.Dest)
	if err != nil {
		return nil, err
	}
	p := &module.Plan{Output: map[string]any{"url": link.Redacted(a.URL)}}
	name := path.Base(from)
	if name == "/" || name == "." {
		name = ""
	}
	d := download{args: a}
	if d.path, d.inNew, err = destination(r, p, dest, name, false, place.FileAttrs{Owner: a.Owner, Group: a.Group}); err != nil {
		return nil, err
	}
	if d.sum, err = a.digest(ctx, r, name); err != nil {
		return nil, err
	}
	p.Output["dest"] = d.path
	if d.sum != "" {
		p.Output["checksum"] = d.sum
	}
	return p, d.plan(r, p)
}

// digest is the one that the file must have, "" if any will do.
func (a *GetURLArgs) digest(ctx context.Context, r system.Reader, name string) (string, error) {
	if a.Checksum == "" {
		return "", nil
	}
	sum, ok := strings.CutPrefix(a.Checksum, "sha256:")
	if !ok {
		return "", fmt.Errorf("checksum %q does not begin with sha256:, the only kind gokube knows", a.Checksum)
	}
	if !strings.Contains(sum, "://") {
		return hexDigest(sum)
	}
	c := a.fetch(sum)
	c.Reads = []system.Key{}
	out, err := r.Query(ctx, c)
	if err == nil {
		err = out.Err(c)
	}
	if err != nil {
		return "", fmt.Errorf("download checksum: %w", err)
	}
	return listed(out.Text(), name, sum)
}

func hexDigest(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) != 64 || strings.Trim(s, "0123456789abcdef") != "" {
		return "", fmt.Errorf("checksum: %q is no SHA-256 digest in hex", s)
	}
	return s, nil
}

// listed finds the digest of name in a list as sha256sum prints it. A list of one
// digest without a name is that.
func listed(list, name, from string) (string, error) {
	for line := range strings.Lines(list) {
		words := strings.Fields(line)
		if len(words) == 1 && strings.TrimSpace(list) == words[0] {
			return hexDigest(words[0])
		}
		if len(words) == 2 && path.Base(strings.TrimPrefix(words[1], "*")) == name {
			return hexDigest(words[0])
		}
	}
	return "", fmt.Errorf("checksum: %s does not list %q", link.Redacted(from), name)
}

// fetch is the command that downloads from; what it prints, or where it puts it,
// is for more to say.
func (a *GetURLArgs) fetch(from string, more ...string) system.Cmd {
	argv := slices.Concat([]string{"fetch", "-timeout", strconv.Itoa(a.Timeout)}, more, []string{from})
	headers := map[string]string{}
	for name, value := range a.Headers {
		headers[name] = value.Reveal()
	}
	if a.URLUsername != "" {
		headers["Authorization"] = "Basic " + base64.StdEncoding.EncodeToString([]byte(a.URLUsername+":"+a.URLPassword.Reveal()))
	}
	c := system.Cmd{Tool: true, Argv: argv}
	if len(headers) > 0 {
		c.Stdin, _ = json.Marshal(map[string]any{"headers": headers}) // strings always encode
	}
	return c
}

// download is one file to fetch.
type download struct {
	args  *GetURLArgs
	path  string
	inNew bool   // an earlier step makes its directory
	sum   string // "" if any will do
}

func (d download) plan(r system.Reader, p *module.Plan) error {
	f, err := place.Look(r, d.path)
	if err != nil {
		return err
	}
	done, certain, err := d.there(r, f)
	if err != nil || done {
		if done {
			err = d.args.FileAttrs.Plan(r, p, d.path, f)
		}
		return err
	}
	if !f.There && !d.inNew {
		if err := place.Parent(r, d.path); err != nil {
			return err
		}
	}
	if d.args.Backup {
		keep := place.File{Path: d.path, Safety: place.Safety{Backup: true}}
		name, err := keep.KeepOld(r, p, f)
		if err != nil {
			return err
		}
		if name != "" {
			p.Output["backup_file"] = name
		}
	}
	return d.step(r, p, f, certain)
}

// there reports whether nothing is to be downloaded, and if not, whether that is
// certain.
func (d download) there(r system.Reader, f place.Found) (done, certain bool, err error) {
	switch {
	case f.Unsure:
		return false, false, nil
	case !f.There:
		return false, true, nil
	case f.In.Type == fs.ModeDir:
		return false, false, fmt.Errorf("write %s: a directory is there", d.path)
	case d.sum == "":
		return !d.args.Force, true, nil
	}
	sum, err := r.Digest(d.path)
	if place.Unsure(err) || system.Absent(err) {
		return false, err == nil, nil
	}
	return sum == d.sum, true, err
}

func (d download) step(r system.Reader, p *module.Plan, f place.Found, certain bool) error {
	want, relative, err := d.args.FileAttrs.For(r, f, false)
	if err != nil {
		return err
	}
	c := change.Change{Action: change.Create, Kind: "file", Target: d.path, After: place.Asked(want, relative && f.Unsure)}
	sum, more := change.Later, []string{"-o", d.path}
	if d.sum != "" {
		sum, more = d.sum, []string{"-sha256", d.sum, "-o", d.path}
	}
	c.After.Attrs = append(c.After.Attrs, change.Attr{Name: "url", Value: link.Redacted(d.args.URL)}, change.Attr{Name: "sha256", Value: sum})
	if f.There {
		c.Action, c.Before = change.Update, place.Had(f.In.Attrs, want)
		if old, err := r.Digest(d.path); err == nil {
			c.Before.WithDigest(f.In.Size, old)
		}
		if f.In.Type == 0 {
			want = want.Over(f.In.Attrs) // the download is a new file
		}
	}
	e := system.Closed(system.Holds(d.path, system.Info{Attrs: system.Attrs{Mode: 0o644}}))
	step := p.Add(c, func(ctx context.Context, s system.System) error {
		if err := s.Run(ctx, d.args.fetch(d.args.URL, more...), e); err != nil || want == (system.Attrs{}) {
			return err
		}
		return s.SetAttrs(d.path, want)
	})
	step.Certain = certain && !relative
	return nil
}

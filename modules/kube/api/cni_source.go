package api

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/system"
)

// manifest is what src, url or dir hold. The last two are read on the host, by a
// program of ours: the runner knows no YAML.
func (a *CNIApplyArgs) manifest(ctx context.Context, r system.Reader) ([]map[string]any, error) {
	switch {
	case a.URL != "":
		return a.fetched(ctx, r)
	case a.Dir != "":
		return a.inDir(ctx, r)
	}
	return a.Src, nil
}

// fetched is the manifest at the URL. Its digest is given, so that it is the same
// whenever it is asked for.
func (a *CNIApplyArgs) fetched(ctx context.Context, r system.Reader) ([]map[string]any, error) {
	sum, ok := strings.CutPrefix(a.Checksum, "sha256:")
	sum = strings.ToLower(strings.TrimSpace(sum))
	if !ok || len(sum) != 64 || strings.Trim(sum, "0123456789abcdef") != "" {
		return nil, fmt.Errorf("fetch %s: checksum must be sha256: and the digest in hex that the manifest has, or it could be another one tomorrow", a.URL)
	}
	c := system.Cmd{Tool: true, Reads: []system.Key{}, Argv: []string{"fetch", "-timeout", "30", "-sha256", sum, a.URL}}
	text, err := ask(ctx, r, c)
	if err != nil {
		return nil, err
	}
	if system.Sum(text) != sum {
		return nil, fmt.Errorf("fetch %s: it is larger than %d MiB", a.URL, system.MaxOutput>>20)
	}
	return documents(ctx, r, a.URL, text)
}

// inDir are the documents of the directory's files, in the order of their names.
func (a *CNIApplyArgs) inDir(ctx context.Context, r system.Reader) (out []map[string]any, err error) {
	files, err := r.ReadDir(a.Dir)
	if err != nil {
		return nil, fmt.Errorf("read directory %s: %w", a.Dir, err)
	}
	for _, f := range files {
		if f.Type.IsDir() || !slices.Contains([]string{".yml", ".yaml", ".json"}, path.Ext(f.Path)) {
			continue
		}
		name := path.Join(a.Dir, path.Base(f.Path))
		text, err := system.ReadFile(r, name)
		if err != nil {
			return nil, err
		}
		docs, err := documents(ctx, r, name, text)
		if err != nil {
			return nil, err
		}
		out = append(out, docs...)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("read directory %s: no .yml, .yaml or .json file in it holds an object", a.Dir)
	}
	return out, nil
}

// documents are those of a YAML text.
func documents(ctx context.Context, r system.Reader, from string, text []byte) ([]map[string]any, error) {
	c := system.Cmd{Tool: true, Reads: []system.Key{}, Argv: []string{"yaml", "to-json"}, Stdin: text}
	out, err := ask(ctx, r, c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	var docs []map[string]any
	if err := json.Unmarshal(out, &docs); err != nil {
		return nil, fmt.Errorf("%s: its documents are not all objects, or too large: %w", from, err)
	}
	return docs, nil
}

// ask is what c prints.
func ask(ctx context.Context, r system.Reader, c system.Cmd) ([]byte, error) {
	out, err := r.Query(ctx, c)
	if err == nil && out.Code != 0 {
		err = errors.New(strings.TrimSpace(string(out.Stderr)))
	}
	return out.Stdout, err
}

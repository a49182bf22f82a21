package wire

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// content writes a digest and a size, and the bytes too if they are few.
func (e *encoder) content(c system.Content) error {
	if c.Open == nil {
		return e.tag("$content", nil)
	}
	if c.Lazy && c.SHA256 != "" && c.Size >= 0 && e.offer != nil {
		return e.offered(c)
	}
	var data []byte
	var err error
	if c.SHA256 == "" || c.Size <= Inline { // also one that nobody knows, -1
		data, err = e.read(&c)
	}
	if u, ok := unknown.Of(err); ok {
		return e.tag("$content", []any{u})
	}
	if err != nil {
		return err
	}
	if c.Size <= Inline {
		return e.tag("$content", []any{data})
	}
	if e.offer == nil {
		return errors.New("encode content: too large to be sent this way")
	}
	return e.offered(c)
}

// offered writes digest and size only: the bytes are there for who asks for them.
func (e *encoder) offered(c system.Content) error {
	e.offer(c)
	return e.tag("$content", []any{c.SHA256, int(c.Size)})
}

// read fills in digest and size, and returns the bytes if they are few.
func (e *encoder) read(c *system.Content) ([]byte, error) {
	f, err := c.Open(e.ctx)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sum := sha256.New()
	data, err := io.ReadAll(io.LimitReader(f, Inline))
	if err != nil {
		return nil, fmt.Errorf("read content: %w", err)
	}
	sum.Write(data)
	rest, err := io.Copy(sum, f)
	if err != nil {
		return nil, fmt.Errorf("read content: %w", err)
	}
	size, digest := int64(len(data))+rest, hex.EncodeToString(sum.Sum(nil))
	if c.Size >= 0 && c.Size != size || c.SHA256 != "" && c.SHA256 != digest {
		return nil, errors.New("read content: it has changed since the task was prepared")
	}
	c.Size, c.SHA256 = size, digest
	return data, nil
}

// Fetch opens a content that was not part of its request.
type Fetch func(ctx context.Context, d Digest, size int64) (io.ReadCloser, error)

func (d *tags) content(v any) (system.Content, error) {
	if v == nil {
		return system.Content{}, nil
	}
	parts, _ := v.([]any)
	if len(parts) == 1 {
		switch x := parts[0].(type) {
		case []byte:
			return system.Data(x), nil
		case unknown.Value:
			return system.Content{Size: -1, Open: func(context.Context) (io.ReadCloser, error) { return nil, x }}, nil
		}
	}
	if len(parts) == 2 {
		sum, _ := parts[0].(string)
		size, ok := parts[1].(int)
		if id, err := ParseDigest(sum); err == nil && ok && size >= 0 {
			return d.blob(id, int64(size)), nil
		}
	}
	return system.Content{}, d.bad("content")
}

func (d *tags) blob(id Digest, size int64) system.Content {
	fetch := d.fetch
	return system.Content{SHA256: id.String(), Size: size, Open: func(ctx context.Context) (io.ReadCloser, error) {
		if fetch == nil {
			return nil, errors.New("open content: it was not sent along")
		}
		return fetch(ctx, id, size)
	}}
}

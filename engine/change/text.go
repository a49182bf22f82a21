package change

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// MaxText is the size in bytes up to which content is shown as text.
const MaxText = 256 << 10

// WithText is v with content as its text. Binary or large content becomes
// attributes that name its size and digest (lower-case hex SHA-256) instead.
func (v *Value) WithText(content []byte, digest string) *Value {
	if len(content) <= MaxText && utf8.Valid(content) && !bytes.ContainsRune(content, 0) {
		text := string(content)
		v.Text = &text
		return v
	}
	return v.WithDigest(int64(len(content)), digest)
}

// WithDigest is v with content that is not shown: its size in bytes and digest.
func (v *Value) WithDigest(size int64, digest string) *Value {
	if size >= 0 {
		v.Attrs = append(v.Attrs, Attr{"size", fmt.Sprint(size)})
	}
	if digest != "" {
		v.Attrs = append(v.Attrs, Attr{"sha256", digest})
	}
	return v
}

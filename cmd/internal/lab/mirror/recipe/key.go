package recipe

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Key is the hash of all that goes into the build called name: the toolchain, the
// recipe's words, and every file of the module.
func (r *Recipe) Key(name, toolchain string) (string, error) {
	b := r.Builds[name]
	words, err := json.Marshal(b)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %s %s\n", toolchain, runtime.GOARCH, words)
	root := r.Folder(b)
	err = filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		at, err := filepath.Rel(root, p)
		fmt.Fprintf(sum, "%s %d\n%s", at, len(data), data)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read module of build %s: %w", name, err)
	}
	return short(sum.Sum(nil)), nil
}

// SiteKey is the hash of the recipe's words and of what else goes into its site.
func (r *Recipe) SiteKey(parts ...string) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %q\n%s", runtime.GOARCH, parts, r.text)
	return short(sum.Sum(nil))
}

// Folder is where the module of a build lies.
func (r *Recipe) Folder(b Build) string { return filepath.Join(r.dir, b.Module) }

func short(sum []byte) string { return hex.EncodeToString(sum[:6]) }

//go:build linux

package build

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gokube/gokube/cmd/internal/lab/mirror/recipe"
)

// buildOrder lists a recipe's builds, those that need a C compiler first: where
// that is not installed, it is better known before the long ones.
func buildOrder(r *recipe.Recipe) []string {
	return slices.SortedFunc(maps.Keys(r.Builds), func(a, b string) int {
		if r.Builds[a].CGO != r.Builds[b].CGO {
			if r.Builds[a].CGO {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
}

func thingsOf(b recipe.Build) []string {
	return slices.Concat(slices.Sorted(maps.Keys(b.Programs)), slices.Sorted(maps.Keys(b.Copies)))
}

func what(b recipe.Build) string { return strings.Join(thingsOf(b), ", ") }

// toolchain names the Go that builds.
func toolchain(ctx context.Context) (string, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return "", errors.New("go is not installed, and the mirror is built from Go modules; install Go")
	}
	out, err := goTool(ctx, ".", false, "env", "GOVERSION")
	return strings.TrimSpace(string(out)), err
}

// compile makes all things of a build in the folder dir.
func compile(ctx context.Context, r *recipe.Recipe, name, dir string) error {
	b := r.Builds[name]
	src := r.Folder(b)
	if b.Main != nil {
		src = filepath.Join(dir, ".src")
		defer os.RemoveAll(src)
		if err := deriveMain(ctx, r.Folder(b), src, b.Main); err != nil {
			return fmt.Errorf("build %s: %w", name, err)
		}
	}
	for file, from := range b.Copies {
		data, err := moduleFile(ctx, src, from)
		if err != nil {
			return fmt.Errorf("build %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), data, 0o644); err != nil {
			return err
		}
	}
	if err := link(ctx, src, dir, b); err != nil {
		if b.Needs != "" {
			return fmt.Errorf("build %s: %w; it takes Debian packages: apt-get install -y %s", name, err, b.Needs)
		}
		return fmt.Errorf("build %s: %w", name, err)
	}
	return nil
}

// link builds the programs with one command, so that all processors have work to
// the end, and gives each its name.
func link(ctx context.Context, src, dir string, b recipe.Build) error {
	raw := filepath.Join(dir, ".raw")
	defer os.RemoveAll(raw)
	if err := os.Mkdir(raw, 0o755); err != nil {
		return err
	}
	args := []string{"build", "-trimpath", "-buildvcs=false", "-tags", b.Tags, "-ldflags", "-s -w " + b.LDFlags, "-o", raw + "/"}
	names := map[string]string{}
	for _, program := range slices.Sorted(maps.Keys(b.Programs)) {
		args = append(args, b.Programs[program])
		names[b.Programs[program]] = program
	}
	if _, err := goTool(ctx, src, b.CGO, args...); err != nil {
		return err
	}
	made, err := os.ReadDir(raw)
	if err != nil {
		return err
	}
	if len(made) != len(names) {
		return fmt.Errorf("find the programs: %d were built of %d", len(made), len(names))
	}
	for _, e := range made {
		path := filepath.Join(raw, e.Name())
		info, err := buildinfo.ReadFile(path)
		if err != nil {
			return err
		}
		if names[info.Path] == "" {
			return fmt.Errorf("name the program of package %s: the recipe has none", info.Path)
		}
		if err := os.Rename(path, filepath.Join(dir, names[info.Path])); err != nil {
			return err
		}
	}
	return nil
}

// deriveMain copies the module in folder from to the folder to, with a main.go made of another module's.
func deriveMain(ctx context.Context, from, to string, m *recipe.Main) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	text, err := moduleFile(ctx, from, m.Source)
	if err != nil {
		return err
	}
	var kept bytes.Buffer
	for line := range bytes.Lines(text) {
		if !slices.ContainsFunc(m.Without, func(w string) bool { return bytes.Contains(line, []byte(w)) }) {
			kept.Write(line)
		}
	}
	return os.WriteFile(filepath.Join(to, "main.go"), kept.Bytes(), 0o644)
}

// moduleFile reads a file of a module that the module in folder src requires.
func moduleFile(ctx context.Context, src string, s recipe.Source) ([]byte, error) {
	out, err := goTool(ctx, src, false, "mod", "download", "-json", s.Module)
	if err != nil {
		return nil, err
	}
	var found struct{ Dir string }
	if err := json.Unmarshal(out, &found); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(found.Dir, s.File))
}

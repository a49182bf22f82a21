// Package sshconfig tells what OpenSSH's client configuration says about a host,
// as far as gokube heeds it. It does not connect, read keys or run commands.
//
// # Decisions
//
// The library that parses the files refuses a whole file for one line that it
// does not know (Match exec, an odd character). So this package first cuts the
// files down to the lines that matter, which also resolves Include, and reports
// what it leaves out as warnings. Match host is compared with the name as given,
// not with HostName.
package sshconfig

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kevinburke/ssh_config"

	"github.com/gokube/gokube/engine/diag"
)

// Env is the part of the user's surroundings that configuration files refer to.
type Env struct {
	Home      string
	User      string                           // the local user's name
	LookupEnv func(name string) (string, bool) // for ${NAME}; nil: nothing is set
}

// Config is the content of configuration files. It is not changed by lookups.
type Config struct {
	env      Env
	segments []segment
	warnings diag.List
	files    int // read so far
}

// segment is a run of lines without Include, of one file.
type segment struct {
	file   string
	within []*ssh_config.Host // the blocks that its Include lines stand in
	blocks []*ssh_config.Host
}

// Load reads files in order: what an earlier one says wins. Missing files are
// skipped.
func Load(env Env, files ...string) (*Config, error) {
	c := &Config{env: env}
	for _, f := range files {
		if err := c.load(f, nil, 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return c, nil
}

// Warnings are the parts of the files that are not heeded, with their places.
func (c *Config) Warnings() []diag.Diagnostic { return c.warnings }

// The limits end files that include each other.
const (
	maxDepth = 16
	maxFiles = 512
)

func (c *Config) load(file string, within []*ssh_config.Host, depth int) error {
	c.files++
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read ssh_config: %w", err)
	}
	r := &reader{config: c, file: file, within: within, depth: depth}
	for i, text := range strings.Split(string(data), "\n") {
		if err := r.line(i+1, text); err != nil {
			return err
		}
	}
	return r.flush()
}

func (c *Config) warn(file string, line int, summary, detail, hint string) {
	c.warnings = append(c.warnings, diag.Diagnostic{
		Pos: diag.Pos{File: file, Line: line}, Summary: summary, Detail: detail, Hint: hint,
	})
}

// include loads what an Include line names: patterns relative to the directory of
// the user's or the system's files.
func (c *Config) include(r *reader, line int, patterns []string) {
	if r.depth >= maxDepth || c.files >= maxFiles {
		c.warn(r.file, line, "too many files to include", strings.Join(patterns, " "), "the line is skipped")
		return
	}
	within := r.within
	if r.header != nil {
		within = append(slices.Clip(within), r.header)
	}
	for _, p := range patterns {
		files, err := filepath.Glob(c.locate(r.file, p))
		if err != nil {
			c.warn(r.file, line, "malformed Include pattern", p, "the line is skipped")
		}
		for _, f := range files {
			if err := c.load(f, within, r.depth+1); err != nil {
				c.warn(r.file, line, "unreadable file to include", err.Error(), "it is skipped")
			}
		}
	}
}

const systemDir = "/etc/ssh"

func (c *Config) locate(from, path string) string {
	switch {
	case strings.HasPrefix(path, "~/"):
		return filepath.Join(c.env.Home, path[2:])
	case filepath.IsAbs(path):
		return path
	case filepath.Dir(from) == systemDir || strings.HasPrefix(from, systemDir+"/"):
		return filepath.Join(systemDir, path)
	}
	return filepath.Join(c.env.Home, ".ssh", path)
}

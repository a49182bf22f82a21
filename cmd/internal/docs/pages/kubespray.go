package pages

import (
	_ "embed"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/gokube/gokube/cmd/internal/docs"
	"github.com/gokube/gokube/playbooks"
	"github.com/gokube/gokube/roles"
)

// kubespray is a line for each of kubespray's variables.
//
//go:embed kubespray.txt
var kubespray string

// Shared is one of kubespray's variables.
type Shared struct {
	Name    string
	Set     bool   // users set it, as kubespray's sample inventory does
	Default string // kubespray's, "" if it has none
	Note    string // what to know
}

// Taken reports whether gokube's roles take the variable called name.
func Taken() (func(name string) bool, error) {
	found, err := docs.Roles(roles.FS)
	if err != nil {
		return nil, err
	}
	read, err := mentions(roles.FS, playbooks.FS)
	s := source{roles: found, read: read}
	return func(name string) bool { of, _ := s.owners(name); return of != nil }, err
}

// Kubespray are the variables of kubespray, by name.
func Kubespray() (out []Shared) {
	for line := range strings.Lines(kubespray) {
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := append(strings.Split(line, "\t"), "", "", "")
		out = append(out, Shared{fields[0], fields[1] != "", fields[2], fields[3]})
	}
	return out
}

// owners are the roles that take the variable called name, and its default in the
// first of them that has one; none if nothing ever reads it.
func (s source) owners(name string) (of []string, v docs.Variable) {
	if !s.read[name] {
		return nil, v
	}
	for _, r := range s.roles {
		for _, x := range r.Variables {
			if x.Name != name {
				continue
			}
			of = append(of, fmt.Sprintf("[%s](roles/%s.md)", r.Name, r.Name))
			if v.Default == "" {
				v = x
			}
		}
	}
	if of == nil {
		of = []string{"of the host"}
	}
	return of, v
}

// mention is a variable that a template or a condition reads, or asks for by name.
var mention = regexp.MustCompile(`\.([a-z][a-z0-9_]*)|"([a-z][a-z0-9_]*)"`)

// mentions are the variables that files read.
func mentions(files ...fs.FS) (map[string]bool, error) {
	out := map[string]bool{}
	for _, f := range files {
		err := fs.WalkDir(f, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(f, name)
			for _, m := range mention.FindAllStringSubmatch(string(text), -1) {
				out[m[1]+m[2]] = true
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// variables is the table of those that mean the same here.
func (s source) variables() (name, text string, err error) {
	var sb strings.Builder
	sb.WriteString("| variable | role | default | kubespray's, if it differs | |\n| --- | --- | --- | --- | --- |\n")
	for _, k := range Kubespray() {
		of, v := s.owners(k.Name)
		if len(of) == 0 || v.Name == "" && !k.Set {
			continue // nothing takes it, or the word means something else here
		}
		theirs := ""
		if k.Default != "" && k.Default != strings.Trim(v.Default, `"'`) {
			theirs = code(k.Default)
		}
		fmt.Fprintf(&sb, "| `%s` | %s | %s | %s | %s |\n", k.Name, strings.Join(of, ", "), code(v.Default), theirs, cell(k.Note))
	}
	return "variables", sb.String(), nil
}

// missing is the list of those that users set and nothing reads.
func (s source) missing() (name, text string, err error) {
	var out []string
	for _, k := range Kubespray() {
		if of, _ := s.owners(k.Name); k.Set && len(of) == 0 {
			out = append(out, "`"+k.Name+"`")
		}
	}
	return "missing variables", strings.Join(out, ", "), nil
}

// code is text in a table, letter by letter.
func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + cell(text) + "`"
}

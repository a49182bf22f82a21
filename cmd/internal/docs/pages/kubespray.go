package pages

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/gokube/gokube/cmd/internal/docs"
)

// kubespray is a line for each of kubespray's variables that its users set: the
// name, kubespray's default, what to know; tabs between.
//
//go:embed kubespray.txt
var kubespray string

// Shared is one of kubespray's variables.
type Shared struct {
	Name    string
	Default string // kubespray's, "" if it has none
	Note    string // what to know
}

// Kubespray are the variables of kubespray that the documentation names.
func Kubespray() (out []Shared) {
	for line := range strings.Lines(kubespray) {
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := append(strings.Split(line, "\t"), "", "")
		out = append(out, Shared{fields[0], fields[1], fields[2]})
	}
	return out
}

// owners are the roles that take the variable called name, and its default in the
// first of them that has one.
func (s source) owners(name string) (of []string, v docs.Variable) {
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
	return of, v
}

// variables is the table of those that mean the same here.
func (s source) variables() (name, text string, err error) {
	var sb strings.Builder
	sb.WriteString("| variable | role | default | kubespray's, if it differs | |\n| --- | --- | --- | --- | --- |\n")
	for _, k := range Kubespray() {
		of, v := s.owners(k.Name)
		if len(of) == 0 {
			continue
		}
		theirs := ""
		if k.Default != "" && k.Default != strings.Trim(v.Default, `"'`) {
			theirs = code(k.Default)
		}
		fmt.Fprintf(&sb, "| `%s` | %s | %s | %s | %s |\n", k.Name, strings.Join(of, ", "), code(v.Default), theirs, cell(k.Note))
	}
	return "variables", sb.String(), nil
}

// missing is the list of those that no role takes.
func (s source) missing() (name, text string, err error) {
	var out []string
	for _, k := range Kubespray() {
		if of, _ := s.owners(k.Name); len(of) == 0 {
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

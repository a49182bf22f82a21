package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// kinds are what the tasks of the playbook do, in turn; N is the task's number.
var kinds = [...]string{
	`file: {path: /opt/bench/dN, state: directory, mode: "0755"}`,
	`copy: {dest: /opt/bench/fN, content: "text N on {{ .inventory_hostname }}\n", mode: "0644"}`,
	`lineinfile: {path: /etc/bench.conf, line: "keyN={{ .rack }}", create: true, mode: "0644"}`,
	"stat: {path: /opt/bench/d0}\n      register: seen",
	`template: {src: bench.conf.tmpl, dest: /opt/bench/tN, mode: "0644"}`,
	"copy: {dest: /opt/bench/wN, content: \"N\\n\", mode: \"0600\"}\n      when: [.seen.stat.exists, eq .facts.os.family \"debian\"]",
	`set_fact: {lastN: "{{ .seen.stat.isdir }}"}`,
	"debug: {msg: \"N {{ .facts.hostname }}\"}",
	"command: \"true\"\n      args: {creates: /opt/bench/d0}",
	"blockinfile: {path: /etc/bench.block, block: \"port = N\\nhost = {{ .inventory_hostname }}\", marker: \"# {mark} N\", create: true}",
}

// page is the template of the playbook.
const page = `# {{ .inventory_hostname }} in rack {{ .rack }}
{{ range $i, $v := until 20 }}option{{ $i }} = {{ $v }}
{{ end }}{{ if eq .facts.os.family "debian" }}family = debian{{ end }}
`

// writeBook writes a playbook of n tasks, and its template beside it.
func writeBook(file string, n int) error {
	var b strings.Builder
	b.WriteString("- hosts: all\n  tasks:\n")
	for i := range n {
		fmt.Fprintf(&b, "    - name: task %d\n      %s\n", i, strings.ReplaceAll(kinds[i%len(kinds)], "N", fmt.Sprint(i)))
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(filepath.Dir(file), "bench.conf.tmpl"), []byte(page), 0o600)
}

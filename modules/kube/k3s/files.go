package k3s

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// files plans the directories and files that k3s reads.
func (i *install) files(ctx context.Context) error {
	a := i.args
	for _, d := range []string{etcDir, imagesDir} {
		if d == imagesDir && a.AirgapDir == "" {
			continue
		}
		if err := (place.FileAttrs{}).MakeAll(i.r, i.plan, d); err != nil {
			return err
		}
	}
	if err := i.images(ctx); err != nil {
		return err
	}
	config, err := document(i.config())
	if err != nil {
		return err
	}
	mirrors, err := document(a.Registries)
	if err != nil {
		return err
	}
	unit := i.unitText()
	i.digest = system.Sum([]byte(strings.Join([]string{i.sum, string(config), string(mirrors), string(environment(a.Env)), unit}, "\x00")))
	var all []place.File
	if a.Token.Given() {
		token := a.Token.Content(func(text string) []byte { return []byte(strings.TrimSpace(text) + "\n") })
		all = append(all, place.File{Path: tokenFile, Content: token, Secret: true, Attrs: private()})
	}
	all = append(all, place.File{Path: configFile, Content: system.Data(config), Secret: hides(a.Config), Attrs: private()})
	if len(a.Registries) > 0 {
		all = append(all, place.File{Path: registries, Content: system.Data(mirrors), Secret: hides(a.Registries), Attrs: private()})
	}
	all = append(all,
		place.File{Path: i.envFile(), Content: system.Data(append(environment(a.Env), mark+"="+i.digest+"\n"...)), Secret: true, Attrs: private()},
		place.File{Path: i.unitFile(), Content: system.Data([]byte(unit)), Attrs: place.FileAttrs{Owner: "root", Group: "root", Mode: "0644"}})
	for _, f := range all {
		f.InNew = true
		if err := i.place(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

func private() place.FileAttrs { return place.FileAttrs{Owner: "root", Group: "root", Mode: "0600"} }

// images plans that archives of images are where k3s looks for them.
func (i *install) images(ctx context.Context) error {
	if i.args.AirgapDir == "" {
		return nil
	}
	all, err := i.r.ReadDir(i.args.AirgapDir)
	if err != nil {
		return fmt.Errorf("install k3s: look for archives of images: %w", err)
	}
	before := i.done
	for _, in := range all {
		name := path.Base(in.Path)
		if in.Type == 0 && slices.ContainsFunc([]string{".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.bz2", ".tar.lz4", ".txt"}, func(end string) bool { return strings.HasSuffix(name, end) }) {
			if err := i.copied(ctx, path.Join(i.args.AirgapDir, name), path.Join(imagesDir, name), "0644"); err != nil {
				return err
			}
		}
	}
	// k3s takes images in as it starts, and also those that come later.
	i.done = before
	return nil
}

// config is what config.yaml says: the task's own, and who the host is.
func (i *install) config() map[string]any {
	a := i.args
	out := maps.Clone(a.Config)
	if out == nil {
		out = map[string]any{}
	}
	if a.Token.Given() {
		out["token-file"] = tokenFile
	}
	switch {
	case !a.First:
		out["server"] = a.Server
	case a.EmbeddedEtcd:
		out["cluster-init"] = true
	}
	return out
}

// document is v as JSON, which k3s reads as YAML; nothing if v is nil.
func document(v map[string]any) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	out, err := json.MarshalIndent(module.Documents{v}.Reveal()[0], "  ")
	if err != nil {
		return nil, fmt.Errorf("write k3s's configuration: %w", err)
	}
	return append(out, '\n'), nil
}

// hides reports whether a Secret is at or below v.
func hides(v any) bool {
	switch v := v.(type) {
	case module.Secret:
		return true
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), hides)
	case []any:
		return slices.ContainsFunc(v, hides)
	}
	return false
}

// mark is the variable in which the running k3s carries the digest of its inputs.
const mark = "GOKUBE_INPUTS"

// environment is what systemd reads as an EnvironmentFile.
func environment(env map[string]module.Secret) (out []byte) {
	for _, name := range slices.Sorted(maps.Keys(env)) {
		value := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", "$", `\$`).Replace(env[name].Reveal())
		out = fmt.Appendf(out, "%s=\"%s\"\n", name, value)
	}
	return out
}

func (i *install) unitText() string {
	kind := "notify"
	if i.args.Role == "agent" {
		kind = "exec"
	}
	return `# Written by gokube.
[Unit]
Description=Lightweight Kubernetes (` + i.args.Role + `)
Documentation=https://k3s.io
Wants=network-online.target
After=network-online.target

[Service]
Type=` + kind + `
EnvironmentFile=-/etc/default/%N
EnvironmentFile=-` + i.envFile() + `
ExecStartPre=-/sbin/modprobe br_netfilter
ExecStartPre=-/sbin/modprobe overlay
ExecStart=` + bin + ` ` + i.args.Role + `
KillMode=process
Delegate=yes
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=0
Restart=always
RestartSec=5s

[Install]
WantedBy=multi-user.target
`
}

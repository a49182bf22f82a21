//go:build linux

package hostinit

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// builtin lists modules that roles load, where the kernel's sources have them, and
// the option that builds each.
func builtin() map[string]string {
	return map[string]string{
		"fs/overlayfs/overlay":               "OVERLAY_FS",
		"fs/fuse/fuse":                       "FUSE_FS",
		"net/bridge/bridge":                  "BRIDGE",
		"net/bridge/br_netfilter":            "BRIDGE_NETFILTER",
		"net/8021q/8021q":                    "VLAN_8021Q",
		"net/tls/tls":                        "TLS",
		"drivers/net/vxlan/vxlan":            "VXLAN",
		"drivers/net/veth":                   "VETH",
		"drivers/net/dummy":                  "DUMMY",
		"drivers/net/tun":                    "TUN",
		"drivers/net/wireguard/wireguard":    "WIREGUARD",
		"net/ipv4/ipip":                      "NET_IPIP",
		"net/netfilter/nf_conntrack":         "NF_CONNTRACK",
		"net/netfilter/nf_nat":               "NF_NAT",
		"net/netfilter/nf_tables":            "NF_TABLES",
		"net/netfilter/xt_conntrack":         "NETFILTER_XT_MATCH_CONNTRACK",
		"net/netfilter/ipset/ip_set":         "IP_SET",
		"net/netfilter/ipvs/ip_vs":           "IP_VS",
		"net/netfilter/ipvs/ip_vs_rr":        "IP_VS_RR",
		"net/netfilter/ipvs/ip_vs_wrr":       "IP_VS_WRR",
		"net/netfilter/ipvs/ip_vs_sh":        "IP_VS_SH",
		"net/ipv4/netfilter/ip_tables":       "IP_NF_IPTABLES",
		"net/ipv4/netfilter/iptable_nat":     "IP_NF_NAT",
		"net/ipv4/netfilter/iptable_filter":  "IP_NF_FILTER",
		"net/ipv4/netfilter/iptable_mangle":  "IP_NF_MANGLE",
		"net/ipv6/netfilter/ip6_tables":      "IP6_NF_IPTABLES",
		"net/ipv6/netfilter/ip6table_filter": "IP6_NF_FILTER",
	}
}

// modulesFolder is where modprobe looks.
const modulesFolder = "/lib/modules"

// mountModules shows this machine's modules, read-only. A kernel that has none
// gets a folder that names what is built into it, so that modprobe succeeds for
// what is there and fails for what is not.
func (s *Spec) mountModules() error {
	release, err := kernelRelease()
	if err != nil {
		return err
	}
	if exists(modulesFolder + "/" + release + "/modules.dep") {
		if err := s.bind(modulesFolder, modulesFolder, 0); err != nil {
			return err
		}
		return s.bind(modulesFolder, modulesFolder, unix.MS_REMOUNT|unix.MS_RDONLY)
	}
	if err := s.mount("tmpfs", modulesFolder, quiet, "mode=755,size=4m"); err != nil {
		return err
	}
	dir := s.Root + modulesFolder + "/" + release + "/"
	return errors.Join(
		os.Mkdir(dir, 0o755),
		os.WriteFile(dir+"modules.builtin", []byte(builtinList(kernelOptions())), 0o644),
		os.WriteFile(dir+"modules.builtin.modinfo", nil, 0o644),
		os.WriteFile(dir+"modules.order", nil, 0o644),
	)
}

func kernelRelease() (string, error) {
	data, err := os.ReadFile("/proc/sys/kernel/osrelease")
	return strings.TrimSpace(string(data)), err
}

// kernelOptions is the kernel's own account of how it was built, nil where it gives none.
func kernelOptions() map[string]bool {
	f, err := os.Open("/proc/config.gz")
	if err != nil {
		return nil
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil
	}
	return parseOptions(z)
}

// parseOptions collects the options that are built in.
func parseOptions(r io.Reader) map[string]bool {
	on := map[string]bool{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if name, ok := strings.CutSuffix(lines.Text(), "=y"); ok {
			on[strings.TrimPrefix(name, "CONFIG_")] = true
		}
	}
	return on
}

// builtinList renders a modules.builtin file; without options, all count as built in.
func builtinList(on map[string]bool) string {
	var lines []string
	for module, option := range builtin() {
		if on == nil || on[option] {
			lines = append(lines, "kernel/"+module+".ko\n")
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// indexModules runs the host's depmod, which modprobe needs to have been run.
func indexModules() error {
	release, err := kernelRelease()
	if err != nil || exists(modulesFolder+"/"+release+"/modules.dep") {
		return err
	}
	if out, err := exec.Command("/sbin/depmod", release).CombinedOutput(); err != nil {
		return fmt.Errorf("run depmod: %w: %s", err, out)
	}
	return nil
}

package main

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settings are those of kube-vip's that the stand-in knows.
type settings struct {
	link, port, name     string
	prefix               netip.Prefix
	namespace, leaseName string
	lease, renew, retry  time.Duration
}

// must are the settings without which kube-vip does something else than this program.
var must = map[string]string{"vip_arp": "true", "cp_enable": "true", "vip_leaderelection": "true"}

// off are those that may be there if they are false.
var off = []string{"svc_enable", "lb_enable", "bgp_enable", "vip_ddns", "cp_detect", "enable_node_labeling"}

// ours are the beginnings of kube-vip's names; everything else in the environment is
// not meant for it.
var ours = []string{"vip_", "cp_", "svc_", "lb_", "bgp_", "enable_"}

// settingsOf reads an environment. A setting that kube-vip has, or had, and that is
// not known here is an error, not passed over.
func settingsOf(environ []string) (*settings, error) {
	env := map[string]string{}
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		env[name] = value
		if err := known(name, value); err != nil {
			return nil, err
		}
	}
	for name, value := range must {
		if env[name] != value {
			return nil, fmt.Errorf("%s is %q: the stand-in takes %s only", name, env[name], value)
		}
	}
	return read(env)
}

func known(name, value string) error {
	if !slices.ContainsFunc(ours, func(p string) bool { return strings.HasPrefix(name, p) }) {
		return nil
	}
	if slices.Contains(off, name) {
		if value != "false" {
			return fmt.Errorf("%s is %q: the stand-in takes false only", name, value)
		}
		return nil
	}
	taken := []string{"vip_interface", "vip_subnet", "vip_nodename", "cp_namespace", "vip_leasename", "vip_leaseduration", "vip_renewdeadline", "vip_retryperiod"}
	if _, is := must[name]; !is && !slices.Contains(taken, name) {
		return fmt.Errorf("%s: the stand-in has no such setting", name)
	}
	return nil
}

func read(env map[string]string) (*settings, error) {
	s := &settings{link: env["vip_interface"], port: env["port"], name: env["vip_nodename"],
		namespace: env["cp_namespace"], leaseName: env["vip_leasename"]}
	var err error
	if s.name == "" {
		if s.name, err = os.Hostname(); err != nil {
			return nil, err
		}
	}
	if s.prefix, err = netip.ParsePrefix(env["address"] + "/" + env["vip_subnet"]); err != nil {
		return nil, fmt.Errorf("address and vip_subnet: %w", err)
	}
	if !s.prefix.Addr().Is4() {
		return nil, fmt.Errorf("address is %s: the stand-in takes IPv4 only", s.prefix.Addr())
	}
	for name, at := range map[string]*time.Duration{"vip_leaseduration": &s.lease, "vip_renewdeadline": &s.renew, "vip_retryperiod": &s.retry} {
		n, err := strconv.Atoi(env[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		*at = time.Duration(n) * time.Second
	}
	for _, name := range []string{"vip_interface", "port", "cp_namespace", "vip_leasename"} {
		if env[name] == "" {
			return nil, fmt.Errorf("%s is not set", name)
		}
	}
	return s, nil
}

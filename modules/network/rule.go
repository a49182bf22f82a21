package network

import (
	"errors"
	"fmt"
	"strings"
)

// IptablesMatch is which packets a rule is about.
type IptablesMatch struct {
	// Protocol is their protocol: tcp, udp, icmp and so on.
	Protocol string `arg:"protocol"`
	// Source is where they come from: an address, a network, or ! before it for any
	// other.
	Source string `arg:"source"`
	// Destination is where they go, likewise.
	Destination string `arg:"destination"`
	// SourcePort is the port that they come from, or a range, A:B.
	SourcePort string `arg:"source_port"`
	// DestinationPort is the port that they go to, or a range, A:B.
	DestinationPort string `arg:"destination_port"`
	// DestinationPorts are ports and ranges that they go to, instead.
	DestinationPorts []string `arg:"destination_ports"`
	// InInterface is the interface by which they come in.
	InInterface string `arg:"in_interface"`
	// OutInterface is the interface by which they go out.
	OutInterface string `arg:"out_interface"`
	// Ctstate are the states of the connections that they belong to: NEW, ESTABLISHED
	// and so on.
	Ctstate []string `arg:"ctstate"`
	// UIDOwner is the user whose packets they are.
	UIDOwner string `arg:"uid_owner"`
	// ICMPType is the type of an icmp packet.
	ICMPType string `arg:"icmp_type"`
	// Match are further extensions to load.
	Match []string `arg:"match"`
	// Comment is a text that is kept with the rule.
	Comment string `arg:"comment"`
}

// IptablesTarget is what becomes of the packets.
type IptablesTarget struct {
	// Jump is the target or the chain: ACCEPT, DROP, MASQUERADE, a chain of our own.
	Jump string `arg:"jump"`
	// Goto is a chain from which they do not come back.
	Goto string `arg:"goto"`
	// ToDestination is the new destination, for DNAT.
	ToDestination string `arg:"to_destination"`
	// ToSource is the new source, for SNAT.
	ToSource string `arg:"to_source"`
	// ToPorts is the new port, for REDIRECT and MASQUERADE.
	ToPorts string `arg:"to_ports"`
	// RejectWith is the answer, for REJECT.
	RejectWith string `arg:"reject_with"`
	// LogPrefix is what a LOG begins with.
	LogPrefix string `arg:"log_prefix"`
	// SetMark is the mark that the packets get, for MARK.
	SetMark string `arg:"set_mark"`
}

// words is a rule as the program has it.
type words []string

// add appends an option with its value, if there is one; a ! before the value stands
// before the option.
func (w *words) add(option, value string) {
	if value == "" {
		return
	}
	if rest, not := strings.CutPrefix(value, "!"); not {
		*w, value = append(*w, "!"), strings.TrimSpace(rest)
	}
	*w = append(*w, option, value)
}

// with appends an option of an extension, which is loaded.
func (w *words) with(extension, option, value string) {
	if value != "" {
		*w = append(*w, "-m", extension)
		w.add(option, value)
	}
}

// rule is the rule that the arguments are; empty if they are none.
func (a *IptablesArgs) rule() ([]string, error) {
	if err := a.fits(); err != nil {
		return nil, err
	}
	var w words
	for _, o := range [][2]string{{"-p", a.Protocol}, {"-s", a.Source}, {"-d", a.Destination}, {"-i", a.InInterface}, {"-o", a.OutInterface}} {
		w.add(o[0], o[1])
	}
	for _, m := range a.Match {
		w = append(w, "-m", m)
	}
	w.add("--sport", a.SourcePort)
	w.add("--dport", a.DestinationPort)
	w.add("--icmp-type", a.ICMPType)
	w.with("multiport", "--dports", strings.Join(a.DestinationPorts, ","))
	w.with("conntrack", "--ctstate", strings.Join(a.Ctstate, ","))
	w.with("owner", "--uid-owner", a.UIDOwner)
	if a.Comment != "" {
		w = append(w, "-m", "comment", "--comment", a.Comment)
	}
	for _, o := range [][2]string{{"-j", a.Jump}, {"-g", a.Goto}, {"--to-destination", a.ToDestination}, {"--to-source", a.ToSource}, {"--to-ports", a.ToPorts}, {"--reject-with", a.RejectWith}, {"--log-prefix", a.LogPrefix}, {"--set-mark", a.SetMark}} {
		if o[1] != "" {
			w = append(w, o[0], o[1])
		}
	}
	return w, nil
}

// isChain reports whether a chain can have that name.
func isChain(name string) bool {
	return name != "" && len(name) <= 28 && name[0] != '-' && !strings.ContainsAny(name, " !/\t\n")
}

// fits is an error for arguments that do not go together.
func (a *IptablesArgs) fits() error {
	if !isChain(a.Chain) {
		return fmt.Errorf("chain %q is no name of a chain: at most 28 characters without blanks", a.Chain)
	}
	ports := a.SourcePort + a.DestinationPort + strings.Join(a.DestinationPorts, "")
	if ports != "" && (a.Protocol == "" || a.Protocol == "all") {
		return errors.New("match ports: only protocols such as tcp have them, set protocol")
	}
	if a.DestinationPort != "" && len(a.DestinationPorts) > 0 {
		return errors.New("destination_port and destination_ports exclude each other")
	}
	if a.RuleNum < 1 {
		return fmt.Errorf("rule_num %d is not above 0", a.RuleNum)
	}
	if a.Jump == "" && a.ToDestination+a.ToSource+a.ToPorts+a.RejectWith+a.LogPrefix+a.SetMark != "" {
		return errors.New("say what becomes of packets: jump is missing")
	}
	return nil
}

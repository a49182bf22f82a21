// Package sshargs reads arguments meant for OpenSSH's client, as inventories have
// them in ansible_ssh_common_args.
//
// It does not know how to connect. What it does not understand it names: an
// argument that is left out silently could be the one that makes a connection
// safe.
//
// # Decisions
//
// Options about sharing, compressing and keeping connections alive are accepted
// without effect: gokube keeps one connection to a host anyway.
package sshargs

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/inventory/ini"
)

// Args is what the arguments say. The first argument that sets something wins, as
// for OpenSSH.
type Args struct {
	User       string
	Port       int
	KeyFiles   []string
	Jump       string // as after -J: hosts with commas between; "none" for none
	KnownHosts []string
	HostKeys   string // "yes" or "accept-new" if set
	Timeout    time.Duration
}

// Refusal is one argument that is not accepted.
type Refusal struct {
	Arg  string // as written
	Why  string
	Hint string
}

// Parse adds what text says to a, and lists what it does not accept.
func (a *Args) Parse(text string) []Refusal {
	words, err := ini.Words(text)
	if err != nil {
		return []Refusal{{Arg: text, Why: err.Error()}}
	}
	var refused []Refusal
	for len(words) > 0 {
		var r *Refusal
		if words, r = a.next(words); r != nil {
			refused = append(refused, *r)
		}
	}
	return refused
}

// letters are the options with a value that have a long name.
func letters() map[byte]string {
	return map[byte]string{'J': "proxyjump", 'i': "identityfile", 'p': "port", 'l': "user"}
}

// withValue are the letters of all options of OpenSSH that have a value.
const withValue = "BbcDEeFIiJLlmOoPpQRSWw"

// next takes one argument with its value off words.
func (a *Args) next(words []string) (rest []string, r *Refusal) {
	word, rest := words[0], words[1:]
	if len(word) < 2 || word[0] != '-' {
		return rest, &Refusal{Arg: word, Why: "it is not an option"}
	}
	if strings.IndexByte(withValue, word[1]) < 0 {
		return rest, flags(word)
	}
	value, arg := word[2:], word
	if value == "" {
		if len(rest) == 0 {
			return nil, &Refusal{Arg: word, Why: "its value is missing"}
		}
		value, rest = rest[0], rest[1:]
		arg += " " + value
	}
	if word[1] == 'o' {
		return rest, a.option(value, arg)
	}
	if name, ok := letters()[word[1]]; ok {
		return rest, a.set(name, value, arg)
	}
	return rest, &Refusal{Arg: arg, Why: "it is not supported"}
}

// flags accepts options without a value that change nothing here.
func flags(word string) *Refusal {
	if strings.Trim(word[1:], "CqTx") == "" {
		return nil
	}
	return &Refusal{Arg: word, Why: "it is not supported"}
}

// option reads Key=Value or "Key Value".
func (a *Args) option(text, arg string) *Refusal {
	at := strings.IndexAny(text, "= \t")
	if at < 0 {
		return &Refusal{Arg: arg, Why: "its value is missing"}
	}
	value := strings.TrimSpace(text[at:])
	value = strings.TrimSpace(strings.TrimPrefix(value, "="))
	return a.set(strings.ToLower(text[:at]), strings.Trim(value, `"`), arg)
}

// set sets one option by its long name.
func (a *Args) set(name, value, arg string) *Refusal {
	switch name {
	case "user":
		first(&a.User, value)
	case "identityfile":
		a.KeyFiles = append(a.KeyFiles, value)
	case "proxyjump":
		first(&a.Jump, value)
	case "proxycommand":
		return refuse(arg, "commands are not run to connect", "name the jump host: -J user@host")
	case "userknownhostsfile", "globalknownhostsfile":
		return a.knownHosts(value, arg)
	case "stricthostkeychecking":
		return a.hostKeys(value, arg)
	case "port":
		return number(&a.Port, 65535, value, arg)
	case "connecttimeout":
		seconds := int(a.Timeout / time.Second)
		r := number(&seconds, 86400, value, arg)
		a.Timeout = time.Duration(seconds) * time.Second
		return r
	case "controlmaster", "controlpersist", "controlpath", "compression", "serveraliveinterval", "serveralivecountmax",
		"tcpkeepalive", "batchmode", "loglevel", "identitiesonly":
	default:
		return refuse(arg, "it is not supported", "")
	}
	return nil
}

func (a *Args) knownHosts(value, arg string) *Refusal {
	if strings.Contains(value, "/dev/null") {
		return refuse(arg, "host keys would never be verified", "leave it out and use -o StrictHostKeyChecking=accept-new")
	}
	a.KnownHosts = append(a.KnownHosts, strings.Fields(value)...)
	return nil
}

func (a *Args) hostKeys(value, arg string) *Refusal {
	switch strings.ToLower(value) {
	case "yes", "true", "ask":
		first(&a.HostKeys, "yes")
	case "accept-new":
		first(&a.HostKeys, "accept-new")
	case "no", "off", "false":
		return refuse(arg, "host keys are always verified", "accept-new takes the key of a host that is not known yet")
	default:
		return refuse(arg, "it has no such value", "use yes or accept-new")
	}
	return nil
}

func first(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

func number(field *int, most int, value, arg string) *Refusal {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > most {
		return refuse(arg, fmt.Sprintf("its value is not a number from 1 to %d", most), "")
	}
	if *field == 0 {
		*field = n
	}
	return nil
}

func refuse(arg, why, hint string) *Refusal { return &Refusal{arg, why, hint} }

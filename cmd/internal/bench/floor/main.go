// Command floor logs in to every host of an ssh_config once, all at the same
// time, and runs true: the least that any tool which works over SSH must do. It
// is the measure of make bench-peers.
package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

// main takes a user, a key file and addresses as host:port.
func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(user, key string, addresses []string) error {
	data, err := os.ReadFile(key)
	if err != nil {
		return err
	}
	signer, err := ssh.ParsePrivateKey(data)
	if err != nil {
		return err
	}
	config := &ssh.ClientConfig{User: user, Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)},
		HostKeyCallback:   func(string, net.Addr, ssh.PublicKey) error { return nil }, // throwaway hosts on this machine
		HostKeyAlgorithms: []string{ssh.KeyAlgoED25519}}
	errs := make([]error, len(addresses))
	var wg sync.WaitGroup
	for i, a := range addresses {
		wg.Go(func() { errs[i] = login(a, config) })
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("%s: %w", addresses[i], err)
		}
	}
	return nil
}

func login(address string, config *ssh.ClientConfig) error {
	if !strings.Contains(address, ":") {
		address += ":22"
	}
	c, err := ssh.Dial("tcp", address, config)
	if err != nil {
		return err
	}
	defer c.Close()
	s, err := c.NewSession()
	if err != nil {
		return err
	}
	return s.Run("true")
}

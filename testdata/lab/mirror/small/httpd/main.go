// Httpd is the lab's web server: it greets whoever asks with its own name. It asks
// others, too, for looks at the network from inside a pod:
//
//	httpd                 serve on :8080
//	httpd get URL         print what is there
//	httpd lookup NAME     print a name's addresses
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

const patience = 5 * time.Second

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "get":
		return get(args[1])
	case len(args) == 2 && args[0] == "lookup":
		addresses, err := net.LookupHost(args[1])
		fmt.Println(addresses)
		return err
	}
	return serve()
}

func get(url string) error {
	client := http.Client{Timeout: patience}
	answer, err := client.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(os.Stdout, answer.Body)
	return err
}

func serve() error {
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	greet := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello from %s to %s\n", name, r.RemoteAddr)
	}
	server := http.Server{Addr: ":8080", Handler: http.HandlerFunc(greet), ReadHeaderTimeout: patience}
	return server.ListenAndServe()
}

// Kube-vip-stand-in stands in for kube-vip in the lab, where kube-vip itself cannot be
// had. It is none of kube-vip's code: it takes the settings that kube-vip documents for
// a static pod that holds the control planes' address by ARP, refuses all others, and
// does what is documented of those: whoever has the lease has the address, and tells
// the network so.
//
//	kube-vip-stand-in manager
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// kubeconfig is where the static pod has the rights to the lease. The API server it
// asks is that of its own host, which goes by the name kubernetes.
const kubeconfig = "/etc/kubernetes/admin.conf"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 || args[0] != "manager" {
		return errors.New("kube-vip-stand-in: the one argument is manager")
	}
	s, err := settingsOf(os.Environ())
	if err != nil {
		return err
	}
	v, err := find(s)
	if err != nil {
		return err
	}
	// Whoever was here before may have left it.
	if err := v.drop(); err != nil {
		return err
	}
	defer v.drop()
	return elect(ctx, s, v)
}

// elect holds v whenever the lease is ours, until ctx ends or the lease is lost.
func elect(ctx context.Context, s *settings, v *vip) error {
	rest, err := clientcmd.BuildConfigFromFlags("https://kubernetes:"+s.port, kubeconfig)
	if err != nil {
		return err
	}
	rest.Timeout = s.renew
	client, err := kubernetes.NewForConfig(rest)
	if err != nil {
		return err
	}
	lock := &resourcelock.LeaseLock{
		LeaseMeta: metav1.ObjectMeta{Name: s.leaseName, Namespace: s.namespace},
		Client:    client.CoordinationV1(), LockConfig: resourcelock.ResourceLockConfig{Identity: s.name},
	}
	failed := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock: lock, LeaseDuration: s.lease, RenewDeadline: s.renew, RetryPeriod: s.retry, ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(ctx context.Context) { failed <- hold(ctx, v); cancel() },
			OnStoppedLeading: func() { log.Print("the lease is not ours") },
			OnNewLeader:      func(who string) { log.Printf("%s has the lease", who) },
		},
	})
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// hold has the address and says so, again and again, until ctx ends.
func hold(ctx context.Context, v *vip) error {
	if err := v.take(); err != nil {
		return err
	}
	defer v.drop()
	log.Printf("%s is here", v.address)
	for {
		if err := v.announce(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

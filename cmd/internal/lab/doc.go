// Package lab makes throwaway real hosts on this machine: each with its own
// systemd, sshd, disk and address on a bridge, and takes them away again without a
// trace. It does not know what is done to the hosts, nor anything of the engine.
//
// # Decisions
//
// A lab is a folder of state and one process, the supervisor, which is this
// program itself under a hidden command: no script lies on a disk, and no daemon
// of others is needed. The kernel frees what belongs to the process when it dies;
// what does not has a name that derives from the lab's, so Down finds it without
// having been told. Commands that take this machine's tools run ip(8), mmdebstrap(8),
// chroot(8), nsenter(1) and ssh(1).
package lab

package system

// Facts are the stable properties of a host, gathered once per run. The JSON
// names are what templates see below .facts. No list in it is nil, so that a
// template may range over each.
type Facts struct {
	Hostname       string    `json:"hostname"`
	FQDN           string    `json:"fqdn"`
	MachineID      string    `json:"machine_id"`
	BootID         string    `json:"boot_id"`
	OS             OS        `json:"os"`
	Arch           string    `json:"arch"` // as Go names it: amd64, arm64, ...
	Kernel         string    `json:"kernel"`
	CPU            CPU       `json:"cpu"`
	Memory         Memory    `json:"memory"`
	Network        Network   `json:"network"`
	Mounts         []MountAt `json:"mounts"`
	Init           string    `json:"init"`            // systemd, openrc, ...: what process 1 is
	PackageManager string    `json:"package_manager"` // apt, dnf, yum, zypper, pacman, apk, rpm-ostree, or ""
	Cgroup         int       `json:"cgroup"`          // 1 or 2
	User           Identity  `json:"user"`
}

type (
	// OS is what /etc/os-release says. Family is debian, redhat, suse, arch,
	// alpine, flatcar, or the ID where it is in no family we know.
	OS struct {
		ID         string `json:"id"`
		Family     string `json:"family"`
		Name       string `json:"name"`
		Version    string `json:"version"`  // VERSION_ID
		Codename   string `json:"codename"` // VERSION_CODENAME
		Variant    string `json:"variant"`  // VARIANT_ID, such as coreos
		ReadOnly   bool   `json:"read_only"`
		Virtual    string `json:"virtual"` // kvm, container, none, ...
		SELinux    string `json:"selinux"` // enforcing, permissive, disabled
		AppArmor   bool   `json:"apparmor"`
		TimeZone   string `json:"timezone"`
		UptimeSecs int64  `json:"uptime_secs"`
	}
	// CPU is the processors.
	CPU struct {
		Count int    `json:"count"`
		Model string `json:"model"`
	}
	// Memory is in MiB.
	Memory struct {
		TotalMB     int64 `json:"total_mb"`
		SwapTotalMB int64 `json:"swap_total_mb"`
	}
	// Network is the interfaces and the addresses of the default routes.
	Network struct {
		DefaultIPv4 Address     `json:"default_ipv4"`
		DefaultIPv6 Address     `json:"default_ipv6"`
		Interfaces  []Interface `json:"interfaces"`
		Nameservers []string    `json:"nameservers"`
	}
	// Address is a default route's source address; all is empty without a route.
	Address struct {
		Address   string `json:"address"`
		Prefix    int    `json:"prefix"`
		Interface string `json:"interface"`
		Gateway   string `json:"gateway"`
	}
	// Interface is one network interface; addresses are in CIDR notation.
	Interface struct {
		Name string   `json:"name"`
		MAC  string   `json:"mac"`
		MTU  int      `json:"mtu"`
		Up   bool     `json:"up"`
		IPv4 []string `json:"ipv4"`
		IPv6 []string `json:"ipv6"`
	}
	// MountAt is one mounted file system; sizes are in MiB.
	MountAt struct {
		Path    string `json:"path"`
		Device  string `json:"device"`
		FSType  string `json:"fstype"`
		Options string `json:"options"`
		SizeMB  int64  `json:"size_mb"`
		FreeMB  int64  `json:"free_mb"`
	}
	// Identity is the user the tasks run as.
	Identity struct {
		Name  string `json:"name"`
		Group string `json:"group"` // the primary one
		UID   int    `json:"uid"`
		GID   int    `json:"gid"`
		Home  string `json:"home"`
	}
)

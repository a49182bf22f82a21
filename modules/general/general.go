// Package general is the list of the modules that any host may need: all families
// but the one for Kubernetes clusters. It knows none of them beyond its family's
// list.
package general

import (
	"slices"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/modules/accounts"
	"github.com/gokube/gokube/modules/commands"
	"github.com/gokube/gokube/modules/control"
	"github.com/gokube/gokube/modules/crypto"
	"github.com/gokube/gokube/modules/files"
	"github.com/gokube/gokube/modules/kernel"
	"github.com/gokube/gokube/modules/network"
	"github.com/gokube/gokube/modules/packages"
	"github.com/gokube/gokube/modules/services"
)

// All are the modules of these families.
func All() []module.Module {
	return slices.Concat(
		accounts.Modules(),
		commands.Modules(),
		control.Modules(),
		crypto.Modules(),
		files.Modules(),
		kernel.Modules(),
		network.Modules(),
		packages.Modules(),
		services.Modules(),
	)
}

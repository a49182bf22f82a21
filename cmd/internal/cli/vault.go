package cli

import (
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/gokube/gokube/engine/vault"
)

// openVault is what opens encrypted variables: with the password of a file, or
// none.
func openVault(c *cli.Context) (*vault.Opener, error) {
	name := c.String("vault-password-file")
	if name == "" {
		return vault.NewOpener(), nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read the vault password: %w", err)
	}
	password, err := vault.PasswordFrom(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return vault.NewOpener(vault.Key{Password: password}), nil
}

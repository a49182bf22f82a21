//go:build linux

package lab

import (
	"context"
	"fmt"
	"io"

	"github.com/gokube/gokube/cmd/internal/lab/hostinit"
	"github.com/gokube/gokube/cmd/internal/lab/image"
	"github.com/gokube/gokube/cmd/internal/lab/supervisor"
)

// InnerCommands names the hidden commands that a lab runs its own program as:
// PROGRAM lab NAME ARGS...
func InnerCommands() []string {
	return []string{supervisor.Command, supervisor.InitCommand, image.LayerCommand}
}

// Inner runs one of InnerCommands; log gets what it prints. A host's first process
// never returns but for an error.
func Inner(ctx context.Context, log io.Writer, name string, args []string) error {
	switch name {
	case supervisor.Command:
		return supervisor.Main()
	case supervisor.InitCommand:
		return hostinit.Run()
	case image.LayerCommand:
		if len(args) < 3 {
			return fmt.Errorf("make a layer: it takes two folders and packages")
		}
		return image.MakeLayer(ctx, log, args[0], args[1], args[2:])
	}
	return fmt.Errorf("run %q: a lab has no such process", name)
}

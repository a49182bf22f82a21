package cli_test

import (
	"os"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/cmd/internal/cli"
)

func TestTheManualOfTheCommandLineIsUpToDate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the lab's commands are there on Linux only")
	}
	got, err := os.ReadFile("../../../docs/cli.md")
	if d := cmp.Diff(cli.Reference(), string(got)); err != nil || d != "" {
		t.Errorf("run make generate: %v\n%s", err, d)
	}
}

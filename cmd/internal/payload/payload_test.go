package payload_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/cmd/internal/payload"
)

func packed(t *testing.T, text string) *fstest.MapFile {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, text)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: b.Bytes()}
}

func TestProgramsAreFoundByPlatform(t *testing.T) {
	t.Parallel()
	sum := func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
	s := payload.From(fstest.MapFS{
		"gokube-runner-linux-arm64.gz": packed(t, "arm"), "gokube-runner-linux-amd64.gz": packed(t, "amd"),
		"gokube-runner-linux-amd64.sum": {Data: []byte(sum("amd") + "\n")}, "README.md": {},
	})
	if diff := cmp.Diff([]string{"linux/amd64", "linux/arm64"}, s.Platforms()); diff != "" {
		t.Error(diff)
	}
	for platform, want := range map[string]string{"linux/amd64": "amd", "linux/arm64": "arm"} {
		p, err := s.Program("gokube-runner", platform)
		if err != nil || p.SHA256 != sum(want) || p.Size != int64(len(want)) {
			t.Fatalf("%s: %+v, %v", platform, p, err)
		}
		f, err := p.Open()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(f); string(got) != want || err != nil {
			t.Errorf("%s: %q, %v", platform, got, err)
		}
	}
	_, err := s.Program("gokube-runner", "linux/riscv64")
	if err == nil || err.Error() != "there is no gokube-runner for linux/riscv64 in this gokube, only for linux/amd64, linux/arm64" {
		t.Error(err)
	}
}

func TestAFreshCloneSaysHowToBuild(t *testing.T) {
	t.Parallel()
	if _, err := payload.From(fstest.MapFS{}).Program("gokube-runner", "linux/amd64"); !errors.Is(err, payload.ErrNotBuilt) {
		t.Error(err)
	}
}

// budget is the size in bytes of a runner, which travels to every host: also of the one
// with the modules for Kubernetes clusters.
const budget = 4_999_999

// small are the flags that the Makefile builds it with, as a shell takes them.
func small(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if flags, found := strings.CutPrefix(line, "SMALL "); found {
			return strings.TrimSpace(strings.TrimLeft(flags, " :="))
		}
	}
	t.Fatal("the Makefile has no SMALL")
	return ""
}

func TestTheRunnerStaysSmallAndBuildsAlike(t *testing.T) {
	t.Parallel()
	first := built(t, "gokube-runner")
	if len(first) > budget {
		t.Errorf("the runner takes %d bytes, %d are allowed", len(first), budget)
	}
	if !bytes.Equal(first, built(t, "gokube-runner")) {
		t.Error("two builds of the runner differ")
	}
	if n := len(built(t, payload.KubeRunner)); n > budget {
		t.Errorf("the runner for clusters takes %d bytes, %d are allowed", n, budget)
	}
}

// experiment is what the Makefile calls SMALLEXP.
func experiment() string {
	const collector = "nogreenteagc"
	ask := exec.Command("go", "version")
	ask.Env = append(os.Environ(), "GOEXPERIMENT="+collector)
	if ask.Run() != nil {
		return ""
	}
	return collector
}

// built is a program as the Makefile builds it.
func built(t *testing.T, program string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "program")
	build := exec.Command("sh", "-c", "go build "+small(t)+` -o "$0" github.com/gokube/gokube/cmd/`+program, out)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOEXPERIMENT="+experiment())
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestARunMayHaveAnotherRunner(t *testing.T) {
	t.Parallel()
	s := payload.From(fstest.MapFS{"gokube-runner-linux-amd64.gz": packed(t, "small"), "gokube-kube-runner-linux-amd64.gz": packed(t, "large")})
	if got := s.Platforms(); len(got) != 1 {
		t.Errorf("%v", got)
	}
	p, err := s.With(payload.KubeRunner).Program("gokube-runner", "linux/amd64")
	if err != nil || p.Size != int64(len("large")) {
		t.Errorf("%+v, %v", p, err)
	}
}

// links fails if a program's packages have one of these in their paths.
func links(t *testing.T, program string, none ...string) {
	t.Helper()
	list := exec.Command("go", "list", "-deps", "github.com/gokube/gokube/cmd/"+program)
	list.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	text, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range none {
		if strings.Contains(string(text), bad) {
			t.Errorf("%s links %s", program, bad)
		}
	}
}

func TestTheRunnerLinksOnlyWhatItNeeds(t *testing.T) {
	t.Parallel()
	links(t, "gokube-runner", "modules/kube")
	links(t, payload.KubeRunner, "x/crypto/ssh", "yaml", "sprig", "urfave", "progressbar", "text/template", "net/http", "engine/transport", "engine/session", "gokube-tool")
}

func TestTheToolKnowsNothingOfTheEngine(t *testing.T) {
	t.Parallel()
	links(t, "gokube-tool", "gokube/engine", "gokube/modules", "cmd/internal", "os/exec", "text/template")
}

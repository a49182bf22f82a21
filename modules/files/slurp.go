package files

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// SlurpArgs are the arguments of the slurp module.
type SlurpArgs struct {
	// Src is the file of the host to read.
	Src string `arg:"src,required,alias=path"`
}

// Slurp reads a file of the host.
var Slurp = module.Define(module.Spec{
	Name:      "slurp",
	Summary:   "Read a file of the host",
	Contained: true,
	Example: `- name: read the machine id
  slurp:
    src: /etc/machine-id
  register: id
`,
	Output: []module.Doc{{Name: "content", Text: "the content in base64: b64dec gives the text"}, {Name: "encoding", Text: "base64"}, {Name: "source", Text: "the file"}},
}, planSlurp)

// maxSlurp is the most bytes that are worth a trip to the controller.
const maxSlurp = 16 << 20

func planSlurp(_ context.Context, r system.Reader, a *SlurpArgs) (*module.Plan, error) {
	p, err := place.Abs(r, a.Src)
	if err != nil {
		return nil, err
	}
	data, err := system.ReadFile(r, p)
	if err != nil {
		return nil, err
	}
	if len(data) > maxSlurp {
		return nil, fmt.Errorf("read %s: it is larger than %d MiB", p, maxSlurp>>20)
	}
	return &module.Plan{Output: map[string]any{"content": base64.StdEncoding.EncodeToString(data), "encoding": "base64", "source": p}}, nil
}

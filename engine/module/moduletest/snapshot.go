package moduletest

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

// snapshot is a host at one moment.
type snapshot struct {
	files   map[string]systemtest.File
	objects map[system.Key]system.Object
	log     int // how long it was
}

func snap(f *systemtest.Fake) snapshot {
	return snapshot{maps.Clone(f.Files), maps.Clone(f.Objects), len(f.Log)}
}

// changed are the keys that differ on f, in order. A directory that was implied
// by what is in it, and is now written down, does not.
func (s snapshot) changed(f *systemtest.Fake) (out []system.Key) {
	for p, is := range f.Files {
		was, had := s.files[p]
		if is != was || !had && !s.implied(p) {
			out = append(out, system.Path(p))
		}
	}
	for p := range s.files {
		if _, has := f.Files[p]; !has {
			out = append(out, system.Path(p))
		}
	}
	for _, k := range slices.Concat(slices.Collect(maps.Keys(f.Objects)), slices.Collect(maps.Keys(s.objects))) {
		if !reflect.DeepEqual(f.Objects[k], s.objects[k]) {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b system.Key) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(out)
}

func (s snapshot) implied(p string) bool {
	for k := range s.files {
		if strings.HasPrefix(k, p+"/") {
			return true
		}
	}
	return false
}

// args is a copy of the case's arguments, as a task gets its own.
func (c *Case) args() module.Args { return maps.Clone(c.Args) }

// show is changes as a failing test prints them.
func show(cs []change.Change) string {
	out, err := json.MarshalIndent(cs, "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(out)
}

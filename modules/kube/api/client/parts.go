package client

import (
	"fmt"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/api/object"
)

// most is how much is sent at once; what comes back is some times as long.
const most = 1 << 20

// inParts are the objects that ask prints of all, which it is given in pieces that are
// short enough for an answer.
func inParts(all []object.Object, ask func([]object.Object) ([]byte, error)) (found []object.Object, err error) {
	start, size := 0, 0
	for i, o := range all {
		n := len(object.Encode(o.Fields))
		if size+n > most && i > start {
			if found, err = part(found, all[start:i], ask); err != nil {
				return nil, err
			}
			start, size = i, 0
		}
		size += n
	}
	if start == len(all) {
		return found, nil
	}
	return part(found, all[start:], ask)
}

// part appends to found what ask prints of objects; half of them at a time if the
// answer is too long.
func part(found, objects []object.Object, ask func([]object.Object) ([]byte, error)) ([]object.Object, error) {
	text, err := ask(objects)
	if err != nil {
		return nil, err
	}
	if len(text) < system.MaxOutput {
		more, err := object.Parse(text)
		return append(found, more...), err
	}
	half := len(objects) / 2
	if half == 0 {
		return nil, fmt.Errorf("read %s: it is longer than %d MiB", objects[0].ID(), system.MaxOutput>>20)
	}
	if found, err = part(found, objects[:half], ask); err != nil {
		return nil, err
	}
	return part(found, objects[half:], ask)
}

// Package memo keeps what was made from arguments that cannot be the key of a
// map. It does not know what is kept.
//
// # Decisions
//
// Pointers are compared as such and never followed: what they point at may be
// changed meanwhile by others.
package memo

import (
	"reflect"
	"sync"
)

// most is how many values are kept for one key; with more, they are made anew.
const most = 64

// Table is a memory of values. The zero Table is empty. It is safe for
// concurrent use.
type Table[K comparable, V any] struct {
	mu   sync.Mutex
	kept map[K][]entry[V]
}

type entry[V any] struct {
	like  any
	value V
}

// Get is what was made for key and for something Alike like, or what produce makes. An
// error is not kept. Calls at the same time may each make theirs.
func (t *Table[K, V]) Get(key K, like any, produce func() (V, error)) (V, error) {
	if v, ok := t.find(key, like); ok {
		return v, nil
	}
	v, err := produce()
	if err != nil {
		return v, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kept == nil {
		t.kept = map[K][]entry[V]{}
	}
	if len(t.kept[key]) < most {
		t.kept[key] = append(t.kept[key], entry[V]{like, v})
	}
	return v, nil
}

func (t *Table[K, V]) find(key K, like any) (v V, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.kept[key] {
		if Alike(e.like, like) {
			return e.value, true
		}
	}
	return v, false
}

// Alike tells whether a and b are the same data, pointers compared as such.
func Alike(a, b any) bool { return alike(reflect.ValueOf(a), reflect.ValueOf(b)) }

func alike(a, b reflect.Value) bool {
	if !a.IsValid() || !b.IsValid() {
		return a.IsValid() == b.IsValid()
	}
	if a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Interface:
		return alike(a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			if !alike(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice, reflect.Array:
		return alikeLists(a, b)
	case reflect.Map:
		return alikeMaps(a, b)
	}
	return a.Comparable() && a.Equal(b)
}

func alikeLists(a, b reflect.Value) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if !alike(a.Index(i), b.Index(i)) {
			return false
		}
	}
	return true
}

func alikeMaps(a, b reflect.Value) bool {
	if a.Len() != b.Len() {
		return false
	}
	if a.Pointer() == b.Pointer() {
		return true
	}
	for _, k := range a.MapKeys() {
		if other := b.MapIndex(k); !other.IsValid() || !alike(a.MapIndex(k), other) {
			return false
		}
	}
	return true
}

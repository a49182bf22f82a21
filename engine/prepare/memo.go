package prepare

import "sync"

// memo keeps what get made, by name; the zero memo is empty. What gave an error
// is made again.
type memo[T any] struct {
	mu   sync.Mutex
	made map[string]T
}

// get gives what is kept under name, or makes it. Calls wait for each other, so
// that a file is read once for all hosts.
func (m *memo[T]) get(name string, fresh func() (T, error)) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.made[name]; ok {
		return v, nil
	}
	v, err := fresh()
	if err != nil {
		return v, err
	}
	if m.made == nil {
		m.made = map[string]T{}
	}
	m.made[name] = v
	return v, nil
}

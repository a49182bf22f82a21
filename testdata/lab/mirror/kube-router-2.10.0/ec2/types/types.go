// Package types has the one type that kube-router names.
package types

// AttributeBooleanValue is yes or no.
type AttributeBooleanValue struct{ Value *bool }

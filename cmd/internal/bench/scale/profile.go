package main

import (
	"os"
	"runtime"
	"runtime/pprof"
)

// profiles are files that profiles are written to; "" is none.
type profiles struct{ cpu, heap, hostCPU string }

// startCPU profiles the process until the function is called that it returns.
func (profiles) startCPU(file string) (stop func()) {
	if file == "" {
		return func() {}
	}
	f, err := os.Create(file)
	if err != nil || pprof.StartCPUProfile(f) != nil {
		return func() {}
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close() // nothing depends on it
	}
}

// writeHeap writes what is in use now.
func (profiles) writeHeap(file string) error {
	if file == "" {
		return nil
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	runtime.GC()
	return pprof.Lookup("heap").WriteTo(f, 0)
}

//go:build linux

package build

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"time"
)

// writeArchive makes a tar.gz of things, by path inside; the same ones always make
// the same bytes.
func writeArchive(path string, holds, things map[string]string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewWriterLevel(f, gzip.NoCompression)
	if err != nil {
		return err
	}
	w := tar.NewWriter(z)
	for _, at := range slices.Sorted(maps.Keys(holds)) {
		if err := addFile(w, at, things[holds[at]]); err != nil {
			return err
		}
	}
	return errors.Join(w.Close(), z.Close(), f.Close())
}

func addFile(w *tar.Writer, at, from string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	// tar(1) warns of times at the beginning of time.
	made := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	err = w.WriteHeader(&tar.Header{Name: at, Mode: int64(info.Mode().Perm()), Size: info.Size(), ModTime: made, Format: tar.FormatPAX})
	if err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}

func digest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	return hex.EncodeToString(sum.Sum(nil)), err
}

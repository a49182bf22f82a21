package system

import "fmt"

// Clip is out with its middle dropped if it is longer than MaxOutput.
func Clip(out []byte) []byte {
	if len(out) <= MaxOutput {
		return out
	}
	return Clipped(out[:MaxOutput/2], out[len(out)-MaxOutput/2:], int64(len(out)-MaxOutput))
}

// Clipped joins the first and the last part of an output with a line that says
// how many bytes between them are missing.
func Clipped(first, last []byte, missing int64) []byte {
	return fmt.Appendf(first[:len(first):len(first)], "\n[%d bytes dropped]\n%s", missing, last)
}

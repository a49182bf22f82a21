// Package wire is what controller and runner say to each other: messages, frames
// and the version handshake. It knows neither SSH nor modules.
//
// The runner prints Marker, then both sides send frames: four bytes of length
// (big endian, of what follows the type), one byte of type, the payload. Payloads
// are one value in the encoding of AppendValue; those about blobs begin with bytes. Whatever came before Marker is a login shell's
// banner and is no harm.
//
// # Decisions
//
// Every type of frame has its own limit, and memory is taken as bytes arrive, not
// as a length claims, so a broken peer costs what it sends. Contents of more than
// Inline bytes go by digest, are sent only if they are asked for, and in frames of
// at most Chunk bytes, so that small messages pass between them.
//
// The encoding is JSON with a tag for each thing that JSON has not: floats that are
// whole stay floats, and bytes that are no text stay as they are.
package wire

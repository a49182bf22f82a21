// Package wire is what controller and runner say to each other: messages,
// frames and the version handshake. It knows neither SSH nor modules.
package wire

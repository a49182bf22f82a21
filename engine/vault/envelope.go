package vault

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

const magic = "$ANSIBLE_VAULT"

// IsEncrypted tells whether data begins as an encrypted file does.
func IsEncrypted(data []byte) bool { return bytes.HasPrefix(data, []byte(magic+";")) }

// envelope is what stands in an encrypted file.
type envelope struct {
	id                string // "" for the default
	salt, mac, cipher []byte
}

// parse reads the header line and the body, which is hex of three lines of hex.
func parse(data []byte) (*envelope, error) {
	text := strings.TrimSpace(string(data))
	header, body, _ := strings.Cut(text, "\n")
	id, err := parseHeader(strings.TrimSpace(header))
	if err != nil {
		return nil, err
	}
	inner, err := unhex("body", strings.Join(strings.Fields(body), ""))
	if err != nil {
		return nil, err
	}
	parts := bytes.Split(inner, []byte("\n"))
	if len(parts) != 3 {
		return nil, fmt.Errorf("the vault's body has %d parts, not salt, code and text", len(parts))
	}
	e := &envelope{id: id}
	for i, into := range []*[]byte{&e.salt, &e.mac, &e.cipher} {
		if *into, err = unhex([]string{"salt", "code", "text"}[i], string(parts[i])); err != nil {
			return nil, err
		}
	}
	if len(e.salt) == 0 || len(e.mac) != 32 || len(e.cipher) == 0 {
		return nil, errors.New("the vault's body is incomplete")
	}
	return e, nil
}

func parseHeader(line string) (id string, err error) {
	fields := strings.Split(line, ";")
	switch {
	case fields[0] != magic:
		return "", fmt.Errorf("the text does not begin with %s", magic)
	case len(fields) < 3:
		return "", errors.New("the vault's header is incomplete")
	case fields[1] != "1.1" && fields[1] != "1.2":
		return "", fmt.Errorf("the vault's version is %.20q, not 1.1 or 1.2", fields[1])
	case strings.TrimSpace(fields[2]) != "AES256":
		return "", fmt.Errorf("the vault's cipher is %.20q, not AES256", fields[2])
	}
	if fields[1] == "1.2" && len(fields) > 3 {
		id = strings.TrimSpace(fields[3])
	}
	if id == "default" {
		id = ""
	}
	return id, nil
}

// unhex says which part is no hex, but not what stands there.
func unhex(what, s string) ([]byte, error) {
	out, err := hex.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("the vault's %s is not hex", what)
	}
	return out, nil
}

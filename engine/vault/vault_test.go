package vault_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/vault"
)

// encrypt is ansible-vault's own way, written from the description of the format.
func encrypt(t testing.TB, header, password, plain string) []byte {
	t.Helper()
	salt := bytes.Repeat([]byte{7}, 32)
	key, err := pbkdf2.Key(sha256.New, password, salt, 10000, 80)
	if err != nil {
		t.Fatal(err)
	}
	pad := 16 - len(plain)%16
	text := append([]byte(plain), bytes.Repeat([]byte{byte(pad)}, pad)...)
	block, err := aes.NewCipher(key[:32])
	if err != nil {
		t.Fatal(err)
	}
	cipher.NewCTR(block, key[64:]).XORKeyStream(text, text)
	mac := hmac.New(sha256.New, key[32:64])
	mac.Write(text)
	inner := hex.EncodeToString(salt) + "\n" + hex.EncodeToString(mac.Sum(nil)) + "\n" + hex.EncodeToString(text)
	body := hex.EncodeToString([]byte(inner))
	var sb strings.Builder
	sb.WriteString(header + "\n")
	for len(body) > 80 {
		sb.WriteString(body[:80] + "\n")
		body = body[80:]
	}
	return []byte(sb.String() + body + "\n")
}

func key(id, password string) vault.Key {
	return vault.Key{ID: id, Password: secret.New(password)}
}

const (
	plain11 = "$ANSIBLE_VAULT;1.1;AES256"
	prod12  = "$ANSIBLE_VAULT;1.2;AES256;prod"
)

func TestDecrypt(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "x", "sixteen bytes ok", strings.Repeat("long text\n", 100)} {
		for _, header := range []string{plain11, prod12} {
			data := encrypt(t, header, "pw", text)
			if !vault.IsEncrypted(data) {
				t.Error("not seen as encrypted")
			}
			got, err := vault.NewOpener(key("dev", "other"), key("prod", "pw")).Decrypt(data)
			if err != nil || string(got) != text {
				t.Errorf("%s: got %q, %v", header, got, err)
			}
		}
	}
}

func TestIndentedValuesOfYamlAreRead(t *testing.T) {
	t.Parallel()
	data := "  " + strings.ReplaceAll(string(encrypt(t, plain11, "pw", "a")), "\n", "\r\n  ")
	if got, err := vault.NewOpener(key("", "pw")).Decrypt([]byte(data)); err != nil || string(got) != "a" {
		t.Error(got, err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	good := string(encrypt(t, prod12, "pw", "topsecret"))
	head, body, _ := strings.Cut(good, "\n")
	for name, tc := range map[string]struct {
		data string
		keys []vault.Key
		want string
	}{
		"no key":         {good, nil, "no vault password"},
		"wrong key":      {good, []vault.Key{key("prod", "PW")}, "vault id prod: no vault password opens it"},
		"changed":        {head + "\n" + body[:len(body)-3] + flip(body[len(body)-3:]), []vault.Key{key("", "pw")}, "no vault password opens it"},
		"cut":            {head + "\n" + body[:100], []vault.Key{key("", "pw")}, "vault's"},
		"no body":        {head, []vault.Key{key("", "pw")}, "has 1 parts"},
		"not hex":        {head + "\nzz", []vault.Key{key("", "pw")}, "body is not hex"},
		"version":        {"$ANSIBLE_VAULT;9.9;AES256\n00", nil, `version is "9.9"`},
		"cipher":         {"$ANSIBLE_VAULT;1.1;DES\n00", nil, `cipher is "DES"`},
		"header":         {"$ANSIBLE_VAULT;1.1", nil, "header is incomplete"},
		"something else": {"a: 1", nil, "does not begin with"},
		"empty":          {"", nil, "does not begin with"},
	} {
		_, err := vault.NewOpener(tc.keys...).Decrypt([]byte(tc.data))
		if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	var none *vault.Opener
	if _, err := none.Decrypt([]byte(good)); !errors.Is(err, vault.ErrNoKey) {
		t.Error(err)
	}
}

func flip(s string) string {
	if s[0] == '3' {
		return "2" + s[1:]
	}
	return "3" + s[1:]
}

func TestPasswordFrom(t *testing.T) {
	t.Parallel()
	if p, err := vault.PasswordFrom([]byte(" a b\n")); err != nil || p.Reveal() != "a b" {
		t.Error(err)
	}
	if _, err := vault.PasswordFrom([]byte(" \n")); err == nil {
		t.Error("an empty password")
	}
}

// FuzzDecrypt holds the parser to: no panic, nothing opened that was not made.
func FuzzDecrypt(f *testing.F) {
	good := encrypt(f, plain11, "pw", "text")
	f.Add(good)
	f.Add([]byte(plain11 + "\n3030"))
	f.Add([]byte(prod12 + "\n300a300a30"))
	o := vault.NewOpener(key("", "pw"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := o.Decrypt(data); err == nil && string(got) != "text" {
			t.Fatalf("%q gives %q", data, got)
		}
	})
}

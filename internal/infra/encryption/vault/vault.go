// Package vault keeps the key to the root keyset in the transit engine of a Vault or an OpenBao: the engine wraps and
// unwraps, and the key never leaves it. It speaks the engine's documented HTTP API and nothing else of those servers.
//
// The engine needs one key of an AEAD type, aes256-gcm96 say, that nobody may export, and a policy which allows a token to
// update encrypt/NAME and decrypt/NAME. The token comes from DIGIT_VAULT_TOKEN or from the file that DIGIT_VAULT_TOKEN_FILE
// names, which is read anew for each call, so that an agent can renew it.
package vault

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
)

const (
	tokenEnv  = "DIGIT_VAULT_TOKEN"
	answerMax = 1 << 20
	patience  = 10 * time.Second
)

// Transit is one key of a transit engine. It is safe for concurrent use.
type Transit struct {
	name      string
	base      url.URL // of the engine, with its mount
	key       string
	namespace string
	client    *http.Client
}

// Open reads an address like "https://vault.example:8200/transit/digit" (the engine's mount, then the key), with
// ?namespace=NAME where there are namespaces. It asks nobody yet.
func Open(address string) (*Transit, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return nil, fmt.Errorf("vault: %q is not like https://vault.example:8200/transit/digit", address)
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && local(u.Hostname())) {
		return nil, errors.New("vault: only https is spoken with a Vault that is not on this machine")
	}
	mount, key := path.Split(strings.Trim(u.Path, "/"))
	mount = strings.Trim(mount, "/")
	if mount == "" || key == "" {
		return nil, fmt.Errorf("vault: %q names no key of an engine: /transit/digit", address)
	}
	t := &Transit{key: key, namespace: u.Query().Get("namespace"), client: &http.Client{Timeout: patience, CheckRedirect: stay}}
	u.RawQuery = ""
	t.name = "vault:" + u.String()
	u.Path = "/v1/" + mount
	t.base = *u
	return t, nil
}

func local(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// stay follows no redirect: the token is for the one who was asked.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Name says which engine and which key.
func (t *Transit) Name() string { return t.name }

// Wrap has the engine encrypt plain, bound to binding. The result is the engine's own text, "vault:v1:…". Errors: ErrAway.
func (t *Transit) Wrap(ctx context.Context, plain, binding []byte) (_ []byte, err error) {
	defer fault.Wrap(&err, "vault.Wrap")
	out, err := t.ask(ctx, "encrypt", map[string]string{"plaintext": encode(plain), "associated_data": encode(binding)})
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(out.Ciphertext, "vault:") {
		return nil, errors.New("the answer has no ciphertext")
	}
	return []byte(out.Ciphertext), nil
}

// Unwrap has the engine decrypt what Wrap returned. Errors: ErrAway.
func (t *Transit) Unwrap(ctx context.Context, wrapped, binding []byte) (_ []byte, err error) {
	defer fault.Wrap(&err, "vault.Unwrap")
	out, err := t.ask(ctx, "decrypt", map[string]string{"ciphertext": string(wrapped), "associated_data": encode(binding)})
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(out.Plaintext)
}

func encode(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

type answer struct {
	Ciphertext string `json:"ciphertext"`
	Plaintext  string `json:"plaintext"`
}

func (t *Transit) ask(ctx context.Context, verb string, question map[string]string) (out answer, err error) {
	body, err := json.Marshal(question)
	if err != nil {
		return out, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.base.JoinPath(verb, t.key).String(), bytes.NewReader(body))
	if err != nil {
		return out, err
	}
	token, err := readToken()
	if err != nil {
		return out, encryption.ErrAway.Because(err)
	}
	req.Header.Set("X-Vault-Token", token)
	req.Header.Set("X-Vault-Request", "true")
	req.Header.Set("Content-Type", "application/json")
	if t.namespace != "" {
		req.Header.Set("X-Vault-Namespace", t.namespace)
	}
	resp, err := t.client.Do(req)
	if err != nil {
		return out, encryption.ErrAway.Because(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, answerMax))
	if err != nil {
		return out, encryption.ErrAway.Because(err)
	}
	if resp.StatusCode != http.StatusOK {
		return out, refusal(resp.StatusCode, text)
	}
	var whole struct {
		Data answer `json:"data"`
	}
	err = json.Unmarshal(text, &whole)
	return whole.Data, err
}

// refusal tells why the engine did not answer. That it is sealed, too busy or wants another token passes; that it cannot
// decrypt does not.
func refusal(status int, text []byte) error {
	var said struct {
		Errors []string `json:"errors"`
	}
	_ = json.Unmarshal(text, &said) // without its words there is still the status
	err := fmt.Errorf("the transit engine answered %d: %s", status, strings.Join(said.Errors, "; "))
	if status >= 500 || status == http.StatusForbidden || status == http.StatusTooManyRequests || status == http.StatusNotFound {
		return encryption.ErrAway.Because(err)
	}
	return err
}

func readToken() (string, error) {
	if token := os.Getenv(tokenEnv); token != "" {
		return token, nil
	}
	if file := os.Getenv(tokenEnv + "_FILE"); file != "" {
		text, err := os.ReadFile(file)
		return strings.TrimSpace(string(text)), err
	}
	return "", errors.New(tokenEnv + " and " + tokenEnv + "_FILE are not set")
}

// Package vaulttest is a transit engine for tests: it answers encrypt and decrypt as Vault's and OpenBao's documented HTTP
// API does (POST /v1/MOUNT/encrypt/KEY and /decrypt/KEY, versions of a key, associated data, error answers), with keys of its
// own that never leave it. It is no Vault: what those servers do beside that is not here.
package vaulttest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Server is one engine with one key.
type Server struct {
	URL   string // of the key, as vault.Open takes it
	Token string // the only one that may use it

	mu        sync.Mutex
	namespace string
	versions  []cipher.AEAD
	sealed    bool
	asked     int
	server    *httptest.Server
}

// New starts an engine mounted at transit with a key called digit. It ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{Token: "hvs.test"}
	s.Rotate(t)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/transit/encrypt/digit", s.guard(s.encrypt))
	mux.HandleFunc("POST /v1/transit/decrypt/digit", s.guard(s.decrypt))
	s.server = httptest.NewServer(mux)
	t.Cleanup(s.server.Close)
	s.URL = s.server.URL + "/transit/digit"
	return s
}

// Rotate adds a version of the key, by which it encrypts from then on.
func (s *Server) Rotate(t testing.TB) {
	t.Helper()
	key := make([]byte, 32)
	rand.Read(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.versions = append(s.versions, aead)
}

// Seal has the server answer that it is sealed, or no more.
func (s *Server) Seal(sealed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sealed = sealed
}

// Within has the server serve a namespace alone.
func (s *Server) Within(namespace string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.namespace = namespace
}

// Asked is how often the engine was asked so far.
func (s *Server) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

type question struct {
	Plaintext  string `json:"plaintext"`
	Ciphertext string `json:"ciphertext"`
	Associated string `json:"associated_data"`
}

func fail(w http.ResponseWriter, status int, words ...string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string][]string{"errors": words})
}

// guard checks what every call is checked for and reads the question.
func (s *Server) guard(next func(http.ResponseWriter, question, []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked++
		switch {
		case s.sealed:
			fail(w, http.StatusServiceUnavailable, "Vault is sealed")
			return
		case r.Header.Get("X-Vault-Token") == "":
			fail(w, http.StatusForbidden, "missing client token")
			return
		case r.Header.Get("X-Vault-Token") != s.Token, r.Header.Get("X-Vault-Namespace") != s.namespace:
			fail(w, http.StatusForbidden, "1 error occurred:\n\t* permission denied\n\n")
			return
		}
		var q question
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			fail(w, http.StatusBadRequest, "error parsing JSON")
			return
		}
		associated, err := base64.StdEncoding.DecodeString(q.Associated)
		if err != nil {
			fail(w, http.StatusBadRequest, "failed to base64-decode associated_data")
			return
		}
		next(w, q, associated)
	}
}

func answer(w http.ResponseWriter, data map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"request_id": "0", "lease_id": "", "renewable": false, "lease_duration": 0, "data": data, "wrap_info": nil, "warnings": nil, "auth": nil,
	})
}

func (s *Server) encrypt(w http.ResponseWriter, q question, associated []byte) {
	plain, err := base64.StdEncoding.DecodeString(q.Plaintext)
	if err != nil {
		fail(w, http.StatusBadRequest, "failed to base64-decode plaintext")
		return
	}
	version := len(s.versions)
	nonce := make([]byte, 12)
	rand.Read(nonce)
	sealed := s.versions[version-1].Seal(nonce, nonce, plain, associated)
	answer(w, map[string]any{"ciphertext": fmt.Sprintf("vault:v%d:%s", version, base64.StdEncoding.EncodeToString(sealed)), "key_version": version})
}

func (s *Server) decrypt(w http.ResponseWriter, q question, associated []byte) {
	var version int
	parts := strings.SplitN(q.Ciphertext, ":", 3)
	if len(parts) != 3 || parts[0] != "vault" {
		fail(w, http.StatusBadRequest, "invalid ciphertext: no prefix")
		return
	}
	if _, err := fmt.Sscanf(parts[1], "v%d", &version); err != nil || version < 1 || version > len(s.versions) {
		fail(w, http.StatusBadRequest, "invalid ciphertext: version is too new")
		return
	}
	sealed, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(sealed) < 12 {
		fail(w, http.StatusBadRequest, "invalid ciphertext: could not decode base64")
		return
	}
	plain, err := s.versions[version-1].Open(nil, sealed[:12], sealed[12:], associated)
	if err != nil {
		fail(w, http.StatusBadRequest, "cipher: message authentication failed")
		return
	}
	answer(w, map[string]any{"plaintext": base64.StdEncoding.EncodeToString(plain)})
}

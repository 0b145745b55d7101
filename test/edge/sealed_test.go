package edge

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"digit/cmd/digit/app"
	"digit/internal/infra/platform/pg/pgtest"
)

// TestSealedStart starts the platform without its root key. It runs, shows what is nobody's, says in words that it is locked
// wherever something personal is asked for, tells the operator, makes no other key in the place of the lost one, and opens
// by itself when the key is back.
func TestSealedStart(t *testing.T) {
	t.Parallel()
	owner, user := pgtest.Scratch(t)
	c := app.Config{Data: t.TempDir(), DatabaseURL: user, OwnerURL: owner}
	h, stop, err := run(c, pgtest.SuperOf(t, owner))
	if err != nil {
		t.Fatal(err)
	}
	before := h.citizen(t, "Joana Lima")
	a := before.filled()
	admin := h.staff(t, administrator)
	session, staffSession := before.http.Jar.Cookies(mustURL(t, before.base)), admin.http.Jar.Cookies(mustURL(t, admin.base))
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	key, away := filepath.Join(c.Data, "root.key"), filepath.Join(c.Data, "elsewhere.key")
	if err := os.Rename(key, away); err != nil {
		t.Fatal(err)
	}

	h, stop, err = run(c, pgtest.SuperOf(t, owner))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	stranger, citizen, operator := h.visitor(t), h.visitor(t), h.visitor(t)
	citizen.http.Jar.SetCookies(mustURL(t, citizen.base), session)
	operator.http.Jar.SetCookies(mustURL(t, operator.base), staffSession)
	for path, want := range map[string]int{
		"/healthz": http.StatusOK, "/readyz": http.StatusServiceUnavailable, "/": http.StatusOK, "/services/birth-certificate": http.StatusOK,
		"/.well-known/jwks.json": http.StatusOK, "/verify": http.StatusOK, "/help": http.StatusOK,
	} {
		stranger.want(stranger.get(path), want, path)
	}
	for lang, words := range map[string]string{"en": "This service is locked", "pt": "Este serviço está bloqueado", "ar": "هذه الخدمة مقفلة"} {
		citizen.lang = lang
		citizen.http.Jar.SetCookies(mustURL(t, citizen.base), []*http.Cookie{{Name: "lang", Value: lang, Path: "/"}})
		for what, got := range map[string]answer{
			"a page": citizen.get("/requests/" + a.ID), "writing": citizen.post("/requests/"+a.ID+"/pages/who", answers()["who"]...),
			"signing in": h.visitorIn(t, lang).post("/sign-in", "address", phone()),
		} {
			if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, words) || !strings.Contains(got.body, `lang="`+lang+`"`) {
				t.Errorf("%s in %s: %d %s", what, lang, got.status, text(got.body))
			}
		}
	}
	if p := citizen.problem(citizen.get("/api/v1/requests/"+a.ID), http.StatusServiceUnavailable); p.Code != "encryption.sealed" {
		t.Errorf("the API: %+v", p)
	}
	for _, path := range []string{"/console/health", "/console/keys"} {
		if got := operator.get(path); got.status != http.StatusOK || !strings.Contains(got.body, "root.key; encryption.sealed") {
			t.Errorf("%s: %d %s", path, got.status, h.why(got))
		}
	}
	if got := operator.post("/console/keys/seal/rotate"); got.status != http.StatusServiceUnavailable {
		t.Errorf("changing a key: %d", got.status)
	}
	if got := doctor(t, c); !strings.Contains(got, "fail") || !strings.Contains(got, "cannot be had") {
		t.Errorf("digit doctor: %s", got)
	}
	if _, err := os.Stat(key); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a new root key was made: %v", err)
	}

	if err := os.Rename(away, key); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the platform to open", func() bool { return citizen.get("/readyz").status == http.StatusOK })
	citizen.want(citizen.get("/requests/"+a.ID), http.StatusOK, "the request")
	citizen.want(citizen.post("/requests/"+a.ID+"/submit"), http.StatusSeeOther, "sending")
	if got := doctor(t, c); strings.Contains(got, "cannot be had") {
		t.Errorf("digit doctor: %s", got)
	}
}

// visitorIn is a visitor who reads a language.
func (h *house) visitorIn(t *testing.T, lang string) *client {
	t.Helper()
	c := h.visitor(t)
	c.lang = lang
	return c
}

// doctor is what the command of that name says about the root key.
func doctor(t *testing.T, c app.Config) string {
	t.Helper()
	c.Listen, c.LogLevel, c.LogTo = "localhost:8080", "error", new(logbook)
	i, err := app.Inspect(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := i.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	for _, check := range i.Health(t.Context()) {
		if check.Name == "root" {
			return string(check.State) + " " + i.Explain(check)
		}
	}
	return ""
}

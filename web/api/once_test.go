package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"digit/web/hook/hooktest"
)

// TestTheSameAgain sends what a program sends when it did not see the answer.
func TestTheSameAgain(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	v.SignIn("api.again@correio.example", false)
	body := string(read(t, "testdata/streetlight.json"))
	var first, again struct{ ID, Reference, Status string }
	a := v.JSON(http.MethodPost, "/api/v1/requests", body, http.StatusCreated, &first, "Idempotency-Key", `"8e03978e-40d5"`)
	b := v.JSON(http.MethodPost, "/api/v1/requests", body, http.StatusCreated, &again, "Idempotency-Key", "8e03978e-40d5")
	if first != again || first.Reference == "" || a.Header.Get("Location") != b.Header.Get("Location") {
		t.Errorf("%+v at %s, then %+v at %s", first, a.Header.Get("Location"), again, b.Header.Get("Location"))
	}
	for _, c := range []struct {
		name, key, body, code string
		status                int
	}{
		{"another body", "8e03978e-40d5", `{"service": "streetlight-complaint", "answers": {}}`, "request.key_reused", http.StatusUnprocessableEntity},
		{"other spaces", "8e03978e-40d5", strings.ReplaceAll(body, ": ", " :  "), "", http.StatusCreated},
		{"a key with a space", "two words", body, "request.key", http.StatusUnprocessableEntity},
		{"a quote that is not closed", `"8e03`, body, "request.key", http.StatusUnprocessableEntity},
		{"an empty key", `""`, body, "request.key", http.StatusUnprocessableEntity},
	} {
		answer := v.JSON(http.MethodPost, "/api/v1/requests", c.body, c.status, nil, "Idempotency-Key", c.key)
		if c.code == "" {
			continue
		}
		if p := refusal(t, answer); p.Code != c.code {
			t.Errorf("%s: %s, want %s", c.name, p.Code, c.code)
		}
	}
}

// TestTheSameAtOnce sends the same twenty times at once: one request comes of it, and nobody is told of another.
func TestTheSameAtOnce(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	v.SignIn("api.at.once@correio.example", false)
	body := string(read(t, "testdata/streetlight.json"))
	var all sync.WaitGroup
	answers := make([]hooktest.Answer, 20)
	for i := range answers {
		all.Go(func() {
			answers[i] = v.Send(http.MethodPost, "/api/v1/requests", "application/json", body, "Idempotency-Key", "the-same")
		})
	}
	all.Wait()
	made := map[string]bool{}
	for _, a := range answers {
		switch a.Status {
		case http.StatusCreated:
			made[a.Header.Get("Location")] = true
		case http.StatusConflict:
			if p := refusal(t, a); p.Code != "request.key_running" {
				t.Errorf("%+v", p)
			}
		default:
			t.Errorf("%d: %s", a.Status, a.Body)
		}
	}
	var list struct{ Items []struct{ ID string } }
	v.JSON(http.MethodGet, "/api/v1/requests", "", http.StatusOK, &list)
	if len(made) != 1 || len(list.Items) != 1 {
		t.Errorf("answered with %v, and %d are there", made, len(list.Items))
	}
}

package hook_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/webhook"
	"digit/web/hook/hooktest"
)

func TestMain(m *testing.M) { hooktest.Main(m) }

// problem is a failure as told to programs.
type problem struct {
	Type, Title, Code, Instance string
	Status                      int
}

func send(t *testing.T, v *hooktest.Visitor, path, body string, header http.Header) (hooktest.Answer, problem) {
	t.Helper()
	var pairs []string
	for name := range header {
		pairs = append(pairs, name, header.Get(name))
	}
	a := v.Send(http.MethodPost, path, "application/json", body, pairs...)
	var p problem
	if a.Status >= 400 {
		if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("POST %s: %d as %s, want a problem", path, a.Status, got)
		}
		if err := json.Unmarshal([]byte(a.Body), &p); err != nil {
			t.Fatalf("POST %s: %v\n%s", path, err, a.Body)
		}
	}
	return a, p
}

func TestPaymentHook(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	var secret []byte
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) error {
		m, err := hooktest.App(t).Simulator.Merchant(ctx, tx)
		if err != nil {
			return err
		}
		secret, err = base64.StdEncoding.DecodeString(strings.TrimPrefix(m.WebhookSecret, "whsec_"))
		return err
	})
	body := `{"type":"charge.paid","data":{"ref":"` + id.New().String() + `","reference":"` + id.New().String() + `","amount":{"minor":100,"currency":"CVE"}}}`
	event := id.New().String()
	signed := webhook.Sign(secret, event, time.Now(), []byte(body))
	for _, c := range []struct {
		name, path string
		header     http.Header
		status     int
		code, says string
	}{
		{"unsigned", "/hooks/payment/sandbox", nil, http.StatusUnauthorized, "payment.webhook.signature", ""},
		{"signed by another", "/hooks/payment/sandbox", webhook.Sign([]byte("another key, of thirty-two bytes"), "evt-1", time.Now(), []byte(body)), http.StatusUnauthorized, "payment.webhook.signature", ""},
		{"signed for another body", "/hooks/payment/sandbox", webhook.Sign(secret, "evt-1", time.Now(), []byte(body+" ")), http.StatusUnauthorized, "payment.webhook.signature", ""},
		{"too old", "/hooks/payment/sandbox", webhook.Sign(secret, "evt-1", time.Now().Add(-time.Hour), []byte(body)), http.StatusUnauthorized, "payment.webhook.signature", ""},
		{"a gateway nobody knows", "/hooks/payment/nobody", signed, 0, "payment.gateway.none", ""},
		{"good", "/hooks/payment/sandbox", signed, http.StatusOK, "", "accepted"},
		{"the same again", "/hooks/payment/sandbox", signed, http.StatusOK, "", "replayed"},
	} {
		a, p := send(t, v, c.path, body, c.header)
		if c.status != 0 && a.Status != c.status || p.Code != c.code || !strings.Contains(a.Body, c.says) {
			t.Errorf("%s: %d %s %s, want %d %s %s", c.name, a.Status, p.Code, a.Body, c.status, c.code, c.says)
		}
	}
	a, p := send(t, v, "/hooks/payment/sandbox", strings.Repeat("x", 65<<10), signed)
	if a.Status != http.StatusUnprocessableEntity || p.Code != "page.too_large" {
		t.Errorf("a body of 65 KiB: %d %s", a.Status, p.Code)
	}
}

func TestExchangeHook(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "pt")
	for name, body := range map[string]string{
		"nothing":            "",
		"no JSON":            "{",
		"an unknown request": `{"request_id":"` + id.New().String() + `","kind":"received","at":"2026-01-01T00:00:00Z"}`,
	} {
		a, p := send(t, v, "/hooks/exchange", body, webhook.Sign([]byte("another key, of thirty-two bytes"), "m-1", time.Now(), []byte(body)))
		if a.Status < 400 || a.Status >= 500 || p.Title == "" || p.Instance == "" {
			t.Errorf("%s: %d %+v, want a refusal", name, a.Status, p)
		}
	}
	if a := v.Send(http.MethodGet, "/hooks/exchange", "", ""); a.Status != http.StatusMethodNotAllowed {
		t.Errorf("GET /hooks/exchange: %d", a.Status)
	}
}

package sandboxgateway_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/payment"
	"digit/internal/infra/payment/sandboxgateway"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/webhook"
)

var (
	ref      = "0199a000-0000-7000-8000-000000000001"
	ours     = uuid.MustParse("0199a000-0000-7000-8000-000000000002")
	amount   = money.Amount{Minor: 200_000, Currency: "CVE"}
	wall     = time.Unix(1_800_000_000, 0)
	secret   = []byte("0123456789abcdef0123456789abcdef")
	declined = payment.Notice{Ref: ref, Charge: ours, Status: payment.FailedPay, Amount: amount, Failure: "declined"}
)

// wire returns a message as the provider writes it.
func wire(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "simulator", "testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func config(url string) payment.GatewayConfig {
	return payment.GatewayConfig{Wall: wall, Settings: map[string]string{"base_url": url, "key": "k", "secret": "whsec_" + base64.StdEncoding.EncodeToString(secret)}}
}

func TestWire(t *testing.T) {
	t.Parallel()
	var ordered any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer k" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		switch r.Method + " " + r.URL.Path {
		case "POST /sim/cards/charges":
			body, _ := io.ReadAll(r.Body)
			json.Unmarshal(body, &ordered)
			w.WriteHeader(http.StatusCreated)
		case "GET /sim/cards/charges/" + ref:
		default:
			w.WriteHeader(http.StatusNotFound)
		}
		w.Write(wire(t, "charge.json"))
	}))
	t.Cleanup(server.Close)
	g := sandboxgateway.New(server.Client())

	begun, err := g.Begin(context.Background(), config(server.URL), payment.ChargeRequest{
		Charge: ours, Amount: amount, Lang: "pt",
		Description: "FAT-2026-000001 · LIC-2026-000007", ReturnURL: "https://cv.example/back", WebhookURL: "https://cv.example/hooks/payment/sandbox",
	})
	if want := (payment.Begun{URL: "https://cv.example/sim/cards/pay/" + ref, Ref: ref}); err != nil || begun != want {
		t.Errorf("begun %+v, %v", begun, err)
	}
	var want any
	if err := json.Unmarshal(wire(t, "order.json"), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, ordered); diff != "" {
		t.Error(diff)
	}
	got, err := g.Status(context.Background(), config(server.URL), ref)
	if err != nil || got != declined {
		t.Errorf("status %+v, %v", got, err)
	}
	body := wire(t, "notice.json")
	got, err = g.Notice(config(""), webhook.Sign(secret, "evt_1", wall, body), body)
	told := declined
	told.EventID = "evt_1"
	if err != nil || got != told {
		t.Errorf("notice %+v, %v", got, err)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"error":          func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"no JSON":        func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>")) },
		"nothing in it":  func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("{}")) },
		"cut off":        func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"unknown status": func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"status": "eaten"}`)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(answer)
			t.Cleanup(server.Close)
			g := sandboxgateway.New(server.Client())
			if _, err := g.Begin(context.Background(), config(server.URL), payment.ChargeRequest{Charge: ours}); !errors.Is(err, payment.ErrGateway) {
				t.Errorf("begin: %v", err)
			}
			if _, err := g.Status(context.Background(), config(server.URL), ref); !errors.Is(err, payment.ErrGateway) {
				t.Errorf("status: %v", err)
			}
		})
	}
	if _, err := sandboxgateway.New(http.DefaultClient).Status(context.Background(), config("http://localhost:1"), "../admin"); !errors.Is(err, payment.ErrGateway) {
		t.Errorf("a reference that is a path: %v", err)
	}
}

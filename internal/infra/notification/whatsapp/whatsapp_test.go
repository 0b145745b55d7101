package whatsapp_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"digit/internal/infra/notification/whatsapp"
	"digit/internal/infra/platform/carrier"
)

func TestDeliver(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		choices []string
		status  int
		answer  string
		asked   string // stands in what was asked
		ref     string
		refused bool
	}{
		"a text":         {nil, 200, `{"messages":[{"id":"wamid.1"}]}`, `"type":"text","text":{"preview_url":false,"body":"Olá"}`, "wamid.1", false},
		"buttons":        {[]string{"Sim", "Não"}, 200, `{"messages":[{"id":"wamid.2"}]}`, `{"type":"reply","reply":{"id":"2","title":"Não"}}`, "wamid.2", false},
		"a list":         {[]string{"A certidão de nascimento de alguém", "B"}, 200, `{"messages":[{"id":"wamid.3"}]}`, `{"id":"1","title":"1. A certidão de nascim…","description":"A certidão de nascimento de alguém"}`, "wamid.3", false},
		"too long ago":   {nil, 400, `{"error":{"code":131047}}`, "", "", true},
		"away":           {nil, 503, `{"error":{"code":131016}}`, "", "", false},
		"no JSON at all": {nil, 502, `<html>`, "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil || r.URL.Path != "/42/messages" || r.Header.Get("Authorization") != "Bearer t" || !strings.Contains(string(body), c.asked) || !strings.Contains(string(body), `"to":"2389911111"`) {
					t.Errorf("asked %s %s", r.URL.Path, body)
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.answer)
			}))
			t.Cleanup(server.Close)
			settings := map[string]string{"phone_number_id": "42", "token": "t", "api_url": server.URL}
			ref, err := whatsapp.New(&http.Client{Timeout: 10 * time.Second}).Deliver(t.Context(), settings, carrier.Out{Channel: "whatsapp", To: "+2389911111", Text: "Olá", Choices: c.choices})
			if ref != c.ref || (err == nil) != (c.ref != "") || errors.Is(err, carrier.ErrRefused) != c.refused {
				t.Errorf("%q, %v", ref, err)
			}
		})
	}
}

func TestHear(t *testing.T) {
	t.Parallel()
	wrap := func(value string) string { return `{"entry":[{"changes":[{"value":` + value + `}]}]}` }
	for name, c := range map[string]struct {
		body string
		want carrier.Heard
	}{
		"a text":     {wrap(`{"messages":[{"id":"1","from":"238","type":"text","text":{"body":"menu"}}]}`), carrier.Heard{In: []carrier.In{{Ref: "1", From: "238", Text: "menu"}}}},
		"a row":      {wrap(`{"messages":[{"id":"1","from":"238","type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"3"}}}]}`), carrier.Heard{In: []carrier.In{{Ref: "1", From: "238", Text: "3"}}}},
		"a position": {wrap(`{"messages":[{"id":"1","from":"238","type":"location","location":{"latitude":14.93,"longitude":-23.51}}]}`), carrier.Heard{In: []carrier.In{{Ref: "1", From: "238", Text: "14.930000; -23.510000"}}}},
		"a picture":  {wrap(`{"messages":[{"id":"1","from":"238","type":"image","image":{"id":"9"}}]}`), carrier.Heard{In: []carrier.In{{Ref: "1", From: "238"}}}},
		"reports":    {wrap(`{"statuses":[{"id":"a","status":"sent"},{"id":"b","status":"read"},{"id":"c","status":"failed"}]}`), carrier.Heard{Reports: []carrier.Report{{Ref: "b", Delivered: true}, {Ref: "c"}}}},
	} {
		mac := hmac.New(sha256.New, []byte("s"))
		mac.Write([]byte(c.body))
		call := carrier.Call{Body: []byte(c.body), Header: http.Header{"X-Hub-Signature-256": {"sha256=" + hex.EncodeToString(mac.Sum(nil))}}}
		got, err := whatsapp.New(nil).Hear("whatsapp", map[string]string{"app_secret": "s"}, call)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
		for _, secret := range []string{"", "x"} {
			if _, err := whatsapp.New(nil).Hear("whatsapp", map[string]string{"app_secret": secret}, call); !errors.Is(err, carrier.ErrForged) {
				t.Errorf("%s with the secret %q: %v", name, secret, err)
			}
		}
	}
}

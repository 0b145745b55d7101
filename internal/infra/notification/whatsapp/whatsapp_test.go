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
		"a picture":  {wrap(`{"messages":[{"id":"1","from":"238","type":"image","image":{"id":"9"}}]}`), carrier.Heard{In: []carrier.In{{Ref: "1", From: "238", File: &carrier.File{Ref: "9"}}}}},
		"a document": {
			wrap(`{"messages":[{"id":"1","from":"238","timestamp":"1504902988","type":"document","document":{"id":"9","filename":"bi.pdf","mime_type":"application/pdf; x=1"}}]}`),
			carrier.Heard{In: []carrier.In{{Ref: "1", From: "238", Sent: time.Unix(1504902988, 0).UTC(), File: &carrier.File{Ref: "9", Name: "bi.pdf", MediaType: "application/pdf"}}}},
		},
		"a sticker": {wrap(`{"messages":[{"id":"1","from":"238","type":"sticker","sticker":{"id":"9"}}]}`), carrier.Heard{In: []carrier.In{{Ref: "1", From: "238", Strange: true}}}},
		"a heart":   {wrap(`{"messages":[{"id":"1","from":"238","type":"reaction","reaction":{"emoji":"x"}}]}`), carrier.Heard{}},
		"reports":   {wrap(`{"statuses":[{"id":"a","status":"sent"},{"id":"b","status":"read"},{"id":"d","status":"delivered"},{"id":"c","status":"failed"}]}`), carrier.Heard{Reports: []carrier.Report{{Ref: "b", Delivered: true, Read: true}, {Ref: "d", Delivered: true}, {Ref: "c"}}}},
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

// TestFetch reads a file in the two steps of Meta's documentation, with the token at each; what is too large, gone, another file, or elsewhere is not
// taken.
func TestFetch(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte("paper"))
	good := hex.EncodeToString(sum[:])
	for name, c := range map[string]struct {
		about  func(server string) string // what is said of the file
		status int                        // of the file itself
		most   int64
		want   error // nil for the file; errAny for any
	}{
		"a file": {func(s string) string {
			return `{"messaging_product":"whatsapp","url":"` + s + `/file","mime_type":"image/jpeg","sha256":"` + good + `","file_size":"5","id":"9"}`
		}, 200, 10, nil},
		"a size that is a number": {func(s string) string { return `{"url":"` + s + `/file","sha256":"` + good + `","file_size":5}` }, 200, 10, nil},
		"said to be large":        {func(s string) string { return `{"url":"` + s + `/file","file_size":11}` }, 200, 10, carrier.ErrLarge},
		"large all the same":      {func(s string) string { return `{"url":"` + s + `/file","file_size":1}` }, 200, 4, carrier.ErrLarge},
		"gone":                    {func(s string) string { return `{"url":"` + s + `/file"}` }, 404, 10, carrier.ErrRefused},
		"away":                    {func(s string) string { return `{"url":"` + s + `/file"}` }, 503, 10, errAny},
		"another file":            {func(s string) string { return `{"url":"` + s + `/file","sha256":"` + strings.Repeat("0", 64) + `"}` }, 200, 10, errAny},
		"a stranger's address":    {func(string) string { return `{"url":"https://fbsbx.com.example.org/file"}` }, 200, 10, errAny},
		"no JSON":                 {func(string) string { return `<html>` }, 200, 10, errAny},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var server *httptest.Server
			server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "Bearer t" || r.Method != http.MethodGet {
					t.Errorf("%s %s without the token", r.Method, r.URL)
				}
				switch r.URL.Path {
				case "/9":
					if r.URL.Query().Get("phone_number_id") != "42" {
						t.Errorf("asked for %s", r.URL)
					}
					_, _ = io.WriteString(w, c.about(server.URL))
				case "/file":
					w.WriteHeader(c.status)
					_, _ = io.WriteString(w, "paper")
				}
			}))
			t.Cleanup(server.Close)
			got, err := whatsapp.New(&http.Client{Timeout: 10 * time.Second}).Fetch(t.Context(), map[string]string{"phone_number_id": "42", "token": "t", "api_url": server.URL}, "9", c.most)
			switch {
			case c.want == nil && (err != nil || string(got) != "paper"):
				t.Errorf("%q, %v", got, err)
			case c.want == errAny && (err == nil || errors.Is(err, carrier.ErrRefused)), c.want != nil && c.want != errAny && !errors.Is(err, c.want):
				t.Errorf("%q, %v, want %v", got, err, c.want)
			}
		})
	}
}

var errAny = errors.New("any")

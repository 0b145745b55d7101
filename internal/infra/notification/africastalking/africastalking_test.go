package africastalking_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"digit/internal/infra/notification/africastalking"
	"digit/internal/infra/platform/carrier"
)

func TestDeliver(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status  int
		answer  string
		ref     string
		refused bool
	}{
		"sent":            {http.StatusCreated, `{"SMSMessageData":{"Recipients":[{"statusCode":101,"messageId":"ATXid_1"}]}}`, "ATXid_1", false},
		"no such number":  {http.StatusCreated, `{"SMSMessageData":{"Recipients":[{"statusCode":403,"messageId":"None"}]}}`, "", true},
		"no credit":       {http.StatusCreated, `{"SMSMessageData":{"Recipients":[{"statusCode":405,"messageId":"None"}]}}`, "", false},
		"a wrong key":     {http.StatusUnauthorized, `The supplied authentication is invalid`, "", false},
		"nobody was told": {http.StatusCreated, `{"SMSMessageData":{"Recipients":[]}}`, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				form, _ := url.ParseQuery(string(body))
				if err != nil || r.URL.Path != "/messaging" || r.Header.Get("apiKey") != "k" || form.Get("username") != "state" || form.Get("to") != "+2389911111" || form.Get("message") != "Olá" || form.Get("from") != "201" {
					t.Errorf("asked %s %v", r.URL.Path, form)
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.answer)
			}))
			t.Cleanup(server.Close)
			carry := africastalking.New(&http.Client{Timeout: 10 * time.Second})
			settings := map[string]string{"username": "state", "api_key": "k", "from": "201", "api_url": server.URL}
			ref, err := carry.Deliver(t.Context(), settings, carrier.Out{Channel: "sms", To: "+2389911111", Text: "Olá"})
			if ref != c.ref || (err == nil) != (c.ref != "") || errors.Is(err, carrier.ErrRefused) != c.refused {
				t.Errorf("%q, %v", ref, err)
			}
		})
	}
}

func TestHear(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		channel, secret, body string
		want                  carrier.Heard
		err                   error
	}{
		"a message":          {"sms", "s", "id=7&from=%2B2389911111&text=menu", carrier.Heard{In: []carrier.In{{Ref: "7", From: "+2389911111", Text: "menu"}}}, nil},
		"it arrived":         {"sms", "s", "id=7&status=Success", carrier.Heard{Reports: []carrier.Report{{Ref: "7", Delivered: true}}}, nil},
		"it never will":      {"sms", "s", "id=7&status=AbsentSubscriber", carrier.Heard{Reports: []carrier.Report{{Ref: "7"}}}, nil},
		"it is on its way":   {"sms", "s", "id=7&status=Buffered", carrier.Heard{}, nil},
		"a dialogue":         {"ussd", "s", "sessionId=a&phoneNumber=%2B2389911111&text=1*2", carrier.Heard{In: []carrier.In{{Ref: "a 3", From: "+2389911111", Text: "1*2", Session: "a"}}}, nil},
		"another's secret":   {"sms", "x", "id=7&from=1&text=menu", carrier.Heard{}, carrier.ErrForged},
		"no secret":          {"sms", "", "id=7&from=1&text=menu", carrier.Heard{}, carrier.ErrForged},
		"a dialogue by text": {"sms", "s", "sessionId=a&phoneNumber=1", carrier.Heard{}, carrier.ErrUnreadable},
	} {
		got, err := africastalking.New(nil).Hear(c.channel, map[string]string{"secret": "s"}, carrier.Call{Secret: c.secret, Body: []byte(c.body)})
		if diff := cmp.Diff(c.want, got); diff != "" || !errors.Is(err, c.err) {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

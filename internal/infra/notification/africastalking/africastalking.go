// Package africastalking carries text messages through Africa's Talking, and reads what it brings: text messages, USSD dialogues and
// delivery reports, all form-encoded (https://developers.africastalking.com/docs).
//
// Settings: username; api_key; from, the short code or sender id; secret, the last part of the address that is given to the provider as its
// callback, since it signs nothing; api_url, "https://api.africastalking.com/version1" where empty.
package africastalking

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"digit/internal/infra/platform/carrier"
)

// Kind is how a provider names this carrier.
const Kind = "africastalking"

const (
	defaultURL = "https://api.africastalking.com/version1"
	mostAnswer = 64 << 10
)

// Carrier speaks to Africa's Talking; it keeps nothing between two messages.
type Carrier struct{ client *http.Client }

// New returns the carrier. The client must have a time-out.
func New(client *http.Client) Carrier { return Carrier{client} }

// Kind returns "africastalking".
func (Carrier) Kind() string { return Kind }

// Settings are what it must be told for a channel; nil for one that it does not carry.
func (Carrier) Settings(channel string) []carrier.Setting {
	callback := carrier.Setting{Name: "secret", Secret: true, Required: true}
	switch channel {
	case "sms":
		return []carrier.Setting{
			{Name: "username", Required: true}, {Name: "api_key", Secret: true, Required: true}, {Name: "from"}, callback, {Name: "api_url"},
		}
	case "ussd":
		return []carrier.Setting{callback}
	}
	return nil
}

// The codes by which the provider says that a message is on its way, and those that never change.
var (
	taken   = []int{100, 101, 102}
	refused = []int{401, 402, 403, 404, 406, 409}
)

// Deliver sends one text message and returns the provider's name for it. Errors never quote the number.
func (c Carrier) Deliver(ctx context.Context, settings map[string]string, out carrier.Out) (ref string, err error) {
	if out.Channel != "sms" {
		return "", fmt.Errorf("africastalking: carries no %s: %w", out.Channel, carrier.ErrRefused)
	}
	form := url.Values{"username": {settings["username"]}, "to": {out.To}, "message": {out.Text}}
	if settings["from"] != "" {
		form.Set("from", settings["from"])
	}
	base := strings.TrimSuffix(settings["api_url"], "/")
	if base == "" {
		base = defaultURL
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/messaging", strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("africastalking: api_url in the settings is no address")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("apiKey", settings["api_key"])
	res, err := c.client.Do(req)
	if err != nil {
		return "", fmt.Errorf("africastalking: %w", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if err != nil {
		return "", err
	}
	if res.StatusCode/100 != 2 { // a wrong key or no credit may be mended: tried again
		return "", fmt.Errorf("africastalking: answered %d", res.StatusCode)
	}
	return outcome(body)
}

// outcome reads what became of the one message that was sent.
func outcome(body []byte) (string, error) {
	var answer struct {
		SMSMessageData struct {
			Recipients []struct {
				StatusCode int    `json:"statusCode"`
				MessageID  string `json:"messageId"`
			} `json:"Recipients"`
		} `json:"SMSMessageData"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || len(answer.SMSMessageData.Recipients) == 0 {
		return "", fmt.Errorf("africastalking: the answer names no recipient")
	}
	r := answer.SMSMessageData.Recipients[0]
	switch {
	case slices.Contains(taken, r.StatusCode):
		return r.MessageID, nil
	case slices.Contains(refused, r.StatusCode):
		return "", fmt.Errorf("africastalking: status %d: %w", r.StatusCode, carrier.ErrRefused)
	}
	return "", fmt.Errorf("africastalking: status %d", r.StatusCode)
}

// Hear reads a callback: a text message, a step of a USSD dialogue, or a delivery report. Errors: carrier.ErrForged, carrier.ErrUnreadable.
func (Carrier) Hear(channel string, settings map[string]string, call carrier.Call) (h carrier.Heard, err error) {
	secret := settings["secret"]
	if secret == "" || subtle.ConstantTimeCompare([]byte(secret), []byte(call.Secret)) != 1 {
		return h, carrier.ErrForged
	}
	form, err := url.ParseQuery(string(call.Body))
	if err != nil {
		return h, carrier.ErrUnreadable
	}
	switch {
	case channel == "ussd" && form.Get("sessionId") != "" && form.Get("phoneNumber") != "":
		text := form.Get("text")
		// A session says all that was typed in it each time, so its length tells one step from the next.
		h.In = []carrier.In{{
			Ref: fmt.Sprintf("%s %d", form.Get("sessionId"), len(text)), From: form.Get("phoneNumber"), Text: text, Session: form.Get("sessionId"),
		}}
	case channel == "sms" && form.Has("text") && form.Get("from") != "" && form.Get("id") != "":
		h.In = []carrier.In{{Ref: form.Get("id"), From: form.Get("from"), Text: form.Get("text"), Sent: sent(form.Get("date"))}}
	case channel == "sms" && form.Get("status") != "" && form.Get("id") != "":
		switch form.Get("status") {
		case "Success", "Delivered":
			h.Reports = []carrier.Report{{Ref: form.Get("id"), Delivered: true}}
		case "Failed", "Rejected", "AbsentSubscriber", "Expired":
			h.Reports = []carrier.Report{{Ref: form.Get("id")}}
		}
	default:
		return h, carrier.ErrUnreadable
	}
	return h, nil
}

// sent reads when a text message was sent; zero where that is not said. The provider's zone does not matter: its times are compared with
// each other alone.
func sent(date string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime} {
		if at, err := time.Parse(layout, date); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}

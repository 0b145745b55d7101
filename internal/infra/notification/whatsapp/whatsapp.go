// Package whatsapp carries messages through Meta's WhatsApp Cloud API, and reads what its webhook brings: texts, chosen buttons and list rows,
// positions, files, and reports (https://developers.facebook.com/docs/whatsapp/cloud-api).
//
// Settings: phone_number_id; token, of a system user; app_secret, with which Meta signs; verify_token, which is given to Meta with the
// address of the webhook; templates, those that Meta has approved (readTemplates), without which nothing is sent to who has not written for a day;
// api_url, "https://graph.facebook.com/v23.0" where empty.
package whatsapp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"digit/internal/infra/platform/carrier"
)

// Kind is how a provider names this carrier.
const Kind = "whatsapp"

const (
	defaultURL = "https://graph.facebook.com/v23.0"
	mostAnswer = 64 << 10
)

// What Meta takes: so many buttons, rows of a list, and characters of each.
const (
	mostButtons  = 3
	mostRows     = 10
	buttonTitle  = 20
	rowTitle     = 24
	rowDetail    = 72
	mostBodyText = 1024
)

// Carrier speaks to Meta; it keeps nothing between two messages.
type Carrier struct{ client *http.Client }

// New returns the carrier. The client must have a time-out.
func New(client *http.Client) Carrier { return Carrier{client} }

// Kind returns "whatsapp".
func (Carrier) Kind() string { return Kind }

// Settings are what it must be told; nil for other channels.
func (Carrier) Settings(channel string) []carrier.Setting {
	if channel != "whatsapp" {
		return nil
	}
	return []carrier.Setting{
		{Name: "phone_number_id", Required: true},
		{Name: "token", Secret: true, Required: true},
		{Name: "app_secret", Secret: true, Required: true},
		{Name: "verify_token", Secret: true, Required: true},
		{Name: "templates", Lines: true, Check: func(value string) bool { _, ok := readTemplates(value); return ok }},
		{Name: "api_url"},
	}
}

// Deliver sends one message and returns Meta's name for it. Errors never quote the number.
func (c Carrier) Deliver(ctx context.Context, settings map[string]string, out carrier.Out) (ref string, err error) {
	if out.Channel != "whatsapp" {
		return "", fmt.Errorf("whatsapp: carries no %s: %w", out.Channel, carrier.ErrRefused)
	}
	m := compose(out)
	if out.Unasked {
		if m, err = templated(settings, out); err != nil {
			return "", err
		}
	}
	body, err := json.Marshal(m)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base(settings)+"/"+settings["phone_number_id"]+"/messages", bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("whatsapp: api_url in the settings is no address")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+settings["token"])
	res, err := c.client.Do(req)
	if err != nil {
		return "", fmt.Errorf("whatsapp: %w", err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if err != nil {
		return "", err
	}
	return outcome(res.StatusCode, answer)
}

// base is where the API is.
func base(settings map[string]string) string {
	return cmp.Or(strings.TrimSuffix(settings["api_url"], "/"), defaultURL)
}

// final are Meta's codes of errors that never change for this message: the number has no WhatsApp, or the last word of the person is too
// long ago.
var final = map[int]bool{131026: true, 131047: true, 131051: true, 131030: true}

func outcome(status int, body []byte) (string, error) {
	var answer struct {
		Messages []struct{ ID string }
		Error    struct{ Code int }
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return "", fmt.Errorf("whatsapp: answered %d, and no JSON", status)
	}
	if status/100 == 2 && len(answer.Messages) > 0 {
		return answer.Messages[0].ID, nil
	}
	err := fmt.Errorf("whatsapp: answered %d, code %d", status, answer.Error.Code)
	if final[answer.Error.Code] {
		err = fmt.Errorf("%w: %w", err, carrier.ErrRefused)
	}
	return "", err
}

// message is what Meta takes.
type message struct {
	Product     string       `json:"messaging_product"`
	Recipient   string       `json:"recipient_type"`
	To          string       `json:"to"`
	Type        string       `json:"type"`
	Text        *text        `json:"text,omitempty"`
	Interactive *interactive `json:"interactive,omitempty"`
	Template    *template    `json:"template,omitempty"`
}

type text struct {
	Preview bool   `json:"preview_url"`
	Body    string `json:"body"`
}

type interactive struct {
	Type   string `json:"type"`
	Body   words  `json:"body"`
	Action action `json:"action"`
}

type words struct {
	Text string `json:"text"`
}

type action struct {
	Button   string    `json:"button,omitempty"`
	Buttons  []button  `json:"buttons,omitempty"`
	Sections []section `json:"sections,omitempty"`
}

type button struct {
	Type  string `json:"type"`
	Reply reply  `json:"reply"`
}

type reply struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

type section struct {
	Rows []row `json:"rows"`
}

type row struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Detail string `json:"description,omitempty"`
}

// compose writes a message: plain, or with the answers as buttons or, where they are many or long, as a list.
func compose(out carrier.Out) message {
	m := message{Product: "whatsapp", Recipient: "individual", To: strings.TrimPrefix(out.To, "+"), Type: "text", Text: &text{Body: out.Text}}
	if n := len(out.Choices); n == 0 || n > mostRows || utf8.RuneCountInString(out.Text) > mostBodyText {
		return m
	}
	in := &interactive{Type: "button", Body: words{out.Text}}
	for i, choice := range out.Choices {
		if utf8.RuneCountInString(choice) > buttonTitle || len(out.Choices) > mostButtons {
			in.Type = "list"
		}
		in.Action.Buttons = append(in.Action.Buttons, button{Type: "reply", Reply: reply{ID: strconv.Itoa(i + 1), Title: choice}})
	}
	if in.Type == "list" {
		in.Action = action{Button: "☰", Sections: []section{{}}}
		for i, choice := range out.Choices {
			r := row{ID: strconv.Itoa(i + 1), Title: cut(fmt.Sprintf("%d. %s", i+1, choice), rowTitle)}
			if utf8.RuneCountInString(choice) > rowTitle-3 {
				r.Detail = cut(choice, rowDetail)
			}
			in.Action.Sections[0].Rows = append(in.Action.Sections[0].Rows, r)
		}
	}
	m.Type, m.Text, m.Interactive = "interactive", nil, in
	return m
}

func cut(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}

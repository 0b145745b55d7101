package simulator

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/carrier"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// Line is what the simulated telephony shares with the tenant: the secret part of the addresses for text messages and USSD, and the
// credentials of WhatsApp.
type Line struct {
	BaseURL     string
	Secret      string
	PhoneID     string
	Token       string // with which messages are sent
	AppSecret   string // with which notices are signed
	VerifyToken string
	APIURL      string
}

// Line returns the credentials of the simulated telephony. Errors: ErrProduction.
func (s *Service) Line(ctx context.Context, tx *pg.Tx) (l Line, err error) {
	defer fault.Wrap(&err, "simulator.Line")
	if err := allowed(ctx, tx); err != nil {
		return l, err
	}
	if l.BaseURL, err = s.baseURL(ctx, tx); err != nil {
		return l, err
	}
	l.PhoneID, l.APIURL = "100200300", l.BaseURL+"/sim/whatsapp"
	for _, part := range []struct {
		purpose string
		into    *string
	}{{"line", &l.Secret}, {"whatsapp.token", &l.Token}, {"whatsapp.app", &l.AppSecret}, {"whatsapp.verify", &l.VerifyToken}} {
		if *part.into, err = s.secret(ctx, tx, part.purpose); err != nil {
			return l, err
		}
	}
	return l, nil
}

// Written is what is written on a phone. Chosen says that it is the number of a button or a row; Session and Text are then all that was
// typed in a USSD dialogue.
type Written struct {
	Channel string // sms, whatsapp or ussd
	From    string
	Text    string
	Chosen  bool
	Session string
	// WhatsApp: a file, or a position as "latitude; longitude".
	File     *PhoneFile
	Position string
}

// PhoneFile is a picture or another file on a phone.
type PhoneFile struct {
	Name, MediaType string
	Content         []byte
}

// mostMedia is the largest file that a simulated phone sends, in bytes; Meta's bounds are 5 MB for a picture and 100 MB for a document.
const mostMedia = 16 << 20

// Write keeps what was written on a phone, and returns the call by which the provider tells of it; Call makes it, outside the
// transaction. Permission: public in a demonstration, whose phones are nobody's. Errors: ErrProduction, ErrPhone.
func (s *Service) Write(ctx context.Context, tx *pg.Tx, w Written) (call *Call, err error) {
	defer fault.Wrap(&err, "simulator.Write(%s)", w.Channel)
	l, err := s.Line(ctx, tx)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(w.From, "+") || len(w.From) > 20 || len(w.Text) > 2000 || strings.ContainsAny(w.From, " \n") {
		return nil, ErrPhone
	}
	ref := id.New()
	switch w.Channel {
	case "sms":
		call = formCall(l.BaseURL+"/hooks/sms/"+l.Secret, url.Values{"id": {ref.String()}, "from": {w.From}, "to": {"20123"}, "text": {w.Text}, "date": {tx.Wall.UTC().Format(time.DateTime)}})
	case "whatsapp":
		message, err := s.whatsAppMessage(ctx, tx, ref, &w)
		if err != nil {
			return nil, err
		}
		if call, err = l.notice(map[string]any{"messages": []any{message}}); err != nil {
			return nil, err
		}
	case "ussd":
		return formCall(l.BaseURL+"/hooks/ussd/"+l.Secret, url.Values{"sessionId": {w.Session}, "phoneNumber": {w.From}, "serviceCode": {"*201#"}, "text": {w.Text}}), nil
	default:
		return nil, ErrPhone
	}
	return call, s.insertWritten(ctx, tx, carrier.Out{ID: ref, Channel: w.Channel, To: w.From, Text: w.Text})
}

// Call is a request of a simulated provider that is still to be made.
type Call struct {
	url, mediaType string
	header         http.Header
	body           string
}

func formCall(to string, form url.Values) *Call {
	return &Call{url: to, mediaType: "application/x-www-form-urlencoded", body: form.Encode()}
}

// whatsAppMessage is a message as Meta tells of it. A file is kept, to be fetched.
func (s *Service) whatsAppMessage(ctx context.Context, tx *pg.Tx, ref uuid.UUID, w *Written) (map[string]any, error) {
	message := map[string]any{
		"id": "wamid." + ref.String(), "from": strings.TrimPrefix(w.From, "+"), "type": "text", "timestamp": strconv.FormatInt(tx.Wall.Unix(), 10),
	}
	switch {
	case w.File != nil:
		media, err := s.keepMedia(ctx, tx, *w.File)
		if err != nil {
			return nil, err
		}
		kind := "document"
		about := map[string]any{"id": media.String(), "mime_type": w.File.MediaType}
		if strings.HasPrefix(w.File.MediaType, "image/") {
			kind = "image"
		} else {
			about["filename"] = w.File.Name
		}
		message["type"], message[kind], w.Text = kind, about, w.File.Name
	case w.Position != "":
		at, err := position(w.Position)
		if err != nil {
			return nil, err
		}
		message["type"], message["location"], w.Text = "location", at, w.Position
	case w.Chosen:
		message["type"] = "interactive"
		message["interactive"] = map[string]any{"type": "list_reply", "list_reply": map[string]any{"id": w.Text, "title": w.Text}}
	default:
		message["text"] = map[string]any{"body": w.Text}
	}
	return message, nil
}

// position reads "latitude; longitude".
func position(text string) (map[string]any, error) {
	north, east, _ := strings.Cut(text, ";")
	lat, latErr := strconv.ParseFloat(strings.TrimSpace(north), 64)
	lon, lonErr := strconv.ParseFloat(strings.TrimSpace(east), 64)
	if latErr != nil || lonErr != nil || lat < -90 || lat > 90 || lon < -180 || lon > 180 {
		return nil, ErrPhone
	}
	return map[string]any{"latitude": lat, "longitude": lon}, nil
}

// notice is a notice of Meta, signed with the app's secret.
func (l Line) notice(value map[string]any) (*Call, error) {
	value["messaging_product"], value["metadata"] = "whatsapp", map[string]any{"phone_number_id": l.PhoneID}
	body, err := json.Marshal(map[string]any{"object": "whatsapp_business_account", "entry": []any{map[string]any{"changes": []any{map[string]any{
		"field": "messages", "value": value,
	}}}}})
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, []byte(l.AppSecret))
	mac.Write(body)
	return &Call{
		url: l.BaseURL + "/hooks/whatsapp", mediaType: "application/json", body: string(body),
		header: http.Header{"X-Hub-Signature-256": {"sha256=" + hex.EncodeToString(mac.Sum(nil))}},
	}, nil
}

// Call makes a call of a provider and returns the answer: of a USSD dialogue what the phone shows.
func (s *Service) Call(ctx context.Context, c *Call) (answer string, err error) {
	defer fault.Wrap(&err, "simulator.Call")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, strings.NewReader(c.body))
	if err != nil {
		return "", err
	}
	for name, values := range c.header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", c.mediaType)
	res, err := s.client.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }() // it was only read
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err == nil && res.StatusCode/100 != 2 {
		err = fmt.Errorf("answered %d", res.StatusCode)
	}
	return string(body), err
}

// WhatsAppMessage is a message as a program hands it to Meta: a text, words with buttons or a list, or a template.
type WhatsAppMessage struct {
	To       string `json:"to"`
	Type     string `json:"type"`
	Text     struct{ Body string }
	Template struct {
		Name       string
		Components []struct{ Parameters []struct{ Text string } }
	}
	Interactive struct {
		Body   struct{ Text string }
		Action struct {
			Buttons  []struct{ Reply struct{ ID, Title string } }
			Sections []struct {
				Rows []struct{ ID, Title, Description string }
			}
		}
	}
}

// DeliverWhatsApp puts a message into the WhatsApp of its number and returns Meta's name for it. Errors: ErrProduction, ErrKey, ErrPhone.
func (s *Service) DeliverWhatsApp(ctx context.Context, tx *pg.Tx, token string, body []byte) (ref string, err error) {
	defer fault.Wrap(&err, "simulator.DeliverWhatsApp")
	l, err := s.Line(ctx, tx)
	if err != nil {
		return "", err
	}
	if subtle.ConstantTimeCompare([]byte(token), []byte(l.Token)) != 1 {
		return "", ErrKey
	}
	var m WhatsAppMessage
	if err := json.Unmarshal(body, &m); err != nil || m.To == "" {
		return "", ErrPhone
	}
	out := carrier.Out{ID: id.New(), Channel: "whatsapp", To: "+" + m.To, Text: m.Text.Body}
	var choices []string
	for _, b := range m.Interactive.Action.Buttons {
		choices = append(choices, b.Reply.Title)
	}
	for _, section := range m.Interactive.Action.Sections {
		for _, r := range section.Rows {
			_, title, _ := strings.Cut(r.Title, ". ")
			if r.Description != "" {
				title = r.Description
			}
			choices = append(choices, title)
		}
	}
	if m.Type == "interactive" {
		out.Text, out.Subject = m.Interactive.Body.Text, strings.Join(choices, "\n")
	}
	if m.Type == "template" { // what it says is Meta's to know; its parameters are what is to be seen
		parts := []string{m.Template.Name}
		for _, c := range m.Template.Components {
			for _, p := range c.Parameters {
				parts = append(parts, p.Text)
			}
		}
		out.Text = strings.Join(parts, "\n")
	}
	return "wamid." + out.ID.String(), s.insertMessage(ctx, tx, out)
}

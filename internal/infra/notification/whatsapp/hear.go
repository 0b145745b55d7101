package whatsapp

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"digit/internal/infra/platform/carrier"
)

// notice is what Meta posts.
type notice struct {
	Entry []struct {
		Changes []struct {
			Value struct {
				Messages []incoming
				Statuses []struct{ ID, Status string }
			}
		}
	}
}

// incoming is a message that somebody wrote. Timestamp is in seconds since 1970, as text.
type incoming struct {
	ID, From, Type, Timestamp string
	Text                      struct{ Body string }
	Button                    struct{ Payload, Text string }
	Interactive               struct {
		ButtonReply struct{ ID string } `json:"button_reply"`
		ListReply   struct{ ID string } `json:"list_reply"`
	}
	Location                      struct{ Latitude, Longitude float64 }
	Image, Document, Video, Audio media
}

// media is a file that Meta keeps until it is fetched.
type media struct {
	ID, Filename string
	MediaType    string `json:"mime_type"`
}

// silent are kinds of messages that ask for no answer: a heart on what was said, word that a number was changed.
var silent = map[string]bool{"reaction": true, "system": true}

// Hear reads a call of Meta: the question whether the address is ours, or a signed notice. Errors: carrier.ErrForged, carrier.ErrUnreadable.
func (Carrier) Hear(_ string, settings map[string]string, call carrier.Call) (h carrier.Heard, err error) {
	if call.Query.Get("hub.mode") == "subscribe" {
		token := settings["verify_token"]
		if token == "" || subtle.ConstantTimeCompare([]byte(token), []byte(call.Query.Get("hub.verify_token"))) != 1 {
			return h, carrier.ErrForged
		}
		return carrier.Heard{Answer: call.Query.Get("hub.challenge")}, nil
	}
	if !signed(settings["app_secret"], call) {
		return h, carrier.ErrForged
	}
	var n notice
	if err := json.Unmarshal(call.Body, &n); err != nil {
		return h, carrier.ErrUnreadable
	}
	for _, e := range n.Entry {
		for _, change := range e.Changes {
			for _, m := range change.Value.Messages {
				if m.ID == "" || m.From == "" {
					return h, carrier.ErrUnreadable
				}
				if !silent[m.Type] {
					h.In = append(h.In, m.heard())
				}
			}
			for _, s := range change.Value.Statuses {
				if r, tells := reported[s.Status]; tells {
					r.Ref = s.ID
					h.Reports = append(h.Reports, r)
				}
			}
		}
	}
	return h, nil
}

// reported are the statuses that say how a message ended.
var reported = map[string]carrier.Report{"delivered": {Delivered: true}, "read": {Delivered: true, Read: true}, "failed": {}}

// heard is a message as others read it: what was typed, the number of what was chosen, a position, or a file.
func (m incoming) heard() carrier.In {
	in := carrier.In{Ref: m.ID, From: m.From}
	if seconds, err := strconv.ParseInt(m.Timestamp, 10, 64); err == nil {
		in.Sent = time.Unix(seconds, 0).UTC()
	}
	switch m.Type {
	case "text":
		in.Text = m.Text.Body
	case "button":
		in.Text = m.Button.Text
	case "interactive":
		in.Text = m.Interactive.ButtonReply.ID + m.Interactive.ListReply.ID
	case "location":
		in.Text = strconv.FormatFloat(m.Location.Latitude, 'f', 6, 64) + "; " + strconv.FormatFloat(m.Location.Longitude, 'f', 6, 64)
	default:
		f, isFile := map[string]media{"image": m.Image, "document": m.Document, "video": m.Video, "audio": m.Audio}[m.Type]
		if in.Strange = !isFile || f.ID == ""; !in.Strange {
			kind, _, _ := strings.Cut(f.MediaType, ";")
			in.File = &carrier.File{Ref: f.ID, Name: f.Filename, MediaType: strings.TrimSpace(kind)}
		}
	}
	return in
}

// signed checks the X-Hub-Signature-256 of a call: HMAC-SHA256 of the body.
func signed(secret string, call carrier.Call) bool {
	given, ok := strings.CutPrefix(call.Header.Get("X-Hub-Signature-256"), "sha256=")
	sum, err := hex.DecodeString(given)
	if !ok || err != nil || secret == "" {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(call.Body)
	return hmac.Equal(mac.Sum(nil), sum)
}

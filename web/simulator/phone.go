package simulator

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/simulator"
	"digit/web/frame"
	"digit/web/ui"
)

// phoneView is one phone: a conversation by text message or WhatsApp, or the screen of a USSD dialogue.
type phoneView struct {
	Site            ui.Site
	Number, Channel string
	Href            string // of this page, from which new messages are fetched
	People, Ways    []ui.Chip
	Thread          ui.ThreadView
	Choices         []ui.ButtonView // buttons below the last message
	Session, Typed  string          // USSD
	Screen          string          // USSD: what the handset shows
	Over            bool            // USSD: the session is closed
	Notice          *ui.NoticeView
	Field           ui.Field
	File, Position  ui.Field // WhatsApp
}

// phoneLimit is more than a phone sends at once, in bytes.
const phoneLimit = 17 << 20

// ways are the channels by which a phone talks.
var ways = []string{"sms", "whatsapp", "ussd"}

// phone shows a simulated phone.
func (s *Simulator) phone(r *frame.Request) error {
	v, err := s.phoneView(r, r.Query("number"), r.Query("channel"))
	if err != nil {
		return err
	}
	return r.HTML(phonePage(v))
}

func (s *Simulator) phoneView(r *frame.Request, number, channel string) (phoneView, error) {
	if !slices.Contains(ways, channel) {
		channel = ways[0]
	}
	var people []simulator.Person
	var found page.Page[simulator.Message]
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if people, err = s.deps.Simulator.People(ctx, tx); err != nil || number == "" && len(people) == 0 {
			return err
		}
		if number == "" {
			number = people[0].Phone
		}
		found, err = s.deps.Simulator.Messages(ctx, tx, simulator.MessageFilter{Channel: channel, Address: number, Both: true}, page.Request{Size: 30})
		return err
	})
	v := phoneView{Site: s.site(r), Number: number, Channel: channel, Href: phoneHref(number, channel)}
	for _, p := range people {
		if p.Phone != "" {
			v.People = append(v.People, ui.Chip{Label: p.Name, On: p.Phone == number, Href: phoneHref(p.Phone, channel)})
		}
	}
	for _, way := range ways {
		v.Ways = append(v.Ways, ui.Chip{Label: r.T("simulator.phone." + way), On: way == channel, Href: phoneHref(number, way)})
	}
	v.Field = ui.Field{Name: "text", Label: r.T("simulator.phone.write"), Autocomplete: "off"}
	if channel == "ussd" {
		v.Field.Label, v.Field.Width = r.T("simulator.phone.reply"), "20"
		return v, err
	}
	v.File = ui.Field{Name: "file", Label: r.T("simulator.phone.file")}
	v.Position = ui.Field{Name: "position", Label: r.T("simulator.phone.position"), Hint: r.T("simulator.phone.position.hint"), Autocomplete: "off", Width: "20"}
	v.Thread = thread(r, found.Rows)
	if len(found.Rows) > 0 && !found.Rows[0].Written && found.Rows[0].Subject != "" {
		for i, choice := range strings.Split(found.Rows[0].Subject, "\n") {
			v.Choices = append(v.Choices, ui.ButtonView{Label: choice, Name: "choice", Value: strconv.Itoa(i + 1), Variant: "secondary", Small: true})
		}
	}
	return v, err
}

func phoneHref(number, channel string) string {
	return "/simulator/phones?" + url.Values{"number": {number}, "channel": {channel}}.Encode()
}

// thread are messages in the order in which they were written.
func thread(r *frame.Request, newest []simulator.Message) ui.ThreadView {
	t := ui.ThreadView{Label: r.T("simulator.phone.thread")}
	for _, m := range slices.Backward(newest) {
		author := r.T("simulator.phone.state")
		if m.Written {
			author = r.T("simulator.phone.me")
		}
		t.Messages = append(t.Messages, ui.ThreadMessage{ID: "m-" + m.ID.String(), Author: author, Mine: m.Written, Time: m.ReceivedAt, Text: m.Text})
	}
	return t
}

// phoneWrite sends what was written, the way the provider of the channel does. A USSD dialogue is answered on the page.
func (s *Simulator) phoneWrite(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	w := simulator.Written{Channel: posted.Get("channel"), From: posted.Get("number"), Text: posted.Get("text"), Session: posted.Get("session")}
	if choice := posted.Get("choice"); choice != "" {
		w.Text, w.Chosen = choice, true
	}
	if w.Position = posted.Get("position"); w.Channel == "whatsapp" {
		if w.File, err = sentFile(r); err != nil {
			return err
		}
	}
	if w.Channel == "ussd" {
		w.Text = typed(posted)
		if w.Session == "" {
			w.Session = id.New().String()
		}
	}
	var call *simulator.Call
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		call, err = s.deps.Simulator.Write(ctx, tx, w)
		return err
	})
	if err != nil {
		return err
	}
	answer, err := s.deps.Simulator.Call(r.Context(), call)
	if w.Channel != "ussd" && err == nil {
		return r.Redirect(phoneHref(w.From, w.Channel))
	}
	v, viewErr := s.phoneView(r, w.From, w.Channel)
	if viewErr != nil {
		return viewErr
	}
	if err != nil {
		r.Refused(err)
		v.Notice = &ui.NoticeView{Kind: ui.Danger, Title: r.T("simulator.phone.failed"), Text: r.T("simulator.phone.failed.text")}
		return r.HTMLStatus(http.StatusBadGateway, phonePage(v))
	}
	v.Session, v.Typed = w.Session, w.Text
	kind, screen, _ := strings.Cut(answer, " ")
	v.Screen, v.Over = screen, kind == "END"
	return r.HTML(phonePage(v))
}

// sentFile is the file that is sent from the phone; nil for none.
func sentFile(r *frame.Request) (*simulator.PhoneFile, error) {
	if r.MultipartForm == nil || len(r.MultipartForm.File["file"]) == 0 {
		return nil, nil
	}
	head := r.MultipartForm.File["file"][0]
	f, err := head.Open()
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(f)
	return &simulator.PhoneFile{Name: head.Filename, MediaType: head.Header.Get("Content-Type"), Content: content}, errors.Join(err, f.Close())
}

// mediaShow tells a program where a file lies, as Meta does.
func (s *Simulator) mediaShow(r *frame.Request) error {
	m, _, err := s.media(r)
	if err != nil {
		return err
	}
	return r.JSON(http.StatusOK, m)
}

// mediaContent gives a program a file.
func (s *Simulator) mediaContent(r *frame.Request) error {
	m, content, err := s.media(r)
	if err != nil {
		return err
	}
	return r.File(m.ID, m.MediaType, false, content)
}

func (s *Simulator) media(r *frame.Request) (m simulator.Media, content []byte, err error) {
	media, err := uuid.Parse(r.Param("media"))
	if err != nil {
		return m, nil, simulator.ErrUnknown
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		m, content, err = s.deps.Simulator.Media(ctx, tx, bearer(r), media)
		return err
	})
	return m, content, err
}

// typed is all that was typed in a USSD dialogue, the last of it at its end.
func typed(posted url.Values) string {
	if posted.Get("session") == "" {
		return ""
	}
	if before := posted.Get("typed"); before != "" {
		return before + "*" + posted.Get("text")
	}
	return posted.Get("text")
}

// whatsapp takes a message from a program, as Meta does.
func (s *Simulator) whatsapp(r *frame.Request) error {
	body, err := r.Body()
	if err != nil {
		return err
	}
	var ref string
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		ref, err = s.deps.Simulator.DeliverWhatsApp(ctx, tx, bearer(r), body)
		return err
	})
	if err != nil {
		return err
	}
	return r.JSON(http.StatusOK, map[string]any{"messaging_product": "whatsapp", "messages": []any{map[string]any{"id": ref}}})
}

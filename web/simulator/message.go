package simulator

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/simulator"
	"digit/web/frame"
	"digit/web/ui"
)

type messagesView struct {
	Site     ui.Site
	Address  string
	Href     string // of this page, from which new messages are fetched
	Chips    []ui.Chip
	Messages []messageView
	Pager    ui.Pager
}

type messageView struct {
	Address, Channel, Icon, Subject, Time, Code string
	Lang, Dir                                   string
	Paragraphs                                  [][]span
}

// span is a piece of a message: words, or a link where Href is set.
type span struct{ Text, Href string }

// messages shows what arrived in the phones and mailboxes, the newest first, all or of one address.
func (s *Simulator) messages(r *frame.Request) error {
	filter := simulator.MessageFilter{Channel: r.Query("channel"), Address: r.Query("address")}
	var found, recent page.Page[simulator.Message]
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if found, err = s.deps.Simulator.Messages(ctx, tx, filter, r.Paging()); err != nil {
			return err
		}
		recent, err = s.deps.Simulator.Messages(ctx, tx, simulator.MessageFilter{}, page.Request{Size: 100})
		return err
	})
	if err != nil {
		return err
	}
	v := messagesView{Site: s.site(r), Address: filter.Address, Href: r.URL.RequestURI(), Pager: r.Pager(found.Next)}
	for _, c := range []string{"sms", "email"} {
		v.Chips = append(v.Chips, choice(r, "channel", c, r.T("simulator.channel."+c)))
	}
	for _, address := range addresses(recent.Rows, filter.Address) {
		v.Chips = append(v.Chips, choice(r, "address", address, address))
	}
	for _, m := range found.Rows {
		v.Messages = append(v.Messages, showMessage(r, m))
	}
	return r.HTML(messagesPage(v))
}

// choice is a filter that its chip switches on, or off where it is on.
func choice(r *frame.Request, name, value, label string) ui.Chip {
	if r.Query(name) == value {
		return ui.Chip{Label: label, On: true, Remove: true, Href: r.With(name, "")}
	}
	return ui.Chip{Label: label, Href: r.With(name, value)}
}

// addresses are those that got something last, at most a dozen, and the one that is looked at.
func addresses(list []simulator.Message, chosen string) []string {
	var out []string
	if chosen != "" {
		out = append(out, chosen)
	}
	for _, m := range list {
		if len(out) < 12 && !slices.Contains(out, m.Address) {
			out = append(out, m.Address)
		}
	}
	return out
}

var (
	// codeShape is six digits by themselves; those after a hyphen end a reference.
	codeShape = regexp.MustCompile(`(?:^|[^\w-])(\d{6})\b`)
	linkShape = regexp.MustCompile(`https?://[^\s<>"]+`)
)

func showMessage(r *frame.Request, m simulator.Message) messageView {
	v := messageView{
		Address: m.Address, Channel: r.T("simulator.channel." + m.Channel), Icon: "phone", Subject: m.Subject,
		Time: ui.DateTime(r.Context(), m.ReceivedAt), Lang: m.Lang, Dir: direction(m.Lang),
	}
	if found := codeShape.FindStringSubmatch(m.Text); found != nil {
		v.Code = found[1]
	}
	if m.Channel == "email" {
		v.Icon = "mail"
	}
	for _, line := range strings.Split(m.Text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			v.Paragraphs = append(v.Paragraphs, spans(line, r.PublicURL()))
		}
	}
	return v
}

// spans finds the links of a line. Only those of this site can be followed: a message is somebody's words.
func spans(line, site string) (out []span) {
	at := 0
	for _, m := range linkShape.FindAllStringIndex(line, -1) {
		end := m[0] + len(strings.TrimRight(line[m[0]:m[1]], ".,;:)"))
		address := line[m[0]:end]
		if !strings.HasPrefix(address, site+"/") {
			continue
		}
		out = append(out, span{Text: line[at:m[0]]}, span{Text: address, Href: strings.TrimPrefix(address, site)})
		at = end
	}
	return append(out, span{Text: line[at:]})
}

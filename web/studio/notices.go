package studio

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/web/frame"
	"digit/web/ui"
)

// noticeKey tells messages of the same event apart by their number.
func noticeKey(list []servicespec.Notice, i int) string {
	n := 0
	for _, x := range list[:i] {
		if x.On == list[i].On {
			n++
		}
	}
	if n > 0 {
		return fmt.Sprintf("%s~%d", list[i].On, n+1)
	}
	return list[i].On
}

func (s *Studio) noticesPart() part {
	sh := shelve("notice", "notices", func(p *servicespec.Pack) *[]servicespec.Notice { return &p.Notices }, noticeKey,
		func(_ *servicespec.Pack, _ string, called i18n.Text) servicespec.Notice {
			return servicespec.Notice{On: "submitted", Channel: []string{"email", "portal"}, Subject: called, Text: i18n.Text{}}
		}, func(*servicespec.Notice, string) {})
	sh.label = func(r *frame.Request, d *desk, k string) (string, string) {
		x := find(d.Pack.Notices, noticeKey, k)
		if x == nil {
			return k, ""
		}
		var ways []string
		for _, c := range x.Channel {
			ways = append(ways, r.T("studio.channel."+c))
		}
		label := s.eventName(r, d, x.On)
		if subject := s.say(r, d, x.Subject, ""); subject != "" {
			label += ": " + subject
		}
		return label, strings.Join(ways, ", ")
	}
	sh.fields, sh.take = s.noticeFields, s.takeNotice
	return part{
		code: "notices", icon: "message-square", group: "output", areas: []string{"notices"}, spot: shelfSpot(sh), posts: s.shelfPosts(sh),
		show: func(r *frame.Request, d *desk) error {
			return s.showShelf(r, d, sh, noticePreviews(s.noticePreviews(r, d, sh)))
		},
	}
}

var plainEvents = []string{"submitted", "demand", "paid", "correction", "approved", "rejected", "withdrawn", "reminder", "reopened", "appealed"}

// eventName says when a message is sent.
func (s *Studio) eventName(r *frame.Request, d *desk, on string) string {
	kind, of, special := strings.Cut(on, ":")
	if !special {
		return r.T("studio.event." + on)
	}
	name := of
	switch kind {
	case "state":
		if st := stateOf(d.Pack, of); st != nil {
			name = s.say(r, d, st.Name, of)
		}
	case "action":
		if a := find(d.Pack.Workflow.Actions, actionKey, of); a != nil {
			name = s.say(r, d, a.Name, of)
		}
	}
	return r.T("studio.event.of_"+kind, "name", name)
}

func (s *Studio) noticeFields(r *frame.Request, d *desk, key, path string) []field {
	x := find(d.Pack.Notices, noticeKey, key)
	events := slices.Clone(plainEvents)
	d.Pack.Workflow.Each(func(_ string, st *servicespec.State, _, _ string) {
		events = append(events, "state:"+st.Code)
		for _, e := range st.Escalate {
			events = append(events, "escalation:"+e.Code)
		}
	})
	for _, a := range d.Pack.Workflow.Actions {
		events = append(events, "action:"+a.Code)
	}
	var on []ui.Option
	for _, e := range events {
		on = append(on, ui.Option{Value: e, Label: s.eventName(r, d, e), Checked: e == d.value("notice_on", x.On)})
	}
	recipients := []string{servicespec.ToCitizen, "agency", "assignee"}
	for _, role := range workingRoles(d.Pack) {
		recipients = append(recipients, "role:"+role)
	}
	for _, to := range x.To {
		if !slices.Contains(recipients, to) {
			recipients = append(recipients, to)
		}
	}
	var to, channels []ui.Option
	for _, v := range recipients {
		label := ""
		if role, ok := strings.CutPrefix(v, "role:"); ok {
			label = s.roleName(r, d, role)
		} else {
			label = r.T("studio.to." + v)
		}
		to = append(to, ui.Option{Value: v, Label: label, Checked: d.ticked("notice_to", v, slices.Contains(x.To, v) || len(x.To) == 0 && v == servicespec.ToCitizen)})
	}
	for _, c := range []string{"sms", "email", "portal"} {
		channels = append(channels, ui.Option{Value: c, Label: r.T("studio.channel." + c), Checked: d.ticked("notice_channel", c, slices.Contains(x.Channel, c))})
	}
	out := []field{
		input(r, "notice_on", "", options(selectField, on)), input(r, "notice_to", "", options(boxesField, to)),
		input(r, "notice_channel", "", options(boxesField, channels), wrongText(s.wrongAt(r, d, "notice_channel", path+".channel"))),
	}
	out = append(out, s.text(r, d, "notice_subject", x.Subject, path+".subject", hint(r.T("studio.notice.subject.hint")))...)
	out = append(out, s.text(r, d, "notice_text", x.Text, path+".text", long)...)
	return append(out, s.mergeFields(r, d), s.rule(r, d, "notice_when", x.When, path+".when", ruleSubject{Path: []string{"notices", key, "when"}}))
}

// workingRoles are the roles that work on the service's cases.
func workingRoles(p *servicespec.Pack) (out []string) {
	add := func(code string) {
		if code != "" && !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	for _, role := range p.Roles {
		add(role.Code)
	}
	p.Workflow.Each(func(_ string, st *servicespec.State, _, _ string) { add(st.Role) })
	for _, a := range p.Workflow.Actions {
		add(a.Role)
	}
	return out
}

func (s *Studio) takeNotice(_ *frame.Request, posted url.Values, p *servicespec.Pack, key string) error {
	x := find(p.Notices, noticeKey, key)
	x.On, x.Channel, x.When = posted.Get("notice_on"), posted["notice_channel"], trimmed(posted, "notice_when")
	if x.To = posted["notice_to"]; len(x.To) == 1 && x.To[0] == servicespec.ToCitizen {
		x.To = nil
	}
	x.Subject, x.Text = textOf(posted, "notice_subject", x.Subject), textOf(posted, "notice_text", x.Text)
	return nil
}

// noticePreview is a message in one language, and how it goes on each of its ways.
type noticePreview struct {
	Language, Lang, Dir, Subject, Text string
	Ways                               []string
}

func (s *Studio) noticePreviews(r *frame.Request, d *desk, sh shelf) (out []noticePreview) {
	key, _ := s.chosen(r, d, sh)
	x := find(d.Pack.Notices, noticeKey, key)
	if x == nil {
		return nil
	}
	for _, lang := range d.Pack.Languages {
		fields := s.samples(r, d, lang)
		v := noticePreview{
			Language: s.language(lang), Lang: lang, Dir: i18n.Dir(lang), Subject: servicespec.Fill(x.Subject.In(lang, d.lang()), fields), Text: servicespec.Fill(x.Text.In(lang, d.lang()), fields),
		}
		for _, c := range x.Channel {
			if c == "sms" {
				parts, characters := smsParts(v.Text)
				v.Ways = append(v.Ways, r.T("studio.notice.sms", "n", parts, "characters", characters))
				continue
			}
			v.Ways = append(v.Ways, r.T("studio.notice.by."+c))
		}
		out = append(out, v)
	}
	return out
}

// gsm are the characters of GSM 03.38's basic set; those of its extension take two places.
const (
	gsm         = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "^{}\\[~]|€"
)

// smsParts is in how many parts a text goes by SMS, and how many characters it has. A text in which one character is outside of
// the GSM alphabet goes in UTF-16 as a whole (3GPP TS 23.038): 70 characters, or 67 in each of several parts, instead of
// 160 and 153.
func smsParts(text string) (parts, characters int) {
	if text == "" {
		return 0, 0
	}
	places, wide := 0, 0
	plain := true
	for _, r := range text {
		characters++
		wide++
		if r > 0xFFFF {
			wide++
		}
		switch {
		case strings.ContainsRune(gsm, r):
			places++
		case strings.ContainsRune(gsmExtended, r):
			places += 2
		default:
			plain = false
		}
	}
	one, several := 160, 153
	if !plain {
		places, one, several = wide, 70, 67
	}
	if places <= one {
		return 1, characters
	}
	return (places + several - 1) / several, characters
}

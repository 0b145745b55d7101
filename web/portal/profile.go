package portal

import (
	"context"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"digit/internal/consumer/profile"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/infra/tenancy"
	"digit/web/frame"
	"digit/web/ui"
)

type profileView struct {
	Site      ui.Site
	Notice    *ui.NoticeView
	Name      string
	Contacts  []ui.Fact
	Languages []ui.Option
	Areas     []ui.Option
	Problems  []ui.Problem
	NameError string
	Next      string // where to go once the name is known; "" for the page of the profile itself
}

// profile shows what the state keeps about the reader's account, and lets them change it.
func (p *Portal) profile(r *frame.Request) error {
	v, err := p.profileView(r)
	if err != nil {
		return err
	}
	v.Notice = r.Done()
	return r.HTML(profilePage(v))
}

func (p *Portal) profileView(r *frame.Request) (v profileView, err error) {
	var me profile.Profile
	var contacts []identity.Contact
	var areas []refdata.Boundary
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if me, err = p.deps.Profiles.Profile(ctx, tx, r.Person()); err != nil {
			return err
		}
		if contacts, err = p.deps.Identity.Contacts(ctx, tx, r.Person()); err != nil {
			return err
		}
		areas, err = p.deps.Refdata.Boundaries(ctx, tx, "concelho", "")
		return err
	})
	if err != nil {
		return v, err
	}
	v = profileView{Site: r.Site(frame.Portal), Name: me.Name}
	for _, c := range contacts {
		v.Contacts = append(v.Contacts, ui.Fact{Key: r.T("channel." + c.Channel), Value: c.Address})
	}
	for _, l := range v.Site.Languages {
		v.Languages = append(v.Languages, ui.Option{Value: l.Lang, Label: l.Name, Checked: l.Lang == me.Lang})
	}
	for _, a := range areas {
		v.Areas = append(v.Areas, ui.Option{Value: a.Code, Label: r.Text(a.Name), Checked: a.Code == me.Boundary})
	}
	return v, nil
}

func (p *Portal) changeProfile(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	name, lang := strings.TrimSpace(posted.Get("name")), posted.Get("lang")
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		me, err := p.deps.Profiles.Profile(ctx, tx, r.Person())
		if err != nil {
			return err
		}
		me.Name, me.Lang, me.Boundary = name, lang, posted.Get("boundary")
		return p.deps.Profiles.Change(ctx, tx, r.Person(), me)
	})
	if f := fault.Of(err); f != nil && f.Kind == fault.KindInvalid {
		v, err := p.profileView(r)
		if err != nil {
			return err
		}
		v.Name, v.Next, v.Problems = name, posted.Get("next"), r.Problems(f.Fields)
		for _, wrong := range f.Fields {
			if wrong.Path == "name" {
				v.NameError = r.FieldSentence(wrong)
			}
		}
		if v.Next != "" {
			return r.HTMLStatus(http.StatusUnprocessableEntity, welcomePage(v))
		}
		return r.HTMLStatus(http.StatusUnprocessableEntity, profilePage(v))
	}
	if err != nil {
		return err
	}
	r.RememberLanguage(lang)
	if next := posted.Get("next"); next != "" {
		return r.Redirect(next)
	}
	return r.Redirect("/profile?done=profile.saved")
}

type sessionsView struct {
	Site   ui.Site
	Notice *ui.NoticeView
	Rows   []sessionRow
}

type sessionRow struct {
	ID, Device, Started, Seen string
	Current                   bool
}

// welcome asks somebody new for their name, before going on to where they were.
func (p *Portal) welcome(r *frame.Request) error {
	v, err := p.profileView(r)
	if err != nil {
		return err
	}
	v.Next = frame.LocalPath(r.Query("next"))
	return r.HTML(welcomePage(v))
}

// sessions lists where the reader is signed in, so that they can end what they do not know.
func (p *Portal) sessions(r *frame.Request) error {
	var list []identity.Session
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		list, err = p.deps.Identity.Sessions(ctx, tx, r.Person())
		return err
	})
	if err != nil {
		return err
	}
	v := sessionsView{Site: r.Site(frame.Portal), Notice: r.Done()}
	for _, s := range list {
		v.Rows = append(v.Rows, sessionRow{
			ID: s.ID.String(), Device: r.T("session.method." + s.Method), Started: ui.DateTime(r.Context(), s.Created), Seen: ui.DateTime(r.Context(), s.Seen),
			Current: s.Current,
		})
	}
	return r.HTML(sessionsPage(v))
}

func (p *Portal) endSession(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return p.deps.Identity.EndSession(ctx, tx, r.Person(), id) }); err != nil {
		return err
	}
	return r.Redirect("/profile/sessions?done=session.ended")
}

type wordsView struct {
	Site       ui.Site
	Title      string
	Paragraphs []paragraph
}

// paragraph is a line of the catalogue's own texts: what stands before its colon heads it.
type paragraph struct {
	Heading string
	Pieces  []ui.Link // text, and where it is an address its link
}

func (p *Portal) help(r *frame.Request) error          { return words(r, "help") }
func (p *Portal) accessibility(r *frame.Request) error { return words(r, "accessibility") }
func (p *Portal) privacy(r *frame.Request) error       { return words(r, "privacy") }

// words shows a page of the catalogue's own texts, a line each paragraph.
func words(r *frame.Request, key string) error {
	contact := strings.Trim(r.Settings.ContactEmail+" · "+r.Settings.ContactPhone, " ·")
	text := r.T("words."+key+".text", "contact", contact, "state", r.Text(r.Settings.Name))
	v := wordsView{Site: r.Site(frame.Portal), Title: r.T("words." + key + ".title")}
	for line := range strings.SplitSeq(text, "\n") {
		heading, rest := headed(line)
		v.Paragraphs = append(v.Paragraphs, paragraph{heading, linked(rest, r.Settings)})
	}
	return r.HTML(wordsPage(v))
}

// headed cuts a line at its first colon, where what stands before is short enough to head the rest.
func headed(line string) (heading, rest string) {
	const longest = 40
	before, after, found := strings.Cut(line, ": ")
	if !found || utf8.RuneCountInString(before) > longest || strings.ContainsAny(before, ".,;") {
		return "", line
	}
	first, size := utf8.DecodeRuneInString(after)
	return before, string(unicode.ToUpper(first)) + after[size:]
}

// linked cuts a text into pieces, of which the state's own addresses are links.
func linked(text string, s tenancy.Settings) (pieces []ui.Link) {
	for _, at := range []ui.Link{{Label: s.ContactEmail, Href: "mailto:" + s.ContactEmail}, {Label: s.ContactPhone, Href: "tel:" + s.ContactPhone}} {
		before, after, found := strings.Cut(text, at.Label)
		if at.Label == "" || !found {
			continue
		}
		pieces = append(pieces, ui.Link{Label: before}, at)
		text = after
	}
	return append(pieces, ui.Link{Label: text})
}

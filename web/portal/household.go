package portal

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/google/uuid"

	"digit/internal/consumer/profile"
	"digit/internal/consumer/request"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

type householdView struct {
	Site   ui.Site
	Notice *ui.NoticeView
	Rows   ui.RowsView
	Empty  bool
}

// household lists the people for whom the reader applies.
func (p *Portal) household(r *frame.Request) error {
	list, err := p.members(r)
	if err != nil {
		return err
	}
	v := householdView{Site: r.Site(frame.Portal), Notice: r.Done(), Empty: len(list) == 0}
	v.Rows = ui.RowsView{Field: ui.Field{Name: "household", Label: r.T("household.title"), HideLabel: true}}
	for _, m := range list {
		path := "/profile/household/" + m.ID.String()
		v.Rows.Rows = append(v.Rows.Rows, ui.RowItem{
			Title: m.Name, Text: r.T("household.relation."+m.Relation) + " · " + i18n.FormatDay(r.Lang, m.Born),
			Change: &ui.ButtonView{Label: r.T("household.change"), Hidden: m.Name, Href: path, Variant: "link"},
			Remove: &ui.ButtonView{Label: r.T("household.remove"), Hidden: m.Name, Href: path + "/remove", Variant: "link"},
		})
	}
	return r.HTML(householdPage(v))
}

func (p *Portal) members(r *frame.Request) (list []profile.Member, err error) {
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		list, err = p.deps.Profiles.Household(ctx, tx, r.Person())
		return err
	})
	return list, err
}

type memberView struct {
	Site                 ui.Site
	Title, Action        string
	Name, Born, Relation ui.Field
	Next                 string
	Problems             []ui.Problem
}

// member finds the one of the household that the path names; nobody for "new".
func (p *Portal) member(r *frame.Request) (m profile.Member, err error) {
	if r.Param("member") == "new" {
		return m, nil
	}
	id, err := r.UUID("member")
	if err != nil {
		return m, err
	}
	list, err := p.members(r)
	if err != nil {
		return m, err
	}
	for _, m := range list {
		if m.ID == id {
			return m, nil
		}
	}
	return m, profile.ErrNoMember
}

// memberAsk asks about somebody new, or shows what is told about somebody to change it.
func (p *Portal) memberAsk(r *frame.Request) error {
	m, err := p.member(r)
	if err != nil {
		return err
	}
	posted := url.Values{"name": {m.Name}, "relation": {m.Relation}, "next": {frame.LocalPath(r.Query("next"))}}
	if !m.Born.IsZero() {
		posted.Set("born.day", strconv.Itoa(m.Born.Day))
		posted.Set("born.month", strconv.Itoa(int(m.Born.Month)))
		posted.Set("born.year", strconv.Itoa(m.Born.Year))
	}
	return r.HTML(memberPage(p.memberView(r, m, posted, nil)))
}

func (p *Portal) memberView(r *frame.Request, m profile.Member, posted url.Values, wrong []fault.Field) memberView {
	v := memberView{
		Site: r.Site(frame.Portal), Title: r.T("household.add"), Action: "/profile/household/" + r.Param("member"), Next: posted.Get("next"), Problems: r.Problems(wrong),
		Name: ui.Field{Name: "name", Label: r.T("household.name"), Value: posted.Get("name"), NoSpellcheck: true, Autocomplete: "off"},
		Born: ui.Field{
			Name: "born", Label: r.T("household.born"), Hint: r.T("household.born.hint"),
			Day: posted.Get("born.day"), Month: posted.Get("born.month"), Year: posted.Get("born.year"),
		},
		Relation: ui.Field{Name: "relation", Label: r.T("household.relation")},
	}
	if m.ID != uuid.Nil {
		v.Title = r.T("household.change_of", "name", m.Name)
	}
	for _, code := range profile.Relations {
		v.Relation.Options = append(v.Relation.Options, ui.Option{Value: code, Label: r.T("household.relation." + code), Checked: code == posted.Get("relation")})
	}
	for _, f := range wrong {
		switch f.Path {
		case "name":
			v.Name.Error = r.FieldSentence(f)
		case "born":
			v.Born.Error = r.FieldSentence(f)
		case "relation":
			v.Relation.Error = r.FieldSentence(f)
		}
	}
	return v
}

// putMember keeps what was told about somebody.
func (p *Portal) putMember(r *frame.Request) error {
	m, err := p.member(r)
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	m.Name, m.Relation = posted.Get("name"), posted.Get("relation")
	if m.Born, err = parseDay(posted.Get("born.day"), posted.Get("born.month"), posted.Get("born.year")); err != nil {
		m.Born = civil.Date{Day: 99} // no day: it is refused with the rest
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := p.deps.Profiles.PutMember(ctx, tx, r.Person(), m)
		return err
	})
	if errors.Is(err, profile.ErrMember) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, memberPage(p.memberView(r, m, posted, fault.Of(err).Fields)))
	}
	if err != nil {
		return err
	}
	if next := frame.LocalPath(posted.Get("next")); next != "" && next != "/" {
		return r.Redirect(next)
	}
	return r.Redirect("/profile/household?done=household.saved")
}

func (p *Portal) removeMemberAsk(r *frame.Request) error {
	m, err := p.member(r)
	if err != nil {
		return err
	}
	return r.HTML(removeMemberPage(confirmView{
		Site: r.Site(frame.Portal), Title: r.T("household.remove_of", "name", m.Name), Text: r.T("household.remove_text"),
		Action: "/profile/household/" + r.Param("member") + "/remove", Submit: r.T("household.remove"), Cancel: "/profile/household",
	}))
}

func (p *Portal) removeMember(r *frame.Request) error {
	id, err := r.UUID("member")
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return p.deps.Profiles.RemoveMember(ctx, tx, r.Person(), id)
	})
	if err != nil && !errors.Is(err, profile.ErrNoMember) { // pressed twice
		return err
	}
	return r.Redirect("/profile/household?done=household.removed")
}

type subjectView struct {
	Site              ui.Site
	Name, Path, Apply string
	Who               ui.Field
	Problems          []ui.Problem
}

// subjectAsk asks for whom of the household an application is.
func (p *Portal) subjectAsk(r *frame.Request) error { return p.subjectPage(r, http.StatusOK, "") }

func (p *Portal) subjectPage(r *frame.Request, status int, wrong string) error {
	var a application
	var list []profile.Member
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil {
			return err
		}
		list, err = p.deps.Profiles.Household(ctx, tx, r.Person())
		return err
	})
	if err != nil {
		return err
	}
	if a.Status != request.Draft || !request.AsksSubject(a.spec) {
		return r.Redirect(a.path())
	}
	v := subjectView{Site: r.Site(frame.Portal), Name: r.Text(a.spec.Pack().Name), Path: a.path()}
	v.Who = ui.Field{Name: "who", Label: r.T("subject.title"), Caption: v.Name, Heading: true, Hint: r.T("subject.hint"), Error: wrong, Options: []ui.Option{
		{Value: "me", Label: r.T("subject.me"), Checked: a.Subject == uuid.Nil},
	}}
	for _, m := range list {
		v.Who.Options = append(v.Who.Options, ui.Option{Value: m.ID.String(), Label: m.Name, Hint: r.T("household.relation." + m.Relation), Checked: m.ID == a.Subject})
	}
	if wrong != "" {
		v.Problems = []ui.Problem{{Field: "who", Text: wrong}}
	}
	return r.HTMLStatus(status, subjectPage(v))
}

func (p *Portal) setSubject(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	var member uuid.UUID
	if who := posted.Get("who"); who != "me" {
		if member, err = uuid.Parse(who); err != nil {
			return p.subjectPage(r, http.StatusUnprocessableEntity, r.T("error.request.subject"))
		}
	}
	var next string
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		if err := p.deps.Requests.SetSubject(ctx, tx, r.Person(), id, member); err != nil {
			return err
		}
		a, err := p.open(ctx, tx, r)
		if err != nil {
			return err
		}
		if next = a.path(); a.LastPage == "" {
			next += "/pages/" + nextPage(a.pages(), "")
		}
		return nil
	})
	if errors.Is(err, request.ErrNoRelative) {
		return p.subjectPage(r, http.StatusUnprocessableEntity, r.T("error.request.subject"))
	}
	if err != nil {
		return err
	}
	return r.Redirect(next)
}

// subjectFact says for whom a draft is, with the way to change it; nil where the service does not ask, or the reader acts for somebody else.
func (p *Portal) subjectFact(ctx context.Context, tx *pg.Tx, r *frame.Request, a application) (*ui.Fact, error) {
	if a.Status != request.Draft || !request.AsksSubject(a.spec) || r.Represents() {
		return nil, nil
	}
	f := &ui.Fact{Key: r.T("subject.for"), Value: r.T("subject.me"), ChangeHref: a.path() + "/for"}
	if a.Subject == uuid.Nil {
		return f, nil
	}
	list, err := p.deps.Profiles.Household(ctx, tx, r.Person())
	for _, m := range list {
		if m.ID == a.Subject {
			f.Value = m.Name
		}
	}
	return f, err
}

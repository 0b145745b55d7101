package access

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/catalog"
	"digit/web/frame"
	"digit/web/ui"
)

// delegationView is one delegation in a list.
type delegationView struct {
	ID, Title  string
	Tag        ui.TagView
	Facts      []ui.Fact
	Invited    bool // waits for an answer
	Open       bool
	Current    bool // the one under which the reader acts
	EndHref    string
	AcceptText string
}

type listView struct {
	Site    ui.Site
	Notice  *ui.NoticeView
	Rows    []delegationView
	Ended   []delegationView
	Persons bool // the reader is a person and may be represented too
}

// serviceNames are what the services are called that delegations name, the published ones.
func (a *Access) serviceNames(ctx context.Context, tx *pg.Tx, r *frame.Request) (codes []string, names map[string]string, err error) {
	names = map[string]string{}
	for next := (page.Request{Size: 100}); ; {
		found, err := a.deps.Catalog.Search(ctx, tx, catalog.Query{Lang: r.Lang}, next)
		if err != nil {
			return nil, nil, err
		}
		for _, e := range found.Rows {
			codes, names[e.Code] = append(codes, e.Code), r.Text(e.Name)
		}
		if next.After = found.Next; found.Next == "" {
			return codes, names, nil
		}
	}
}

// representatives lists who may act for the reader.
func (a *Access) representatives(r *frame.Request) error {
	v := listView{Site: r.Site(frame.Portal), Notice: r.Done(), Persons: true}
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		_, names, err := a.serviceNames(ctx, tx, r)
		if err != nil {
			return err
		}
		list, err := a.deps.Identity.Representatives(ctx, tx, r.Person())
		for _, d := range list {
			row := viewOf(r, d, names)
			if row.Title = d.Name; row.Title == "" {
				row.Title = d.Address
			}
			if row.Title == "" { // whoever it was has asked to be forgotten
				row.Title = r.T("represent.nameless")
			}
			row.EndHref = "/profile/representatives/" + row.ID + "/end"
			v.add(row)
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(representativesPage(v))
}

// representing lists for whom the reader may act, and who asks them to.
func (a *Access) representing(r *frame.Request) error {
	v := listView{Site: r.Site(frame.Portal), Notice: r.Done(), Persons: r.Principal.Kind == identity.KindPerson}
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		_, names, err := a.serviceNames(ctx, tx, r)
		if err != nil {
			return err
		}
		list, err := a.deps.Identity.Represented(ctx, tx, r.Person())
		for _, d := range list {
			row := viewOf(r, d, names)
			if row.Title = d.Name; row.Title == "" {
				row.Title = r.T("represent.nameless")
			}
			row.EndHref = "/representing/" + row.ID + "/end"
			row.Current = r.Principal.Acting != nil && r.Principal.Acting.Delegation == d.ID
			v.add(row)
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(representingPage(v))
}

func (v *listView) add(row delegationView) {
	if row.Open {
		v.Rows = append(v.Rows, row)
		return
	}
	v.Ended = append(v.Ended, row)
}

func viewOf(r *frame.Request, d identity.Delegation, names map[string]string) delegationView {
	v := delegationView{ID: d.ID.String(), Open: d.Open(r.Now), Invited: d.Status == identity.Invited && d.Open(r.Now)}
	switch {
	case v.Invited:
		v.Tag = ui.TagView{Text: r.T("represent.status.invited"), Kind: ui.Warning}
	case v.Open:
		v.Tag = ui.TagView{Text: r.T("represent.status.active"), Kind: ui.Success}
	default:
		v.Tag = ui.TagView{Text: r.T("represent.status.ended"), Kind: ui.Neutral}
	}
	v.Facts = append(v.Facts, ui.Fact{Key: r.T("represent.kind"), Value: r.T("represent.kind." + d.Kind)})
	scope := r.T("represent.all")
	if d.Kind == identity.Manager || d.Kind == identity.Member {
		scope = r.T("business.all")
	}
	if len(d.Services) > 0 {
		var list []string
		for _, code := range d.Services {
			if names[code] == "" {
				names[code] = code
			}
			list = append(list, names[code])
		}
		scope = strings.Join(list, "\n")
	}
	v.Facts = append(v.Facts, ui.Fact{Key: r.T("represent.scope"), Value: scope})
	until := r.T("represent.until.none")
	if d.Until != nil {
		until = ui.Date(r.Context(), d.Until.Add(-1))
	}
	v.Facts = append(v.Facts, ui.Fact{Key: r.T("represent.until"), Value: until})
	if d.AcceptedAt != nil {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("represent.since"), Value: ui.Date(r.Context(), *d.AcceptedAt)})
	}
	if d.EndedAt != nil {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("represent.ended"), Value: ui.Date(r.Context(), *d.EndedAt)})
	}
	return v
}

// inviteView is the form that asks somebody to act for the reader, with what was typed.
type inviteView struct {
	Site                         ui.Site
	To                           inviting
	Address, AddressError        string
	Kinds                        []ui.Option
	KindError                    string
	Scopes, Services             []ui.Option
	ServicesError                string
	Day, Month, Year, UntilError string
	Problems                     []ui.Problem
}

func (v *inviteView) wrong(field, text string) {
	switch field {
	case "address":
		v.AddressError = text
	case "kind":
		v.KindError = text
	case "services":
		v.ServicesError = text
	case "until":
		v.UntilError = text
	}
	v.Problems = append(v.Problems, ui.Problem{Field: field, Text: text})
}

// inviting is for whom a form invites: the reader, or a business that they manage.
type inviting struct {
	Title, Lead, Limits, Action, Back, done string
	all, allHint, someHint                  string // words about services
	kinds                                   []string
	send                                    func(context.Context, *pg.Tx, identity.Invite) error
}

func (a *Access) forMyself(r *frame.Request) inviting {
	return inviting{
		Title: r.T("represent.new"), Lead: r.T("represent.new.lead"), Limits: r.T("represent.limits"), Action: "/profile/representatives/new",
		Back: "/profile/representatives", done: "represent.invited", kinds: []string{identity.Helper, identity.Guardian, identity.Agent},
		all: r.T("represent.all"), allHint: r.T("represent.all.hint"), someHint: r.T("represent.some.hint"),
		send: func(ctx context.Context, tx *pg.Tx, in identity.Invite) error {
			in.Person = r.Person()
			_, err := a.deps.Identity.Invite(ctx, tx, in)
			return err
		},
	}
}

// asked is what the form sent.
type asked struct {
	address, kind, scope, day, month, year string
	services                               []string
}

func (a *Access) inviteForm(r *frame.Request, to inviting, in asked) (v inviteView, err error) {
	v = inviteView{Site: r.Site(frame.Portal), To: to, Address: in.address, Day: in.day, Month: in.month, Year: in.year}
	for _, kind := range to.kinds {
		v.Kinds = append(v.Kinds, ui.Option{
			Value: kind, Label: r.T("represent.kind." + kind), Hint: r.T("represent.kind." + kind + ".hint"), Checked: kind == in.kind,
		})
	}
	v.Scopes = []ui.Option{
		{Value: "all", Label: to.all, Hint: to.allHint, Checked: in.scope == "all"},
		{Value: "some", Label: r.T("represent.some"), Hint: to.someHint, Checked: in.scope == "some"},
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		codes, names, err := a.serviceNames(ctx, tx, r)
		for _, code := range codes {
			v.Services = append(v.Services, ui.Option{Value: code, Label: names[code], Checked: slices.Contains(in.services, code)})
		}
		return err
	})
	return v, err
}

func (a *Access) inviteAsk(r *frame.Request) error {
	v, err := a.inviteForm(r, a.forMyself(r), asked{kind: identity.Helper, scope: "all"})
	if err != nil {
		return err
	}
	return r.HTML(invitePage(v))
}

func (a *Access) invite(r *frame.Request) error { return a.inviteTo(r, a.forMyself(r)) }

// inviteTo sends an invitation that was typed in.
func (a *Access) inviteTo(r *frame.Request, to inviting) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	in := asked{
		address: strings.TrimSpace(posted.Get("address")), kind: posted.Get("kind"), scope: posted.Get("scope"), services: posted["services"],
		day: posted.Get("until.day"), month: posted.Get("until.month"), year: posted.Get("until.year"),
	}
	v, err := a.inviteForm(r, to, in)
	if err != nil {
		return err
	}
	invitation := identity.Invite{Channel: identity.ChannelSMS, Address: in.address, Kind: in.kind}
	if strings.Contains(in.address, "@") {
		invitation.Channel = identity.ChannelEmail
	}
	a.scope(r, &v, in, &invitation)
	if len(v.Problems) == 0 {
		err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return to.send(ctx, tx, invitation) })
	}
	if e := fault.Of(err); e != nil && (e.Kind == fault.KindInvalid || errors.Is(err, identity.ErrSelf)) {
		for _, f := range e.Fields {
			v.wrong(f.Path, r.FieldSentence(f))
		}
		if len(e.Fields) == 0 {
			v.wrong("address", r.Sentence(e))
		}
		err = nil
	}
	if err != nil {
		return err
	}
	if len(v.Problems) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, invitePage(v))
	}
	return r.Redirect(to.Back + "?done=" + to.done)
}

// scope reads for which services and until when; what is wrong goes onto the form.
func (a *Access) scope(r *frame.Request, v *inviteView, in asked, invitation *identity.Invite) {
	if in.scope == "some" {
		for _, o := range v.Services { // only services that there are
			if o.Checked {
				invitation.Services = append(invitation.Services, o.Value)
			}
		}
		if len(invitation.Services) == 0 {
			v.wrong("services", r.T("represent.services.none"))
		}
	}
	end, ok := lastDay(r, in.day, in.month, in.year)
	if invitation.Until = end; !ok {
		v.wrong("until", r.T("represent.until.wrong"))
	}
}

// lastDay reads the last day on which something counts, as the moment after it; nil where none is named.
func lastDay(r *frame.Request, day, month, year string) (end *time.Time, ok bool) {
	if day+month+year == "" {
		return nil, true
	}
	d, err := civil.Parse(pad(year, 4) + "-" + pad(month, 2) + "-" + pad(day, 2))
	if err != nil {
		return nil, false
	}
	at := d.AddDays(1).In(r.Settings.Location())
	return &at, true
}

func pad(s string, n int) string {
	return strings.Repeat("0", max(0, n-len(strings.TrimSpace(s)))) + strings.TrimSpace(s)
}

// endAsk asks before a delegation is ended or an invitation declined.
func (a *Access) endAsk(back string) func(*frame.Request) error {
	return func(r *frame.Request) error {
		d, err := a.mine(r)
		if err != nil {
			return err
		}
		key := "represent.end"
		if d.Status == identity.Invited && back == "/representing" {
			key = "represent.decline"
		}
		v := ui.ConfirmActView{
			Title: r.T(key + ".title"), Text: r.T(key + ".text"), Action: r.URL.Path, Submit: r.T(key), Cancel: ui.Link{Label: r.T("represent.cancel"), Href: back},
		}
		return r.HTML(confirmPage(r.Site(frame.Portal), v))
	}
}

// mine is the delegation of the path, given by the reader or to them. Errors: identity.ErrNotFound.
func (a *Access) mine(r *frame.Request) (d identity.Delegation, err error) {
	id, err := r.UUID("id")
	if err != nil {
		return d, err
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		given, err := a.deps.Identity.Representatives(ctx, tx, r.Person())
		if err != nil {
			return err
		}
		received, err := a.deps.Identity.Represented(ctx, tx, r.Person())
		if err != nil {
			return err
		}
		for _, d = range append(given, received...) {
			if d.ID == id && d.Status != identity.Ended {
				return nil
			}
		}
		return identity.ErrNotFound
	})
	return d, err
}

func (a *Access) end(back string) func(*frame.Request) error {
	return func(r *frame.Request) error {
		return a.change(r, a.deps.Identity.EndDelegation, back, "represent.ended")
	}
}

func (a *Access) accept(r *frame.Request) error {
	return a.change(r, a.deps.Identity.Accept, "/representing", "represent.accepted")
}

// act turns the session to acting for somebody; what they may do then begins with that person's requests.
func (a *Access) act(r *frame.Request) error {
	return a.change(r, a.deps.Identity.ActFor, "/requests", "")
}

// leave turns the session back to acting for oneself.
func (a *Access) leave(r *frame.Request) error {
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return a.deps.Identity.ActFor(ctx, tx, uuid.Nil) })
	if err != nil {
		return err
	}
	return r.Redirect("/representing?done=represent.left")
}

func (a *Access) change(r *frame.Request, do func(context.Context, *pg.Tx, uuid.UUID) error, to, done string) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return do(ctx, tx, id) }); err != nil {
		return err
	}
	if done != "" {
		to += "?done=" + done
	}
	return r.Redirect(to)
}

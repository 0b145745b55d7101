package access

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"digit/internal/consumer/business"
	"digit/internal/infra/document"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

const (
	paperMost       = document.MaxUpload + 64<<10 // the paper, and what is typed
	claimsPerMinute = 10
	seatLevel       = "concelho" // of the areas among which a seat is chosen
)

// businessRow is one business in the reader's list.
type businessRow struct {
	delegationView
	Href   string // of its page
	Reason string // why an office refused
}

type businessesView struct {
	Site   ui.Site
	Notice *ui.NoticeView
	Rows   []businessRow // for which the reader may act, or is asked to
	Claims []businessRow // which wait, or were refused
}

// businesses lists the businesses for which the reader may act, who asks them to, and what they have claimed.
func (a *Access) businesses(r *frame.Request) error {
	v := businessesView{Site: r.Site(frame.Portal), Notice: r.Done()}
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		_, names, err := a.serviceNames(ctx, tx, r)
		if err != nil {
			return err
		}
		list, err := a.deps.Identity.Represented(ctx, tx, r.Person())
		if err != nil {
			return err
		}
		for _, d := range list {
			if d.Kind != identity.Manager && d.Kind != identity.Member || !d.Open(r.Now) {
				continue
			}
			row := businessRow{delegationView: viewOf(r, d, names)}
			row.Title, row.EndHref = d.Name, "/representing/"+d.ID.String()+"/end"
			row.Facts[0].Key = r.T("business.role")
			if !row.Invited {
				row.Href = "/businesses/" + d.Person.String()
			}
			v.Rows = append(v.Rows, row)
		}
		claims, err := a.deps.Businesses.Claimed(ctx, tx, r.Person())
		for _, c := range claims {
			if c.Status != business.Confirmed {
				v.Claims = append(v.Claims, claimRow(r, c))
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(businessesPage(v))
}

func claimRow(r *frame.Request, c business.Claim) businessRow {
	row := businessRow{Reason: c.Reason}
	row.Title = c.Business.Name
	row.Tag = ui.TagView{Text: r.T("business.claim." + c.Status), Kind: ui.Warning}
	if c.Status == business.Refused {
		row.Tag.Kind = ui.Danger
	}
	row.Facts = []ui.Fact{
		{Key: r.T("business.number"), Value: c.Business.Number},
		{Key: r.T("business.claimed"), Value: ui.Date(r.Context(), c.ClaimedAt)},
	}
	return row
}

// claimView is the form by which a business is registered, with what was typed; Whole is false where only where it is reached is changed.
type claimView struct {
	Site                                         ui.Site
	Title, Lead, Action, Back, Submit            string
	Whole                                        bool
	Name, Number, Form                           ui.Field
	Seat, Address, Email, Phone, Paper, Validity ui.Field
	Problems                                     []ui.Problem
}

// fields are the form's fields by the names of what can be wrong with them.
func (v *claimView) fields() map[string]*ui.Field {
	return map[string]*ui.Field{
		"name": &v.Name, "number": &v.Number, "form": &v.Form, "boundary": &v.Seat, "address": &v.Address, "email": &v.Email, "phone": &v.Phone,
		"paper": &v.Paper, "until": &v.Validity,
	}
}

func (v *claimView) wrong(field, text string) {
	if f := v.fields()[field]; f != nil {
		f.Error = text
	}
	v.Problems = append(v.Problems, ui.Problem{Field: field, Text: text})
}

// refused puts a refusal onto the form; false for a failure that is not about what was typed.
func (v *claimView) refused(r *frame.Request, err error) bool {
	e := fault.Of(err)
	if e == nil || e.Kind != fault.KindInvalid && e.Kind != fault.KindConflict && e.Kind != fault.KindTooMany {
		return false
	}
	for _, f := range e.Fields {
		v.wrong(f.Path, r.FieldSentence(f))
	}
	if len(e.Fields) == 0 {
		v.wrong("number", r.Sentence(e))
	}
	return true
}

func (a *Access) claimForm(r *frame.Request, posted url.Values, whole bool) (v claimView, err error) {
	v = claimView{Site: r.Site(frame.Portal), Whole: whole}
	text := func(name, autocomplete string) ui.Field {
		return ui.Field{Name: name, Label: r.T("business." + name), Value: posted.Get(name), Autocomplete: autocomplete, NoSpellcheck: true}
	}
	v.Name, v.Number = text("name", "organization"), text("number", "off")
	v.Number.Hint, v.Number.Code, v.Number.Width = r.T("business.number.hint"), true, "20"
	v.Address, v.Email, v.Phone = text("address", "street-address"), text("email", "email"), text("phone", "tel")
	v.Address.Rows, v.Email.Type, v.Phone.Type, v.Phone.Width = 3, "email", "tel", "20"
	v.Address.Optional, v.Email.Optional, v.Phone.Optional = true, true, true
	v.Form = ui.Field{Name: "form", Label: r.T("business.form")}
	for _, form := range business.Forms {
		v.Form.Options = append(v.Form.Options, ui.Option{Value: form, Label: r.T("business.form." + form), Checked: posted.Get("form") == form})
	}
	v.Paper = ui.Field{
		Name: "paper", Label: r.T("business.paper"), Hint: r.T("business.paper.hint"), Accept: "application/pdf,image/jpeg,image/png", Optional: true,
	}
	v.Validity = ui.Field{
		Name: "until", Label: r.T("business.until"), Hint: r.T("business.until.hint"), Optional: true,
		Day: posted.Get("until.day"), Month: posted.Get("until.month"), Year: posted.Get("until.year"),
	}
	v.Seat = ui.Field{Name: "boundary", Label: r.T("business.boundary"), Optional: true}
	var areas []refdata.Boundary
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		areas, err = a.deps.Refdata.Boundaries(ctx, tx, seatLevel, "")
		return err
	})
	for _, area := range areas {
		v.Seat.Options = append(v.Seat.Options, ui.Option{Value: area.Code, Label: r.Text(area.Name), Checked: area.Code == posted.Get("boundary")})
	}
	return v, err
}

func (a *Access) newClaim(r *frame.Request, posted url.Values) (claimView, error) {
	v, err := a.claimForm(r, posted, true)
	v.Title, v.Lead, v.Action, v.Back, v.Submit = r.T("business.new"), r.T("business.new.lead"), "/businesses/new", "/businesses", r.T("business.send")
	return v, err
}

func (a *Access) businessAsk(r *frame.Request) error {
	v, err := a.newClaim(r, nil)
	if err != nil {
		return err
	}
	return r.HTML(claimPage(v))
}

// errPapers says that one paper is enough.
var errPapers = fault.Invalid("business.papers")

// businessClaim registers a business, with the reader's word that they may act for it.
func (a *Access) businessClaim(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	uploads, err := form.Inspect(r.Context(), a.deps.Documents, r.MultipartForm, 1, errPapers)
	if err != nil {
		return err
	}
	v, err := a.newClaim(r, posted)
	if err != nil {
		return err
	}
	in := business.NewClaim{
		Business: business.Business{Form: posted.Get("form"), Name: posted.Get("name"), Number: posted.Get("number"), Reach: reachOf(posted)}, Lang: r.Lang,
	}
	var ok bool
	if in.Until, ok = lastDay(r, posted.Get("until.day"), posted.Get("until.month"), posted.Get("until.year")); !ok {
		v.wrong("until", r.T("represent.until.wrong"))
	}
	if papers := uploads["paper"]; len(papers) > 0 {
		if papers[0].Refused != nil {
			v.wrong("paper", r.Sentence(papers[0].Refused))
		}
		in.Paper = &papers[0].File
	}
	if len(v.Problems) == 0 {
		err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
			_, err := a.deps.Businesses.Claim(ctx, tx, in)
			return err
		})
	}
	if err != nil && !v.refused(r, err) {
		return err
	}
	if len(v.Problems) > 0 {
		if in.Paper != nil && v.Paper.Error == "" { // a browser does not keep it
			v.wrong("paper", r.T("business.paper.again"))
		}
		return r.HTMLStatus(http.StatusUnprocessableEntity, claimPage(v))
	}
	return r.Redirect("/businesses?done=business.claimed")
}

func reachOf(posted url.Values) business.Reach {
	return business.Reach{Boundary: posted.Get("boundary"), Address: posted.Get("address"), Email: posted.Get("email"), Phone: posted.Get("phone")}
}

type businessView struct {
	Site             ui.Site
	Notice           *ui.NoticeView
	Path, Title      string
	Facts            []ui.Fact
	Manager          bool
	Members, Invited []delegationView
	Ended            []delegationView
}

// business shows a business to its members; to its managers also who else acts for it.
func (a *Access) business(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	v := businessView{Site: r.Site(frame.Portal), Notice: r.Done(), Path: "/businesses/" + id.String()}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { // who looks is on record
		b, err := a.deps.Businesses.Business(ctx, tx, id)
		if err != nil {
			return err
		}
		area := b.Boundary
		if named, err := a.deps.Refdata.Boundary(ctx, tx, b.Boundary); b.Boundary != "" && err == nil {
			area = r.Text(named.Name)
		}
		v.Title, v.Facts = b.Name, businessFacts(r, b, area)
		members, err := a.deps.Identity.Members(ctx, tx, id)
		if err != nil {
			return err
		}
		v.Manager = slices.ContainsFunc(members, func(m identity.Membership) bool { return m.Account == r.Person() && m.Kind == identity.Manager })
		if !v.Manager {
			return nil
		}
		return a.memberRows(ctx, tx, r, id, &v)
	})
	if err != nil {
		return err
	}
	return r.HTML(businessPage(v))
}

func businessFacts(r *frame.Request, b business.Business, area string) (facts []ui.Fact) {
	for _, f := range []ui.Fact{
		{Key: r.T("business.number"), Value: b.Number},
		{Key: r.T("console.column.form"), Value: r.T("business.form." + b.Form)},
		{Key: r.T("business.boundary"), Value: area},
		{Key: r.T("business.address"), Value: b.Address},
		{Key: r.T("business.email"), Value: b.Email},
		{Key: r.T("business.phone"), Value: b.Phone},
	} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

func (a *Access) memberRows(ctx context.Context, tx *pg.Tx, r *frame.Request, id uuid.UUID, v *businessView) error {
	_, names, err := a.serviceNames(ctx, tx, r)
	if err != nil {
		return err
	}
	list, err := a.deps.Identity.Representatives(ctx, tx, id)
	for _, d := range list {
		row := viewOf(r, d, names)
		if row.Title = d.Name; row.Title == "" {
			row.Title = d.Address
		}
		if row.Title == "" {
			row.Title = r.T("represent.nameless")
		}
		row.EndHref, row.Current = v.Path+"/members/"+row.ID+"/end", d.Delegate == r.Person()
		switch {
		case row.Invited:
			v.Invited = append(v.Invited, row)
		case row.Open:
			v.Members = append(v.Members, row)
		default:
			v.Ended = append(v.Ended, row)
		}
	}
	return err
}

// managed returns the business of the path where the reader manages it. Errors: business.ErrNotFound, identity.ErrForbidden.
func (a *Access) managed(r *frame.Request) (b business.Business, err error) {
	id, err := r.UUID("id")
	if err != nil {
		return b, err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if b, err = a.deps.Businesses.Business(ctx, tx, id); err != nil {
			return err
		}
		return a.deps.Identity.Manages(ctx, tx, id)
	})
	return b, err
}

func (a *Access) editForm(r *frame.Request, b business.Business, posted url.Values) (claimView, error) {
	v, err := a.claimForm(r, posted, false)
	here := "/businesses/" + b.Account.String()
	v.Title, v.Lead, v.Action, v.Back, v.Submit = r.T("business.edit"), b.Name, here+"/edit", here, r.T("business.save")
	return v, err
}

func (a *Access) businessEdit(r *frame.Request) error {
	b, err := a.managed(r)
	if err != nil {
		return err
	}
	v, err := a.editForm(r, b, url.Values{"boundary": {b.Boundary}, "address": {b.Address}, "email": {b.Email}, "phone": {b.Phone}})
	if err != nil {
		return err
	}
	return r.HTML(claimPage(v))
}

// businessSave changes where a business is and how it is reached.
func (a *Access) businessSave(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	b, err := a.managed(r)
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return a.deps.Businesses.Change(ctx, tx, b.Account, reachOf(posted))
	})
	if err == nil {
		return r.Redirect("/businesses/" + b.Account.String() + "?done=business.saved")
	}
	v, failed := a.editForm(r, b, posted)
	if failed != nil {
		return failed
	}
	if !v.refused(r, err) {
		return err
	}
	return r.HTMLStatus(http.StatusUnprocessableEntity, claimPage(v))
}

// forBusiness invites somebody to act for a business that the reader manages.
func (a *Access) forBusiness(r *frame.Request, b business.Business) inviting {
	here := "/businesses/" + b.Account.String()
	return inviting{
		Title: r.T("business.invite"), Lead: b.Name, Limits: r.T("business.limits"), Action: here + "/members/new", Back: here, done: "represent.invited",
		all: r.T("business.all"), allHint: r.T("business.all.hint"), someHint: r.T("business.some.hint"), kinds: []string{identity.Member, identity.Manager},
		send: func(ctx context.Context, tx *pg.Tx, in identity.Invite) error {
			_, err := a.deps.Identity.InviteMember(ctx, tx, identity.InviteMember{
				Business: b.Account, Channel: in.Channel, Address: in.Address, Kind: in.Kind, Services: in.Services, Until: in.Until,
			})
			return err
		},
	}
}

func (a *Access) memberAsk(r *frame.Request) error {
	b, err := a.managed(r)
	if err != nil {
		return err
	}
	v, err := a.inviteForm(r, a.forBusiness(r, b), asked{kind: identity.Member, scope: "all"})
	if err != nil {
		return err
	}
	return r.HTML(invitePage(v))
}

func (a *Access) memberInvite(r *frame.Request) error {
	b, err := a.managed(r)
	if err != nil {
		return err
	}
	return a.inviteTo(r, a.forBusiness(r, b))
}

// membership is the one of the path, of the business of the path. Errors: identity.ErrNotFound, and those of managed.
func (a *Access) membership(r *frame.Request) (b business.Business, d identity.Delegation, err error) {
	if b, err = a.managed(r); err != nil {
		return b, d, err
	}
	id, err := r.UUID("member")
	if err != nil {
		return b, d, err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { // who looks is on record
		list, err := a.deps.Identity.Representatives(ctx, tx, b.Account)
		if err != nil {
			return err
		}
		n := slices.IndexFunc(list, func(d identity.Delegation) bool { return d.ID == id && d.Status != identity.Ended })
		if n < 0 {
			return identity.ErrNotFound
		}
		d = list[n]
		return nil
	})
	return b, d, err
}

// memberEndAsk asks before a member is dismissed or an invitation taken back.
func (a *Access) memberEndAsk(r *frame.Request) error {
	b, d, err := a.membership(r)
	if err != nil {
		return err
	}
	name := d.Name
	if name == "" {
		name = d.Address
	}
	return r.HTML(confirmPage(r.Site(frame.Portal), ui.ConfirmActView{
		Title: r.T("business.dismiss.title", "name", name), Text: r.T("business.dismiss.text", "business", b.Name), Action: r.URL.Path, Submit: r.T("business.dismiss"),
		Cancel: ui.Link{Label: r.T("represent.cancel"), Href: "/businesses/" + b.Account.String()},
	}))
}

func (a *Access) memberEnd(r *frame.Request) error {
	b, d, err := a.membership(r)
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return a.deps.Identity.EndDelegation(ctx, tx, d.ID) }); err != nil {
		return err
	}
	if d.Delegate == r.Person() { // they have left, and do not see it any more
		return r.Redirect("/businesses?done=represent.ended")
	}
	return r.Redirect("/businesses/" + b.Account.String() + "?done=represent.ended")
}

// newVariant makes registering the first thing to do where there is nothing else.
func newVariant(v businessesView) string {
	if len(v.Rows) > 0 {
		return "secondary"
	}
	return ""
}

package portal

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/catalog"
	"digit/web/frame"
	"digit/web/ui"
)

// guestRoutes are the pages of people who want no account: they begin without, say at the end where they are reached, and find what
// they sent by its reference and a code.
func (p *Portal) guestRoutes() []frame.Route {
	page := func(method, pattern, permission string, most int, h func(*frame.Request) error) frame.Route {
		return frame.Route{Method: method, Pattern: pattern, Permission: permission, Kind: frame.Page, Handler: h, PerMinute: most, Guest: permission == frame.Citizen}
	}
	const get, post = http.MethodGet, http.MethodPost
	return []frame.Route{
		page(get, "/services/{code}/guest", frame.Public, 0, p.guestAsk),
		page(post, "/services/{code}/guest", frame.Public, sentPerMinute, p.guest),
		page(get, "/requests/{id}/contact", frame.Citizen, 0, p.contactAsk),
		page(post, "/requests/{id}/contact", frame.Citizen, sentPerMinute, p.contact),
		page(get, "/requests/{id}/contact/code", frame.Citizen, 0, p.contactCodeAsk),
		page(post, "/requests/{id}/contact/code", frame.Citizen, sentPerMinute, p.contactCode),
		page(get, "/find-application", frame.Public, 0, p.returnAsk),
		page(post, "/find-application", frame.Public, sentPerMinute, p.sendReturn),
		page(get, "/find-application/code", frame.Public, 0, p.returnCodeAsk),
		page(post, "/find-application/code", frame.Public, sentPerMinute, p.returnCode),
	}
}

// guestAsk says what applying without an account means. Who is signed in applies as who they are.
func (p *Portal) guestAsk(r *frame.Request) error {
	start := "/services/" + url.PathEscape(r.Param("code")) + "/start"
	if r.Principal != nil {
		return r.Redirect(start)
	}
	var e catalog.Entry
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		e, err = p.deps.Catalog.Offered(ctx, tx, r.Param("code"))
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(guestPage(startView{Site: r.Site(frame.Portal), Code: e.Code, Name: r.Text(e.Name), Hidden: screened(r, e.Code)}))
}

// guest lets somebody in without an account, and begins the application.
func (p *Portal) guest(r *frame.Request) error {
	if r.Principal != nil {
		return p.guestAsk(r)
	}
	var in identity.SignedIn
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if _, err := p.deps.Catalog.Offered(ctx, tx, r.Param("code")); err != nil {
			return err
		}
		if in, err = p.deps.Identity.StartGuest(ctx, tx, r.Lang); err != nil {
			return err
		}
		actor := in.Principal.Actor() // from here on it is they who act
		tx.Actor.ID, tx.Actor.Kind, tx.Actor.Session = actor.ID, actor.Kind, actor.Session
		return p.deps.Profiles.Ensure(ctx, tx, actor.ID, "", r.Lang)
	})
	if err != nil {
		return err
	}
	r.StartSession(in.Token)
	r.Principal = &in.Principal
	return p.start(r)
}

// reached reports whether the reader can be reached: an account can, a guest once they have proved where.
func (p *Portal) reached(r *frame.Request) (ok bool, err error) {
	if !r.IsGuest() {
		return true, nil
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		ok, err = p.deps.Identity.GuestReached(ctx, tx, r.Person())
		return err
	})
	return ok, err
}

type contactView struct {
	Site          ui.Site
	Action, Back  string
	Name, Address ui.Field
	Problems      []ui.Problem
}

// contactAsk asks a guest how they are called and where they are reached, once all is answered.
func (p *Portal) contactAsk(r *frame.Request) error {
	return p.contactForm(r, http.StatusOK, url.Values{"name": {r.Principal.Name}}, nil)
}

// theirs returns the request that the address names, if it is the reader's.
func (p *Portal) theirs(r *frame.Request) (id uuid.UUID, err error) {
	if id, err = r.UUID("id"); err != nil {
		return id, err
	}
	return id, r.Read(func(ctx context.Context, tx *pg.Tx) error {
		_, err := p.deps.Requests.Request(ctx, tx, r.Person(), id)
		return err
	})
}

func (p *Portal) contactForm(r *frame.Request, status int, posted url.Values, refused *fault.Error) error {
	id, err := p.theirs(r)
	if err != nil {
		return err
	}
	path := "/requests/" + id.String()
	if !r.IsGuest() {
		return r.Redirect(path + "/check")
	}
	v := contactView{
		Site: r.Site(frame.Portal), Action: path + "/contact", Back: path + "/check",
		Name:    ui.Field{Name: "name", Label: r.T("guest.contact.name"), Value: posted.Get("name"), Autocomplete: "name", NoSpellcheck: true},
		Address: ui.Field{Name: "address", Label: r.T("guest.contact.address"), Hint: r.T("guest.contact.address_hint"), Value: posted.Get("address"), Autocomplete: "email", NoSpellcheck: true},
	}
	if refused != nil {
		at := &v.Address
		if refused.Code == identity.ErrName.Code {
			at = &v.Name
		}
		at.Error = r.Sentence(refused)
		v.Problems = []ui.Problem{{Field: at.Name, Text: at.Error}}
	}
	return r.HTMLStatus(status, contactPage(v))
}

// contact sends a code to the address; whether an account has it is for who receives the code to learn.
func (p *Portal) contact(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	var code uuid.UUID
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if _, err := p.deps.Requests.Request(ctx, tx, r.Person(), id); err != nil {
			return err
		}
		code, err = p.deps.Identity.StartGuestContact(ctx, tx, posted.Get("name"), strings.TrimSpace(posted.Get("address")))
		return err
	})
	if f := mendable(r, err); f != nil {
		return p.contactForm(r, http.StatusUnprocessableEntity, posted, f)
	}
	if err != nil {
		return err
	}
	return r.Redirect("/requests/" + id.String() + "/contact/code?code=" + code.String())
}

// mendable returns a failure that the page tells itself: what was typed is wrong, or it was too often.
func mendable(r *frame.Request, err error) *fault.Error {
	f := fault.Of(err)
	if f == nil || f.Kind != fault.KindInvalid && f.Kind != fault.KindTooMany {
		return nil
	}
	r.Refused(f)
	return f
}

type codeView struct {
	Site         ui.Site
	Action, Back string
	Text         string
	Code         string // under which it was sent
	Error        string
	Problems     []ui.Problem
}

func (v *codeView) refuse(r *frame.Request, f *fault.Error) {
	v.Error = r.Sentence(f)
	v.Problems = []ui.Problem{{Field: "typed", Text: v.Error}}
}

func contactCodeView(r *frame.Request, code string) codeView {
	path := "/requests/" + r.Param("id") + "/contact"
	return codeView{Site: r.Site(frame.Portal), Action: path + "/code", Back: path, Text: r.T("guest.code.text"), Code: code}
}

func (p *Portal) contactCodeAsk(r *frame.Request) error {
	if _, err := p.theirs(r); err != nil {
		return err
	}
	return r.HTML(guestCodePage(contactCodeView(r, r.Query("code"))))
}

// contactCode keeps the address that the code proves.
func (p *Portal) contactCode(r *frame.Request) error {
	id, err := p.theirs(r)
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	code, err := uuid.Parse(posted.Get("sent"))
	if err != nil {
		return r.Redirect("/requests/" + id.String() + "/contact")
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return p.deps.Identity.FinishGuestContact(ctx, tx, code, posted.Get("typed"))
	})
	if f := mendable(r, err); f != nil {
		v := contactCodeView(r, code.String())
		v.refuse(r, f)
		return r.HTMLStatus(http.StatusUnprocessableEntity, guestCodePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/requests/" + id.String() + "/check?done=guest.reached")
}

type returnView struct {
	Site               ui.Site
	Reference, Address ui.Field
	Problems           []ui.Problem
}

// returnAsk asks for the reference of an application that was made without an account, and where its applicant is reached.
func (p *Portal) returnAsk(r *frame.Request) error {
	return r.HTML(returnPage(returnForm(r, url.Values{}, nil)))
}

func returnForm(r *frame.Request, posted url.Values, refused *fault.Error) returnView {
	v := returnView{
		Site:      r.Site(frame.Portal),
		Reference: ui.Field{Name: "reference", Label: r.T("request.reference"), Hint: r.T("guest.return.reference_hint"), Value: posted.Get("reference"), Autocomplete: "off", Code: true},
		Address:   ui.Field{Name: "address", Label: r.T("guest.contact.address"), Hint: r.T("guest.return.address_hint"), Value: posted.Get("address"), Autocomplete: "email", NoSpellcheck: true},
	}
	if strings.TrimSpace(posted.Get("reference")) == "" && refused == nil && len(posted) > 0 {
		v.Reference.Error = r.T("guest.return.reference_missing")
		v.Problems = append(v.Problems, ui.Problem{Field: "reference", Text: v.Reference.Error})
	}
	if refused != nil {
		v.Address.Error = r.Sentence(refused)
		v.Problems = append(v.Problems, ui.Problem{Field: "address", Text: v.Address.Error})
	}
	return v
}

// sendReturn sends a code if there is such an application and the address is its applicant's. What the reader sees is the same.
func (p *Portal) sendReturn(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	if strings.TrimSpace(posted.Get("reference")) == "" {
		return r.HTMLStatus(http.StatusUnprocessableEntity, returnPage(returnForm(r, posted, nil)))
	}
	var code uuid.UUID
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		code, err = p.deps.Requests.StartReturn(ctx, tx, posted.Get("reference"), strings.TrimSpace(posted.Get("address")), r.Lang)
		return err
	})
	if f := mendable(r, err); f != nil {
		return r.HTMLStatus(http.StatusUnprocessableEntity, returnPage(returnForm(r, posted, f)))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/find-application/code?code=" + code.String())
}

func returnCodeView(r *frame.Request, code string) codeView {
	return codeView{Site: r.Site(frame.Portal), Action: "/find-application/code", Back: "/find-application", Text: r.T("guest.return.sent"), Code: code}
}

func (p *Portal) returnCodeAsk(r *frame.Request) error {
	return r.HTML(guestCodePage(returnCodeView(r, r.Query("code"))))
}

// returnCode lets the guest in again, and shows the application where there is one alone.
func (p *Portal) returnCode(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	code, err := uuid.Parse(posted.Get("sent"))
	if err != nil {
		return r.Redirect("/find-application")
	}
	var in identity.SignedIn
	var mine page.Page[request.Request]
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if in, err = p.deps.Identity.FinishReturn(ctx, tx, code, posted.Get("typed")); err != nil {
			return err
		}
		actor := in.Principal.Actor()
		tx.Actor.ID, tx.Actor.Kind, tx.Actor.Session = actor.ID, actor.Kind, actor.Session
		mine, err = p.deps.Requests.Mine(ctx, tx, actor.ID, request.Filter{}, page.Request{Size: 2})
		return err
	})
	if f := mendable(r, err); f != nil {
		v := returnCodeView(r, code.String())
		v.refuse(r, f)
		return r.HTMLStatus(http.StatusUnprocessableEntity, guestCodePage(v))
	}
	if err != nil {
		return err
	}
	r.StartSession(in.Token)
	if len(mine.Rows) == 1 {
		return r.Redirect("/requests/" + mine.Rows[0].ID.String())
	}
	return r.Redirect("/requests?show=all")
}

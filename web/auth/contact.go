package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// contactRoutes are the pages on which people change where they are reached. Those of staff are the administrator's.
func (a *Auth) contactRoutes() []frame.Route {
	const get, post = http.MethodGet, http.MethodPost
	return []frame.Route{
		fresh(page(get, "/profile/contacts/new", frame.Citizen, a.askContact)),
		fresh(page(post, "/profile/contacts/new", frame.Citizen, a.sendContact)),
		fresh(page(get, "/profile/contacts/code", frame.Citizen, a.askContactCode)),
		fresh(page(post, "/profile/contacts/code", frame.Citizen, a.takeContact)),
		fresh(page(get, "/profile/contacts/{id}/remove", frame.Citizen, a.removeContactAsk)),
		fresh(page(post, "/profile/contacts/{id}/remove", frame.Citizen, a.removeContact)),
	}
}

type contactView struct {
	Site     ui.Site
	Address  string
	Error    string
	Problems []ui.Problem
}

func (a *Auth) askContact(r *frame.Request) error {
	return r.HTML(contactPage(contactView{Site: r.Site(frame.Portal)}))
}

// sendContact sends a code to the new address; whether somebody has it is for who receives the code to learn.
func (a *Auth) sendContact(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	v := contactView{Site: r.Site(frame.Portal), Address: strings.TrimSpace(posted.Get("address"))}
	var sent uuid.UUID
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		sent, err = a.deps.Identity.StartContact(ctx, tx, v.Address)
		return err
	})
	if f := refusable(r, err); f != nil {
		v.Error = r.Sentence(f)
		v.Problems = []ui.Problem{{Field: "address", Text: v.Error}}
		return r.HTMLStatus(http.StatusUnprocessableEntity, contactPage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/profile/contacts/code?id=" + sent.String())
}

func contactCode(r *frame.Request, id string) codeView {
	return codeView{
		Site: r.Site(""), Action: "/profile/contacts/code", Back: "/profile/contacts/new", Title: r.T("auth.code.title"), Submit: r.T("contact.confirm"),
		Hidden: [][2]string{{"id", id}}, Demo: r.Tenant.Kind != "production",
	}
}

func (a *Auth) askContactCode(r *frame.Request) error {
	return r.HTML(codePage(contactCode(r, r.Query("id"))))
}

func (a *Auth) takeContact(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	v := contactCode(r, posted.Get("id"))
	id, err := uuid.Parse(posted.Get("id"))
	if err != nil {
		return r.Redirect("/profile/contacts/new")
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return a.deps.Identity.FinishContact(ctx, tx, id, typedCode(posted))
	})
	if f := refusable(r, err); f != nil {
		v.Error = r.Sentence(f)
		v.Problems = []ui.Problem{{Field: "code", Text: v.Error}}
		return r.HTMLStatus(http.StatusUnprocessableEntity, codePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/profile?done=contact.added")
}

func (a *Auth) removeContactAsk(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var contacts []identity.Contact
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		contacts, err = a.deps.Identity.Contacts(ctx, tx, r.Person())
		return err
	})
	if err != nil {
		return err
	}
	for _, c := range contacts {
		if c.ID == id {
			return r.HTML(askPage(askView{Site: r.Site(frame.Portal), Portal: true, ConfirmActView: ui.ConfirmActView{
				Title: r.T("contact.remove.title"), Text: r.T("contact.remove.text", "address", isolated(c.Address)), Action: r.URL.Path,
				Submit: r.T("contact.remove"), Cancel: ui.Link{Label: r.T("security.cancel"), Href: "/profile"},
			}}))
		}
	}
	return identity.ErrNotFound
}

func (a *Auth) removeContact(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return a.deps.Identity.RemoveContact(ctx, tx, id) })
	if errors.Is(err, identity.ErrLastContact) { // the page offers no button for it, but two windows may
		return r.Redirect("/profile?done=contact.last")
	}
	if err != nil {
		return err
	}
	return r.Redirect("/profile?done=contact.removed")
}

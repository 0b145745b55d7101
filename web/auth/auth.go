// Package auth has the pages by which people and staff sign in and out: a one-time code to a phone or an e-mail
// address, or an identity provider that the state already has.
package auth

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"digit/internal/consumer/profile"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/web/asset"
	"digit/web/frame"
	"digit/web/ui"
)

// Deps is what signing in calls.
type Deps struct {
	Identity *identity.Service
	Profiles *profile.Service
}

// Auth holds the handlers.
type Auth struct{ deps Deps }

// New makes the pages.
func New(d Deps) *Auth { return &Auth{deps: d} }

// Routes lists the routes of signing in and out, and of choosing a language.
func (a *Auth) Routes() []frame.Route {
	page := func(method, pattern, permission string, h func(*frame.Request) error) frame.Route {
		return frame.Route{Method: method, Pattern: pattern, Permission: permission, Kind: frame.Page, Handler: h}
	}
	const get, post = http.MethodGet, http.MethodPost
	fresh := func(method, pattern string, h func(*frame.Request) error) frame.Route {
		r := page(method, pattern, frame.SignedIn, h)
		r.Fresh = frame.FreshFor
		return r
	}
	return []frame.Route{
		page(get, "/sign-in", frame.Public, a.ask(false)),
		page(post, "/sign-in", frame.Public, a.sendCode(false)),
		page(get, "/sign-in/code", frame.Public, a.askCode),
		page(post, "/sign-in/code", frame.Public, a.takeCode),
		page(get, "/staff/sign-in", frame.Public, a.ask(true)),
		page(post, "/staff/sign-in", frame.Public, a.sendCode(true)),
		page(post, "/sign-in/with/{provider}", frame.Public, a.begin),
		page(get, "/sign-in/callback", frame.Public, a.callback),
		page(get, "/staff/sign-in/at/{directory}", frame.Public, a.askDirectory),
		page(post, "/staff/sign-in/at/{directory}", frame.Public, a.bind),
		fresh(post, "/sign-in/link/{provider}", a.link),
		page(get, "/sign-in/unlink/{provider}", frame.SignedIn, a.unlinkAsk),
		fresh(post, "/sign-in/unlink/{provider}", a.unlink),
		page(post, "/sign-out", frame.SignedIn, a.signOut),
		page(get, "/signed-out", frame.Public, a.signedOut),
		page(get, "/staff/sessions", frame.Staff, a.staffSessions),
		page(post, "/staff/sessions/{id}/end", frame.Staff, a.endStaffSession),
		page(get, "/language/{lang}", frame.Public, a.language),
		{Method: get, Pattern: "/theme/{accent}", Permission: frame.Public, Kind: frame.Asset, Handler: theme},
	}
}

type signInView struct {
	Site     ui.Site
	Staff    bool
	Next     string
	Address  string
	Error    string
	Problems []ui.Problem
	Ways     waysView
	Demo     bool
}

func (a *Auth) ask(staff bool) func(*frame.Request) error {
	return func(r *frame.Request) error {
		v, err := a.signInView(r, staff, r.Query("next"))
		if err != nil {
			return err
		}
		return r.HTML(signInPage(v))
	}
}

func (a *Auth) signInView(r *frame.Request, staff bool, next string) (v signInView, err error) {
	v = signInView{Site: r.Site(""), Staff: staff, Next: frame.LocalPath(next), Demo: r.Tenant.Kind != "production"}
	v.Ways, err = a.ways(r, staff, v.Next)
	return v, err
}

// sendCode sends a one-time code. The answer is the same whether the address is known or not.
func (a *Auth) sendCode(staff bool) func(*frame.Request) error {
	return func(r *frame.Request) error {
		posted, err := r.Form()
		if err != nil {
			return err
		}
		address, next := strings.TrimSpace(posted.Get("address")), frame.LocalPath(posted.Get("next"))
		channel := "sms"
		if strings.Contains(address, "@") {
			channel = "email"
		}
		var id uuid.UUID
		err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
			id, err = a.deps.Identity.StartCode(ctx, tx, identity.StartCode{Channel: channel, Address: address, Lang: r.Lang, Staff: staff})
			return err
		})
		if f := fault.Of(err); f != nil && (f.Kind == fault.KindInvalid || f.Kind == fault.KindTooMany) {
			v, err := a.signInView(r, staff, next)
			if err != nil {
				return err
			}
			v.Address, v.Error = address, r.Sentence(f)
			v.Problems = []ui.Problem{{Field: "address", Text: v.Error}}
			return r.HTMLStatus(http.StatusUnprocessableEntity, signInPage(v))
		}
		if err != nil {
			return err
		}
		return r.Redirect("/sign-in/code?id=" + id.String() + "&next=" + url.QueryEscape(next))
	}
}

type codeView struct {
	Site     ui.Site
	ID, Next string
	Error    string
	Problems []ui.Problem
	Demo     bool
}

func (a *Auth) askCode(r *frame.Request) error {
	return r.HTML(codePage(codeView{Site: r.Site(""), ID: r.Query("id"), Next: frame.LocalPath(r.Query("next")), Demo: r.Tenant.Kind != "production"}))
}

// takeCode signs in.
func (a *Auth) takeCode(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	v := codeView{Site: r.Site(""), ID: posted.Get("id"), Next: frame.LocalPath(posted.Get("next")), Demo: r.Tenant.Kind != "production"}
	id, err := uuid.Parse(v.ID)
	if err != nil {
		return r.Redirect("/sign-in")
	}
	var in identity.SignedIn
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if in, err = a.deps.Identity.FinishCode(ctx, tx, id, strings.Join(strings.Fields(posted.Get("code")), "")); err != nil {
			return err
		}
		return a.ensure(ctx, tx, r, in)
	})
	if f := fault.Of(err); f != nil && (f.Kind == fault.KindInvalid || f.Kind == fault.KindTooMany || errors.Is(f, identity.ErrShut)) {
		v.Error = r.Sentence(f)
		v.Problems = []ui.Problem{{Field: "code", Text: v.Error}}
		return r.HTMLStatus(http.StatusUnprocessableEntity, codePage(v))
	}
	if err != nil {
		return err
	}
	return a.welcome(r, in, v.Next)
}

// ensure makes the profile of a person who signs in.
func (a *Auth) ensure(ctx context.Context, tx *pg.Tx, r *frame.Request, in identity.SignedIn) error {
	if in.Principal.Kind != identity.KindPerson {
		return nil
	}
	tx.Actor.ID, tx.Actor.Kind, tx.Actor.Session = in.Principal.Account, in.Principal.Kind, in.Principal.Session // from here on it is they who act
	return a.deps.Profiles.Ensure(ctx, tx, in.Principal.Account, in.Principal.Name, r.Lang)
}

// welcome starts the session. Who is new says their name before going on.
func (a *Auth) welcome(r *frame.Request, in identity.SignedIn, next string) error {
	r.StartSession(in.Token)
	if in.Principal.Kind == "staff" {
		if next == "/" {
			next = frame.StaffHome(in.Principal)
		}
		return r.Redirect(next)
	}
	if in.Principal.Name == "" {
		return r.Redirect("/welcome?next=" + url.QueryEscape(next))
	}
	return r.Redirect(next)
}

func (a *Auth) signOut(r *frame.Request) error {
	to := "/?done=signed_out"
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		p, there, err := a.deps.Identity.SignedInAt(ctx, tx, r.Principal.Session)
		if err != nil {
			return err
		}
		if there && p.EndSessionURL != "" {
			to = "/signed-out?at=" + p.Code
		}
		return a.deps.Identity.SignOut(ctx, tx, r.SessionToken())
	})
	if err != nil {
		return err
	}
	r.EndSession()
	return r.Redirect(to)
}

type sessionsView struct {
	Site   ui.Site
	Notice *ui.NoticeView
	Home   string
	Rows   []sessionRow
	Linked LinkedView
}

type sessionRow struct {
	ID, Device, Started, Seen string
	Current                   bool
}

func (a *Auth) staffSessions(r *frame.Request) error {
	var list []identity.Session
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		list, err = a.deps.Identity.Sessions(ctx, tx, r.Person())
		return err
	})
	if err != nil {
		return err
	}
	v := sessionsView{Site: r.Site(""), Notice: r.Done(), Home: frame.StaffHome(*r.Principal)}
	if v.Linked, err = Linked(r, a.deps.Identity); err != nil {
		return err
	}
	for _, s := range list {
		v.Rows = append(v.Rows, sessionRow{
			ID: s.ID.String(), Device: r.T("session.method." + s.Method), Started: ui.DateTime(r.Context(), s.Created), Seen: ui.DateTime(r.Context(), s.Seen),
			Current: s.Current,
		})
	}
	return r.HTML(staffSessionsPage(v))
}

func (a *Auth) endStaffSession(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return a.deps.Identity.EndSession(ctx, tx, r.Person(), id) }); err != nil {
		return err
	}
	return r.Redirect("/staff/sessions")
}

// language remembers the language chosen and goes back to the page it was chosen on.
func (a *Auth) language(r *frame.Request) error {
	for _, l := range r.Site("").Languages {
		if l.Lang == r.Param("lang") {
			r.RememberLanguage(l.Lang)
		}
	}
	return r.Redirect(r.Query("next"))
}

// theme is a tenant's accent as a stylesheet. The colour stands in the address, so that it can be kept for good.
func theme(r *frame.Request) error {
	css, err := asset.Theme("#" + strings.TrimSuffix(r.Param("accent"), ".css"))
	if err != nil {
		return frame.Lost(r)
	}
	r.W.Header().Set("Content-Type", "text/css; charset=utf-8")
	r.W.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, err = r.W.Write([]byte(css))
	return err
}

package auth

import (
	"context"
	"errors"
	"net/url"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// callbackPath is where providers send people back to: it is registered there, and compared letter by letter.
const callbackPath = "/sign-in/callback"

// What a browser keeps while its person is at an identity provider: which sign-in it began, so that nobody can be
// made to end another's, and where they wanted to go.
const (
	stateCookie = "state"
	nextCookie  = "next"
)

// begin sends the reader to an identity provider, if it is there.
func (a *Auth) begin(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	staff, next := posted.Get("staff") == "yes", frame.LocalPath(posted.Get("next"))
	p, err := a.provider(r, r.Param("provider"))
	if err != nil {
		return err
	}
	if err := a.deps.Identity.Reach(r.Context(), p); err != nil {
		return a.stopped(r, p, staff, next, err)
	}
	return a.leave(r, next, func(ctx context.Context, tx *pg.Tx) (string, string, error) {
		return a.deps.Identity.BeginFederated(ctx, tx, p.Code, staff, r.Origin()+callbackPath)
	})
}

// leave sends the reader to a provider; begin notes what is asked of it.
func (a *Auth) leave(r *frame.Request, next string, begin func(ctx context.Context, tx *pg.Tx) (to, state string, err error)) error {
	var to, state string
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		to, state, err = begin(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	r.Remember(stateCookie, state)
	r.Remember(nextCookie, next)
	return r.RedirectOut(to)
}

func (a *Auth) provider(r *frame.Request, code string) (p identity.Provider, err error) {
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = a.deps.Identity.Provider(ctx, tx, code)
		return err
	})
	return p, err
}

// What a provider answers instead of a code (RFC 6749, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6).
var (
	errCancelled = fault.Forbidden("identity.cancelled")
	errDeclined  = fault.Invalid("identity.declined")
)

func answered(code string) error {
	switch code {
	case "":
		return nil
	case "access_denied":
		return errCancelled
	case "server_error", "temporarily_unavailable":
		return identity.ErrProviderAway
	}
	return errDeclined
}

// callback is where an identity provider sends people back to. It is asked for the token between two transactions.
func (a *Auth) callback(r *frame.Request) error {
	state := r.Query("state")
	if state == "" || state != r.Recall(stateCookie) {
		return identity.ErrFederation
	}
	var pending identity.Pending
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		pending, err = a.deps.Identity.Pending(ctx, tx, state)
		return err
	})
	if err != nil {
		return err
	}
	next := frame.LocalPath(r.Recall(nextCookie))
	in, err := a.arrive(r, pending, state)
	if f := fault.Of(err); f != nil && f.Kind != fault.KindInternal {
		if pending.Link {
			return r.Redirect(withQuery(next, "link", shortCode(f)))
		}
		return a.stopped(r, pending.Provider, pending.Staff, next, err)
	}
	if err != nil {
		return err
	}
	if pending.Link {
		return r.Redirect(withQuery(next, "done", "profile.linked"))
	}
	return a.welcome(r, in, next)
}

// arrive takes what the provider says and signs in with it, or links.
func (a *Auth) arrive(r *frame.Request, pending identity.Pending, state string) (in admitted, err error) {
	if err := answered(r.Query("error")); err != nil {
		return in, err
	}
	claims, err := a.deps.Identity.Redeem(r.Context(), pending, r.Query("iss"), r.Query("code"))
	if err != nil {
		return in, err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		if pending.Link {
			return a.deps.Identity.FinishLink(ctx, tx, state, claims)
		}
		signedIn, err := a.deps.Identity.FinishFederated(ctx, tx, state, claims)
		if err != nil {
			return err
		}
		in, err = a.admit(ctx, tx, r, signedIn)
		return err
	})
	return in, err
}

// withQuery adds a value to the query of a path of this site.
func withQuery(path, name, value string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// stoppedView says why somebody who was to sign in through others did not, and what they can do.
type stoppedView struct {
	Site        ui.Site
	Title, Text string
	Next        string
	Again       *wayView // the provider, where trying again makes sense
	Link        bool     // they have an account here: sign in to it, then link the two
	Ways        waysView
}

// stopped answers a sign-in that came to nothing, naming the provider and the other ways in.
func (a *Auth) stopped(r *frame.Request, p identity.Provider, staff bool, next string, err error) error {
	f := fault.Of(err)
	if f.Kind == fault.KindInternal {
		return err
	}
	r.Refused(err)
	name := r.Text(p.Name)
	v := stoppedView{Site: r.Site(""), Next: next, Title: r.T("auth.stopped.title", "name", name), Text: r.T("auth.stopped."+shortCode(f), "name", name)}
	if v.Ways, err = a.ways(r, staff, next); err != nil {
		return err
	}
	v.Ways = v.Ways.without(p.Code)
	switch {
	case errors.Is(f, identity.ErrProviderAway):
		v.Title = r.T("auth.stopped.away.title", "name", name)
		v.Again = &wayView{Code: p.Code, Name: name}
	case errors.Is(f, identity.ErrLinkFirst):
		v.Title, v.Link = r.T("auth.stopped.link.title"), true
	case errors.Is(f, identity.ErrFederation), errors.Is(f, errCancelled), errors.Is(f, errDeclined):
		v.Again = &wayView{Code: p.Code, Name: name}
	}
	return r.HTMLStatus(r.Status(f), stoppedPage(v))
}

// shortCode is the last part of a failure's code, by which the texts of the pages are found; what has none of its own is a
// sign-in that did not check out.
func shortCode(f *fault.Error) string {
	switch f.Code {
	case identity.ErrProviderAway.Code:
		return "away"
	case identity.ErrLinkFirst.Code:
		return "link_first"
	case identity.ErrLinkTaken.Code:
		return "link_taken"
	case identity.ErrLinkTwice.Code:
		return "link_twice"
	case identity.ErrNotLinked.Code:
		return "not_linked"
	case identity.ErrNoAccount.Code:
		return "no_account"
	case identity.ErrSuspended.Code:
		return "suspended"
	case errCancelled.Code:
		return "cancelled"
	}
	return "refused"
}

type signedOutView struct {
	Site     ui.Site
	Name     string // of the provider where they are still signed in, "" for none
	ThereURL string
}

// signedOut says that one has signed out, and leads to signing out at the provider too.
func (a *Auth) signedOut(r *frame.Request) error {
	v := signedOutView{Site: r.Site("")}
	if code := r.Query("at"); code != "" {
		p, err := a.provider(r, code)
		switch {
		case errors.Is(err, identity.ErrNoProvider):
		case err != nil:
			return err
		case p.Enabled:
			v.Name, v.ThereURL = r.Text(p.Name), p.SignOutURL(r.Origin()+"/signed-out")
		}
	}
	return r.HTML(signedOutPage(v))
}

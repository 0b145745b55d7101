// Package auth has the pages by which people and staff sign in and out, prove afresh who they are, and look after what
// they prove it by: one-time codes, passkeys, passwords, authenticator apps, codes on paper, addresses, and the identity
// providers that the state already has.
package auth

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"digit/internal/consumer/profile"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
	"digit/web/asset"
	"digit/web/frame"
	"digit/web/ui"
)

// Deps is what signing in calls. Trials are whom visitors of a demonstration may sign in as, by the tenant's short name.
type Deps struct {
	Identity *identity.Service
	Profiles *profile.Service
	Trials   map[string][]Trial
}

// Trial is a member of a demonstration's staff.
type Trial struct{ Address, Role string }

// Auth holds the handlers.
type Auth struct{ deps Deps }

// New makes the pages.
func New(d Deps) *Auth { return &Auth{deps: d} }

// Routes lists the routes of signing in and out, of looking after how, and of choosing a language.
func (a *Auth) Routes() []frame.Route {
	const get, post = http.MethodGet, http.MethodPost
	routes := []frame.Route{
		page(get, "/sign-in", frame.Public, a.ask(false)),
		page(post, "/sign-in", frame.Public, a.sendCode(false)),
		page(get, "/sign-in/code", frame.Public, a.askCode),
		page(post, "/sign-in/code", frame.Public, a.takeCode),
		page(get, "/sign-in/password", frame.Public, a.askPassword(false)),
		page(post, "/sign-in/password", frame.Public, a.takePassword(false)),
		{Method: post, Pattern: "/sign-in/passkey/options", Permission: frame.Public, Kind: frame.API, Handler: a.passkeyOptions},
		page(post, "/sign-in/passkey", frame.Public, a.takePasskey),
		page(get, "/sign-in/second", frame.Public, a.askSecond),
		page(post, "/sign-in/second", frame.Public, a.takeSecond),
		page(get, "/staff/sign-in", frame.Public, a.ask(true)),
		page(post, "/staff/sign-in", frame.Public, a.sendCode(true)),
		page(get, "/staff/sign-in/password", frame.Public, a.askPassword(true)),
		page(post, "/staff/sign-in/password", frame.Public, a.takePassword(true)),
		page(post, "/sign-in/with/{provider}", frame.Public, a.begin),
		page(get, "/sign-in/callback", frame.Public, a.callback),
		page(get, "/staff/sign-in/at/{directory}", frame.Public, a.askDirectory),
		page(post, "/staff/sign-in/at/{directory}", frame.Public, a.bind),
		fresh(page(post, "/sign-in/link/{provider}", frame.SignedIn, a.link)),
		page(get, "/sign-in/unlink/{provider}", frame.SignedIn, a.unlinkAsk),
		fresh(page(post, "/sign-in/unlink/{provider}", frame.SignedIn, a.unlink)),
		page(get, "/signed-in", frame.SignedIn, a.signedIn),
		page(get, "/signed-out", frame.Public, a.signedOut),
		guest(onlyOne(page(post, "/sign-out", frame.SignedIn, a.signOut))),
		onlyOne(page(get, "/staff/second-factor", frame.Staff, a.secondFactor)),
		page(get, "/language/{lang}", frame.Public, a.language),
		{Method: get, Pattern: "/theme/{accent}", Permission: frame.Public, Kind: frame.Asset, Handler: theme},
	}
	routes = append(routes, a.confirmRoutes()...)
	routes = append(routes, a.contactRoutes()...)
	return append(routes, append(a.securityRoutes(people), a.securityRoutes(staff)...)...)
}

func page(method, pattern, permission string, h func(*frame.Request) error) frame.Route {
	return frame.Route{Method: method, Pattern: pattern, Permission: permission, Kind: frame.Page, Handler: h}
}

// onlyOne opens a route to staff who have proved one factor where their state asks for two.
func onlyOne(r frame.Route) frame.Route {
	r.OneFactor = true
	return r
}

// guest opens a route to people without an account.
func guest(r frame.Route) frame.Route {
	r.Guest = true
	return r
}

// fresh asks for a fresh proof of who somebody is.
func fresh(r frame.Route) frame.Route {
	r.Fresh = frame.FreshFor
	return r
}

// refusable reports whether a failure is for the page itself to tell: what was typed is wrong, or too often. It is logged
// here, since the frame does not see it.
func refusable(r *frame.Request, err error) *fault.Error {
	if f := fault.Of(err); f != nil && (f.Kind == fault.KindInvalid || f.Kind == fault.KindTooMany || f.Kind == fault.KindConflict) {
		r.Refused(f)
		return f
	}
	return nil
}

// admitted is somebody who has signed in, as far as the transaction goes: what the browser is to keep comes after.
type admitted struct {
	identity.SignedIn
	device string
}

// admit does what belongs to a sign-in besides: it notes the browser, and makes the profile of a person.
func (a *Auth) admit(ctx context.Context, tx *pg.Tx, r *frame.Request, in identity.SignedIn) (admitted, error) {
	if in.Second != "" {
		return admitted{SignedIn: in}, nil
	}
	device, err := a.deps.Identity.Recognise(ctx, tx, in, identity.Browser{UserAgent: r.UserAgent(), Known: r.Recall(deviceCookie)})
	if err != nil || in.Principal.Kind != identity.KindPerson {
		return admitted{in, device}, err
	}
	p := in.Principal
	tx.Actor.ID, tx.Actor.Kind, tx.Actor.Session = p.Account, p.Kind, p.Session // from here on it is they who act
	return admitted{in, device}, a.deps.Profiles.Ensure(ctx, tx, p.Account, p.Name, r.Lang)
}

const (
	// deviceCookie lets a browser be known again; it lets nobody in.
	deviceCookie = "device"
	deviceLasts  = 400 * 24 * time.Hour // the longest that browsers keep one
	// secondCookie holds a sign-in whose second step is due.
	secondCookie = "second"
	secondLasts  = 10 * time.Minute
)

// welcome starts the session, or asks for the second step. Who is new says their name before going on.
func (a *Auth) welcome(r *frame.Request, in admitted, next string) error {
	if in.Second != "" {
		r.Keep(secondCookie, in.Second, secondLasts)
		return r.Redirect("/sign-in/second?next=" + url.QueryEscape(next))
	}
	r.StartSession(in.Token)
	r.Keep(deviceCookie, in.device, deviceLasts)
	if r.Recall(secondCookie) != "" {
		r.Keep(secondCookie, "", 0)
	}
	if in.Principal.Kind == identity.KindStaff {
		if next == "/" {
			next = frame.StaffHome(in.Principal)
		}
		if in.Principal.Level < 2 && r.Settings.StaffSecondFactor == tenancy.Required {
			next = "/staff/second-factor?next=" + url.QueryEscape(next)
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

// signedIn is where a window ends that was opened to sign in for another one.
func (a *Auth) signedIn(r *frame.Request) error {
	return r.HTML(wordPage(wordView{Site: r.Site(""), Title: r.T("auth.signed_in.title"), Lead: r.T("auth.signed_in.lead")}))
}

type wordView struct {
	Site        ui.Site
	Title, Lead string
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

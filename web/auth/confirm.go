package auth

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// carried is how much a confirming page takes: what was posted to the page before, and a little.
const carried = 2 * frame.DefaultMaxBody

// confirmRoutes are the pages on which somebody signed in proves afresh who they are. Each way takes along what is to be
// gone on with.
func (a *Auth) confirmRoutes() []frame.Route {
	routes := []frame.Route{page(http.MethodGet, "/confirm", frame.SignedIn, a.askConfirm)}
	for pattern, h := range map[string]func(*frame.Request) error{
		"/confirm": a.chooseConfirm, "/confirm/send": a.sendConfirm, "/confirm/code": a.confirmCode, "/confirm/app": a.confirmApp,
		"/confirm/recovery": a.confirmRecovery, "/confirm/password": a.confirmPassword, "/confirm/passkey": a.confirmPasskey,
	} {
		r := page(http.MethodPost, pattern, frame.SignedIn, h)
		r.MaxBody = carried
		routes = append(routes, r)
	}
	routes = append(routes, frame.Route{
		Method: http.MethodPost, Pattern: "/confirm/passkey/options", Permission: frame.SignedIn, Kind: frame.API, Handler: a.confirmOptions,
	})
	for n := range routes {
		routes[n] = onlyOne(routes[n])
	}
	return routes
}

// The ways of proving oneself that have a field on the page.
const (
	byApp      = "app"
	byPassword = "password"
	byContact  = "contact" // asks where to send a code
	byCode     = "code"    // asks for the code sent
	byRecovery = "recovery"
)

type confirmView struct {
	Site     ui.Site
	Lead     string
	Resume   frame.Resume
	Passkey  *passkeyForm
	Way      string
	Others   []ui.ButtonView // of the same form, each leads to another way
	Contacts []ui.Option
	Sent     string // id of the code sent
	SignIn   string // where one signs in anew, where there is no other way
	Error    string
	Problems []ui.Problem
	Demo     bool
}

func (a *Auth) askConfirm(r *frame.Request) error {
	return a.confirming(r, frame.Resume{To: frame.LocalPath(r.Query("next"))}, "", http.StatusOK)
}

// ConfirmPost answers a post whose sender must prove afresh who they are, and carries on what they had typed.
func (a *Auth) ConfirmPost(r *frame.Request) error {
	return a.confirming(r, r.Resume(), "", http.StatusUnauthorized)
}

// chooseConfirm shows another way than the first.
func (a *Auth) chooseConfirm(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	return a.confirming(r, frame.ResumeOf(posted), posted.Get("way"), http.StatusOK)
}

func (a *Auth) confirming(r *frame.Request, to frame.Resume, way string, status int) error {
	v, err := a.confirmView(r, to, way)
	if err != nil {
		return err
	}
	return r.HTMLStatus(status, confirmPage(v))
}

// confirmView offers the ways that this person has, the one asked for or the best of them first.
func (a *Auth) confirmView(r *frame.Request, to frame.Resume, way string) (v confirmView, err error) {
	var ways identity.ConfirmWays
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		ways, err = a.deps.Identity.ConfirmWays(ctx, tx)
		return err
	})
	if err != nil {
		return v, err
	}
	v = confirmView{Site: r.Site(""), Lead: r.T("confirm.lead"), Resume: to, Demo: r.Tenant.Kind != "production"}
	if r.HalfProved() {
		v.Lead = r.T("confirm.lead.second")
	}
	if ways.Passkey {
		v.Passkey = &passkeyForm{
			Action: "/confirm/passkey", Options: "/confirm/passkey/options", Submit: r.T("confirm.passkey"), Primary: true, Hidden: to.Hidden(),
		}
	}
	for _, c := range ways.Contacts {
		v.Contacts = append(v.Contacts, ui.Option{Value: c.ID.String(), Label: r.T("confirm.contact."+c.Channel, "address", isolated(notification.Mask(c.Address))), Checked: len(v.Contacts) == 0})
	}
	var have []string
	for _, w := range []struct {
		name string
		has  bool
	}{{byApp, ways.TOTP}, {byPassword, ways.Password}, {byContact, len(v.Contacts) > 0}, {byRecovery, ways.Recovery}} {
		if w.has {
			have = append(have, w.name)
		}
	}
	if v.Way = way; !slices.Contains(have, way) {
		v.Way = ""
		if len(have) > 0 && (have[0] != byRecovery || !ways.Passkey) { // codes on paper are for who has lost the rest
			v.Way = have[0]
		}
	}
	for _, other := range have {
		if other != v.Way {
			v.Others = append(v.Others, ui.ButtonView{Label: r.T("confirm.by." + other), Name: "way", Value: other, Variant: "link"})
		}
	}
	if ways.None() {
		v.SignIn = door(r.Principal.Kind == identity.KindStaff) + "?next=" + url.QueryEscape(to.To)
	}
	return v, nil
}

// sendConfirm sends a code to the address chosen, and asks for it.
func (a *Auth) sendConfirm(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	contact, err := uuid.Parse(posted.Get("contact"))
	if err != nil {
		return a.confirming(r, frame.ResumeOf(posted), byContact, http.StatusUnprocessableEntity)
	}
	var sent uuid.UUID
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		sent, err = a.deps.Identity.StartConfirmCode(ctx, tx, contact)
		return err
	})
	if f := refusable(r, err); f != nil {
		return a.confirmAgain(r, posted, byContact, "contact", f)
	}
	if errors.Is(err, identity.ErrConfirm) {
		return a.otherWay(r, posted)
	}
	if err != nil {
		return err
	}
	v, err := a.confirmView(r, frame.ResumeOf(posted), byContact)
	if err != nil {
		return err
	}
	v.sent(r, sent.String())
	return r.HTML(confirmPage(v))
}

// sent asks for the code that was sent, or another one.
func (v *confirmView) sent(r *frame.Request, id string) {
	v.Way, v.Sent = byCode, id
	v.Others = append([]ui.ButtonView{{Label: r.T("auth.code.again"), Name: "way", Value: byContact, Variant: "link"}}, v.Others...)
}

func (a *Auth) confirmCode(r *frame.Request) error {
	return a.confirm(r, byCode, func(ctx context.Context, tx *pg.Tx, posted url.Values) (identity.SignedIn, error) {
		sent, err := uuid.Parse(posted.Get("sent"))
		if err != nil {
			return identity.SignedIn{}, identity.ErrCodeExpired
		}
		return a.deps.Identity.ConfirmCode(ctx, tx, sent, typedCode(posted))
	})
}

func (a *Auth) confirmApp(r *frame.Request) error {
	return a.confirm(r, byApp, func(ctx context.Context, tx *pg.Tx, posted url.Values) (identity.SignedIn, error) {
		return a.deps.Identity.ConfirmTOTP(ctx, tx, typedCode(posted))
	})
}

func (a *Auth) confirmRecovery(r *frame.Request) error {
	return a.confirm(r, byRecovery, func(ctx context.Context, tx *pg.Tx, posted url.Values) (identity.SignedIn, error) {
		return a.deps.Identity.ConfirmRecovery(ctx, tx, typedCode(posted))
	})
}

// confirmPassword compares between two transactions, since that takes a while.
func (a *Auth) confirmPassword(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	var try identity.PasswordTry
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		try, err = a.deps.Identity.StartPasswordConfirm(ctx, tx)
		return err
	})
	if err == nil {
		try, err = a.deps.Identity.CheckPassword(r.Context(), try, posted.Get("password"))
	}
	if f := refusable(r, err); f != nil {
		return a.confirmAgain(r, posted, byPassword, "password", f)
	}
	if errors.Is(err, identity.ErrConfirm) {
		return a.otherWay(r, posted)
	}
	if err != nil {
		return err
	}
	return a.confirm(r, byPassword, func(ctx context.Context, tx *pg.Tx, _ url.Values) (identity.SignedIn, error) {
		return a.deps.Identity.ConfirmPassword(ctx, tx, try)
	})
}

func (a *Auth) confirmOptions(r *frame.Request) error {
	var c identity.Ceremony
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = a.deps.Identity.StartPasskeyConfirm(ctx, tx, passkeySite(r))
		return err
	})
	if err != nil {
		return err
	}
	return challenge(r, c)
}

func (a *Auth) confirmPasskey(r *frame.Request) error {
	return a.confirm(r, "", func(ctx context.Context, tx *pg.Tx, posted url.Values) (identity.SignedIn, error) {
		id, err := uuid.Parse(posted.Get("ceremony"))
		if err != nil {
			return identity.SignedIn{}, identity.ErrPasskey
		}
		return a.deps.Identity.ConfirmPasskey(ctx, tx, passkeySite(r), id, []byte(posted.Get("credential")))
	})
}

// confirm runs one way of proving oneself. With success the session has a new secret, and the reader goes on.
func (a *Auth) confirm(r *frame.Request, way string, prove func(context.Context, *pg.Tx, url.Values) (identity.SignedIn, error)) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	var in identity.SignedIn
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		in, err = prove(ctx, tx, posted)
		return err
	})
	if f := refusable(r, err); f != nil {
		field := "code"
		if way == byPassword {
			field = "password"
		}
		return a.confirmAgain(r, posted, way, field, f)
	}
	if errors.Is(err, identity.ErrConfirm) {
		return a.otherWay(r, posted)
	}
	if err != nil {
		return err
	}
	r.StartSession(in.Token)
	to := frame.ResumeOf(posted)
	if !to.Post {
		return r.Redirect(to.To)
	}
	return r.HTML(resumePage(resumeView{Site: r.Site(""), Resume: to}))
}

// otherWay shows the ways that there are to somebody who tried one that is not theirs, or no longer.
func (a *Auth) otherWay(r *frame.Request, posted url.Values) error {
	return a.confirming(r, frame.ResumeOf(posted), "", http.StatusUnprocessableEntity)
}

// confirmAgain says what was wrong and asks once more, with everything that is carried on still there.
func (a *Auth) confirmAgain(r *frame.Request, posted url.Values, way, field string, f *fault.Error) error {
	shown := way
	if way == byCode {
		shown = byContact
	}
	v, err := a.confirmView(r, frame.ResumeOf(posted), shown)
	if err != nil {
		return err
	}
	if sent := posted.Get("sent"); way == byCode && sent != "" {
		v.sent(r, sent)
	}
	text := r.Sentence(f)
	if v.Way == way && way != "" {
		v.Error = text
	} else {
		field = ""
	}
	v.Problems = []ui.Problem{{Field: field, Text: text}}
	return r.HTMLStatus(http.StatusUnprocessableEntity, confirmPage(v))
}

// resumeView goes on with a post that was held up. Where scripts run it is sent by itself.
type resumeView struct {
	Site   ui.Site
	Resume frame.Resume
}

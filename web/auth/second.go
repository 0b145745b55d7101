package auth

import (
	"context"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// secondView asks for the second step of a sign-in: the app's code, or one on paper.
type secondView struct {
	Site     ui.Site
	Recovery bool
	Next     string
	Other    string // the page with the other way
	Error    string
	Problems []ui.Problem
}

func secondStep(r *frame.Request, next string, recovery bool) secondView {
	v := secondView{Site: r.Site(""), Recovery: recovery, Next: frame.LocalPath(next)}
	v.Other = "/sign-in/second?next=" + url.QueryEscape(v.Next)
	if !recovery {
		v.Other += "&with=recovery"
	}
	return v
}

// askSecond asks for the second step. Nobody is let in here who has not done the first.
func (a *Auth) askSecond(r *frame.Request) error {
	if r.Recall(secondCookie) == "" {
		return r.Redirect("/sign-in")
	}
	return r.HTML(secondPage(secondStep(r, r.Query("next"), r.Query("with") == "recovery")))
}

func (a *Auth) takeSecond(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	v := secondStep(r, posted.Get("next"), posted.Get("with") == "recovery")
	finish := a.deps.Identity.FinishTOTP
	if v.Recovery {
		finish = a.deps.Identity.FinishRecovery
	}
	var in admitted
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		signedIn, err := finish(ctx, tx, r.Recall(secondCookie), typedCode(posted))
		if err != nil {
			return err
		}
		in, err = a.admit(ctx, tx, r, signedIn)
		return err
	})
	if f := refusable(r, err); f != nil {
		v.Error = r.Sentence(f)
		v.Problems = []ui.Problem{{Field: "code", Text: v.Error}}
		return r.HTMLStatus(http.StatusUnprocessableEntity, secondPage(v))
	}
	if err != nil {
		return err
	}
	return a.welcome(r, in, v.Next)
}

// secondFactor is where staff are led who have proved one factor where their state asks for two: to what they have to
// prove the second with, or to making it.
func (a *Auth) secondFactor(r *frame.Request) error {
	next := frame.LocalPath(r.Query("next"))
	var ways identity.ConfirmWays
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		ways, err = a.deps.Identity.ConfirmWays(ctx, tx)
		return err
	})
	switch {
	case err != nil:
		return err
	case !r.HalfProved():
		return r.Redirect(next)
	case ways.Passkey || ways.TOTP:
		return r.Redirect("/confirm?next=" + url.QueryEscape(next))
	}
	return r.HTML(enrolPage(enrolView{Site: r.Site(""), Next: url.QueryEscape(next)}))
}

type enrolView struct {
	Site ui.Site
	Next string // escaped for a query
}

// passkeyOptions gives a browser the challenge by which whoever has a passkey signs in.
func (a *Auth) passkeyOptions(r *frame.Request) error {
	var c identity.Ceremony
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = a.deps.Identity.StartPasskey(ctx, tx, passkeySite(r))
		return err
	})
	if err != nil {
		return err
	}
	return challenge(r, c)
}

// takePasskey signs in with what the browser's passkey answered. Which door it was does not matter: a passkey says whose
// it is.
func (a *Auth) takePasskey(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	next, staff := frame.LocalPath(posted.Get("next")), posted.Get("staff") == "yes"
	id, err := uuid.Parse(posted.Get("ceremony"))
	if err != nil { // a browser without scripts sends nothing
		return r.Redirect(door(staff))
	}
	var in admitted
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		signedIn, err := a.deps.Identity.FinishPasskey(ctx, tx, passkeySite(r), id, []byte(posted.Get("credential")))
		if err != nil {
			return err
		}
		in, err = a.admit(ctx, tx, r, signedIn)
		return err
	})
	if f := refusable(r, err); f != nil {
		v, err := a.signInView(r, staff, next)
		if err != nil {
			return err
		}
		v.Problems = []ui.Problem{{Text: r.Sentence(f)}}
		return r.HTMLStatus(http.StatusUnprocessableEntity, signInPage(v))
	}
	if err != nil {
		return err
	}
	return a.welcome(r, in, next)
}

package auth

import (
	"context"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
)

// begin sends the reader to an identity provider.
func (a *Auth) begin(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	var to, state string
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		to, state, err = a.deps.Identity.BeginFederated(ctx, tx, r.Param("provider"), posted.Get("staff") == "yes", r.PublicURL()+"/sign-in/callback")
		return err
	})
	if err != nil {
		return err
	}
	r.Remember(stateCookie, state)
	r.Remember(nextCookie, frame.LocalPath(posted.Get("next")))
	return r.RedirectOut(to)
}

// What a browser keeps while its person is at an identity provider: which sign-in it began, so that nobody can be
// made to end another's, and where they wanted to go.
const (
	stateCookie = "state"
	nextCookie  = "next"
)

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
	claims, err := a.deps.Identity.Redeem(r.Context(), pending, r.Query("code"))
	if err != nil {
		return err
	}
	var in admitted
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		signedIn, err := a.deps.Identity.FinishFederated(ctx, tx, state, claims)
		if err != nil {
			return err
		}
		in, err = a.admit(ctx, tx, r, signedIn)
		return err
	})
	if err != nil {
		return err
	}
	return a.welcome(r, in, frame.LocalPath(r.Recall(nextCookie)))
}

package hook

import (
	"context"
	"errors"
	"net/http"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
)

// logoutLimit is more than any logout token has.
const logoutLimit = 16 << 10

// logoutError is how a provider is told that its token was not believed (OpenID Connect Back-Channel Logout 1.0, 2.8).
type logoutError struct {
	Error string `json:"error"`
}

// logout ends the sessions of somebody who signed out at an identity provider. Keys may have to be fetched to check the
// token, so it is looked at between two transactions.
func (h *Hook) logout(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	var p identity.Provider
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = h.deps.Identity.Provider(ctx, tx, r.Param("provider"))
		return err
	})
	if err != nil {
		return err
	}
	said, err := h.deps.Identity.CheckLogout(r.Context(), p, posted.Get("logout_token"))
	if err == nil {
		err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return h.deps.Identity.Logout(ctx, tx, said) })
	}
	if errors.Is(err, identity.ErrLogout) {
		r.Refused(err)
		return r.JSON(http.StatusBadRequest, logoutError{"invalid_request"})
	}
	if err != nil {
		return err
	}
	r.W.Header().Set("Cache-Control", "no-store")
	r.W.WriteHeader(http.StatusOK)
	return nil
}

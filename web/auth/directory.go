package auth

import (
	"context"
	"errors"
	"net/http"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

type directoryView struct {
	Site        ui.Site
	Code, Name  string
	Next, Login string
	Error       string
	Problems    []ui.Problem
}

// askDirectory asks for the login and password of a directory.
func (a *Auth) askDirectory(r *frame.Request) error {
	v, err := a.directoryView(r, frame.LocalPath(r.Query("next")))
	if err != nil {
		return err
	}
	return r.HTML(directoryPage(v))
}

func (a *Auth) directoryView(r *frame.Request, next string) (v directoryView, err error) {
	v = directoryView{Site: r.Site(""), Code: r.Param("directory"), Next: next}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		d, err := a.deps.Identity.Directory(ctx, tx, v.Code)
		if err == nil && !d.Enabled {
			return identity.ErrNoDirectory
		}
		v.Name = r.Text(d.Name)
		return err
	})
	return v, err
}

// bind signs in at a directory. It is asked between two transactions.
func (a *Auth) bind(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	v, err := a.directoryView(r, frame.LocalPath(posted.Get("next")))
	if err != nil {
		return err
	}
	v.Login = posted.Get("login")
	in, err := a.knock(r, v.Code, v.Login, posted.Get("password"))
	switch f := fault.Of(err); {
	case f == nil:
		return a.welcome(r, in, v.Next)
	case errors.Is(f, identity.ErrCredentials), errors.Is(f, identity.ErrDirectoryTries):
		v.Error = r.Sentence(f)
		v.Problems = []ui.Problem{{Field: "password", Text: v.Error}}
		return r.HTMLStatus(http.StatusUnprocessableEntity, directoryPage(v))
	case errors.Is(f, identity.ErrDirectoryAway), errors.Is(f, identity.ErrNotLinked), errors.Is(f, identity.ErrLinkFirst), errors.Is(f, identity.ErrSuspended):
		return a.stoppedAt(r, v, f)
	}
	return err
}

func (a *Auth) knock(r *frame.Request, code, login, password string) (in admitted, err error) {
	var knock identity.Knock
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		knock, err = a.deps.Identity.BeginDirectory(ctx, tx, code, login)
		return err
	})
	if err != nil {
		return in, err
	}
	known, err := a.deps.Identity.Bind(r.Context(), knock, password)
	if errors.Is(err, identity.ErrCredentials) {
		noted := r.Write(func(ctx context.Context, tx *pg.Tx) error { return a.deps.Identity.FailDirectory(ctx, tx, knock) })
		return in, errors.Join(noted, err)
	}
	if err != nil {
		return in, err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		signedIn, err := a.deps.Identity.FinishDirectory(ctx, tx, known)
		if err != nil {
			return err
		}
		in, err = a.admit(ctx, tx, r, signedIn)
		return err
	})
	return in, err
}

// stoppedAt answers a sign-in at a directory that came to nothing, naming it and the other ways in.
func (a *Auth) stoppedAt(r *frame.Request, d directoryView, f *fault.Error) (err error) {
	r.Refused(f)
	key := shortCode(f)
	v := stoppedView{Site: d.Site, Next: d.Next, Title: r.T("auth.stopped.title", "name", d.Name)}
	if errors.Is(f, identity.ErrDirectoryAway) {
		key, v.Title = "away", r.T("auth.stopped.away.title", "name", d.Name)
	}
	if errors.Is(f, identity.ErrLinkFirst) {
		key = "ask" // an administrator has entered them, and says whether the directory may know them by their e-mail
	}
	v.Text = r.T("auth.stopped."+key, "name", d.Name)
	if v.Ways, err = a.ways(r, true, d.Next); err != nil {
		return err
	}
	return r.HTMLStatus(r.Status(f), stoppedPage(v))
}

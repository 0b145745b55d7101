package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"digit/internal/infra/platform/pg"
	"digit/internal/infra/simulator"
	"digit/web/frame"
	"digit/web/ui"
)

// discovery is the OpenID provider's configuration.
func (s *Simulator) discovery(r *frame.Request) error {
	var d simulator.Discovery
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		d, err = s.deps.Simulator.Discovery(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	return r.JSON(http.StatusOK, d)
}

type authorizeView struct {
	Site   ui.Site
	People []personView
	Hidden [][2]string
}

type personView struct{ Subject, Name, Contact string }

// signInNames are the parameters of an authorization request, which the page carries along.
var signInNames = []string{"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method"}

func signInRequest(q url.Values) simulator.SignInRequest {
	return simulator.SignInRequest{
		ResponseType: q.Get("response_type"), ClientID: q.Get("client_id"), RedirectURI: q.Get("redirect_uri"), Scope: q.Get("scope"),
		State: q.Get("state"), Nonce: q.Get("nonce"), CodeChallenge: q.Get("code_challenge"), CodeChallengeMethod: q.Get("code_challenge_method"),
	}
}

// authorizeAsk asks as which of the invented people to sign in.
func (s *Simulator) authorizeAsk(r *frame.Request) error {
	q := r.URL.Query()
	var people []simulator.Person
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if err := s.deps.Simulator.CheckSignIn(ctx, tx, signInRequest(q)); err != nil {
			return err
		}
		people, err = s.deps.Simulator.People(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	v := authorizeView{Site: s.site(r)}
	v.Site.Nav = nil
	for _, name := range signInNames {
		v.Hidden = append(v.Hidden, [2]string{name, q.Get(name)})
	}
	for _, p := range people {
		contact := p.Email
		if contact == "" {
			contact = p.Phone
		}
		v.People = append(v.People, personView{Subject: p.Subject, Name: p.Name, Contact: contact})
	}
	return r.HTML(authorizePage(v))
}

// authorize sends the browser back with a code, or with a refusal.
func (s *Simulator) authorize(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	var to string
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if posted.Get("deny") != "" {
			to, err = s.deps.Simulator.Deny(ctx, tx, signInRequest(posted))
			return err
		}
		to, err = s.deps.Simulator.Authorize(ctx, tx, signInRequest(posted), posted.Get("subject"))
		return err
	})
	if err != nil {
		return err
	}
	return r.RedirectOut(to)
}

// token redeems a code. Failures are told in OAuth's words (RFC 6749, 5.2), since that is what clients read.
func (s *Simulator) token(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	in := simulator.TokenRequest{
		GrantType: posted.Get("grant_type"), Code: posted.Get("code"), RedirectURI: posted.Get("redirect_uri"),
		ClientID: posted.Get("client_id"), ClientSecret: posted.Get("client_secret"), CodeVerifier: posted.Get("code_verifier"),
	}
	if user, secret, ok := r.BasicAuth(); ok { // both parts are form-encoded in the header
		in.ClientID, in.ClientSecret = unescape(user), unescape(secret)
	}
	var t simulator.Tokens
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		t, err = s.deps.Simulator.Exchange(ctx, tx, in)
		return err
	})
	switch {
	case errors.Is(err, simulator.ErrKey):
		r.W.Header().Set("WWW-Authenticate", `Basic realm="sim"`)
		return r.JSON(http.StatusUnauthorized, oauthError{"invalid_client"})
	case errors.Is(err, simulator.ErrGrant):
		return r.JSON(http.StatusBadRequest, oauthError{"invalid_grant"})
	case errors.Is(err, simulator.ErrClient):
		return r.JSON(http.StatusBadRequest, oauthError{"invalid_request"})
	case err != nil:
		return err
	}
	return r.JSON(http.StatusOK, t)
}

type oauthError struct {
	Error string `json:"error"`
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

func (s *Simulator) jwks(r *frame.Request) error {
	var keys []byte
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		keys, err = s.deps.Simulator.JWKS(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	return r.JSON(http.StatusOK, json.RawMessage(keys))
}

func (s *Simulator) userInfo(r *frame.Request) error {
	var u simulator.UserInfo
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		u, err = s.deps.Simulator.UserInfo(ctx, tx, bearer(r))
		return err
	})
	if err != nil {
		return err
	}
	return r.JSON(http.StatusOK, u)
}

type peopleView struct {
	Site  ui.Site
	Table ui.TableView
}

// people lists those who can sign in at the identity provider.
func (s *Simulator) people(r *frame.Request) error {
	var people []simulator.Person
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		people, err = s.deps.Simulator.People(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	v := peopleView{Site: s.site(r), Table: ui.TableView{
		Caption: r.T("simulator.people.title"), HideCaption: true, Stack: true,
		Columns: []ui.Column{
			{Label: r.T("simulator.people.name")},
			{Label: r.T("simulator.people.kind")},
			{Label: r.T("simulator.people.email")},
			{Label: r.T("simulator.people.phone")},
			{Label: r.T("simulator.nav.messages")},
		},
		Empty: &ui.EmptyView{Icon: "users", Title: r.T("simulator.people.none"), Text: r.T("simulator.people.none.text")},
	}}
	for _, p := range people {
		kind := "simulator.people.citizen"
		if p.Staff {
			kind = "simulator.people.staff"
		}
		address := p.Phone
		if address == "" {
			address = p.Email
		}
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: p.Name},
			{Text: r.T(kind)},
			{Text: p.Email},
			{Text: p.Phone},
			{Text: r.T("simulator.people.read"), Href: "/simulator/messages?address=" + url.QueryEscape(address)},
		}})
	}
	return r.HTML(peoplePage(v))
}

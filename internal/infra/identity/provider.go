package identity

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/identity/oidc"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/outbound"
	"digit/internal/infra/platform/pg"
)

// Provider is an OpenID provider by which one may sign in.
type Provider struct {
	Code         string
	Name         i18n.Text // on the button
	Issuer       string    // exactly as the provider writes it in its tokens
	ClientID     string
	ClientSecret string   // "" for a public client; never leaves by Providers; empty in PutProvider keeps the one that stands
	Scopes       []string // beside openid

	// Discovery has the addresses asked for at the issuer, at once and every hour; otherwise they are entered by hand.
	Discovery                       bool
	AuthorizeURL, TokenURL, KeysURL string
	UserInfoURL, EndSessionURL      string // "" where the provider has none
	TokenAuth                       string // how we prove ourselves to it: "basic" (also for "") or "post"
	IssRequired                     bool   // its answers name it, and one that does not is refused (RFC 9207)
	People, Staff                   bool   // who may sign in by it
	CreatePeople, CreateStaff       bool   // who gets an account at the first sign-in; staff only where a rule gives a role
	// TrustEmail takes an e-mail or telephone number that the provider calls verified as verified.
	TrustEmail bool
	// StaffByEmail lets an e-mail that is trusted sign in the staff account that an administrator entered with it. It is
	// the one way in which an address alone leads to an account: the administrator has said whose it is.
	StaffByEmail bool
	ACR          []string       // authentication context classes asked for, the best liked first
	Levels       map[string]int // the level of a session, 1 or 2, by a value of acr or amr; 1 for all others
	Enabled      bool

	Checked time.Time // when the issuer was last asked, by the machine's clock; zero for never. Read only
	Problem string    // what went wrong then, a code; "" for nothing. Read only
}

// Source is what the grants are called that follow from the provider's claims.
func (p Provider) Source() string { return "provider:" + p.Code }

// serves reports whether somebody of that kind may sign in by the provider.
func (p Provider) serves(kind string) bool {
	return p.Enabled && (kind == KindStaff && p.Staff || kind == KindPerson && p.People)
}

func (p Provider) remote() oidc.Provider {
	return oidc.Provider{
		Issuer: p.Issuer, ClientID: p.ClientID, ClientSecret: p.ClientSecret, Scopes: p.Scopes, ACR: p.ACR, Endpoints: oidc.Endpoints{
			Authorize: p.AuthorizeURL, Token: p.TokenURL, Keys: p.KeysURL, UserInfo: p.UserInfoURL, EndSession: p.EndSessionURL,
			TokenAuth: p.TokenAuth, IssRequired: p.IssRequired,
		},
	}
}

// level is what a sign-in at the provider is worth here.
func (p Provider) level(c oidc.Claims) int {
	level := 1
	for _, said := range append([]string{c.ACR}, c.AMR...) {
		level = max(level, p.Levels[said])
	}
	return level
}

// Discover asks the issuer for its addresses (OpenID Connect Discovery 1.0) and returns the provider with them. It speaks
// over the network: not in a transaction. Errors: ErrProviderAway, ErrProvider.
func (s *Service) Discover(ctx context.Context, p Provider) (_ Provider, err error) {
	defer fault.Wrap(&err, "identity.Discover(%s)", p.Issuer)
	e, err := s.oidc.Discover(ctx, p.Issuer)
	if err != nil {
		return p, refusedProvider(err)
	}
	p.AuthorizeURL, p.TokenURL, p.KeysURL, p.UserInfoURL, p.EndSessionURL = e.Authorize, e.Token, e.Keys, e.UserInfo, e.EndSession
	p.TokenAuth, p.IssRequired = e.TokenAuth, e.IssRequired
	return p, nil
}

// refusedProvider turns what is wrong with an issuer into what somebody who enters it can mend.
func refusedProvider(err error) error {
	at := func(code string) error {
		return ErrProvider.Because(err).WithFields(fault.Field{Path: "issuer", Code: code})
	}
	switch {
	case errors.Is(err, oidc.ErrIssuer):
		return at("identity.provider_other_issuer")
	case errors.Is(err, oidc.ErrUnfit):
		return at("identity.provider_unfit")
	case errors.Is(err, outbound.ErrAddress):
		return at(outbound.ErrAddress.Code)
	case errors.Is(err, outbound.ErrScheme):
		return at(outbound.ErrScheme.Code)
	}
	return ErrProviderAway.Because(err)
}

// Reach finds out whether the provider is there, before somebody is sent to it. It speaks over the network: not in a
// transaction. Errors: ErrProviderAway.
func (s *Service) Reach(ctx context.Context, p Provider) (err error) {
	defer fault.Wrap(&err, "identity.Reach(%s)", p.Code)
	if err := s.oidc.Reach(ctx, p.remote()); err != nil {
		return ErrProviderAway.Because(err)
	}
	return nil
}

// Providers lists the providers by code, without their secrets. A page for people shows those that are Enabled and for
// them; anybody may ask.
func (s *Service) Providers(ctx context.Context, tx *pg.Tx) (_ []Provider, err error) {
	defer fault.Wrap(&err, "identity.Providers")
	rows, err := queries.ListProviders(ctx, tx)
	if err != nil {
		return nil, err
	}
	providers := make([]Provider, 0, len(rows))
	for _, row := range rows {
		p, err := providerOf(identitydb.GetProviderRow(row))
		if err != nil {
			return nil, err
		}
		providers = append(providers, p)
	}
	return providers, nil
}

// Provider returns one provider, without its secret. Anybody may ask. Errors: ErrNoProvider.
func (s *Service) Provider(ctx context.Context, tx *pg.Tx, code string) (_ Provider, err error) {
	defer fault.Wrap(&err, "identity.Provider(%s)", code)
	p, err := s.provider(ctx, tx, code)
	p.ClientSecret = ""
	return p, err
}

// requireEverywhere refuses an actor who has not the permission in the whole tenant.
func requireEverywhere(ctx context.Context, tx *pg.Tx, permission string) (reach, error) {
	r, err := require(ctx, tx, permission)
	if err == nil && !r.everywhere {
		err = ErrForbidden
	}
	return r, err
}

// PutProvider makes or replaces a provider. Permission: identity:manage in the whole tenant.
// Errors: ErrForbidden, ErrProvider, ErrDoor.
func (s *Service) PutProvider(ctx context.Context, tx *pg.Tx, p Provider) (err error) {
	defer fault.Wrap(&err, "identity.PutProvider(%s)", p.Code)
	if _, err := requireEverywhere(ctx, tx, permissionManage); err != nil {
		return err
	}
	if err := s.checkProvider(ctx, p); err != nil {
		return err
	}
	old, err := queries.GetProvider(ctx, tx, p.Code)
	if err != nil && !pg.NotFound(err) {
		return err
	}
	secret := old.ClientSecret
	if p.ClientSecret != "" || secret == nil {
		if secret, err = s.encryption.SealString(ctx, tx, uuid.Nil, secretPlace(p.Code), p.ClientSecret); err != nil {
			return err
		}
	}
	row, err := providerRow(p, secret)
	if err != nil {
		return err
	}
	row.ChangedAt = tx.Now
	if err := queries.PutProvider(ctx, tx, row); err != nil {
		return err
	}
	if err := s.keepDoorOpen(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.provider.put", Object: "identity.provider",
		Detail: map[string]any{
			"provider": p.Code, "issuer": p.Issuer, "people": p.People, "staff": p.Staff, "create_people": p.CreatePeople, "create_staff": p.CreateStaff,
			"trust_email": p.TrustEmail, "staff_by_email": p.StaffByEmail, "levels": p.Levels, "enabled": p.Enabled,
		},
	})
}

// EnableProvider offers a provider at the doors, or no longer. Sessions that stand on it go on. Permission: identity:manage
// in the whole tenant. Errors: ErrForbidden, ErrNoProvider, ErrDoor.
func (s *Service) EnableProvider(ctx context.Context, tx *pg.Tx, code string, enabled bool) (err error) {
	defer fault.Wrap(&err, "identity.EnableProvider(%s, %t)", code, enabled)
	if _, err := requireEverywhere(ctx, tx, permissionManage); err != nil {
		return err
	}
	n, err := queries.SetProviderEnabled(ctx, tx, identitydb.SetProviderEnabledParams{Code: code, Enabled: enabled, ChangedAt: tx.Now})
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNoProvider
	}
	if err := s.keepDoorOpen(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.provider.enable", Object: "identity.provider", Detail: map[string]any{"provider": code, "enabled": enabled},
	})
}

func (s *Service) checkProvider(ctx context.Context, p Provider) error {
	var wrong []fault.Field
	refuse := func(path string) {
		wrong = append(wrong, fault.Field{Path: path, Code: "identity.provider_" + path})
	}
	if !codeShape.MatchString(p.Code) {
		refuse("code")
	}
	if p.Name.IsZero() {
		refuse("name")
	}
	if p.ClientID == "" {
		refuse("client_id")
	}
	for _, a := range []struct {
		path, text string
		called     bool // by us, and not by the browser
		optional   bool
	}{
		{"issuer", p.Issuer, p.Discovery, false},
		{"authorize_url", p.AuthorizeURL, false, false},
		{"token_url", p.TokenURL, true, false},
		{"keys_url", p.KeysURL, true, false},
		{"userinfo_url", p.UserInfoURL, true, true},
		{"end_session_url", p.EndSessionURL, false, true},
	} {
		if a.optional && a.text == "" {
			continue
		}
		if !s.safeURL(ctx, a.text, a.called) {
			refuse(a.path)
		}
	}
	if p.StaffByEmail && !p.TrustEmail {
		refuse("staff_by_email")
	}
	for said, level := range p.Levels {
		if said == "" || level != 1 && level != 2 {
			refuse("levels")
			break
		}
	}
	if len(wrong) > 0 {
		return ErrProvider.WithFields(wrong...)
	}
	return nil
}

// safeURL accepts https, and http where it does not leave this machine: for what we call, only where the operator allows
// that; for where browsers are sent, always, since that machine is theirs.
func (s *Service) safeURL(ctx context.Context, text string, called bool) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	if u.Scheme == "https" {
		return true
	}
	if called {
		return u.Scheme == "http" && s.calls.Plain(ctx, u)
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || strings.HasSuffix(u.Hostname(), ".localhost") // RFC 6761: never anywhere else
	return u.Scheme == "http" && (local || ip != nil && ip.IsLoopback() || s.calls.Plain(ctx, u))
}

// secretPlace binds a provider's secret to its code, which is its row.
func secretPlace(code string) encryption.Place {
	return encryption.Place{Table: "identity.provider", Column: "client_secret", Row: uuid.NewSHA1(uuid.Nil, []byte(code))}
}

func providerRow(p Provider, secret []byte) (identitydb.PutProviderParams, error) {
	name, err := json.Marshal(p.Name)
	if err != nil {
		return identitydb.PutProviderParams{}, err
	}
	if p.Levels == nil {
		p.Levels = map[string]int{}
	}
	levels, err := json.Marshal(p.Levels)
	if err != nil {
		return identitydb.PutProviderParams{}, err
	}
	if p.TokenAuth == "" {
		p.TokenAuth = oidc.AuthBasic
	}
	scopes := slices.DeleteFunc(slices.Clone(p.Scopes), func(scope string) bool { return scope == "openid" })
	return identitydb.PutProviderParams{
		Code: p.Code, Name: name, Issuer: p.Issuer, ClientID: p.ClientID, ClientSecret: secret, AuthorizeUrl: p.AuthorizeURL, TokenUrl: p.TokenURL,
		KeysUrl: p.KeysURL, Scopes: orEmpty(scopes), People: p.People, Staff: p.Staff, StaffByEmail: p.StaffByEmail, Enabled: p.Enabled,
		Discovery: p.Discovery, UserinfoUrl: p.UserInfoURL, EndSessionUrl: p.EndSessionURL, TokenAuth: p.TokenAuth, IssRequired: p.IssRequired,
		Acr: orEmpty(p.ACR), Levels: levels, TrustEmail: p.TrustEmail, CreatePeople: p.CreatePeople, CreateStaff: p.CreateStaff,
	}, nil
}

// orEmpty is a list for a column that is never null.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func providerOf(row identitydb.GetProviderRow) (Provider, error) {
	p := Provider{
		Code: row.Code, Name: i18n.Text{}, Issuer: row.Issuer, ClientID: row.ClientID, AuthorizeURL: row.AuthorizeUrl, TokenURL: row.TokenUrl,
		KeysURL: row.KeysUrl, Scopes: row.Scopes, People: row.People, Staff: row.Staff, StaffByEmail: row.StaffByEmail, Enabled: row.Enabled,
		Discovery: row.Discovery, UserInfoURL: row.UserinfoUrl, EndSessionURL: row.EndSessionUrl, TokenAuth: row.TokenAuth, IssRequired: row.IssRequired,
		ACR: row.Acr, Levels: map[string]int{}, TrustEmail: row.TrustEmail, CreatePeople: row.CreatePeople, CreateStaff: row.CreateStaff, Problem: row.Problem,
	}
	if row.CheckedAt != nil {
		p.Checked = *row.CheckedAt
	}
	return p, errors.Join(json.Unmarshal(row.Name, &p.Name), json.Unmarshal(row.Levels, &p.Levels))
}

// provider returns one provider with its secret. Errors: ErrNoProvider.
func (s *Service) provider(ctx context.Context, tx *pg.Tx, code string) (Provider, error) {
	row, err := queries.GetProvider(ctx, tx, code)
	if pg.NotFound(err) {
		return Provider{}, ErrNoProvider
	}
	if err != nil {
		return Provider{}, err
	}
	p, err := providerOf(row)
	if err != nil {
		return Provider{}, err
	}
	p.ClientSecret, err = s.encryption.OpenString(ctx, tx, uuid.Nil, secretPlace(code), row.ClientSecret)
	return p, err
}

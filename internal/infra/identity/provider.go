package identity

import (
	"context"
	"encoding/json"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// Provider is an OpenID provider by which one may sign in.
type Provider struct {
	Code         string
	Name         i18n.Text // on the button
	Issuer       string    // exactly as the provider writes it in its tokens
	ClientID     string
	ClientSecret string // never leaves by Providers; empty in PutProvider keeps the one that stands
	AuthorizeURL string // these three are found by Discover
	TokenURL     string
	KeysURL      string
	Scopes       []string // beside openid
	People       bool     // people may sign in by it
	Staff        bool     // staff may sign in by it
	// StaffByEmail lets a verified e-mail from here sign in the staff account that an administrator entered with it;
	// without, staff must have proved the address by a code once.
	StaffByEmail bool
	Enabled      bool
}

// Discover asks the issuer for its addresses (OpenID Connect Discovery 1.0) and returns the provider with them. It speaks
// over the network: not in a transaction. Errors: ErrProviderAway.
func (s *Service) Discover(ctx context.Context, p Provider) (_ Provider, err error) {
	defer fault.Wrap(&err, "identity.Discover(%s)", p.Issuer)
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, s.http), p.Issuer)
	if err != nil {
		return p, ErrProviderAway.Because(err)
	}
	var keys struct {
		URL string `json:"jwks_uri"`
	}
	if err := found.Claims(&keys); err != nil {
		return p, ErrProviderAway.Because(err)
	}
	p.AuthorizeURL, p.TokenURL, p.KeysURL = found.Endpoint().AuthURL, found.Endpoint().TokenURL, keys.URL
	return p, nil
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

// PutProvider makes or replaces a provider. Permission: identity:manage in the whole tenant.
// Errors: ErrForbidden, ErrProvider.
func (s *Service) PutProvider(ctx context.Context, tx *pg.Tx, p Provider) (err error) {
	defer fault.Wrap(&err, "identity.PutProvider(%s)", p.Code)
	r, err := require(ctx, tx, permissionManage)
	if err != nil {
		return err
	}
	if !r.everywhere {
		return ErrForbidden
	}
	if err := p.check(); err != nil {
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
	name, err := json.Marshal(p.Name)
	if err != nil {
		return err
	}
	scopes := slices.DeleteFunc(slices.Clone(p.Scopes), func(scope string) bool { return scope == oidc.ScopeOpenID })
	if scopes == nil {
		scopes = []string{}
	}
	err = queries.PutProvider(ctx, tx, identitydb.PutProviderParams{
		Code: p.Code, Name: name, Issuer: p.Issuer, ClientID: p.ClientID, ClientSecret: secret, AuthorizeUrl: p.AuthorizeURL, TokenUrl: p.TokenURL,
		KeysUrl: p.KeysURL, Scopes: scopes, People: p.People, Staff: p.Staff, StaffByEmail: p.StaffByEmail, Enabled: p.Enabled, ChangedAt: tx.Now,
	})
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.provider.put", Object: "identity.provider",
		Detail: map[string]any{"provider": p.Code, "issuer": p.Issuer, "people": p.People, "staff": p.Staff, "staff_by_email": p.StaffByEmail, "enabled": p.Enabled},
	})
}

func (p Provider) check() error {
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
	for path, text := range map[string]string{"issuer": p.Issuer, "authorize_url": p.AuthorizeURL, "token_url": p.TokenURL, "keys_url": p.KeysURL} {
		if !safeURL(text) {
			refuse(path)
		}
	}
	if len(wrong) > 0 {
		return ErrProvider.WithFields(wrong...)
	}
	return nil
}

// safeURL accepts https, and http on this very machine, where a demonstration's simulated provider lives.
func safeURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	if u.Scheme == "https" {
		return true
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || strings.HasSuffix(u.Hostname(), ".localhost") // RFC 6761: never anywhere else
	return u.Scheme == "http" && (local || ip != nil && ip.IsLoopback())
}

// secretPlace binds a provider's secret to its code, which is its row.
func secretPlace(code string) encryption.Place {
	return encryption.Place{Table: "identity.provider", Column: "client_secret", Row: uuid.NewSHA1(uuid.Nil, []byte(code))}
}

func providerOf(row identitydb.GetProviderRow) (Provider, error) {
	p := Provider{
		Code: row.Code, Name: i18n.Text{}, Issuer: row.Issuer, ClientID: row.ClientID, AuthorizeURL: row.AuthorizeUrl, TokenURL: row.TokenUrl,
		KeysURL: row.KeysUrl, Scopes: row.Scopes, People: row.People, Staff: row.Staff, StaffByEmail: row.StaffByEmail, Enabled: row.Enabled,
	}
	return p, json.Unmarshal(row.Name, &p.Name)
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

package identity

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// DiscoverArgs are the arguments of the job identity.discover, which asks the issuers where their providers are now.
type DiscoverArgs struct {
	job.Tenant
}

// Kind names the job.
func (DiscoverArgs) Kind() string { return "identity.discover" }

const discoverEvery = time.Hour

// discoverAll asks every issuer of the tenant and keeps what it says. One that is away keeps its addresses: the next hour
// asks again.
func (s *Service) discoverAll(ctx context.Context, db *pg.DB, j *river.Job[DiscoverArgs]) (err error) {
	defer fault.Wrap(&err, "identity.discoverAll")
	scope := job.Scope(j)
	var providers []Provider
	err = db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) (err error) {
		providers, err = s.Providers(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range providers {
		if !p.Enabled {
			continue
		}
		found, problem := s.CheckProvider(ctx, p)
		err := db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error { return s.NoteCheck(ctx, tx, found, problem) })
		if err != nil {
			return err
		}
	}
	return nil
}

// CheckProvider asks a provider whether it is there and where, and says in a word what is wrong: away, issuer, unfit,
// address, url, or "" for nothing. It speaks over the network: not in a transaction.
func (s *Service) CheckProvider(ctx context.Context, p Provider) (_ Provider, problem string) {
	if p.Discovery {
		found, err := s.Discover(ctx, p)
		if err != nil {
			return p, ProviderProblem(err)
		}
		if err := s.checkProvider(ctx, found); err != nil {
			return p, "url"
		}
		p = found
	}
	if err := s.Reach(ctx, p); err != nil {
		return p, ProviderProblem(err)
	}
	return p, ""
}

// ProviderProblem says in a word why a provider could not be asked.
func ProviderProblem(err error) string {
	words := map[string]string{"identity.provider_other_issuer": "issuer", "identity.provider_unfit": "unfit", "outbound.address": "address", "outbound.scheme": "url"}
	if f := fault.Of(err); errors.Is(err, ErrProvider) && len(f.Fields) > 0 && words[f.Fields[0].Code] != "" {
		return words[f.Fields[0].Code]
	}
	return "away"
}

// NoteCheck keeps what CheckProvider found. Where somebody asked for it that is on record: what is asked every hour is not.
// Permission: identity:manage in the whole tenant, or the system's.
// Errors: ErrForbidden.
func (s *Service) NoteCheck(ctx context.Context, tx *pg.Tx, p Provider, problem string) (err error) {
	defer fault.Wrap(&err, "identity.NoteCheck(%s)", p.Code)
	if _, err := requireEverywhere(ctx, tx, permissionManage); err != nil {
		return err
	}
	if problem == "" && p.Discovery {
		err := queries.SetProviderEndpoints(ctx, tx, identitydb.SetProviderEndpointsParams{
			Code: p.Code, Issuer: p.Issuer, AuthorizeUrl: p.AuthorizeURL, TokenUrl: p.TokenURL, KeysUrl: p.KeysURL, UserinfoUrl: p.UserInfoURL,
			EndSessionUrl: p.EndSessionURL, TokenAuth: p.TokenAuth, IssRequired: p.IssRequired,
		})
		if err != nil {
			return err
		}
	}
	err = queries.SetProviderChecked(ctx, tx, identitydb.SetProviderCheckedParams{Code: p.Code, CheckedAt: &tx.Wall, Problem: problem})
	if err != nil || tx.Actor.Kind == pg.System().Kind {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.provider.test", Object: "identity.provider", Detail: map[string]any{"provider": p.Code, "problem": problem},
	})
}

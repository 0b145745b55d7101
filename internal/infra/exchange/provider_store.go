package exchange

import (
	"context"
	"time"

	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange/internal/exchangedb"
	"digit/internal/infra/platform/pg"

	"github.com/google/uuid"
)

func providerOf(r exchangedb.GetProviderRow) Provider {
	return Provider{
		Code: r.Code, Name: r.Name, Agency: r.Agency, Endpoint: r.Endpoint, JWKS: r.JwksUrl, State: r.State, CreatedAt: r.CreatedAt,
		UpdatedAt: r.UpdatedAt, FetchedAt: r.FetchedAt, Test: Test{Result: r.Test, Problem: r.Problem, Detail: r.Detail, At: r.TestedAt},
	}
}

func listProviders(ctx context.Context, tx *pg.Tx) ([]Provider, error) {
	rows, err := db.ListProviders(ctx, tx)
	if err != nil {
		return nil, err
	}
	services, err := servicesByProvider(ctx, tx)
	list := make([]Provider, 0, len(rows))
	for _, r := range rows {
		p := providerOf(exchangedb.GetProviderRow(r))
		p.Services = services[p.Code]
		list = append(list, p)
	}
	return list, err
}

func getProvider(ctx context.Context, tx *pg.Tx, code string) (Provider, error) {
	r, err := db.GetProvider(ctx, tx, code)
	if pg.NotFound(err) {
		return Provider{}, ErrProvider.With("code", code)
	}
	if err != nil {
		return Provider{}, err
	}
	p := providerOf(r)
	services, err := servicesByProvider(ctx, tx)
	p.Services = services[code]
	return p, err
}

func servicesByProvider(ctx context.Context, tx *pg.Tx) (map[string][]string, error) {
	rows, err := db.ListRoutes(ctx, tx)
	by := map[string][]string{}
	for _, r := range rows {
		if r.Provider != "" {
			by[r.Provider] = append(by[r.Provider], r.Service)
		}
	}
	return by, err
}

func insertProvider(ctx context.Context, tx *pg.Tx, p Provider) (fresh bool, err error) {
	n, err := db.InsertProvider(ctx, tx, exchangedb.InsertProviderParams{
		Code: p.Code, Name: p.Name, Agency: p.Agency, Endpoint: p.Endpoint, JwksUrl: p.JWKS, At: tx.Now,
	})
	return n == 1, err
}

func changeProvider(ctx context.Context, tx *pg.Tx, p Provider) error {
	return db.ChangeProvider(ctx, tx, exchangedb.ChangeProviderParams{Code: p.Code, Name: p.Name, Endpoint: p.Endpoint, JwksUrl: p.JWKS, At: tx.Now})
}

func setProviderState(ctx context.Context, tx *pg.Tx, code, state string) (changed bool, err error) {
	n, err := db.SetProviderState(ctx, tx, exchangedb.SetProviderStateParams{Code: code, State: state, At: tx.Now})
	return n == 1, err
}

func setProviderTest(ctx context.Context, tx *pg.Tx, code string, t Test) error {
	return db.SetProviderTest(ctx, tx, exchangedb.SetProviderTestParams{Code: code, Test: t.Result, At: &tx.Wall, Problem: t.Problem, Detail: t.Detail})
}

// takeRoutes gives a provider these routes and takes all others from it; it returns how many it has got.
func takeRoutes(ctx context.Context, tx *pg.Tx, p Provider) (int64, error) {
	services := p.Services
	if services == nil {
		services = []string{} // a comparison with all of NULL would leave nothing
	}
	if err := db.LeaveRoutes(ctx, tx, exchangedb.LeaveRoutesParams{Provider: p.Code, Kept: services, At: tx.Now}); err != nil {
		return 0, err
	}
	return db.TakeRoutes(ctx, tx, exchangedb.TakeRoutesParams{Provider: p.Code, Services: services, Agency: p.Agency, At: tx.Now})
}

func listProviderKeys(ctx context.Context, tx *pg.Tx, code string) ([]ProviderKey, error) {
	rows, err := db.ListProviderKeys(ctx, tx, code)
	list := make([]ProviderKey, 0, len(rows))
	for _, r := range rows {
		list = append(list, ProviderKey{ID: r.Kid, JWK: r.Jwk, Fetched: r.Fetched, AddedAt: r.AddedAt, Until: r.Until})
	}
	return list, err
}

// believedKeys are the keys of a provider that count now.
func believedKeys(ctx context.Context, tx *pg.Tx, code string) (keys []encryption.OutsideKey, err error) {
	all, err := listProviderKeys(ctx, tx, code)
	for _, k := range all {
		if k.believed(tx.Wall) {
			keys = append(keys, encryption.OutsideKey{ID: k.ID, JWK: k.JWK})
		}
	}
	return keys, err
}

func putProviderKey(ctx context.Context, tx *pg.Tx, code string, k encryption.OutsideKey, fetched bool) error {
	return db.PutProviderKey(ctx, tx, exchangedb.PutProviderKeyParams{Provider: code, Kid: k.ID, Jwk: k.JWK, Fetched: fetched, At: tx.Wall})
}

func endProviderKeys(ctx context.Context, tx *pg.Tx, code string, kept []string, until time.Time) error {
	return db.EndProviderKeys(ctx, tx, exchangedb.EndProviderKeysParams{Provider: code, Kept: kept, Until: &until})
}

func dropFetchedKeys(ctx context.Context, tx *pg.Tx, code string, kept []string) error {
	if kept == nil {
		kept = []string{}
	}
	return db.DropFetchedKeys(ctx, tx, exchangedb.DropFetchedKeysParams{Provider: code, Kept: kept})
}

func dropProviderKey(ctx context.Context, tx *pg.Tx, code, kid string) (bool, error) {
	n, err := db.DropProviderKey(ctx, tx, exchangedb.DropProviderKeyParams{Provider: code, Kid: kid})
	return n > 0, err
}

func listWaiting(ctx context.Context, tx *pg.Tx, code string) ([]uuid.UUID, error) {
	return db.ListWaiting(ctx, tx, code)
}

func requeue(ctx context.Context, tx *pg.Tx, id uuid.UUID) (bool, error) {
	n, err := db.Requeue(ctx, tx, id)
	return n == 1, err
}

func countByProvider(ctx context.Context, tx *pg.Tx) (map[string]map[string]int64, error) {
	rows, err := db.CountByProvider(ctx, tx)
	by := map[string]map[string]int64{}
	for _, r := range rows {
		if by[r.Provider] == nil {
			by[r.Provider] = map[string]int64{}
		}
		by[r.Provider][r.Status] = r.Count
	}
	return by, err
}

func noteFetched(ctx context.Context, tx *pg.Tx, code string) error {
	return db.SetProviderFetched(ctx, tx, exchangedb.SetProviderFetchedParams{Code: code, At: &tx.Wall})
}

func sentTo(ctx context.Context, tx *pg.Tx, request uuid.UUID, provider string) (bool, error) {
	return db.SentTo(ctx, tx, exchangedb.SentToParams{RequestID: request, Provider: provider})
}

func noteAttempt(ctx context.Context, tx *pg.Tx, message uuid.UUID, problem string) error {
	return db.NoteAttempt(ctx, tx, exchangedb.NoteAttemptParams{ID: message, Problem: problem})
}

func noteProvider(ctx context.Context, tx *pg.Tx, message uuid.UUID, provider string) error {
	return db.NoteProvider(ctx, tx, exchangedb.NoteProviderParams{ID: message, Provider: provider})
}

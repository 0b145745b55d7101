package identity

import (
	"context"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/google/uuid"

	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/pg"
)

// Weaken replaces the account's password hash by one with parameters of long ago.
func (s *Service) Weaken(as func(pg.Actor, func(context.Context, *pg.Tx) error) error, account uuid.UUID, password string) error {
	return as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		hash, err := argon2id.CreateHash(normalPassword(password), &argon2id.Params{Memory: 8 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
		if err != nil {
			return err
		}
		sealed, err := s.encryption.SealString(ctx, tx, uuid.Nil, passwordPlace(account), hash)
		if err != nil {
			return err
		}
		return queries.PutPassword(ctx, tx, identitydb.PutPasswordParams{AccountID: account, Hash: sealed, Long: true, SetAt: tx.Wall})
	})
}

// Guess counts tries for the property test.
type Guess struct{ tries tries }

// At reports whether a try at the moment is taken, and how long to wait otherwise.
func (g *Guess) At(now time.Time) (wait time.Duration) {
	g.tries, wait = g.tries.next(now)
	return wait
}

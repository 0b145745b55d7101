package encryption

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/pg"
)

// Batch works one batch of a rotation, as its job does.
func (s *Service) Batch(ctx context.Context, db *pg.DB, tenant, rotation uuid.UUID) error {
	return db.InTx(ctx, pg.Scope{Tenant: tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		_, err := s.advance(ctx, tx, rotation)
		return err
	})
}

// Afresh forgets all unwrapped keys.
func (s *Service) Afresh() { s.keys.clear() }

// Wait sets how long a new key waits for other processes, and an old one for transactions.
func (s *Service) Wait(spread, settle time.Duration) { s.times.Spread, s.times.Settle = spread, settle }

// Keep sets how long a disabled key is kept.
func (s *Service) Keep(retention time.Duration) { s.times.Retention = retention }

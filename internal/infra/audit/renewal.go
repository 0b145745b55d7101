package audit

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/audit/internal/auditdb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// SealedSink is the address of a place outside, as it is kept: Head tells by which key it is sealed.
type SealedSink struct {
	ID   uuid.UUID
	Head []byte
}

// SealedSinks pages through the sealed addresses of the tenant's places outside, by id, for who renews them under another key.
func (s *Service) SealedSinks(ctx context.Context, tx *pg.Tx, after uuid.UUID, size int32) (sinks []SealedSink, err error) {
	defer fault.Wrap(&err, "audit.SealedSinks")
	rows, err := db.PageSinks(ctx, tx, auditdb.PageSinksParams{After: after, Size: size})
	for _, r := range rows {
		sinks = append(sinks, SealedSink{ID: r.ID, Head: r.Head})
	}
	return sinks, err
}

// RenewSink seals the address of a place outside with the key of now. One that was removed meanwhile is no error. What it
// says stays as it is, so that there is nothing to record. Errors: those of Keys.OpenIn.
func (s *Service) RenewSink(ctx context.Context, tx *pg.Tx, sink uuid.UUID) (err error) {
	defer fault.Wrap(&err, "audit.RenewSink(%s)", sink)
	found, err := db.LockSink(ctx, tx, sink)
	if err != nil || len(found) == 0 {
		return err
	}
	plain, err := s.deps.Keys.OpenIn(ctx, tx, sinkTable, sinkColumn, sink, found[0])
	if err != nil {
		return err
	}
	sealed, err := s.deps.Keys.SealIn(ctx, tx, sinkTable, sinkColumn, sink, plain)
	if err != nil {
		return err
	}
	return db.SetSinkAddress(ctx, tx, auditdb.SetSinkAddressParams{ID: sink, Address: sealed})
}

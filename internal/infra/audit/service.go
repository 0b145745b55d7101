package audit

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// Deps are what the module stands on: nothing but the platform.
type Deps struct{}

// Service reads, seals and verifies the record. It is safe for concurrent use.
type Service struct{}

// New builds the module.
func New(Deps) *Service { return &Service{} }

// Filter narrows the entries; what is zero does not narrow. Actor finds what was done by or on behalf of someone.
type Filter struct {
	Action, Object          string
	ObjectID, Actor, Person uuid.UUID
	From, To                time.Time // tenant's clock; From included, To not
}

// Row is one recorded act.
type Row struct {
	ID         uuid.UUID
	At         time.Time // tenant's clock
	RecordedAt time.Time // machine's clock
	Actor      uuid.UUID
	ActorKind  string
	OnBehalf   uuid.UUID
	Session    uuid.UUID
	IP         string
	RequestID  string
	Action     string
	Object     string
	ObjectID   uuid.UUID
	Person     uuid.UUID
	Reason     string
	Detail     map[string]any
	Sealed     bool // stands in the chain already
}

// Entries returns recorded acts, the newest first. Permission: audit:read, which the page asks for.
// Errors: page.ErrCursor.
func (s *Service) Entries(ctx context.Context, tx *pg.Tx, f Filter, r page.Request) (_ page.Page[Row], err error) {
	defer fault.Wrap(&err, "audit.Entries")
	after := uuid.Nil
	if r.After != "" {
		parts, err := page.Decode(r.After, 1)
		if err != nil {
			return page.Page[Row]{}, err
		}
		if after, err = uuid.Parse(parts[0]); err != nil {
			return page.Page[Row]{}, page.ErrCursor.Because(err)
		}
	}
	rows, err := list(ctx, tx, f, after, r.Limit()+1)
	if err != nil {
		return page.Page[Row]{}, err
	}
	return page.Of(r, rows, func(row Row) []string { return []string{row.ID.String()} }), nil
}

func decodeDetail(text string) map[string]any {
	var detail map[string]any
	if json.Unmarshal([]byte(text), &detail) != nil { // the table checks that it is an object
		return nil
	}
	return detail
}

package notification

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// Filter chooses messages; zero fields choose all.
type Filter struct {
	Person  uuid.UUID
	Related uuid.UUID
	Channel string
	Status  Status
}

// Row is a message in a list: its address masked, its text left out.
type Row struct {
	ID        uuid.UUID
	Person    uuid.UUID
	Related   uuid.UUID
	Channel   string
	Address   string
	Lang      string
	Purpose   string
	Status    Status
	Tries     int
	Carrier   string
	Problem   string // code of the last failure, "" for none
	Created   time.Time
	Finished  *time.Time
	Delivered *time.Time // as the provider reported; nil where it did not
	Read      *time.Time // opened, as the provider reported
	InsteadBy string     // the channel by which another message went instead; "" for none
}

// Messages lists messages, the newest first, with masked addresses. Who looks is on record, which needs a transaction that
// writes. Permission notification:read.
// Errors: ErrForbidden, page.ErrCursor.
func (s *Service) Messages(ctx context.Context, tx *pg.Tx, f Filter, r page.Request) (p page.Page[Row], err error) {
	defer fault.Wrap(&err, "notification.Messages")
	if err := mayManage(tx); err != nil {
		return p, err
	}
	before, err := r.AfterID()
	if err != nil {
		return p, err
	}
	rows, err := s.list(ctx, tx, f, before, r.Limit()+1)
	if err != nil {
		return p, err
	}
	p = page.Of(r, rows, func(m Row) []string { return []string{m.ID.String()} })
	ids := make([]uuid.UUID, 0, len(p.Rows))
	for _, m := range p.Rows {
		ids = append(ids, m.ID)
	}
	audit.ReadList(ctx, tx, audit.Entry{Action: "notification.message.list", Object: "notification.message", Person: f.Person}, ids...)
	return p, nil
}

// Backlog counts messages of a channel that have not arrived.
type Backlog struct {
	Channel string
	Status  Status // waiting, queued or failed
	Count   int64
}

// Backlogs counts, for health checks, what waits for a provider, what is on its way and what was given up.
func (s *Service) Backlogs(ctx context.Context, tx *pg.Tx) (list []Backlog, err error) {
	defer fault.Wrap(&err, "notification.Backlogs")
	return backlogs(ctx, tx)
}

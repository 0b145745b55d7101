package console

import (
	"context"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/pg"
)

// Encryption finds out whether this process can read what a tenant has sealed.
type Encryption interface {
	Custody() encryption.Custody
	CheckRoot(ctx context.Context, tx *pg.Tx) error
}

// Notification tells what waits to be sent, and by whom it would be.
type Notification interface {
	Backlogs(ctx context.Context, tx *pg.Tx) ([]notification.Backlog, error)
	Providers(ctx context.Context, tx *pg.Tx) ([]notification.ProviderView, error)
}

// Audit tells how the record stands.
type Audit interface {
	Status(ctx context.Context, tx *pg.Tx) (audit.Status, error)
}

// Deps are what the checks look at besides the database. URL is the application's own connection, over which the state
// of the migrations is read; DataDir the folder whose disk must not fill up ("" for none of our own).
type Deps struct {
	Encryption   Encryption
	Notification Notification
	Scanner      Scanner
	PublicURL    string // the address people know
	Audit        Audit
	URL          string
	DataDir      string
}

// Scanner tells what it is, as a sign that it is there.
type Scanner interface {
	Version(ctx context.Context) (string, error)
}

// Service looks whether everything is well. It keeps nothing and is safe for concurrent use.
type Service struct{ deps Deps }

// New builds the service; it panics where a dependency is missing.
func New(d Deps) *Service {
	if d.Encryption == nil || d.Notification == nil || d.Audit == nil || d.URL == "" {
		panic("console: a dependency is missing")
	}
	return &Service{deps: d}
}

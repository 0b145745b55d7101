package registry

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/policy"
)

// Policy lists the permissions of this module.
var Policy = []policy.Permission{{Code: "registry:read", Roles: []string{"registrar", "agency-admin", "auditor"}}}

// ErrNotFound says that the register has no such entry.
var ErrNotFound = fault.NotFound("registry.not_found")

// Record is what is to be written: Key is the entry's number in its register, Holder whose data it is, Source and
// SourceID what it is written from ("orchestration.application" and its id).
type Record struct {
	Register string
	Key      string
	Holder   uuid.UUID
	Data     map[string]any
	Source   string
	SourceID uuid.UUID
}

// Entry is an entry of a register in its newest version. Data is nil in lists.
type Entry struct {
	ID        uuid.UUID
	Register  string
	Key       string
	Holder    uuid.UUID
	Version   int
	Data      map[string]any
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Deps is what registers need.
type Deps struct{ Encryption *encryption.Service }

// Service keeps registers.
type Service struct{ deps Deps }

// New makes the service.
func New(d Deps) *Service {
	if d.Encryption == nil {
		panic("registry.New: a dependency is missing")
	}
	return &Service{deps: d}
}

// Write enters a record, as a new version where the key is there already. Writing again from the same source changes
// nothing and returns the same entry's id. A version may have another holder than the one before, as when a licence
// passes to somebody else; each is sealed under its own holder's key.
func (s *Service) Write(ctx context.Context, tx *pg.Tx, r Record) (entry uuid.UUID, err error) {
	defer fault.Wrap(&err, "registry.Write(%s %s)", r.Register, r.Key)
	if entry, found, err := findWritten(ctx, tx, r.Source, r.SourceID); err != nil || found {
		return entry, err
	}
	plain, err := json.Marshal(r.Data)
	if err != nil {
		return uuid.Nil, err
	}
	have, err := lockRecord(ctx, tx, r.Register, r.Key)
	if err != nil {
		return uuid.Nil, err
	}
	// Who wrote from the same source at the same moment is through by now: asked again, under the lock.
	if entry, found, err := findWritten(ctx, tx, r.Source, r.SourceID); err != nil || found {
		return entry, err
	}
	have.Version++
	have.Holder = r.Holder
	sealed, err := s.deps.Encryption.Seal(ctx, tx, have.Holder, place(have), plain)
	if err != nil {
		return uuid.Nil, err
	}
	if err := write(ctx, tx, have, r, sealed); err != nil {
		return uuid.Nil, err
	}
	return have.ID, audit.Record(ctx, tx, audit.Entry{
		Action: "registry.write", Object: "registry.record", ObjectID: have.ID, Person: have.Holder,
		Detail: map[string]any{"register": r.Register, "key": r.Key, "version": have.Version},
	})
}

// Find returns an entry with its data; the read is audited. Errors: ErrNotFound.
func (s *Service) Find(ctx context.Context, tx *pg.Tx, register, key string) (e Entry, err error) {
	defer fault.Wrap(&err, "registry.Find(%s %s)", register, key)
	e, sealed, err := getRecord(ctx, tx, register, key)
	if err != nil {
		return e, err
	}
	if err := s.deps.Encryption.OpenJSON(ctx, tx, e.Holder, place(e), sealed, &e.Data); err != nil {
		return e, err
	}
	return e, audit.Read(ctx, tx, audit.Entry{
		Action: "registry.read", Object: "registry.record", ObjectID: e.ID, Person: e.Holder,
	})
}

// Holder returns whom an entry names as its holder, without its data. It asks for no permission: it is for modules that decide what
// somebody may do. Errors: ErrNotFound.
func (s *Service) Holder(ctx context.Context, tx *pg.Tx, register, key string) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "registry.Holder(%s %s)", register, key)
	e, _, err := getRecord(ctx, tx, register, key)
	return e.Holder, err
}

// Records lists a register's entries without their data, newest first. Who looks is on record, which needs a transaction
// that writes.
func (s *Service) Records(ctx context.Context, tx *pg.Tx, register string, r page.Request) (page.Page[Entry], error) {
	p, err := records(ctx, tx, register, r)
	ids := make([]uuid.UUID, 0, len(p.Rows))
	for _, e := range p.Rows {
		ids = append(ids, e.ID)
	}
	audit.ReadList(ctx, tx, audit.Entry{Action: "registry.list", Object: "registry.record", Detail: map[string]any{"register": register}}, ids...)
	return p, err
}

// place binds what is sealed to the entry and its version, so that an older version cannot be put in a newer one's place.
func place(e Entry) encryption.Place {
	return encryption.Place{Table: "registry.record", Column: "data/" + strconv.Itoa(e.Version), Row: e.ID}
}

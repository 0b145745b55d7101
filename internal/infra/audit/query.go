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

// Filter narrows the entries; what is zero does not narrow. Actor finds what was done by or on behalf of someone.
type Filter struct {
	Action   string    `json:"action,omitempty"`
	Object   string    `json:"object,omitempty"`
	Kind     string    `json:"kind,omitempty"`
	Purpose  string    `json:"purpose,omitempty"`
	Request  string    `json:"request,omitempty"`
	ObjectID uuid.UUID `json:"object_id,omitzero"`
	Actor    uuid.UUID `json:"actor,omitzero"`
	Person   uuid.UUID `json:"person,omitzero"`
	From     time.Time `json:"from,omitzero"` // tenant's clock; included
	To       time.Time `json:"to,omitzero"`   // not included
}

// Row is one recorded act or look.
type Row struct {
	ID         uuid.UUID
	At         time.Time // tenant's clock
	RecordedAt time.Time // machine's clock
	Kind       string    // KindChange or KindRead
	Actor      uuid.UUID
	ActorKind  string
	OnBehalf   uuid.UUID
	Session    uuid.UUID
	Network    string // where from, roughly: "192.0.2.0/24"
	Placed     bool   // Origin can tell the whole address
	Request    string
	Action     string
	Object     string
	ObjectID   uuid.UUID
	Person     uuid.UUID
	Reason     string
	Purpose    string
	Detail     map[string]any
	Erased     bool // something that led to a person is gone
	Sequenced  bool // is part of the log already; not filled in by About
}

// Entries returns recorded acts, the newest first. Who looks is on record, so it needs a transaction that writes.
// Permission: audit:read, which the page asks for. Errors: page.ErrCursor.
func (s *Service) Entries(ctx context.Context, tx *pg.Tx, f Filter, r page.Request) (_ page.Page[Row], err error) {
	defer fault.Wrap(&err, "audit.Entries")
	after, err := r.AfterID()
	if err != nil {
		return page.Page[Row]{}, err
	}
	rows, err := list(ctx, tx, f, after, r.Limit()+1)
	if err != nil {
		return page.Page[Row]{}, err
	}
	p := page.Of(r, rows, key)
	seen(ctx, tx, f.Person, p.Rows)
	return p, nil
}

func key(row Row) []string { return []string{row.ID.String()} }

// seen records that entries were read.
func seen(ctx context.Context, tx *pg.Tx, person uuid.UUID, rows []Row) {
	ids := make([]uuid.UUID, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	ReadList(ctx, tx, Entry{Action: "audit.list", Object: "audit.entry", Person: person}, ids...)
}

// AboutFilter narrows what is shown of an account's data; what is zero does not narrow.
type AboutFilter struct {
	Kind     string
	From, To time.Time // tenant's clock; From included, To not
}

// About returns who else looked at a person's data or changed it, the newest first: not what they did themselves, signed
// in or on their way there, nor what followed from it by itself. As whom they applied before they had an account is theirs too. Permission: the person's own, or somebody who acts for them. Errors: ErrForbidden,
// page.ErrCursor.
func (s *Service) About(ctx context.Context, tx *pg.Tx, person uuid.UUID, f AboutFilter, r page.Request) (_ page.Page[Row], err error) {
	defer fault.Wrap(&err, "audit.About(%s)", person)
	if person == uuid.Nil || tx.Actor.ID != person && tx.Actor.OnBehalf != person {
		return page.Page[Row]{}, ErrForbidden
	}
	after, err := r.AfterID()
	if err != nil {
		return page.Page[Row]{}, err
	}
	rows, err := about(ctx, tx, tx.Actor.Persons(person), f, after, r.Limit()+1)
	return page.Of(r, rows, key), err
}

// View is one entry and how it stands in the log.
type View struct {
	Row
	Seq        int64       // leaf number, -1 before it is sequenced
	Leaf       []byte      // as stored
	Sound      bool        // the entry still gives its leaf
	Checkpoint *Checkpoint // the first one that covers it; nil before there is one
	Proof      *Proof      // in the latest checkpoint; nil before there is one, or where the log is broken
}

// Entry returns one entry with its proof. Who looks is on record, so it needs a transaction that writes.
// Permission: audit:read, which the page asks for. Errors: ErrNotFound.
func (s *Service) Entry(ctx context.Context, tx *pg.Tx, entry uuid.UUID) (v View, err error) {
	defer fault.Wrap(&err, "audit.Entry(%s)", entry)
	e, seq, err := getEntry(ctx, tx, entry)
	if err != nil {
		return v, err
	}
	v = View{Row: rowOf(e), Seq: seq, Leaf: e.leaf}
	v.Sequenced = seq >= 0
	leaf, err := e.record.leaf()
	v.Sound = err == nil && !e.unsound && string(leaf[:]) == string(e.leaf)
	if v.Sequenced {
		if v.Checkpoint, err = covering(ctx, tx, seq); err != nil {
			return v, err
		}
	}
	if v.Checkpoint != nil {
		p, err := s.Prove(ctx, tx, entry)
		switch f := fault.Of(err); {
		case err == nil:
			v.Proof = &p
		case f.Kind != fault.KindInvalid:
			return v, err
		}
	}
	seen(ctx, tx, v.Person, []Row{v.Row})
	return v, nil
}

// originColumn is where whole addresses are, each bound to the request that it came with.
const originColumn = "origin"

// SealOrigin seals the address of a request, for pg.Actor.Origin. The edge calls it once a request.
// Errors: those of Keys.SealEntry.
func (s *Service) SealOrigin(ctx context.Context, tx *pg.Tx, request uuid.UUID, ip string) (string, error) {
	sealed, err := s.deps.Keys.SealEntry(ctx, tx, originColumn, request, []byte(ip))
	return string(sealed), err
}

// Origin opens the whole address that an entry's act came from; that it was asked for is on record, with the reason.
// It can be opened as long as the key that sealed it is kept. Permission: audit:read, which the page asks for.
// Errors: ErrNotFound where none is kept.
func (s *Service) Origin(ctx context.Context, tx *pg.Tx, entry uuid.UUID, reason string) (ip string, err error) {
	defer fault.Wrap(&err, "audit.Origin(%s)", entry)
	e, _, err := getEntry(ctx, tx, entry)
	if err != nil {
		return "", err
	}
	request, err := uuid.Parse(e.request)
	if err != nil || len(e.origin) == 0 {
		return "", ErrNotFound
	}
	plain, err := s.deps.Keys.OpenEntry(ctx, tx, originColumn, request, e.origin)
	if err != nil {
		return "", err
	}
	return string(plain), write(ctx, tx, Entry{
		Action: "audit.origin.read", Object: "audit.entry", ObjectID: entry, Person: e.subject, Reason: reason,
	}, KindRead)
}

// Checkpoints returns signed checkpoints, the newest first, each with where it was sent. Permission: audit:read, which
// the page asks for. Errors: page.ErrCursor.
func (s *Service) Checkpoints(ctx context.Context, tx *pg.Tx, r page.Request) (_ page.Page[CheckpointRow], err error) {
	defer fault.Wrap(&err, "audit.Checkpoints")
	before, err := afterSize(r)
	if err != nil {
		return page.Page[CheckpointRow]{}, err
	}
	rows, err := listCheckpoints(ctx, tx, before, r.Limit()+1)
	return page.Of(r, rows, sizeKey), err
}

func decodeDetail(text string) map[string]any {
	var detail map[string]any
	if json.Unmarshal([]byte(text), &detail) != nil { // the table checks that it is an object
		return nil
	}
	return detail
}

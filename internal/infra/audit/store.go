package audit

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit/internal/auditdb"
	"digit/internal/infra/platform/pg"
)

var db = auditdb.New()

func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func value[T any](p *T) T {
	var v T
	if p != nil {
		v = *p
	}
	return v
}

func insert(ctx context.Context, tx *pg.Tx, r record) error {
	return db.InsertEntry(ctx, tx, auditdb.InsertEntryParams{
		ID: r.id, At: r.at, RecordedAt: r.recordedAt, ActorID: optional(r.actor), ActorKind: r.actorKind,
		OnBehalfID: optional(r.onBehalf), SessionID: optional(r.session), Ip: r.ip, Request: r.request, Action: r.action,
		Object: r.object, ObjectID: optional(r.objectID), PersonID: optional(r.personID), Reason: r.reason, Detail: r.detail,
		Leaf: r.leaf(),
	})
}

func recordOf(e auditdb.AuditEntry) record {
	return record{
		tenant: e.TenantID, id: e.ID, at: e.At, recordedAt: e.RecordedAt, actor: value(e.ActorID), actorKind: e.ActorKind,
		onBehalf: value(e.OnBehalfID), session: value(e.SessionID), ip: e.Ip, request: e.Request, action: e.Action,
		object: e.Object, objectID: value(e.ObjectID), personID: value(e.PersonID), reason: e.Reason, detail: e.Detail,
	}
}

func list(ctx context.Context, tx *pg.Tx, f Filter, after uuid.UUID, size int) ([]Row, error) {
	moment := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	found, err := db.ListEntries(ctx, tx, auditdb.ListEntriesParams{
		Action: optional(f.Action), Object: optional(f.Object), ObjectID: optional(f.ObjectID), ActorID: optional(f.Actor),
		PersonID: optional(f.Person), Since: moment(f.From), Before: moment(f.To), After: optional(after), Size: int32(size),
	})
	rows := make([]Row, 0, len(found))
	for _, e := range found {
		rows = append(rows, Row{
			ID: e.ID, At: e.At, RecordedAt: e.RecordedAt, Actor: value(e.ActorID), ActorKind: e.ActorKind, OnBehalf: value(e.OnBehalfID),
			Session: value(e.SessionID), IP: e.Ip, RequestID: e.Request, Action: e.Action, Object: e.Object, ObjectID: value(e.ObjectID),
			Person: value(e.PersonID), Reason: e.Reason, Detail: decodeDetail(e.Detail), Sealed: e.Sealed,
		})
	}
	return rows, err
}

// lastLink returns the end of the chain; seq 0 and zeros where there is none yet.
func lastLink(ctx context.Context, tx *pg.Tx) (seq int64, hash []byte, sealedAt time.Time, err error) {
	last, err := db.GetLastLink(ctx, tx)
	if pg.NotFound(err) {
		return 0, make([]byte, hashSize), time.Time{}, nil
	}
	return last.Seq, last.Hash, last.SealedAt, err
}

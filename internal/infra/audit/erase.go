package audit

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"digit/internal/infra/audit/internal/auditdb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

const (
	actionErase = "audit.erase"
	// eraseBatch is how many entries one telling of an erasing names.
	eraseBatch = 200
)

// Forget erases from the record what leads to a person: that they acted, from where and under which sign-in, that an
// entry is about them, that somebody acted for them. What was done, when, by which office, to which case and why stays,
// since an office answers for it; entries of one person stay recognisable as such by the entry that tells of their
// erasing. Leaves stay as they are, so every proof goes on to hold. It may be repeated, for entries that came later,
// and returns how many entries it erased from. The acts of staff in their office stay in their name.
// Permission: the caller's to ask for and to record why. Errors: ErrForbidden.
func (s *Service) Forget(ctx context.Context, tx *pg.Tx, person uuid.UUID) (n int, err error) {
	defer fault.Wrap(&err, "audit.Forget(%s)", person)
	if !official(tx.Actor) || person == uuid.Nil {
		return 0, ErrForbidden
	}
	for more := growth; more == growth; { // an entry needs its place to be told of
		if more, err = s.Sequence(ctx, tx); err != nil {
			return 0, err
		}
	}
	after := uuid.Nil
	for {
		found, err := db.ListPersonal(ctx, tx, auditdb.ListPersonalParams{PersonID: &person, After: after, Size: eraseBatch})
		if err != nil || len(found) == 0 {
			return n, err
		}
		after = found[len(found)-1].AuditEntry.ID
		erased, err := eraseFrom(ctx, tx, person, found)
		if n += erased; err != nil {
			return n, err
		}
	}
}

// eraseFrom erases from one batch of entries, told of by one entry.
func eraseFrom(ctx context.Context, tx *pg.Tx, person uuid.UUID, found []auditdb.ListPersonalRow) (int, error) {
	rows := map[part][]int64{}
	tale, err := recordOf(tx, Entry{Action: actionErase, Object: "audit.entry"}, KindChange)
	if err != nil {
		return 0, err
	}
	var in auditdb.EraseEntriesParams
	for _, f := range found {
		r := storedOf(f.AuditEntry).record
		gone := leading(r, person)
		if len(gone) == 0 {
			continue
		}
		if r, err = r.without(gone, tale.id); err != nil {
			return 0, err
		}
		for _, p := range gone {
			rows[p] = append(rows[p], f.Seq)
		}
		addErased(&in, r)
	}
	if len(in.Ids) == 0 {
		return 0, nil
	}
	if _, err := db.EraseEntries(ctx, tx, in); err != nil {
		return 0, err
	}
	detail, err := json.Marshal(map[string]any{"count": len(in.Ids), "rows": rows})
	if err != nil {
		return 0, err
	}
	tale.detail = string(detail)
	return len(in.Ids), insert(ctx, tx, tale)
}

// leading are the parts of an entry that lead to the person.
func leading(r record, person uuid.UUID) []part {
	var gone []part
	if r.actor == person && r.actorKind == "person" {
		gone = append(gone, partActor, partSession, partNetwork, partOrigin)
	}
	if r.onBehalf == person {
		gone = append(gone, partOnBehalf)
	}
	if r.objectID == person {
		gone = append(gone, partObject)
	}
	if r.subject == person {
		gone = append(gone, partPerson)
	}
	return gone
}

func addErased(in *auditdb.EraseEntriesParams, r record) {
	gone := func(p part) bool { _, ok := r.erased.Hashes[p]; return ok }
	in.Ids = append(in.Ids, r.id)
	in.Erased = append(in.Erased, r.erased.text())
	in.Actor = append(in.Actor, gone(partActor))
	in.OnBehalf = append(in.OnBehalf, gone(partOnBehalf))
	in.Session = append(in.Session, gone(partSession))
	in.Network = append(in.Network, gone(partNetwork))
	in.Object = append(in.Object, gone(partObject))
	in.Person = append(in.Person, gone(partPerson))
}

// official says whether an actor can hold permissions at all. Which ones is identity's to know, which this module stands below.
func official(a pg.Actor) bool { return a.Kind == "staff" || a.Kind == "system" }

package audit

import (
	"context"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

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

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func insert(ctx context.Context, tx *pg.Tx, r record) error {
	leaf, err := r.leaf()
	if err != nil {
		return err
	}
	return db.InsertEntry(ctx, tx, auditdb.InsertEntryParams{
		ID: r.id, At: r.at, RecordedAt: r.recordedAt, Kind: r.kind, ActorID: optional(r.actor), ActorKind: r.actorKind, OnBehalfID: optional(r.onBehalf),
		SessionID: optional(r.session), Network: r.network, Origin: r.origin, Request: r.request, Action: r.action, Object: r.object,
		ObjectID: optional(r.objectID), PersonID: optional(r.subject), Reason: r.reason, Purpose: r.purpose, Detail: r.detail, Salt: r.salt, Leaf: leaf[:],
	})
}

// stored is an entry as it stands in its table: what it says, and the leaf that was taken of it. Remains that cannot be
// read make it unsound.
type stored struct {
	record
	leaf    []byte
	unsound bool
}

func storedOf(e auditdb.AuditEntry) stored {
	s := stored{record: record{
		tenant: e.TenantID, id: e.ID, at: e.At, recordedAt: e.RecordedAt, kind: e.Kind, actorKind: e.ActorKind, action: e.Action, object: e.Object,
		reason: e.Reason, purpose: e.Purpose, request: e.Request, detail: e.Detail, actor: value(e.ActorID), onBehalf: value(e.OnBehalfID),
		session: value(e.SessionID), objectID: value(e.ObjectID), subject: value(e.PersonID), network: e.Network, origin: e.Origin, salt: e.Salt,
	}, leaf: e.Leaf}
	if e.Erased != nil {
		var err error
		s.erased, err = parseRemains(*e.Erased)
		s.unsound = err != nil || e.Salt != nil
	}
	return s
}

// getEntry returns an entry and its place in the log, -1 where it has none yet. Errors: ErrNotFound.
func getEntry(ctx context.Context, tx *pg.Tx, entry uuid.UUID) (stored, int64, error) {
	row, err := db.GetEntry(ctx, tx, entry)
	if pg.NotFound(err) {
		return stored{}, 0, ErrNotFound
	}
	return storedOf(row.AuditEntry), row.Seq, err
}

func getEntries(ctx context.Context, tx *pg.Tx, ids []uuid.UUID) (map[uuid.UUID]stored, error) {
	found, err := db.GetEntries(ctx, tx, ids)
	entries := make(map[uuid.UUID]stored, len(found))
	for _, e := range found {
		entries[e.ID] = storedOf(e)
	}
	return entries, err
}

func list(ctx context.Context, tx *pg.Tx, f Filter, after uuid.UUID, size int) ([]Row, error) {
	found, err := db.ListEntries(ctx, tx, auditdb.ListEntriesParams{
		Action: optional(f.Action), Object: optional(f.Object), Kind: optional(f.Kind), Purpose: optional(f.Purpose), ObjectID: optional(f.ObjectID),
		ActorID: optional(f.Actor), PersonID: optional(f.Person), Request: optional(f.Request), Since: moment(f.From), Before: moment(f.To),
		After: optional(after), Size: int32(size),
	})
	rows := make([]Row, 0, len(found))
	for _, e := range found {
		row := rowOf(storedOf(e.AuditEntry))
		row.Sequenced = e.Sequenced
		rows = append(rows, row)
	}
	return rows, err
}

func about(ctx context.Context, tx *pg.Tx, persons []uuid.UUID, f AboutFilter, after uuid.UUID, size int) ([]Row, error) {
	found, err := db.ListAbout(ctx, tx, auditdb.ListAboutParams{
		Persons: persons, Kind: optional(f.Kind), Since: moment(f.From), Before: moment(f.To), After: optional(after), Size: int32(size),
	})
	rows := make([]Row, 0, len(found))
	for _, e := range found {
		rows = append(rows, rowOf(storedOf(e)))
	}
	return rows, err
}

func rowOf(s stored) Row {
	row := Row{
		ID: s.id, At: s.at, RecordedAt: s.recordedAt, Kind: s.kind, Actor: s.actor, ActorKind: s.actorKind, OnBehalf: s.onBehalf, Session: s.session,
		Network: s.network, Placed: len(s.origin) > 0, Request: s.request, Action: s.action, Object: s.object, ObjectID: s.objectID, Person: s.subject,
		Reason: s.reason, Purpose: s.purpose, Detail: decodeDetail(s.detail), Erased: s.erased != nil,
	}
	return row
}

// logHead is where the log stands: its edge, when it last grew, and the size that was last signed.
type logHead struct {
	edge        edge
	sequencedAt time.Time
	signed      int64
}

func head(ctx context.Context, tx *pg.Tx) (h logHead, err error) {
	last, err := db.GetHead(ctx, tx)
	if pg.NotFound(err) {
		return h, nil
	}
	if err != nil {
		return h, err
	}
	h.sequencedAt, h.signed = last.SequencedAt, last.Signed
	h.edge, err = edgeAt(ctx, tx, last.Seq+1)
	return h, err
}

// edgeAt reads the right edge that the tree had at a size. Errors: ErrProof where the log is broken.
func edgeAt(ctx context.Context, tx *pg.Tx, size int64) (e edge, err error) {
	e.size = size
	seqs, levels := summits(size)
	rows, err := placesAt(ctx, tx, seqs)
	if err != nil {
		return e, err
	}
	for i, level := range levels {
		row, ok := rows[seqs[i]]
		if !ok || level >= len(row.hashes) {
			return e, ErrProof
		}
		e.peaks[level] = row.hashes[level]
	}
	return e, nil
}

type unplaced struct {
	entry uuid.UUID
	leaf  tlog.Hash
}

func unsequenced(ctx context.Context, tx *pg.Tx, since time.Time) ([]unplaced, error) {
	found, err := db.ListUnsequenced(ctx, tx, auditdb.ListUnsequencedParams{Since: since, Size: growth})
	out := make([]unplaced, 0, len(found))
	for _, f := range found {
		out = append(out, unplaced{f.ID, tlog.Hash(f.Leaf)})
	}
	return out, err
}

func insertPlaces(ctx context.Context, tx *pg.Tx, places []place) error {
	if len(places) == 0 {
		return nil
	}
	in := auditdb.InsertPlacesParams{SequencedAt: places[0].at}
	for _, p := range places {
		in.Seqs = append(in.Seqs, p.seq)
		in.Entries = append(in.Entries, p.entry)
		in.Hashes = append(in.Hashes, join(p.hashes))
		in.Digests = append(in.Digests, p.digest)
	}
	return db.InsertPlaces(ctx, tx, in)
}

func placeOf(p auditdb.GetPlacesRow) place {
	return place{seq: p.Seq, entry: p.EntryID, at: p.SequencedAt, hashes: split(p.Hashes), digest: p.Digest}
}

func placesAt(ctx context.Context, tx *pg.Tx, seqs []int64) (map[int64]place, error) {
	found, err := db.GetPlaces(ctx, tx, seqs)
	places := make(map[int64]place, len(found))
	for _, p := range found {
		places[p.Seq] = placeOf(p)
	}
	return places, err
}

func listPlaces(ctx context.Context, tx *pg.Tx, after, until int64) ([]place, error) {
	found, err := db.ListPlaces(ctx, tx, auditdb.ListPlacesParams{After: after, Until: until, Size: batchSize})
	places := make([]place, 0, len(found))
	for _, p := range found {
		places = append(places, placeOf(auditdb.GetPlacesRow(p)))
	}
	return places, err
}

// chainEnd returns the end of the chain that was kept before the log, as long as no checkpoint has repeated it.
func chainEnd(ctx context.Context, tx *pg.Tx) ([]byte, error) {
	end, err := db.GetChainEnd(ctx, tx)
	if pg.NotFound(err) {
		return nil, nil
	}
	return end, err
}

func insertCheckpoint(ctx context.Context, tx *pg.Tx, c Checkpoint) error {
	return db.InsertCheckpoint(ctx, tx, auditdb.InsertCheckpointParams{Size: c.Size, Root: c.Root[:], Note: c.Note, SignedAt: c.SignedAt})
}

// storedCheckpoint is a checkpoint as its table has it; whole says that its columns and its note say the same.
type storedCheckpoint struct {
	Checkpoint
	whole bool
}

func checkpointOf(c auditdb.ListCheckpointsBetweenRow) storedCheckpoint {
	parsed, err := ParseCheckpoint(c.Note)
	whole := err == nil && parsed.Size == c.Size && string(parsed.Root[:]) == string(c.Root)
	parsed.Size, parsed.Note, parsed.SignedAt = c.Size, c.Note, c.SignedAt
	copy(parsed.Root[:], c.Root)
	return storedCheckpoint{parsed, whole}
}

// latestCheckpoint returns the newest checkpoint. Errors: ErrPending where there is none yet.
func latestCheckpoint(ctx context.Context, tx *pg.Tx) (Checkpoint, error) {
	c, err := db.GetLatestCheckpoint(ctx, tx)
	if pg.NotFound(err) {
		return Checkpoint{}, ErrPending
	}
	return checkpointOf(auditdb.ListCheckpointsBetweenRow(c)).Checkpoint, err
}

func listCheckpointsBetween(ctx context.Context, tx *pg.Tx, after, until int64) ([]storedCheckpoint, error) {
	var all []storedCheckpoint
	for {
		found, err := db.ListCheckpointsBetween(ctx, tx, auditdb.ListCheckpointsBetweenParams{After: after, Until: until, MaxRows: batchSize})
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			after = c.Size
			all = append(all, checkpointOf(c))
		}
		if len(found) < batchSize {
			return all, nil
		}
	}
}

package audit

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit/internal/auditdb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// VerifyOptions of Verify; the zero value walks everything.
type VerifyOptions struct {
	// From is the size at which the walk begins: the log was whole so far when it was last walked.
	From int64
	// Outside are checkpoints that were kept elsewhere. Only they can show that the end was cut off, or that the log was
	// written anew together with the checkpoints in the database.
	Outside []Checkpoint
	// Keys are public keys (DER) to believe instead of those in the database.
	Keys [][]byte
	// Progress is told how far the walk is.
	Progress func(done, total int64)
}

// Verify walks a tenant's log and names the places where it was altered, removed, put in, moved, cut off or written anew,
// the first of them first. It reads in batches of short transactions and needs little memory, however long the log is.
// Permission: audit:read, which the caller asks for.
func (s *Service) Verify(ctx context.Context, db *pg.DB, tenant uuid.UUID, opt VerifyOptions) (_ Report, err error) {
	defer fault.Wrap(&err, "audit.Verify(%s)", tenant)
	scope := pg.Scope{Tenant: tenant, Actor: pg.System(), ReadOnly: true}
	w := &walk{service: s, opt: opt, acts: map[uuid.UUID]telling{}}
	steps := []func(context.Context, *pg.Tx) error{w.begin, w.step, w.end}
	for _, step := range steps {
		for again := true; again; {
			err := db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error {
				w.more = false
				return step(ctx, tx)
			})
			if err != nil {
				return Report{}, err
			}
			if again = w.more; opt.Progress != nil {
				opt.Progress(w.report.Rows, w.until+1-opt.From)
			}
		}
	}
	return w.report, nil
}

// walk is one walk over a log. Its edge is that of the tree as the rows so far give it; what is not sound there comes
// from a broken row, and so tells nothing of the rows beside it.
type walk struct {
	service   *Service
	opt       VerifyOptions
	report    Report
	keys      [][]byte
	until     int64 // last row when the walk began
	signed    int64 // size of the newest checkpoint when it began
	after     int64 // row read last
	edge      edge
	sound     [64]bool
	matched   int64 // size at which the tree last gave the root of a checkpoint
	rewritten bool
	sequenced time.Time
	fetched   int64              // size up to which checkpoints were read
	pending   []storedCheckpoint // to be compared with, by size
	acts      map[uuid.UUID]telling
	last      uuid.UUID // entry looked at last for being outside of the log
	more      bool      // the step wants to be called again
}

// begin fixes how far the walk goes: what comes later is the next one's.
func (w *walk) begin(ctx context.Context, tx *pg.Tx) error {
	last, err := db.GetHead(ctx, tx)
	switch {
	case pg.NotFound(err):
		w.until, w.after = -1, -1
		if newest, err := latestCheckpoint(ctx, tx); err == nil {
			w.signed = newest.Size
		}
	case err != nil:
		return err
	default:
		w.until, w.signed, w.after = last.Seq, last.Signed, math.MinInt64
	}
	if w.keys = w.opt.Keys; w.keys == nil {
		if w.keys, err = w.service.deps.Keys.TextKeys(ctx, tx, KeyOwner); err != nil {
			return err
		}
	}
	if w.opt.From > 0 {
		if w.edge, err = edgeAt(ctx, tx, w.opt.From); err != nil {
			return err
		}
		w.after, w.matched, w.fetched = w.opt.From-1, w.opt.From, w.opt.From
		for level := range w.sound {
			w.sound[level] = true
		}
	}
	for _, c := range w.opt.Outside {
		if c.Origin != Origin(tx.Tenant) {
			w.report.found(Finding{Code: Foreign, Seq: -1, To: -1, Size: c.Size})
		} else if c.Size > w.opt.From {
			w.pending = append(w.pending, storedCheckpoint{c, true})
		}
	}
	return nil
}

// step walks one batch of rows.
func (w *walk) step(ctx context.Context, tx *pg.Tx) error {
	places, err := listPlaces(ctx, tx, w.after, w.until)
	if err != nil || len(places) == 0 {
		return err
	}
	ids := make([]uuid.UUID, 0, len(places))
	for _, p := range places {
		ids = append(ids, p.entry)
	}
	entries, err := getEntries(ctx, tx, ids)
	if err != nil {
		return err
	}
	if err := w.fetch(ctx, tx, min(places[len(places)-1].seq+1, w.edge.size+batchSize)); err != nil {
		return err
	}
	for _, p := range places {
		w.after = p.seq
		w.report.Rows++
		if err := w.row(ctx, tx, p, entries); err != nil {
			return err
		}
		for len(w.pending) > 0 && w.pending[0].Size <= w.edge.size {
			w.compare(w.pending[0])
			w.pending = w.pending[1:]
		}
	}
	w.more = true
	return nil
}

// fetch reads the checkpoints that the next rows are to be compared with.
func (w *walk) fetch(ctx context.Context, tx *pg.Tx, until int64) error {
	until = min(until, w.signed)
	found, err := listCheckpointsBetween(ctx, tx, w.fetched, until)
	w.fetched = max(w.fetched, until)
	w.pending = append(w.pending, found...)
	slices.SortStableFunc(w.pending, func(a, b storedCheckpoint) int { return cmp.Compare(a.Size, b.Size) })
	return err
}

// compare sets the tree as it is beside what a checkpoint says.
func (w *walk) compare(c storedCheckpoint) {
	w.report.Checkpoints++
	if !w.genuine(c) {
		w.report.found(Finding{Code: Forged, Seq: -1, To: -1, Size: c.Size})
		return
	}
	if c.Size != w.edge.size { // the row that would complete it is gone, which is told already
		return
	}
	switch {
	case w.edge.root() == c.Root:
		w.matched, w.rewritten = c.Size, false
		for level := range w.sound {
			w.sound[level] = true
		}
	case w.trusted() && !w.rewritten:
		w.rewritten = true // once: the checkpoints that follow say the same
		w.report.found(Finding{Code: Rewritten, Seq: w.matched, To: c.Size - 1, Size: c.Size})
	}
}

// genuine says that a checkpoint is what was signed.
func (w *walk) genuine(c storedCheckpoint) bool {
	return c.whole && w.service.proven(c.Checkpoint, w.keys)
}

// trusted says that no broken row has a part in the tree's root.
func (w *walk) trusted() bool {
	for level := 0; w.edge.size>>level > 0; level++ {
		if w.edge.size>>level&1 == 1 && !w.sound[level] {
			return false
		}
	}
	return true
}

// end looks at what is beyond the rows: checkpoints of a longer log, and entries that are not part of it.
func (w *walk) end(ctx context.Context, tx *pg.Tx) error {
	if w.last == uuid.Nil {
		root := w.edge.root()
		w.report.Size, w.report.Root = w.edge.size, base64.StdEncoding.EncodeToString(root[:])
		if err := w.cutOff(ctx, tx); err != nil {
			return err
		}
	}
	until, err := db.GetWindowEnd(ctx, tx, auditdb.GetWindowEndParams{After: w.last, Size: batchSize - 1})
	if err != nil {
		return err
	}
	rows, err := db.ListOutside(ctx, tx, auditdb.ListOutsideParams{After: w.last, Until: until})
	if err != nil {
		return err
	}
	for _, e := range rows {
		w.report.Waiting++
		s := storedOf(e)
		switch leaf, err := s.record.leaf(); {
		case err != nil || s.unsound || s.erased != nil || !bytes.Equal(leaf[:], s.leaf):
			w.report.found(row(Altered, -1, s.id))
		case s.recordedAt.Before(w.sequenced.Add(-overlap)):
			w.report.found(row(Inserted, -1, s.id))
		}
	}
	w.last, w.more = until, until != uuid.Max
	return nil
}

// cutOff tells of rows that a checkpoint counts and that are not there.
func (w *walk) cutOff(ctx context.Context, tx *pg.Tx) error {
	longest := int64(0)
	if w.signed > w.edge.size {
		if err := w.fetch(ctx, tx, w.edge.size); err != nil {
			return err
		}
		c, err := db.GetCheckpoint(ctx, tx, w.signed)
		if err != nil {
			return err
		}
		w.pending = append(w.pending, checkpointOf(auditdb.ListCheckpointsBetweenRow(c)))
	}
	for _, c := range w.pending {
		if w.compare(c); w.genuine(c) {
			longest = max(longest, c.Size)
		}
	}
	if longest > w.edge.size {
		w.report.found(Finding{Code: Truncated, Seq: w.edge.size, To: longest - 1, Size: longest})
	}
	return nil
}

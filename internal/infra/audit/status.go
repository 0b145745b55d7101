package audit

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit/internal/auditdb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// Status is how a tenant's log stands, for health checks.
type Status struct {
	Size       int64
	Waiting    int64     // entries that are not part of it yet
	Oldest     time.Time // of them; machine's clock
	Checkpoint *Checkpoint
	Sinks      []SinkState
	Verified   *Verification // the last walk over all of it
}

// Status tells how the log stands. It asks for no permission: what a page shows is the page's to ask for.
func (s *Service) Status(ctx context.Context, tx *pg.Tx) (st Status, err error) {
	defer fault.Wrap(&err, "audit.Status")
	since := time.Time{}
	last, err := db.GetHead(ctx, tx)
	switch {
	case pg.NotFound(err):
	case err != nil:
		return st, err
	default:
		st.Size, since = last.Seq+1, last.SequencedAt.Add(-overlap)
	}
	waiting, err := db.CountWaiting(ctx, tx, since)
	if err != nil {
		return st, err
	}
	if st.Waiting = waiting.Count; st.Waiting > 0 {
		st.Oldest = waiting.Oldest
	}
	if st.Size > 0 {
		c, err := latestCheckpoint(ctx, tx)
		if err == nil {
			st.Checkpoint = &c
		} else if f := fault.Of(err); f.Code != ErrPending.Code {
			return st, err
		}
	}
	if st.Sinks, err = s.Sinks(ctx, tx); err != nil {
		return st, err
	}
	v, err := db.GetLastVerification(ctx, tx)
	if pg.NotFound(err) {
		return st, nil
	}
	verified := verificationOf(auditdb.ListVerificationsRow(v))
	st.Verified = &verified
	return st, err
}

// CheckpointRow is a checkpoint and where it was sent.
type CheckpointRow struct {
	Checkpoint
	Deliveries []Delivery
}

// Delivery is one try to send a checkpoint.
type Delivery struct {
	Sink    string // label
	At      time.Time
	Failure string // code; "" for what arrived
}

func sizeKey(c CheckpointRow) []string { return []string{strconv.FormatInt(c.Size, 10)} }

func afterSize(r page.Request) (int64, error) {
	if r.After == "" {
		return 0, nil
	}
	parts, err := page.Decode(r.After, 1)
	if err != nil {
		return 0, err
	}
	size, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return 0, page.ErrCursor.Because(err)
	}
	return size, nil
}

func listCheckpoints(ctx context.Context, tx *pg.Tx, before int64, size int) ([]CheckpointRow, error) {
	found, err := db.ListCheckpoints(ctx, tx, auditdb.ListCheckpointsParams{Before: optional(before), MaxRows: int32(size)})
	if err != nil {
		return nil, err
	}
	rows, sizes := make([]CheckpointRow, 0, len(found)), make([]int64, 0, len(found))
	for _, c := range found {
		rows = append(rows, CheckpointRow{Checkpoint: checkpointOf(auditdb.ListCheckpointsBetweenRow(c)).Checkpoint})
		sizes = append(sizes, c.Size)
	}
	sent, err := db.ListDeliveries(ctx, tx, sizes)
	for _, d := range sent {
		for i := range rows {
			if rows[i].Size == d.Size {
				rows[i].Deliveries = append(rows[i].Deliveries, Delivery{Sink: d.Sink, At: d.At, Failure: d.Failure})
			}
		}
	}
	return rows, err
}

// CheckpointAt returns the checkpoint of a size, as it was signed. Permission: audit:read, which the page asks for.
// Errors: ErrNotFound.
func (s *Service) CheckpointAt(ctx context.Context, tx *pg.Tx, size int64) (_ Checkpoint, err error) {
	defer fault.Wrap(&err, "audit.CheckpointAt(%d)", size)
	c, err := db.GetCheckpoint(ctx, tx, size)
	if pg.NotFound(err) {
		return Checkpoint{}, ErrNotFound
	}
	return checkpointOf(auditdb.ListCheckpointsBetweenRow(c)).Checkpoint, err
}

// covering returns the first checkpoint that counts a row, nil before there is one.
func covering(ctx context.Context, tx *pg.Tx, seq int64) (*Checkpoint, error) {
	c, err := db.GetCovering(ctx, tx, seq)
	if pg.NotFound(err) {
		return nil, nil
	}
	out := checkpointOf(auditdb.ListCheckpointsBetweenRow(c)).Checkpoint
	return &out, err
}

func insertDelivery(ctx context.Context, tx *pg.Tx, sink string, size int64, failure string) error {
	return db.InsertDelivery(ctx, tx, auditdb.InsertDeliveryParams{ID: id.New(), Sink: sink, Size: size, At: tx.Wall, Failure: failure})
}

func sinkStates(ctx context.Context, tx *pg.Tx, all []Sink) ([]SinkState, error) {
	labels, states := make([]string, 0, len(all)), make([]SinkState, 0, len(all))
	for _, sink := range all {
		labels, states = append(labels, sink.Label()), append(states, SinkState{Sink: sink})
	}
	last, err := db.ListLastDeliveries(ctx, tx, labels)
	for _, d := range last {
		for i := range states {
			if labels[i] == d.Sink {
				states[i].Tried, states[i].Size, states[i].Failure = d.At, d.Size, d.Failure
				if d.ArrivedAt.Unix() > 0 {
					states[i].Arrived = d.ArrivedAt
				}
			}
		}
	}
	return states, err
}

// Verification is one walk over the log.
type Verification struct {
	ID       uuid.UUID
	Quick    bool   // only what came since the last walk over all of it
	State    string // running, whole, broken or failed
	Started  time.Time
	Finished *time.Time
	Total    int64 // rows to walk
	Rows     int64 // walked so far
	Report   *Report
}

// Verifications returns the walks over the log, the newest first. Permission: audit:read, which the page asks for.
// Errors: page.ErrCursor.
func (s *Service) Verifications(ctx context.Context, tx *pg.Tx, r page.Request) (_ page.Page[Verification], err error) {
	defer fault.Wrap(&err, "audit.Verifications")
	after, err := r.AfterID()
	if err != nil {
		return page.Page[Verification]{}, err
	}
	found, err := db.ListVerifications(ctx, tx, auditdb.ListVerificationsParams{After: optional(after), Size: int32(r.Limit() + 1)})
	rows := make([]Verification, 0, len(found))
	for _, v := range found {
		rows = append(rows, verificationOf(v))
	}
	return page.Of(r, rows, func(v Verification) []string { return []string{v.ID.String()} }), err
}

func verificationOf(v auditdb.ListVerificationsRow) Verification {
	out := Verification{ID: v.ID, Quick: v.Quick, State: v.State, Started: v.StartedAt, Finished: v.FinishedAt, Total: v.Total, Rows: v.Rows}
	var report Report
	if len(v.Report) > 0 && json.Unmarshal(v.Report, &report) == nil {
		out.Report = &report
	}
	return out
}

package audit

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/audit/internal/auditdb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// ExportMost is how many entries one file takes; who needs more narrows the filter.
const ExportMost = 50_000

// Export is a file of entries that somebody asked for.
type Export struct {
	ID       uuid.UUID
	Filter   Filter
	State    string // waiting, ready or failed
	Rows     int64
	File     uuid.UUID // of the module that keeps files; uuid.Nil before it is ready
	Asked    time.Time
	Finished *time.Time
}

// AskExport has a file of the entries made in the background. Permission: audit:read, which the page asks for; people and
// strangers are refused here too. Errors: ErrForbidden.
func (s *Service) AskExport(ctx context.Context, tx *pg.Tx, f Filter) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "audit.AskExport")
	if !official(tx.Actor) {
		return uuid.Nil, ErrForbidden
	}
	filter, err := json.Marshal(f)
	if err != nil {
		return uuid.Nil, err
	}
	e := auditdb.InsertExportParams{ID: id.New(), AskedBy: optional(tx.Actor.ID), AskedAt: tx.Now, Filter: filter}
	if err := db.InsertExport(ctx, tx, e); err != nil {
		return uuid.Nil, err
	}
	if err := tx.Enqueue(ctx, ExportArgs{Export: e.ID}); err != nil {
		return uuid.Nil, err
	}
	return e.ID, Record(ctx, tx, Entry{Action: "audit.export", Object: "audit.export", ObjectID: e.ID, Person: f.Person})
}

// Exports returns the files that the actor asked for, the newest first, twenty at most. Permission: audit:read, which the
// page asks for.
func (s *Service) Exports(ctx context.Context, tx *pg.Tx) (list []Export, err error) {
	defer fault.Wrap(&err, "audit.Exports")
	found, err := db.ListExports(ctx, tx, auditdb.ListExportsParams{AskedBy: optional(tx.Actor.ID), Size: 20})
	for _, e := range found {
		list = append(list, exportOf(auditdb.GetExportRow(e)))
	}
	return list, err
}

// Export returns one file that the actor asked for. Permission: audit:read, which the page asks for.
// Errors: ErrNotFound, also for somebody else's.
func (s *Service) Export(ctx context.Context, tx *pg.Tx, export uuid.UUID) (_ Export, err error) {
	defer fault.Wrap(&err, "audit.Export(%s)", export)
	e, err := db.GetExport(ctx, tx, export)
	if pg.NotFound(err) || err == nil && value(e.AskedBy) != tx.Actor.ID {
		return Export{}, ErrNotFound
	}
	return exportOf(e), err
}

func exportOf(e auditdb.GetExportRow) Export {
	out := Export{ID: e.ID, State: e.State, Rows: e.Rows, File: value(e.FileID), Asked: e.AskedAt, Finished: e.FinishedAt}
	_ = json.Unmarshal(e.Filter, &out.Filter) // what AskExport wrote
	return out
}

// export works ExportArgs: one snapshot is read, then the file is stored and told of in one transaction.
func (s *Service) export(ctx context.Context, pool *pg.DB, j *river.Job[ExportArgs]) error {
	var asked auditdb.GetExportRow
	var content bytes.Buffer
	n := int64(0)
	scope := job.Scope(j)
	scope.ReadOnly = true
	err := pool.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) (err error) {
		if asked, err = db.GetExport(ctx, tx, j.Args.Export); err != nil || asked.State != "waiting" {
			return err
		}
		n, err = writeCSV(ctx, tx, &content, exportOf(asked).Filter)
		return err
	})
	if err != nil || asked.State != "waiting" {
		return err
	}
	return pool.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) error {
		owner := value(asked.AskedBy)
		file, err := s.deps.Files.Keep(ctx, tx, "audit-"+tx.Now.Format("2006-01-02")+".csv", owner, content.Bytes())
		if err != nil {
			return err
		}
		f := exportOf(asked).Filter
		err = write(ctx, tx, Entry{
			Action: "audit.exported", Object: "audit.export", ObjectID: asked.ID, Person: f.Person, Purpose: PurposeOversight,
			Detail: map[string]any{"count": n},
		}, KindRead)
		if err != nil {
			return err
		}
		return db.FinishExport(ctx, tx, auditdb.FinishExportParams{ID: asked.ID, State: "ready", Rows: n, FileID: &file, FinishedAt: &tx.Wall})
	})
}

// csvHead names the columns of an export; codes and ids, the same in every language.
var csvHead = []string{
	"at", "recorded_at", "kind", "action", "object", "object_id", "actor_kind", "actor", "on_behalf", "person", "network", "purpose", "reason", "request",
	"detail", "id",
}

// writeCSV writes entries as CSV (RFC 4180), with the byte order mark by which spreadsheets know UTF-8.
func writeCSV(ctx context.Context, tx *pg.Tx, out io.Writer, f Filter) (n int64, err error) {
	if _, err := io.WriteString(out, "\ufeff"); err != nil {
		return 0, err
	}
	w := csv.NewWriter(out)
	if err := w.Write(csvHead); err != nil {
		return 0, err
	}
	after := uuid.Nil
	for n < ExportMost {
		rows, err := list(ctx, tx, f, after, batchSize)
		if err != nil {
			return n, err
		}
		for _, row := range rows {
			after = row.ID
			if err := w.Write(csvRow(row)); err != nil {
				return n, err
			}
		}
		if n += int64(len(rows)); len(rows) < batchSize {
			break
		}
	}
	w.Flush()
	return n, w.Error()
}

func csvRow(r Row) []string {
	id := func(u uuid.UUID) string {
		if u == uuid.Nil {
			return ""
		}
		return u.String()
	}
	detail, _ := json.Marshal(r.Detail) // came out of JSON
	cells := []string{
		r.At.Format(time.RFC3339Nano), r.RecordedAt.Format(time.RFC3339Nano), r.Kind, r.Action, r.Object, id(r.ObjectID), r.ActorKind, id(r.Actor),
		id(r.OnBehalf), id(r.Person), r.Network, r.Purpose, r.Reason, r.Request, string(detail), r.ID.String(),
	}
	for i, c := range cells {
		if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) { // no formula for a spreadsheet
			cells[i] = "'" + c
		}
	}
	return cells
}

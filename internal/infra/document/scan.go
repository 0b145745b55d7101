package document

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// Scan says whether a file was looked through for malicious software.
type Scan string

// The states. What waits is read by nobody; of what is infected only the name is left.
const (
	NotScanned Scan = "none" // made here, or taken where there is no scanner
	Waiting    Scan = "waiting"
	Clean      Scan = "clean"
	Infected   Scan = "infected"
)

func (s Scan) readable() error {
	switch s {
	case Waiting:
		return ErrWaiting
	case Infected:
		return ErrInfected
	}
	return nil
}

// Scans returns where each of the files stands; one that does not exist is left out. Whether the actor may know is the
// caller's to decide.
func (s *Service) Scans(ctx context.Context, tx *pg.Tx, files ...uuid.UUID) (_ map[uuid.UUID]Scan, err error) {
	defer fault.Wrap(&err, "document.Scans")
	if len(files) == 0 {
		return nil, nil
	}
	return listScans(ctx, tx, files)
}

// ScanArgs names the file to be looked through.
type ScanArgs struct {
	job.Tenant
	File uuid.UUID `json:"file"`
}

// Kind is the job's name.
func (ScanArgs) Kind() string { return "document.scan" }

// JobTimeout is what a large file at a busy scanner takes.
func (ScanArgs) JobTimeout() time.Duration { return 5 * time.Minute }

// again is after how long a scanner that is away is asked again; that costs no attempt, since it is not the file's fault.
const again = 30 * time.Second

// Register registers the looking through, and the daily deleting of what never became whole.
func (s *Service) Register(r *job.Registry) {
	job.Add(r, s.scan)
	job.AddTx(r, s.sweep)
	job.Every(r, 24*time.Hour, SweepArgs{})
}

// scan asks the scanner about one file, without a transaction around it, and notes the verdict. While there is none the
// file stays shut.
func (s *Service) scan(ctx context.Context, db *pg.DB, j *river.Job[ScanArgs]) error {
	if s.deps.Scanner == nil { // taken out of the configuration since
		return river.JobSnooze(again)
	}
	var f File
	err := db.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) (err error) {
		f, _, err = getFile(ctx, tx, j.Args.File)
		return err
	})
	if errors.Is(err, ErrNotFound) || err == nil && f.Scan != Waiting { // removed meanwhile, or asked before
		return nil
	}
	if err != nil {
		return err
	}
	finding, err := s.deps.Scanner.Scan(ctx, &content{left: f.pieces(), next: func(seq int) (piece []byte, err error) {
		err = db.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) (err error) {
			piece, err = s.piece(ctx, tx, f, seq)
			return err
		})
		return piece, err
	}})
	if e := fault.Of(err); e != nil && e.Kind == fault.KindUnavailable {
		return river.JobSnooze(again)
	}
	if err != nil {
		return err
	}
	return db.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) error { return s.judge(ctx, tx, f.ID, finding) })
}

// judge notes what the scanner said. The content of what is infected goes at once.
func (s *Service) judge(ctx context.Context, tx *pg.Tx, file uuid.UUID, finding string) error {
	verdict, action := Clean, "document.clean"
	if finding != "" {
		verdict, action = Infected, "document.infected"
	}
	person, waited, err := setScan(ctx, tx, file, verdict, finding)
	if err != nil || !waited {
		return err
	}
	entry := audit.Entry{Action: action, Object: "document.file", ObjectID: file, Person: person}
	if finding != "" {
		entry.Detail = map[string]any{"finding": finding}
		if err := deletePieces(ctx, tx, file); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, entry)
}

// content reads a file piece by piece, each in a short transaction, while somebody outside is told of it.
type content struct {
	next func(seq int) ([]byte, error)
	left int
	seq  int
	rest []byte
}

// Read reads on.
func (c *content) Read(p []byte) (_ int, err error) {
	if len(c.rest) == 0 {
		if c.left == 0 {
			return 0, io.EOF
		}
		if c.rest, err = c.next(c.seq); err != nil {
			return 0, err
		}
		c.seq, c.left = c.seq+1, c.left-1
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

package encryption_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

// quick are times that a test can wait for.
var quick = encryption.Times{Spread: 30 * time.Millisecond, Settle: 60 * time.Millisecond, Publish: 30 * time.Millisecond, Retention: 30 * time.Millisecond}

// table is where the tests keep sealed values, as a module would.
var table sync.Once

const tableSQL = `CREATE TABLE encryption.sample (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(), id uuid NOT NULL, person_id uuid NOT NULL, value bytea NOT NULL, word bytea NOT NULL,
  PRIMARY KEY (tenant_id, id)); SELECT platform.protect('encryption.sample')`

// process is one process of several on one database: a service with a pool, a listener and jobs of its own.
type process struct {
	*encryption.Service
	db   *pg.DB
	jobs *job.Registry
}

// start makes a process on the package's database.
func start(t *testing.T, root encryption.Root) *process {
	t.Helper()
	table.Do(func() {
		owner, err := pgx.Connect(context.Background(), pgtest.OwnerURL(t))
		if err != nil {
			t.Fatal(err)
		}
		defer owner.Close(context.Background())
		if _, err := owner.Exec(context.Background(), tableSQL); err != nil {
			t.Fatal(err)
		}
	})
	p := &process{Service: encryption.New(encryption.Deps{Root: root, Times: quick}), db: pgtest.New(t), jobs: job.NewRegistry()}
	p.AddColumns(
		encryption.Column{Name: "encryption.sample.value", Owner: encryption.Tenant | encryption.People, Page: p.page("value")},
		encryption.Column{Name: "encryption.sample.word", Owner: encryption.Indexed, Fields: []string{"word"}, Page: p.page("word")},
	)
	p.Register(p.jobs)
	listen(t, p.db, p.Listen)
	return p
}

// listen runs a listener until the test ends.
func listen(t *testing.T, db *pg.DB, on func(*pg.Listener)) {
	t.Helper()
	l, ready := pg.NewListener(db), make(chan bool, 1)
	on(l)
	l.OnGap(func() {
		select {
		case ready <- true:
		default:
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan bool)
	go func() { l.Run(ctx); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })
	<-ready
}

func (p *process) page(column string) func(context.Context, *pg.Tx, encryption.Span) ([]encryption.Row, error) {
	return func(ctx context.Context, tx *pg.Tx, of encryption.Span) ([]encryption.Row, error) {
		found, err := tx.Query(ctx, `SELECT id, substring(value FROM 1 FOR 6), substring(word FROM 1 FOR 8) FROM encryption.sample
			WHERE ($4 OR person_id = $1) AND id > $2 ORDER BY id LIMIT $3`, of.Person, of.AfterID(), of.Limit, column == "word")
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(found, func(r pgx.CollectableRow) (encryption.Row, error) {
			var row uuid.UUID
			var value, word []byte
			err := r.Scan(&row, &value, &word)
			head := value
			if column == "word" {
				head = word
			}
			return encryption.RowOf(row, func(ctx context.Context, tx *pg.Tx) error { return p.renew(ctx, tx, row) }, head), err
		})
	}
}

func (p *process) renew(ctx context.Context, tx *pg.Tx, row uuid.UUID) error {
	var person uuid.UUID
	var value []byte
	if err := tx.QueryRow(ctx, `SELECT person_id, value FROM encryption.sample WHERE id = $1 FOR UPDATE`, row).Scan(&person, &value); err != nil {
		return err
	}
	plain, err := p.OpenString(ctx, tx, person, sample(row), value)
	if err != nil {
		return err
	}
	if value, err = p.SealString(ctx, tx, person, sample(row), plain); err != nil {
		return err
	}
	word, err := p.BlindIndex(ctx, tx, "word", plain)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE encryption.sample SET value = $2, word = $3 WHERE id = $1`, row, value, word)
	return err
}

func sample(row uuid.UUID) encryption.Place {
	return encryption.Place{Table: "encryption.sample", Column: "value", Row: row}
}

// word is what is written into a row: nobody but the row can have it.
func word(row uuid.UUID) string { return fmt.Sprintf("%x", sha256.Sum256(row[:]))[:20] }

// write keeps a row for a person.
func (p *process) write(ctx context.Context, tx *pg.Tx, person uuid.UUID) (uuid.UUID, error) {
	row := id.New()
	value, err := p.SealString(ctx, tx, person, sample(row), word(row))
	if err != nil {
		return row, err
	}
	index, err := p.BlindIndex(ctx, tx, "word", word(row))
	if err != nil {
		return row, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO encryption.sample (id, person_id, value, word) VALUES ($1, $2, $3, $4)`, row, person, value, index)
	return row, err
}

// read opens a row, which is found by its word.
func (p *process) read(ctx context.Context, tx *pg.Tx, row uuid.UUID) error {
	indexes, err := p.BlindIndexes(ctx, tx, "word", word(row))
	if err != nil {
		return err
	}
	var found, person uuid.UUID
	var value []byte
	if err := tx.QueryRow(ctx, `SELECT id, person_id, value FROM encryption.sample WHERE word = ANY($1)`, indexes).Scan(&found, &person, &value); err != nil {
		return fmt.Errorf("by its word: %w", err)
	}
	plain, err := p.OpenString(ctx, tx, person, sample(row), value)
	if err == nil && (plain != word(row) || found != row) {
		err = fmt.Errorf("row %s says %q", found, plain)
	}
	return err
}

// do runs work as the system.
func (p *process) do(t *testing.T, tenant uuid.UUID, work func(ctx context.Context, tx *pg.Tx) error) {
	t.Helper()
	if err := p.as(tenant, pg.System(), work); err != nil {
		t.Fatal(err)
	}
}

func (p *process) as(tenant uuid.UUID, actor pg.Actor, work func(ctx context.Context, tx *pg.Tx) error) error {
	return p.db.InTx(context.Background(), pg.Scope{Tenant: tenant, Actor: actor}, work)
}

// begin starts a rotation.
func (p *process) begin(t *testing.T, tenant uuid.UUID, purpose encryption.Purpose, person uuid.UUID) (rotation uuid.UUID) {
	t.Helper()
	p.do(t, tenant, func(ctx context.Context, tx *pg.Tx) (err error) {
		rotation, err = p.Rotate(ctx, tx, purpose, person)
		return err
	})
	return rotation
}

func (p *process) progress(t *testing.T, tenant, rotation uuid.UUID) (found encryption.Progress) {
	t.Helper()
	p.do(t, tenant, func(ctx context.Context, tx *pg.Tx) (err error) {
		found, err = p.Rotation(ctx, tx, rotation)
		return err
	})
	return found
}

// until works the process's jobs, and looks after the tenant's keys as happens every minute, until the rotation is in a state.
func (p *process) until(t *testing.T, tenant, rotation uuid.UUID, states ...encryption.RotationState) encryption.Progress {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		pgtest.Work(t, p.db, p.jobs)
		found := p.progress(t, tenant, rotation)
		for _, s := range states {
			if found.State == s {
				return found
			}
		}
		p.do(t, tenant, func(ctx context.Context, tx *pg.Tx) error { // a job of this process, whatever became of the other's
			return errors.Join(p.Tend(ctx, tx), tx.Enqueue(ctx, encryption.RotateArgs{Rotation: rotation}))
		})
	}
	t.Fatalf("the rotation is %+v, not %v", p.progress(t, tenant, rotation), states)
	panic("unreachable")
}

package document_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

// begin announces content under an id.
func (b *bundle) begin(transfer uuid.UUID, content []byte) (t document.Transfer, err error) {
	sum := sha256.Sum256(content)
	err = b.try(func(ctx context.Context, tx *pg.Tx) (err error) {
		t, err = b.Begin(ctx, tx, document.BeginTransfer{
			ID: transfer, Person: b.person, For: b.person, At: "photo", Size: int64(len(content)), SHA256: sum[:],
		})
		return err
	})
	return t, err
}

func (b *bundle) send(transfer uuid.UUID, at int64, content []byte) (t document.Transfer, err error) {
	err = b.try(func(ctx context.Context, tx *pg.Tx) (err error) {
		t, err = b.Append(ctx, tx, transfer, at, content)
		return err
	})
	return t, err
}

// reseal seals all values of a column anew.
func (b *bundle) reseal(column string, want int) {
	b.t.Helper()
	n := 0
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		for _, c := range b.Columns() {
			if c.Name != column {
				continue
			}
			rows, err := c.Page(ctx, tx, encryption.Span{Person: b.person, Limit: 10})
			if err != nil {
				return err
			}
			for _, row := range rows {
				if n++; len(row.Heads[0]) != 6 {
					b.t.Errorf("head of %d bytes", len(row.Heads[0]))
				}
				if err := row.Renew(ctx, tx); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if n != want {
		b.t.Errorf("%d sealed values of %s, want %d", n, column, want)
	}
}

// TestTransfer sends a file in pieces, some twice, and goes on where it was cut off.
func TestTransfer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	content, transfer := text(3*piece/2), id.New()
	if got, err := b.begin(transfer, content); err != nil || got.Received != 0 || got.Whole() {
		t.Fatalf("%+v, %v", got, err)
	}
	for range 2 {
		if got, err := b.send(transfer, 0, content[:piece]); err != nil || got.Received != piece {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	for _, c := range []struct {
		at      int64
		content []byte
		want    error
	}{{piece + 1, content[piece+1:], document.ErrOffset}, {piece, append(bytes.Clone(content[piece:]), 1), document.ErrPiece}, {-1, content[:1], document.ErrPiece}, {0, nil, document.ErrPiece}} {
		if _, err := b.send(transfer, c.at, c.content); !errors.Is(err, c.want) {
			t.Errorf("at %d: %v, want %v", c.at, err, c.want)
		}
	}
	arrived := func() (got []byte, damaged bool, err error) {
		err = b.try(func(ctx context.Context, tx *pg.Tx) (err error) {
			got, damaged, err = b.Arrived(ctx, tx, transfer)
			return err
		})
		return got, damaged, err
	}
	if _, _, err := arrived(); !errors.Is(err, document.ErrOffset) {
		t.Errorf("not whole: %v", err)
	}
	got, err := b.begin(transfer, content) // after the device was switched off
	if err != nil || got.Received != piece {
		t.Fatalf("%+v, %v", got, err)
	}
	if got, err := b.send(transfer, got.Received, content[piece:]); err != nil || !got.Whole() {
		t.Fatalf("%+v, %v", got, err)
	}
	b.reseal("document.piece.content", 2)
	if got, damaged, err := arrived(); err != nil || damaged || !bytes.Equal(got, content) {
		t.Errorf("%d bytes arrived, damaged %t, %v", len(got), damaged, err)
	}
	if n := b.count(`SELECT count(*) FROM document.piece WHERE position($1::bytea IN content) > 0`, content[:20]); n != 0 {
		t.Error("a piece lies open")
	}
	file := id.New()
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.Finish(ctx, tx, transfer, file) })
	if got, err := b.begin(transfer, content); err != nil || got.File != file || b.count(`SELECT count(*) FROM document.piece`) != 0 {
		t.Errorf("kept: %+v, %v", got, err)
	}
}

func TestDamagedTransfer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	content, transfer := text(100), id.New()
	if _, err := b.begin(transfer, content); err != nil {
		t.Fatal(err)
	}
	wrong := bytes.Clone(content)
	wrong[7] ^= 1
	if _, err := b.send(transfer, 0, wrong); err != nil {
		t.Fatal(err)
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		_, damaged, err := b.Arrived(ctx, tx, transfer)
		if !damaged {
			t.Error("what is not what was announced is taken")
		}
		return err
	})
	if _, err := b.send(transfer, 0, content); !errors.Is(err, document.ErrNoTransfer) {
		t.Errorf("it is still there: %v", err)
	}
	for name, in := range map[string]document.BeginTransfer{
		"no id": {At: "photo", Size: 1, SHA256: make([]byte, 32)}, "empty": {ID: id.New(), At: "photo", SHA256: make([]byte, 32)},
		"too large": {ID: id.New(), At: "photo", Size: document.MaxUpload + 1, SHA256: make([]byte, 32)},
		"no sum":    {ID: id.New(), At: "photo", Size: 1}, "nowhere": {ID: id.New(), Size: 1, SHA256: make([]byte, 32)},
	} {
		if err := b.try(func(ctx context.Context, tx *pg.Tx) error { _, err := b.Begin(ctx, tx, in); return err }); !errors.Is(err, document.ErrPiece) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTransfersAreSwept: what never became whole goes after a month.
func TestTransfersAreSwept(t *testing.T) {
	t.Parallel()
	b, jobs := setupWith(t, document.Deps{})
	b.tenant = pgtest.DemoTenant(t, b.db)
	content, transfer := text(100), id.New()
	if _, err := b.begin(transfer, content); err != nil {
		t.Fatal(err)
	}
	sweep := func() {
		b.do(func(ctx context.Context, tx *pg.Tx) error { return tx.Enqueue(ctx, document.SweepArgs{}) })
		pgtest.Work(t, b.db, jobs)
	}
	sweep()
	if _, err := b.send(transfer, 0, content[:10]); err != nil {
		t.Errorf("a young one: %v", err)
	}
	if err := b.db.AdvanceClock(t.Context(), b.tenant, 31*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	sweep()
	if _, err := b.send(transfer, 10, content[10:]); !errors.Is(err, document.ErrNoTransfer) || b.count(`SELECT count(*) FROM document.piece`) != 0 {
		t.Errorf("an old one: %v", err)
	}
}

// TestCopy seals a file once more: either may go without the other.
func TestCopy(t *testing.T) {
	t.Parallel()
	b := setup(t)
	content := text(piece + 10)
	first, err := b.keep(document.Store{Name: "nota.txt", Purpose: "test", Accept: anything}, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	other := id.New()
	var second document.File
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		second, err = b.Copy(ctx, tx, first.ID, document.Store{Person: other, Purpose: "again", Accept: anything})
		return err
	})
	if second.Person != other || second.Name != first.Name || !bytes.Equal(second.SHA256, first.SHA256) || second.ID == first.ID {
		t.Errorf("%+v", second)
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.Delete(ctx, tx, first.ID) })
	if got, err := b.read(second.ID); err != nil || !bytes.Equal(got, content) {
		t.Errorf("the copy: %d bytes, %v", len(got), err)
	}
	for want, in := range map[error]document.Store{document.ErrType: {Person: other}, document.ErrTooLarge: {Person: other, Accept: anything, MaxSize: 10}} {
		if err := b.try(func(ctx context.Context, tx *pg.Tx) error { _, err := b.Copy(ctx, tx, second.ID, in); return err }); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		files, err := b.Files(ctx, tx, first.ID, second.ID)
		if len(files) != 1 || files[second.ID].Name != "nota.txt" || !files[second.ID].Fits(document.Store{Accept: anything}) || files[second.ID].Fits(document.Store{}) {
			t.Errorf("%+v", files)
		}
		return err
	})
}

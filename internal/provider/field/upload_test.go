package field_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"image"
	"image/png"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/field"
)

// picture is a PNG of some size.
func picture(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewRGBA(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (r *round) piece(upload uuid.UUID, at int64, content []byte) (u field.Upload, err error) {
	err = r.Try(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		u, err = r.field.Append(ctx, tx, r.officer, r.device, upload, at, content)
		return err
	})
	return u, err
}

func (r *round) begin(upload uuid.UUID, content []byte) (u field.Upload, err error) {
	sum := sha256.Sum256(content)
	err = r.Try(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		u, err = r.field.Begin(ctx, tx, r.officer, field.BeginUpload{
			ID: upload, Device: r.device, Application: r.visit, Code: field.Photo, MediaType: "image/png", Size: int64(len(content)), SHA256: sum[:],
		})
		return err
	})
	return u, err
}

func (r *round) finish(upload uuid.UUID) (u field.Upload) {
	r.T.Helper()
	r.In(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		content, damaged, err := r.field.Content(ctx, tx, r.officer, upload)
		if err != nil || damaged {
			r.T.Fatalf("damaged %v, %v", damaged, err)
		}
		file, err := r.Documents.Inspect(ctx, "photo.png", "image/png", bytes.NewReader(content))
		if err != nil {
			return err
		}
		u, err = r.field.Finish(ctx, tx, r.officer, upload, file)
		return err
	})
	return u
}

func TestUploadGoesOn(t *testing.T) {
	t.Parallel()
	r := setup(t)
	content, upload := picture(t), id.New()
	half := int64(len(content) / 2)
	if u, err := r.begin(upload, content); err != nil || u.Received != 0 {
		t.Fatalf("%+v, %v", u, err)
	}
	in := r.report()
	in.Report.Files = []field.Attached{{Upload: upload, Code: field.Photo}}
	if _, err := r.send(r.officer, in); !errors.Is(err, field.ErrUnfinished) {
		t.Errorf("a report before its photo: %v", err)
	}
	for range 2 { // the answer to the first did not arrive
		if u, err := r.piece(upload, 0, content[:half]); err != nil || u.Received != half {
			t.Fatalf("%+v, %v", u, err)
		}
	}
	if _, err := r.piece(upload, half+1, content[half+1:]); !errors.Is(err, document.ErrOffset) {
		t.Errorf("a gap: %v", err)
	}
	if _, err := r.piece(upload, half, append(content[half:], 1)); !errors.Is(err, field.ErrUpload) {
		t.Errorf("more than was announced: %v", err)
	}
	u, err := r.begin(upload, content) // after it was killed
	if err != nil || u.Received != half {
		t.Fatalf("%+v, %v", u, err)
	}
	if u, err = r.piece(upload, u.Received, content[half:]); err != nil || !u.Whole() || u.Document != uuid.Nil {
		t.Fatalf("%+v, %v", u, err)
	}
	first := r.finish(upload)
	if first.Document == uuid.Nil {
		t.Fatal("no document")
	}
	if again, err := r.begin(upload, content); err != nil || again.Document != first.Document {
		t.Errorf("announced again: %+v, %v", again, err)
	}
	if o, err := r.send(r.officer, in); err != nil || o.Status != field.Done {
		t.Fatalf("%+v, %v", o, err)
	}
	r.reseal(1)
	r.In(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, _, list, err := r.field.Reports(ctx, tx, r.officer, r.visit)
		if err != nil {
			return err
		}
		if len(list) != 1 || list[0].Files[upload].ID != first.Document {
			t.Errorf("reports = %+v", list)
		}
		var out bytes.Buffer
		file, err := r.field.ReadFile(ctx, tx, r.officer, r.visit, upload, &out)
		if err != nil || file.MediaType != "image/png" || out.Len() == 0 {
			t.Errorf("file %+v of %d bytes, %v", file, out.Len(), err)
		}
		if _, err := r.field.ReadFile(ctx, tx, r.officer, r.visit, id.New(), &out); !errors.Is(err, field.ErrNoUpload) {
			t.Errorf("no file: %v", err)
		}
		var left int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM document.piece`).Scan(&left); err != nil || left > 0 {
			t.Errorf("%d pieces are left, %v", left, err)
		}
		return nil
	})
}

// reseal renews what is sealed for the person of the visit, as a change of keys does.
func (r *round) reseal(want int) {
	r.T.Helper()
	n := 0
	r.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		for _, c := range r.field.Columns() {
			rows, err := c.Page(ctx, tx, encryption.Span{Person: r.Case(r.visit).Person, Limit: 10})
			if err != nil {
				return err
			}
			for _, row := range rows {
				if n++; len(row.Heads[0]) != 6 {
					r.T.Errorf("head of %d bytes", len(row.Heads[0]))
				}
				if err := row.Renew(ctx, tx); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if n < want {
		r.T.Errorf("%d sealed values", n)
	}
}

func TestDamagedUpload(t *testing.T) {
	t.Parallel()
	r := setup(t)
	content, upload := picture(t), id.New()
	if _, err := r.begin(upload, content); err != nil {
		t.Fatal(err)
	}
	wrong := bytes.Clone(content)
	wrong[len(wrong)-1] ^= 1
	if _, err := r.piece(upload, 0, wrong); err != nil {
		t.Fatal(err)
	}
	r.In(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, damaged, err := r.field.Content(ctx, tx, r.officer, upload)
		if !damaged {
			t.Error("what is not what was announced is taken")
		}
		return err
	})
	if u, err := r.begin(upload, content); err != nil || u.Received != 0 {
		t.Errorf("anew: %+v, %v", u, err)
	}
	r.In(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) error { return r.field.Discard(ctx, tx, r.officer, upload) })
	if _, err := r.piece(upload, 0, content); !errors.Is(err, field.ErrNoUpload) {
		t.Errorf("after it was discarded: %v", err)
	}
	for name, in := range map[string]field.BeginUpload{
		"empty":     {Size: 0, MediaType: "image/png", Code: field.Photo},
		"too large": {Size: field.MaxUpload + 1, MediaType: "image/png", Code: field.Photo},
		"a program": {Size: 10, MediaType: "text/html", Code: field.Photo},
		"of what":   {Size: 10, MediaType: "image/png"},
	} {
		in.ID, in.Device, in.Application, in.SHA256 = id.New(), r.device, r.visit, make([]byte, 32)
		err := r.Try(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := r.field.Begin(ctx, tx, r.officer, in)
			return err
		})
		if !errors.Is(err, field.ErrUpload) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	r := setup(t)
	upload := id.New()
	if _, err := r.begin(upload, picture(t)); err != nil {
		t.Fatal(err)
	}
	r.field.Register(r.Jobs)
	r.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return tx.Enqueue(ctx, field.SweepArgs{}) })
	r.Work()
	if _, err := r.piece(upload, 0, []byte{1}); err != nil {
		t.Fatalf("a young one: %v", err)
	}
	r.Travel(31 * 24 * time.Hour)
	r.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return tx.Enqueue(ctx, field.SweepArgs{}) })
	r.Work()
	if _, err := r.piece(upload, 1, []byte{1}); !errors.Is(err, field.ErrNoUpload) {
		t.Errorf("an old one: %v", err)
	}
}

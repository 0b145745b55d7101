package workbench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/workbench/internal/workbenchdb"
)

// blacken makes the copy: it reads the original, paints outside of any transaction, and keeps the copy once. A picture that cannot be read is given up.
func (s *Service) blacken(ctx context.Context, db_ *pg.DB, j *river.Job[RedactArgs]) (err error) {
	defer fault.Wrap(&err, "workbench.blacken(%s)", j.Args.Redaction)
	var x workbenchdb.WorkbenchRedaction
	var f document.File
	var original bytes.Buffer
	err = db_.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) (err error) {
		if x, err = db.GetRedaction(ctx, tx, j.Args.Redaction); err != nil || x.Status != RedactionMaking {
			return err
		}
		if f, err = s.deps.Documents.File(ctx, tx, x.FileID); err != nil {
			return err
		}
		return s.deps.Documents.Read(ctx, tx, x.FileID, &original)
	})
	if err != nil || x.Status != RedactionMaking {
		return err
	}
	var boxes []Box
	if err := json.Unmarshal(x.Boxes, &boxes); err != nil {
		return err
	}
	painted, err := Blacken(original.Bytes(), f.MediaType, boxes)
	if errors.Is(err, errPicture) {
		return db_.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) error {
			_, err := db.SetRedactionStatus(ctx, tx, workbenchdb.SetRedactionStatusParams{ID: x.ID, Status: RedactionFailed, Was: []string{RedactionMaking}})
			return err
		})
	}
	if err != nil {
		return err
	}
	return db_.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) error { return s.keepCopy(ctx, tx, x.ID, f, painted) })
}

func (s *Service) keepCopy(ctx context.Context, tx *pg.Tx, redaction uuid.UUID, of document.File, content []byte) error {
	stored, err := s.deps.Documents.Store(ctx, tx, document.Store{
		Name: of.Name, Person: of.Person, Purpose: "workbench.redaction", Accept: []string{"image/jpeg", "image/png"}, MaxSize: int64(len(content)),
	}, bytes.NewReader(content))
	if err != nil {
		return err
	}
	n, err := db.SetRedactionMade(ctx, tx, workbenchdb.SetRedactionMadeParams{ID: redaction, CopyID: &stored.ID})
	if err != nil || n > 0 {
		return err
	}
	return s.deps.Documents.Delete(ctx, tx, stored.ID) // it was made already, or withdrawn meanwhile
}

// Blacken paints boxes over a picture and returns a new one of the same kind: of the original nothing is kept but the points outside of the boxes.
// Boxes are widened to whole points, and to whole blocks of a JPEG, whose edges would tell of what lies under them. Pictures that were handed in
// are turned upright and without notes of the camera already.
func Blacken(content []byte, mediaType string, boxes []Box) ([]byte, error) {
	img, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, errors.Join(errPicture, err)
	}
	b := img.Bounds()
	out := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Bounds(), img, b.Min, draw.Src)
	grid := 1
	if mediaType == "image/jpeg" {
		grid = 16
	}
	for _, box := range boxes {
		draw.Draw(out, box.points(b.Dx(), b.Dy(), grid), image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	var file bytes.Buffer
	if mediaType == "image/jpeg" {
		err = jpeg.Encode(&file, out, &jpeg.Options{Quality: 90})
	} else {
		err = png.Encode(&file, out)
	}
	return file.Bytes(), err
}

// points is where a box lies in a picture of a size, widened to a grid.
func (b Box) points(width, height, grid int) image.Rectangle {
	down := func(n int) int { return n / grid * grid }
	up := func(n int) int { return (n + grid - 1) / grid * grid }
	return image.Rect(
		down(b.X*width/whole), down(b.Y*height/whole), up(((b.X+b.W)*width+whole-1)/whole), up(((b.Y+b.H)*height+whole-1)/whole),
	).Intersect(image.Rect(0, 0, width, height))
}

package portal

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"strconv"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
)

// announced is a file as the page's script announces it, and asks for it again once all of it was sent.
type announced struct {
	ID     uuid.UUID `json:"id"`
	At     string    `json:"at"`
	Name   string    `json:"name"`
	Type   string    `json:"type"`
	Size   int64     `json:"size"`
	SHA256 string    `json:"sha256"`
}

// beginUpload announces a file, says how much of it has arrived, or keeps it when that is all. The script asks until it is kept.
func (p *Portal) beginUpload(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var in announced
	if err := r.Decode(&in); err != nil {
		return p.ofTheirs(r, id, err)
	}
	sum, err := hex.DecodeString(in.SHA256)
	if err != nil {
		return p.ofTheirs(r, id, document.ErrPiece)
	}
	var t document.Transfer
	var was, now time.Time
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if t, err = p.deps.Requests.BeginUpload(ctx, tx, r.Person(), id, request.BeginUpload{
			ID: in.ID, At: in.At, MediaType: in.Type, Size: in.Size, SHA256: sum,
		}); err != nil {
			return err
		}
		was, now, err = p.revision(ctx, tx, r, id)
		return err
	})
	if err == nil && t.Whole() && t.File == uuid.Nil {
		was, now, err = p.keepUpload(r, id, in)
		t.File = in.ID
	}
	if err != nil {
		return err
	}
	return r.JSON(200, map[string]any{"received": t.Received, "whole": t.File != uuid.Nil, "was": rev(was), "rev": rev(now)})
}

// ofTheirs says what is wrong with what was sent to a request of the reader's, and of somebody else's that it is not there.
func (p *Portal) ofTheirs(r *frame.Request, id uuid.UUID, wrong error) error {
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		_, err := p.deps.Requests.Request(ctx, tx, r.Person(), id)
		return err
	}); err != nil {
		return err
	}
	return wrong
}

// revision is when a request was changed last, twice.
func (p *Portal) revision(ctx context.Context, tx *pg.Tx, r *frame.Request, id uuid.UUID) (was, now time.Time, err error) {
	q, err := p.deps.Requests.Request(ctx, tx, r.Person(), id)
	return q.UpdatedAt, q.UpdatedAt, err
}

// rev is a moment as pages carry it, to tell whether a request was changed since.
func rev(at time.Time) string { return strconv.FormatInt(at.UnixMicro(), 10) }

// keepUpload looks into a file outside of any transaction and keeps it among the answers. What cannot be taken is deleted, so that a better
// one can follow.
func (p *Portal) keepUpload(r *frame.Request, id uuid.UUID, in announced) (was, now time.Time, err error) {
	var content []byte
	var damaged bool
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		content, damaged, err = p.deps.Requests.UploadContent(ctx, tx, r.Person(), id, in.ID)
		return err
	}); err != nil {
		return was, now, err
	}
	if damaged {
		return was, now, document.ErrBroken
	}
	file, err := p.deps.Documents.Inspect(r.Context(), in.Name, in.Type, bytes.NewReader(content))
	if err == nil {
		err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
			if was, _, err = p.revision(ctx, tx, r, id); err != nil {
				return err
			}
			if _, err := p.deps.Requests.FinishUpload(ctx, tx, r.Person(), id, in.ID, file); err != nil {
				return err
			}
			_, now, err = p.revision(ctx, tx, r, id)
			return err
		})
	}
	if e := fault.Of(err); e != nil && e.Kind == fault.KindInvalid {
		return was, now, errors.Join(err, r.Write(func(ctx context.Context, tx *pg.Tx) error {
			return p.deps.Requests.CancelUpload(ctx, tx, r.Person(), id, in.ID)
		}))
	}
	return was, now, err
}

// appendUpload keeps a piece of a file.
func (p *Portal) appendUpload(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	upload, err := r.UUID("upload")
	if err != nil {
		return err
	}
	at, err := strconv.ParseInt(r.Query("at"), 10, 64)
	if err != nil {
		return p.ofTheirs(r, id, document.ErrPiece)
	}
	content, err := r.Body()
	if err != nil {
		return err
	}
	var t document.Transfer
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		t, err = p.deps.Requests.AppendUpload(ctx, tx, r.Person(), id, upload, at, content)
		return err
	}); err != nil {
		return err
	}
	return r.JSON(200, map[string]any{"received": t.Received, "whole": false})
}

// cancelUpload deletes what has arrived of a file.
func (p *Portal) cancelUpload(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	upload, err := r.UUID("upload")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return p.deps.Requests.CancelUpload(ctx, tx, r.Person(), id, upload)
	}); err != nil {
		return err
	}
	return r.JSON(200, map[string]any{})
}

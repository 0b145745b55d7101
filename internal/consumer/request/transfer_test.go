package request_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/document"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// announce begins, or goes on with, an upload of content to a place of a request.
func (b *bundle) announce(of, upload uuid.UUID, at, mediaType string, content []byte) (t document.Transfer, err error) {
	sum := sha256.Sum256(content)
	err = b.mine(func(ctx context.Context, tx *pg.Tx) (err error) {
		t, err = b.BeginUpload(ctx, tx, b.person, of, request.BeginUpload{ID: upload, At: at, MediaType: mediaType, Size: int64(len(content)), SHA256: sum[:]})
		return err
	})
	return t, err
}

// TestUploadInPieces sends a deed in two pieces, of which one comes twice, and keeps it once however often it is asked to.
func TestUploadInPieces(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r, upload, content := b.start("en"), id.New(), []byte(deed)
	if _, err := b.announce(r.ID, upload, "deed", "application/pdf", content); err != nil {
		t.Fatal(err)
	}
	piece := func(person, request, upload uuid.UUID, at int64, content []byte) error {
		return b.try(pg.Actor{ID: person, Kind: "person"}, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.AppendUpload(ctx, tx, person, request, upload, at, content)
			return err
		})
	}
	half := len(content) / 2
	for range 2 {
		b.must(piece(b.person, r.ID, upload, 0, content[:half]))
	}
	b.want(piece(b.person, r.ID, id.New(), 0, content), document.ErrNoTransfer)
	other := b.register("sms", "9922222", "Helena Helper")
	b.want(piece(other, r.ID, upload, int64(half), content[half:]), request.ErrNotFound)
	b.must(piece(b.person, r.ID, upload, int64(half), content[half:]))
	var got []byte
	b.must(b.mine(func(ctx context.Context, tx *pg.Tx) (err error) {
		got, _, err = b.UploadContent(ctx, tx, b.person, r.ID, upload)
		return err
	}))
	looked, err := b.files.Inspect(t.Context(), "titulo.pdf", "application/pdf", bytes.NewReader(got))
	b.must(err)
	for range 2 {
		b.must(b.mine(func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.FinishUpload(ctx, tx, b.person, r.ID, upload, looked)
			return err
		}))
	}
	if files := b.filesAt(r.ID, "deed"); len(files) != 1 || string(b.read(files[0].ID)) != deed {
		t.Errorf("%+v", files)
	}
	if again, err := b.announce(r.ID, upload, "deed", "application/pdf", content); err != nil || again.File == uuid.Nil {
		t.Errorf("asked again: %+v, %v", again, err)
	}
}

// TestUploadIsRefusedEarly: what could not be taken costs nobody's network, and one that is cancelled leaves nothing.
func TestUploadIsRefusedEarly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.start("en")
	for what, c := range map[string]struct {
		at, mediaType string
		size          int
		want          error
	}{
		"too large":   {"deed", "application/pdf", 1001, document.ErrTooLarge},
		"a picture":   {"deed", "image/png", 10, document.ErrType},
		"no question": {"salary", "application/pdf", 10, request.ErrUnknownQuestion},
		"empty":       {"deed", "application/pdf", 0, document.ErrPiece},
	} {
		if _, err := b.announce(r.ID, id.New(), c.at, c.mediaType, make([]byte, c.size)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
	}
	upload := id.New()
	_, err := b.announce(r.ID, upload, "deed", "", []byte(deed))
	b.must(err)
	for range 2 {
		b.must(b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.CancelUpload(ctx, tx, b.person, r.ID, upload) }))
	}
	if n := b.count(`SELECT count(*) FROM document.transfer`); n != 0 {
		t.Errorf("%d are still on their way", n)
	}
	for range 20 {
		_, err := b.announce(r.ID, id.New(), "deed", "", []byte(deed))
		b.must(err)
	}
	_, err = b.announce(r.ID, id.New(), "deed", "", []byte(deed))
	b.want(err, request.ErrTransfers)
}

// TestUnchanged holds a request still against what another device has saved.
func TestUnchanged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.start("en")
	since := func(r request.Request) error {
		return b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.Unchanged(ctx, tx, b.person, r.ID, r.UpdatedAt) })
	}
	seen := b.request(r.ID)
	b.must(since(seen))
	b.fill(r.ID, "who", "name=Dulce CANARIO", "partner=no")
	b.want(since(seen), request.ErrChanged)
	b.must(since(b.request(r.ID)))
}

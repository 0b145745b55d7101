package request_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/document"
	"digit/internal/infra/document/documenttest"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// offered are the earlier uploads that a place of a request may have, for an actor who asks for Dulce's.
func (b *bundle) offered(actor pg.Actor, id uuid.UUID, at string) (list []request.Upload, from map[uuid.UUID]request.Origin, err error) {
	err = b.try(actor, func(ctx context.Context, tx *pg.Tx) error {
		offers, origins, err := b.Earlier(ctx, tx, b.person, id, at)
		list, from = offers[at], origins
		return err
	})
	return list, from, err
}

func (b *bundle) reuse(id uuid.UUID, at string, file uuid.UUID) error {
	return b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.Reuse(ctx, tx, b.person, id, at, file) })
}

func (b *bundle) uploads(f request.UploadFilter, p page.Request) (out page.Page[request.Upload]) {
	b.t.Helper()
	b.must(b.mine(func(ctx context.Context, tx *pg.Tx) (err error) {
		out, err = b.Uploads(ctx, tx, b.person, f, p)
		return err
	}))
	return out
}

// filesAt are the files that answer a question.
func (b *bundle) filesAt(id uuid.UUID, question string) []servicespec.File {
	b.t.Helper()
	return servicespec.FilesIn(b.request(id).Answers[question])
}

func (b *bundle) read(file uuid.UUID) []byte {
	b.t.Helper()
	var out bytes.Buffer
	b.must(b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.files.Read(ctx, tx, file, &out) }))
	return out.Bytes()
}

// TestEarlier gives what was handed in before once more: a copy that lives by itself and says where it is from.
func TestEarlier(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.submitted()
	me := pg.Actor{ID: b.person, Kind: "person"}
	was := b.uploads(request.UploadFilter{}, page.Request{}).Rows
	if len(was) != 1 || was[0].Name != "titulo.pdf" || was[0].Uses[0].Reference != sent.Reference || was[0].Uses[0].At != "deed" {
		t.Fatalf("uploads: %+v", was)
	}
	r := b.start("en")
	if list, _, err := b.offered(me, r.ID, "photos"); err != nil || len(list) != 0 {
		t.Errorf("a deed among photographs: %+v, %v", list, err)
	}
	list, _, err := b.offered(me, r.ID, "deed")
	if err != nil || len(list) != 1 || list[0].ID != was[0].ID {
		t.Fatalf("offered: %+v, %v", list, err)
	}
	b.want(b.reuse(r.ID, "photos", was[0].ID), document.ErrType)
	b.want(b.reuse(r.ID, "deed", uuid.New()), document.ErrNotFound)
	for range 2 { // pressed twice
		b.must(b.reuse(r.ID, "deed", was[0].ID))
	}
	files := b.filesAt(r.ID, "deed")
	if len(files) != 1 || files[0].ID == was[0].ID || files[0].Name != "titulo.pdf" {
		t.Fatalf("given again: %+v", files)
	}
	list, from, err := b.offered(me, r.ID, "deed")
	if err != nil || len(list) != 0 || from[files[0].ID].Service != "stall" || !from[files[0].ID].At.Equal(was[0].CreatedAt) {
		t.Errorf("offered what is there: %+v, from %+v, %v", list, from, err)
	}
	// One content is one document, wherever it is; removing it empties the draft and leaves what was sent.
	all := b.uploads(request.UploadFilter{}, page.Request{}).Rows
	if len(all) != 1 || len(all[0].Uses) != 2 || all[0].ID != files[0].ID {
		t.Fatalf("uploads: %+v", all)
	}
	b.must(b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.Remove(ctx, tx, b.person, was[0].ID) }))
	if b.stored(files[0].ID) || len(b.filesAt(r.ID, "deed")) != 0 {
		t.Error("removed, the draft still has it")
	}
	if got := b.read(was[0].ID); string(got) != deed {
		t.Error("what was sent lost its file")
	}
	if left := b.uploads(request.UploadFilter{}, page.Request{}).Rows; len(left) != 0 {
		t.Errorf("removed, it is listed: %+v", left)
	}
	b.want(b.reuse(r.ID, "deed", was[0].ID), document.ErrNotFound)
	if n := b.count(`SELECT count(*) FROM request.upload WHERE source_id IS NOT NULL`); n != 0 {
		t.Errorf("%d traces of files that are gone", n)
	}
}

// TestEarlierIsACopy: the first may go, the second stays, and the other way round.
func TestEarlierIsACopy(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.start("en")
	first, err := b.attach(r.ID, "partner_paper", "socio.pdf", deed)
	b.must(err)
	b.must(b.reuse(r.ID, "deed", first.ID))
	second := b.filesAt(r.ID, "deed")[0]
	b.must(b.detach(r.ID, "partner_paper", first.ID))
	if b.stored(first.ID) || string(b.read(second.ID)) != deed {
		t.Error("the copy went with what it was made of")
	}
	b.must(b.reuse(r.ID, "partner_paper", second.ID))
	b.must(b.detach(r.ID, "deed", second.ID))
	if left := b.filesAt(r.ID, "partner_paper"); len(left) != 1 || string(b.read(left[0].ID)) != deed {
		t.Error("the copy of the copy went with it")
	}
}

// TestEarlierIsOnesOwn: nobody else finds it, and who acts for a person finds what belongs to the services agreed on.
func TestEarlierIsOnesOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.submitted()
	mine := b.uploads(request.UploadFilter{}, page.Request{}).Rows[0]
	other := b.register("sms", "9922222", "Helena Helper")
	stranger := pg.Actor{ID: other, Kind: "person"}
	var theirs request.Request
	b.must(b.try(stranger, func(ctx context.Context, tx *pg.Tx) (err error) {
		theirs, err = b.Start(ctx, tx, other, "stall", "en")
		return err
	}))
	b.want(b.try(stranger, func(ctx context.Context, tx *pg.Tx) error {
		return b.Reuse(ctx, tx, other, theirs.ID, "deed", mine.ID)
	}), document.ErrNotFound)
	acting := pg.Actor{ID: other, Kind: "person", OnBehalf: b.person}
	asked := func() (list page.Page[request.Upload], err error) {
		err = b.try(acting, func(ctx context.Context, tx *pg.Tx) error {
			list, err = b.Uploads(ctx, tx, b.person, request.UploadFilter{}, page.Request{})
			return err
		})
		return list, err
	}
	if _, err := asked(); !errors.Is(err, identity.ErrRepresentative) {
		t.Errorf("without consent: %v", err)
	}
	for services, want := range map[string]int{"household": 0, "stall": 1} {
		var d uuid.UUID
		b.must(b.mine(func(ctx context.Context, tx *pg.Tx) (err error) {
			d, err = b.people.Invite(ctx, tx, identity.Invite{Person: b.person, Channel: "sms", Address: "9922222", Kind: identity.Helper, Services: []string{services}})
			return err
		}))
		b.must(b.try(stranger, func(ctx context.Context, tx *pg.Tx) error { return b.people.Accept(ctx, tx, d) }))
		if list, err := asked(); err != nil || len(list.Rows) != want {
			t.Errorf("for %s: %d, %v", services, len(list.Rows), err)
		}
		b.must(b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.people.EndDelegation(ctx, tx, d) }))
	}
}

// TestUploadsAreSearchedAndPaged by name, size and date.
func TestUploadsAreSearchedAndPaged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.start("en")
	for at, name := range map[string]string{"deed": "Zona.pdf", "partner_paper": "ata.pdf"} {
		_, err := b.attach(r.ID, at, name, string(documenttest.PDF("", "("+name+")")))
		b.must(err)
	}
	_, err := b.attach(r.ID, "photos", "banca.png", picture)
	b.must(err)
	names := func(f request.UploadFilter) (out []string) {
		var p page.Request
		for p.Size = 2; ; {
			got := b.uploads(f, p)
			for _, u := range got.Rows {
				out = append(out, u.Name)
			}
			if p.After = got.Next; got.Next == "" {
				return out
			}
		}
	}
	if got := names(request.UploadFilter{Sort: request.ByName}); len(got) != 3 || got[0] != "ata.pdf" || got[2] != "Zona.pdf" {
		t.Errorf("by name: %v", got)
	}
	if got := names(request.UploadFilter{Sort: request.BySize}); len(got) != 3 || got[2] != "banca.png" {
		t.Errorf("by size: %v", got)
	}
	if got := names(request.UploadFilter{}); len(got) != 3 {
		t.Errorf("by date: %v", got)
	}
	if got := names(request.UploadFilter{Words: "ZON pdf"}); len(got) != 1 || got[0] != "Zona.pdf" {
		t.Errorf("by words: %v", got)
	}
}

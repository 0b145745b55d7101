package orchestration_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/orchestration/orchestrationtest"
)

// TestMessages: what the citizen writes waits at the office until somebody who may answer reads it; what the office writes goes out once.
func TestMessages(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	app := exchange.ServiceRequest{ID: id.New(), Kind: exchange.Apply, Reference: "RC-2026-000009", Service: "birth-certificate", Version: 1, Person: id.New(), Name: "Maria CANARIO", Lang: "pt"}
	h.Send(app, orchestrationtest.Birth())
	clerk, auditor := h.Staff("Clara Clerk", "registry-clerk", "dgrni", ""), h.Staff("Aldo Auditor", "auditor", "dgrni", "")
	stranger := h.Staff("Sara Stranger", "licence-clerk", "cmp", "")
	said := exchange.ServiceRequest{
		ID: app.ID, Kind: exchange.Message, Service: app.Service, Person: app.Person, Note: "Falta muito? CANARIO", Message: id.New(),
		Files: []exchange.File{{ID: id.New(), Name: "foto-CANARIO.jpg", MediaType: "image/jpeg", Size: 12}},
	}
	deliver := func(r exchange.ServiceRequest) error {
		return h.Try(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
			if r.SubmittedAt.IsZero() {
				r.SubmittedAt = tx.Now
			}
			return h.Applications.Receive(ctx, tx, r)
		})
	}
	for range 2 {
		if err := deliver(said); err != nil {
			t.Fatal(err)
		}
	}
	foreign := said
	foreign.Person = id.New()
	if err := deliver(foreign); !errors.Is(err, orchestration.ErrUnknown) {
		t.Errorf("somebody else's: %v", err)
	}
	unread := func() (n int) {
		h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
			counts, err := h.Applications.Unread(ctx, tx, app.ID)
			n = counts[app.ID]
			return err
		})
		return n
	}
	read := func(by identity.Principal) (list []orchestration.Message, err error) {
		err = h.Try(pg.Actor{ID: by.Account, Kind: "staff"}, func(ctx context.Context, tx *pg.Tx) (err error) {
			_, list, err = h.Applications.ReadThread(ctx, tx, app.ID, by)
			return err
		})
		h.Work()
		return list, err
	}
	write := func(by identity.Principal, message uuid.UUID, words string) error {
		return h.Try(pg.Actor{ID: by.Account, Kind: "staff"}, func(ctx context.Context, tx *pg.Tx) error {
			return h.Applications.Write(ctx, tx, app.ID, by, orchestration.WriteMessage{ID: message, Words: words})
		})
	}
	if _, err := read(stranger); !errors.Is(err, orchestration.ErrForbidden) {
		t.Errorf("another agency reads: %v", err)
	}
	if err := write(stranger, id.New(), "x"); !errors.Is(err, orchestration.ErrForbidden) {
		t.Errorf("another agency writes: %v", err)
	}
	if list, err := read(auditor); err != nil || len(list) != 1 || unread() != 1 {
		t.Errorf("an auditor reads %+v, %v, and %d stay unread", list, err, unread())
	}
	if err := write(auditor, id.New(), "x"); !errors.Is(err, orchestration.ErrForbidden) {
		t.Errorf("an auditor writes: %v", err)
	}
	list, err := read(clerk)
	if err != nil || len(list) != 1 || list[0].Words != said.Note || list[0].Office || len(list[0].Files) != 1 || list[0].Files[0].Name != "foto-CANARIO.jpg" || unread() != 0 {
		t.Errorf("the clerk reads %+v, %v", list, err)
	}
	got := h.Responses()
	if last := got[len(got)-1]; last.Kind != exchange.Seen || !last.At.Equal(list[0].At) {
		t.Errorf("the citizen is told %+v", last)
	}
	if err := write(clerk, id.New(), " "); !errors.Is(err, orchestration.ErrMessage) {
		t.Errorf("nothing written: %v", err)
	}
	mine := id.New()
	for range 2 {
		if err := write(clerk, mine, "Amanhã. CANARIO"); err != nil {
			t.Fatal(err)
		}
	}
	h.Work()
	after := h.Responses()
	if len(after) != 1 || after[0].Kind != exchange.Message || after[0].Note != "Amanhã. CANARIO" || after[0].Message != mine || after[0].State != "" {
		t.Errorf("the citizen gets %+v", after)
	}
	if err := deliver(exchange.ServiceRequest{ID: app.ID, Kind: exchange.Seen, Service: app.Service, Person: app.Person, SubmittedAt: after[0].At}); err != nil {
		t.Fatal(err)
	}
	if list, err = read(clerk); err != nil || len(list) != 2 || list[1].ReadAt == nil || list[1].Author != clerk.Account {
		t.Errorf("the clerk sees %+v, %v", list, err)
	}
	var clear int
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM orchestration.message WHERE position('CANARIO'::bytea IN words) > 0 OR position('CANARIO'::bytea IN coalesce(files, '')) > 0`).Scan(&clear)
	})
	if clear != 0 {
		t.Errorf("%d messages lie in clear", clear)
	}
}

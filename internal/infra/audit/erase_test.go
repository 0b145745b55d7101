package audit_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

func (b *bundle) forget(t testing.TB, person uuid.UUID) (n int) {
	t.Helper()
	b.in(t, pg.Scope{Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) (err error) {
		n, err = b.service.Forget(ctx, tx, person)
		return err
	})
	b.sequence(t)
	return n
}

// life is what happens to one person: acts of their own, acts of others about them, somebody acting for them.
func (b *bundle) life(t testing.TB, person, other uuid.UUID) {
	t.Helper()
	mine := pg.Actor{ID: person, Kind: "person", Session: id.New(), IP: "198.51.100.9", RequestID: id.New().String(), Origin: "sealed"}
	for _, c := range []struct {
		actor pg.Actor
		entry audit.Entry
	}{
		{mine, audit.Entry{Action: "request.submit", Object: "request.request", ObjectID: id.New(), Person: person}},
		{mine, audit.Entry{Action: "identity.account.rename", Object: "identity.account", ObjectID: person, Person: person}},
		{mine, audit.Entry{Action: "wallet.share", Object: "wallet.share", ObjectID: id.New(), Person: other}},
		{clerk, audit.Entry{Action: "orchestration.read", Object: "orchestration.application", ObjectID: id.New(), Person: person}},
		{pg.Actor{ID: other, Kind: "person", OnBehalf: person}, audit.Entry{Action: "request.submit", Object: "request.request", ObjectID: id.New(), Person: person}},
		{pg.Actor{Kind: "system", OnBehalf: person}, audit.Entry{Action: "certificate.issue", Object: "certificate.credential", ObjectID: id.New(), Person: other}},
	} {
		b.in(t, pg.Scope{Actor: c.actor}, func(ctx context.Context, tx *pg.Tx) error { return audit.Record(ctx, tx, c.entry) })
	}
	b.sequence(t)
}

func TestErasingLeavesProofsIntact(t *testing.T) {
	t.Parallel()
	b := setup(t)
	person, other := id.New(), id.New()
	b.life(t, person, other)
	b.record(t, 5)
	proofs := map[uuid.UUID]audit.Proof{}
	for _, row := range b.entries(t, audit.Filter{}) {
		proofs[row.ID] = b.prove(t, row.ID)
	}
	if n := b.forget(t, person); n != 6 {
		t.Errorf("erased from %d entries, want 6", n)
	}
	if r := b.verify(t); !r.Whole() || r.Erased != 6 || r.Rows != 12 {
		t.Fatalf("%+v", r)
	}
	for entry, before := range proofs {
		after := b.prove(t, entry)
		if before.Check() != nil || after.Check() != nil || string(before.Preimage) != string(after.Preimage) {
			t.Errorf("the proof of %s does not hold any more", entry)
		}
	}
	b.in(t, pg.Scope{Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		var dump string
		err := tx.QueryRow(ctx, `SELECT string_agg(e::text, ' ') FROM audit.entry e`).Scan(&dump)
		for what, text := range map[string]string{"the person": person.String(), "their network": "198.51.100.0", "their address": `\x7365616c6564`} {
			if strings.Contains(dump, text) {
				t.Errorf("%s is still there", what)
			}
		}
		if !strings.Contains(dump, other.String()) || !strings.Contains(dump, clerk.ID.String()) {
			t.Error("somebody else is gone")
		}
		return err
	})
	// what an office answers for stays
	read := b.entries(t, audit.Filter{Action: "orchestration.read"})[0]
	if read.Actor != clerk.ID || read.Network == "" || read.Person != uuid.Nil || read.ObjectID == uuid.Nil || !read.Erased {
		t.Errorf("%+v", read)
	}
	told := b.entries(t, audit.Filter{Action: "audit.erase"})
	if len(told) != 1 || told[0].Detail["count"] != 6.0 || told[0].Person != uuid.Nil {
		t.Errorf("told of by %+v", told)
	}
	if n := b.forget(t, person); n != 0 {
		t.Errorf("erased again from %d", n)
	}
}

// TestTwoPeopleOfOneEntry: an entry that leads to two loses each on their own day.
func TestTwoPeopleOfOneEntry(t *testing.T) {
	t.Parallel()
	b := setup(t)
	person, other := id.New(), id.New()
	b.life(t, person, other)
	b.forget(t, person)
	if n := b.forget(t, other); n != 3 { // what they did for the person, and what was about them twice
		t.Errorf("erased from %d", n)
	}
	r := b.verify(t)
	if !r.Whole() || r.Erased != 6 {
		t.Fatalf("%+v", r)
	}
	for _, row := range b.entries(t, audit.Filter{}) {
		if row.Person == other || row.Actor == other || row.Person == person || row.Actor == person {
			t.Errorf("still leads to somebody: %+v", row)
		}
	}
	if n := b.forget(t, clerk.ID); n != 0 {
		t.Error("what staff did in their office is theirs no more")
	}
}

func TestManyEntriesOfOnePerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	person := id.New()
	b.in(t, pg.Scope{Actor: pg.Actor{ID: person, Kind: "person"}}, func(ctx context.Context, tx *pg.Tx) error {
		for range 450 {
			if err := audit.Record(ctx, tx, audit.Entry{Action: "a.b", Object: "a", Person: person}); err != nil {
				return err
			}
		}
		return nil
	})
	if n := b.forget(t, person); n != 450 {
		t.Errorf("erased from %d", n)
	}
	if r := b.verify(t); !r.Whole() || r.Erased != 450 || r.Rows != 453 {
		t.Fatalf("%+v", r)
	}
}

func TestErasingByNobodyIsFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	person, other := id.New(), id.New()
	b.life(t, person, other)
	b.forget(t, person)
	// the remains of an erased entry, made to tell of another row as well
	b.tamper(t, `UPDATE audit.entry SET erased = replace(erased, (SELECT id::text FROM audit.entry WHERE tenant_id = @tenant AND action = 'audit.erase'), gen_random_uuid()::text)
		WHERE tenant_id = @tenant AND action = 'orchestration.read'`)
	if r := b.verify(t); len(r.Findings) != 1 || r.Findings[0].Code != audit.Blanked || r.Findings[0].Seq != 3 {
		t.Fatalf("%+v", r.Findings)
	}
}

func TestWhatIsErasedIsStillGuarded(t *testing.T) {
	t.Parallel()
	for what, do := range map[string]string{
		"the act":               `UPDATE audit.entry SET action = 'x' WHERE id = @entry`,
		"somebody put in":       `UPDATE audit.entry SET person_id = gen_random_uuid() WHERE id = @entry`,
		"a commitment":          `UPDATE audit.entry SET erased = overlay(erased PLACING CASE substr(erased, 60, 1) WHEN '1' THEN '2' ELSE '1' END FROM 60) WHERE id = @entry`,
		"the case of a digit":   `UPDATE audit.entry SET erased = upper(substr(erased, 1, 50)) || substr(erased, 51) WHERE id = @entry`,
		"a space":               `UPDATE audit.entry SET erased = erased || ' ' WHERE id = @entry`,
		"remains taken away":    `UPDATE audit.entry SET erased = NULL, salt = uuid_send(gen_random_uuid()) WHERE id = @entry`,
		"a part not erased":     `UPDATE audit.entry SET object_id = NULL WHERE id = @entry`,
		"what tells of it":      `UPDATE audit.entry SET detail = '{}' WHERE tenant_id = @tenant AND action = 'audit.erase'`,
		"what tells of it gone": `DELETE FROM audit.entry WHERE tenant_id = @tenant AND action = 'audit.erase'`,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			person := id.New()
			b.record(t, 1)
			b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
				return audit.Record(ctx, tx, audit.Entry{Action: "a.b", Object: "a", ObjectID: id.New(), Person: person})
			})
			b.forget(t, person)
			if r := b.verify(t); !r.Whole() {
				t.Fatalf("%+v", r.Findings)
			}
			b.tamper(t, do)
			row := int64(1)
			if strings.HasPrefix(what, "what tells") {
				row = 2
			}
			if r := b.verify(t); len(r.Findings) == 0 || r.Findings[0].Seq != row {
				t.Fatalf("found %+v", r.Findings)
			}
		})
	}
}

func TestWhoMayErase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	person := id.New()
	for _, c := range []struct {
		actor  pg.Actor
		person uuid.UUID
	}{{pg.Actor{ID: person, Kind: "person"}, person}, {pg.Actor{Kind: "anonymous"}, person}, {clerk, uuid.Nil}} {
		err := b.db.InTx(t.Context(), pg.Scope{Tenant: b.tenant, Actor: c.actor}, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.Forget(ctx, tx, c.person)
			return err
		})
		if !errors.Is(err, audit.ErrForbidden) {
			t.Errorf("%s: %v", c.actor.Kind, err)
		}
	}
}

package registry_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/registry"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

type bundle struct {
	t      *testing.T
	db     *pg.DB
	tenant uuid.UUID
	keys   *encryption.Service
	*registry.Service
}

func setup(t *testing.T) *bundle {
	t.Helper()
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{t: t, db: pgtest.New(t), keys: encryption.New(encryption.Deps{Root: root})}
	b.tenant = pgtest.Tenant(t, b.db)
	b.Service = registry.New(registry.Deps{Encryption: b.keys})
	return b
}

func (b *bundle) try(work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.db.InTx(b.t.Context(), pg.Scope{Tenant: b.tenant, Actor: pg.System()}, work)
}

func (b *bundle) write(r registry.Record) (entry uuid.UUID) {
	b.t.Helper()
	err := b.try(func(ctx context.Context, tx *pg.Tx) (err error) {
		entry, err = b.Write(ctx, tx, r)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return entry
}

func (b *bundle) find(register, key string) (e registry.Entry, err error) {
	err = b.try(func(ctx context.Context, tx *pg.Tx) (err error) {
		e, err = b.Find(ctx, tx, register, key)
		return err
	})
	return e, err
}

func licence(holder uuid.UUID, data map[string]any) registry.Record {
	return registry.Record{Register: "licences", Key: "LC-1", Holder: holder, Data: data, Source: "test", SourceID: id.New()}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	b, dulce, nilton := setup(t), id.New(), id.New()
	first := licence(dulce, map[string]any{"name": "Loja da Dulce", "area": float64(40)})
	entry := b.write(first)
	if again := b.write(first); again != entry {
		t.Errorf("written again from the same source it is another entry")
	}
	second := licence(nilton, map[string]any{"name": "Loja do Nilton"})
	if same := b.write(second); same != entry {
		t.Errorf("the second version is another entry")
	}
	if late := b.write(first); late != entry {
		t.Errorf("the first source again, late, is another entry")
	}
	got, err := b.find("licences", "LC-1")
	if err != nil {
		t.Fatal(err)
	}
	if got.Version != 2 || got.Holder != nilton || got.ID != entry {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff(second.Data, got.Data); diff != "" {
		t.Error(diff)
	}
	err = b.try(func(ctx context.Context, tx *pg.Tx) error {
		var versions, audited, clear int
		err := tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM registry.version WHERE record_id = $1),
			(SELECT count(*) FROM audit.entry WHERE action = 'registry.write' AND object_id = $1),
			(SELECT count(*) FROM registry.version WHERE position('Loja'::bytea IN data) > 0)`, entry).Scan(&versions, &audited, &clear)
		if versions != 2 || audited != 2 || clear != 0 {
			t.Errorf("%d versions, %d in the audit record, %d in clear", versions, audited, clear)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// The one who held it before asks to be forgotten: what is in force stays readable.
	if err := b.try(func(ctx context.Context, tx *pg.Tx) error { return b.keys.Forget(ctx, tx, dulce) }); err != nil {
		t.Fatal(err)
	}
	if _, err := b.find("licences", "LC-1"); err != nil {
		t.Errorf("after the first holder was forgotten: %v", err)
	}
}

func TestAnOldVersionCannotBePutBack(t *testing.T) {
	t.Parallel()
	b, holder := setup(t), id.New()
	for _, name := range []string{"old", "new"} {
		b.write(licence(holder, map[string]any{"name": name}))
	}
	err := b.try(func(ctx context.Context, tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE registry.record r SET data = v.data FROM registry.version v WHERE v.record_id = r.id AND v.version = 1`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if e, err := b.find("licences", "LC-1"); !errors.Is(err, encryption.ErrUnreadable) {
		t.Errorf("it reads %v: %v", e.Data, err)
	}
}

// TestWritersAtOnce has one source written by several jobs, and one key by several sources, at the same moment.
func TestWritersAtOnce(t *testing.T) {
	t.Parallel()
	b, holder := setup(t), id.New()
	same := licence(holder, map[string]any{"n": "same"})
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		r := same
		if i%2 == 1 {
			r = licence(holder, map[string]any{"n": "other"})
		}
		wg.Go(func() {
			errs[i] = b.try(func(ctx context.Context, tx *pg.Tx) error {
				_, err := b.Write(ctx, tx, r)
				return err
			})
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if e, err := b.find("licences", "LC-1"); err != nil || e.Version != 5 {
		t.Errorf("version %d, not 5: %v", e.Version, err)
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, key := range []string{"1", "2", "3"} {
		r := licence(id.New(), map[string]any{})
		r.Key = key
		b.write(r)
	}
	var keys []string
	err := b.try(func(ctx context.Context, tx *pg.Tx) error {
		next := page.Request{Size: 2}
		for {
			p, err := b.Records(ctx, tx, "licences", next)
			if err != nil {
				return err
			}
			for _, e := range p.Rows {
				keys = append(keys, e.Key)
				if e.Data != nil {
					t.Error("the list holds data")
				}
			}
			if next.After = p.Next; next.After == "" {
				return nil
			}
		}
	})
	if diff := cmp.Diff([]string{"3", "2", "1"}, keys); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestOtherTenantSeesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := licence(id.New(), map[string]any{"name": "here"})
	here := b.write(r)
	b.tenant = pgtest.Tenant(t, b.db)
	if _, err := b.find("licences", "LC-1"); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if there := b.write(r); there == here {
		t.Error("the same source and key in another tenant is the same entry")
	}
}

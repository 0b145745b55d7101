package encryption_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/encryption/jose"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// dgrni is as whom the tests sign.
var dgrni = encryption.Signer{Owner: "dgrni", Use: encryption.UseCredential}

const canary = "Nha Balila de Santiago 7001"

type bundle struct {
	db      *pg.DB
	tenant  uuid.UUID
	service *encryption.Service
	root    encryption.Root
}

func setup(t *testing.T) *bundle {
	t.Helper()
	db := pgtest.New(t)
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	return &bundle{db: db, tenant: pgtest.Tenant(t, db), root: root, service: encryption.New(encryption.Deps{Root: root})}
}

func (b *bundle) try(scope pg.Scope, work func(ctx context.Context, tx *pg.Tx) error) error {
	if scope.Tenant == uuid.Nil {
		scope.Tenant = b.tenant
	}
	scope.Actor = pg.System()
	return b.db.InTx(context.Background(), scope, work)
}

func (b *bundle) in(t *testing.T, work func(ctx context.Context, tx *pg.Tx) error) {
	t.Helper()
	if err := b.try(pg.Scope{}, work); err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) seal(t *testing.T, person uuid.UUID, p encryption.Place, plain string) (sealed []byte) {
	t.Helper()
	b.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		sealed, err = b.service.SealString(ctx, tx, person, p, plain)
		return err
	})
	return sealed
}

// open opens with a service that has nothing in memory.
func (b *bundle) open(tenant, person uuid.UUID, p encryption.Place, sealed []byte) (plain string, err error) {
	fresh := encryption.New(encryption.Deps{Root: b.root})
	err = b.try(pg.Scope{Tenant: tenant, ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) (err error) {
		plain, err = fresh.OpenString(ctx, tx, person, p, sealed)
		return err
	})
	return plain, err
}

func place() encryption.Place {
	return encryption.Place{Table: "identity.contact", Column: "address", Row: id.New()}
}

func TestSealedIsReadInItsPlaceAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, person := range []uuid.UUID{uuid.Nil, id.New()} {
		p := place()
		sealed := b.seal(t, person, p, canary)
		if bytes.Contains(sealed, []byte("Balila")) {
			t.Fatal("the sealed value shows the plain one")
		}
		if plain, err := b.open(b.tenant, person, p, sealed); err != nil || plain != canary {
			t.Fatalf("got %q, %v", plain, err)
		}
		other := pgtest.Tenant(t, b.db)
		moved := []struct {
			what           string
			tenant, person uuid.UUID
			place          encryption.Place
		}{
			{"another row", b.tenant, person, encryption.Place{Table: p.Table, Column: p.Column, Row: id.New()}},
			{"another column", b.tenant, person, encryption.Place{Table: p.Table, Column: "name", Row: p.Row}},
			{"another table", b.tenant, person, encryption.Place{Table: "identity.account", Column: p.Column, Row: p.Row}},
			{"another person", b.tenant, id.New(), p},
			{"another tenant", other, person, p},
		}
		for _, m := range moved {
			if plain, err := b.open(m.tenant, m.person, m.place, sealed); !errors.Is(err, encryption.ErrUnreadable) {
				t.Errorf("%s: got %q, %v", m.what, plain, err)
			}
		}
		for i := range sealed {
			altered := bytes.Clone(sealed)
			altered[i] ^= 1
			if plain, err := b.open(b.tenant, person, p, altered); !errors.Is(err, encryption.ErrUnreadable) {
				t.Fatalf("byte %d altered: got %q, %v", i, plain, err)
			}
		}
		for _, cut := range [][]byte{nil, {}, sealed[:1], sealed[:len(sealed)-1]} {
			if _, err := b.open(b.tenant, person, p, cut); !errors.Is(err, encryption.ErrUnreadable) {
				t.Fatalf("cut to %d bytes: %v", len(cut), err)
			}
		}
	}
}

func TestTheSameTextIsNeverSealedTheSameWay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, person := place(), id.New()
	if bytes.Equal(b.seal(t, person, p, canary), b.seal(t, person, p, canary)) {
		t.Fatal("two sealings are equal")
	}
}

func TestRacersMakeOneKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	person, p := id.New(), place()
	sealed := make([][]byte, 8)
	failed := make([]error, len(sealed))
	var wg sync.WaitGroup
	for i := range sealed {
		wg.Go(func() {
			service := encryption.New(encryption.Deps{Root: b.root}) // each a process of its own
			failed[i] = b.try(pg.Scope{}, func(ctx context.Context, tx *pg.Tx) (err error) {
				sealed[i], err = service.SealString(ctx, tx, person, p, canary)
				return err
			})
		})
	}
	wg.Wait()
	for i := range sealed {
		if failed[i] != nil {
			t.Fatal(failed[i])
		}
		if plain, err := b.open(b.tenant, person, p, sealed[i]); err != nil || plain != canary {
			t.Fatalf("racer %d: %q, %v", i, plain, err)
		}
	}
}

func TestAKeyThatWasRolledBackIsNotUsed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	person, p := id.New(), place()
	enough := errors.New("enough")
	err := b.try(pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
		for range 2 {
			if _, err := b.service.SealString(ctx, tx, person, p, canary); err != nil {
				return err
			}
		}
		return enough
	})
	if !errors.Is(err, enough) {
		t.Fatal(err)
	}
	if plain, err := b.open(b.tenant, person, p, b.seal(t, person, p, canary)); err != nil || plain != canary {
		t.Fatalf("got %q, %v", plain, err)
	}
}

func TestForget(t *testing.T) {
	t.Parallel()
	b := setup(t)
	person, other, p := id.New(), id.New(), place()
	sealed, kept := b.seal(t, person, p, canary), b.seal(t, other, p, canary)
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.Warm(ctx, tx, person, other) })
	for range 2 {
		b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.Forget(ctx, tx, person) })
	}
	if _, err := b.open(b.tenant, person, p, sealed); !errors.Is(err, encryption.ErrForgotten) {
		t.Fatalf("got %v", err)
	}
	err := b.try(pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.SealString(ctx, tx, person, p, canary)
		return err
	})
	if !errors.Is(err, encryption.ErrForgotten) {
		t.Fatalf("sealing for a forgotten person: %v", err)
	}
	if plain, err := b.open(b.tenant, other, p, kept); err != nil || plain != canary {
		t.Fatalf("the other person: %q, %v", plain, err)
	}
}

func TestRoot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	person, p := id.New(), place()
	sealed := b.seal(t, person, p, canary)
	stranger, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what string
		root encryption.Root
		want error
	}{{"right", b.root, nil}, {"wrong", stranger, encryption.ErrRoot}, {"missing", encryption.Root{}, encryption.ErrSealed}} {
		service := encryption.New(encryption.Deps{Root: c.root})
		check := b.try(pg.Scope{ReadOnly: true}, service.CheckRoot)
		if !errors.Is(check, c.want) {
			t.Errorf("%s root: check says %v", c.what, check)
		}
		err := b.try(pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
			_, err := service.Open(ctx, tx, person, p, sealed)
			return err
		})
		if !errors.Is(err, c.want) {
			t.Errorf("%s root: open says %v", c.what, err)
		}
	}
}

func TestBlindIndex(t *testing.T) {
	t.Parallel()
	b := setup(t)
	index := func(tenant uuid.UUID, field, value string) (index []byte) {
		err := b.try(pg.Scope{Tenant: tenant}, func(ctx context.Context, tx *pg.Tx) (err error) {
			index, err = b.service.BlindIndex(ctx, tx, field, value)
			return err
		})
		if err != nil || len(index) != 32 {
			t.Fatalf("%d bytes, %v", len(index), err)
		}
		return index
	}
	same := index(b.tenant, "phone", "+2389911111")
	if !bytes.Equal(same, index(b.tenant, "phone", "+2389911111")) {
		t.Fatal("the same value differs")
	}
	other := pgtest.Tenant(t, b.db)
	for what, differs := range map[string][]byte{
		"value": index(b.tenant, "phone", "+2389911112"), "field": index(b.tenant, "email", "+2389911111"), "tenant": index(other, "phone", "+2389911111"),
	} {
		if bytes.Equal(same, differs) {
			t.Errorf("another %s gives the same index", what)
		}
	}
	empty := pgtest.Tenant(t, b.db)
	err := b.try(pg.Scope{Tenant: empty, ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.BlindIndex(ctx, tx, "phone", "+2389911111")
		return err
	})
	if err != nil {
		t.Fatalf("reading in an empty tenant: %v", err)
	}
}

func TestSign(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var text string
	var jwks []byte
	b.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		if text, err = b.service.Sign(ctx, tx, dgrni, map[string]any{"typ": "dc+sd-jwt"}, []byte(`{"sub":"1"}`)); err != nil {
			return err
		}
		jwks, err = b.service.JWKS(ctx, tx, "dgrni")
		return err
	})
	if bytes.Contains(jwks, []byte(`"d"`)) {
		t.Fatal("the private part is published")
	}
	keys, err := jose.ParseSet(jwks)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	if payload, err := jose.Verify(keys[0], text); err != nil || string(payload) != `{"sub":"1"}` {
		t.Fatalf("by the published key: %q, %v", payload, err)
	}
	verify := func(tenant uuid.UUID, text string) (signed encryption.Signed, err error) {
		err = b.try(pg.Scope{Tenant: tenant, ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) (err error) {
			signed, err = b.service.Verify(ctx, tx, text)
			return err
		})
		return signed, err
	}
	signed, err := verify(b.tenant, text)
	if err != nil || signed.Signer != dgrni || signed.KeyID != keys[0].ID() || signed.Header["typ"] != "dc+sd-jwt" {
		t.Fatalf("%+v, %v", signed, err)
	}
	parts := strings.Split(text, ".")
	for _, bad := range []string{
		"", "a.b.c", parts[0] + "." + parts[1] + ".", parts[0] + ".eyJzdWIiOiIyIn0." + parts[2], "eyJhbGciOiJub25lIn0." + parts[1] + ".",
	} {
		if _, err := verify(b.tenant, bad); !errors.Is(err, encryption.ErrSignature) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := verify(pgtest.Tenant(t, b.db), text); !errors.Is(err, encryption.ErrSignature) {
		t.Fatalf("in another tenant: %v", err)
	}
}

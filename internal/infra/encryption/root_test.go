package encryption_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/encryption/vault"
	"digit/internal/infra/encryption/vault/vaulttest"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/migrate"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

// house is an installation of its own: its root key is nobody else's.
type house struct {
	t      *testing.T
	db     *pg.DB
	dir    string
	tenant uuid.UUID
}

func newHouse(t *testing.T) *house {
	t.Helper()
	ownerURL, appURL := pgtest.Scratch(t)
	if err := migrate.Up(t.Context(), ownerURL); err != nil {
		t.Fatal(err)
	}
	return &house{t: t, db: pgtest.Open(t, appURL), dir: t.TempDir()}
}

// boots starts a process that has its root key where it says, and expects the outcome.
func (h *house) boots(key encryption.RootKey, want error) *encryption.Service {
	h.t.Helper()
	s := encryption.New(encryption.Deps{RootKey: key, Times: quick})
	if err := s.Unseal(context.Background(), h.db); !errors.Is(err, want) {
		h.t.Fatalf("with %s: got %v, want %v", key.Name(), err, want)
	}
	if s.Sealed() != (want != nil) {
		h.t.Fatalf("with %s: sealed is %v", key.Name(), s.Sealed())
	}
	return s
}

func (h *house) file(name string) encryption.RootKey {
	return encryption.RootFile(filepath.Join(h.dir, name))
}

var phonePlace = encryption.Place{Table: "identity.contact", Column: "address", Row: id.New()}

func (h *house) seals(s *encryption.Service, person uuid.UUID) (sealed []byte) {
	h.t.Helper()
	if err := h.db.InTx(context.Background(), pg.Scope{Tenant: h.tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) (err error) {
		sealed, err = s.SealString(ctx, tx, person, phonePlace, canary)
		return err
	}); err != nil {
		h.t.Fatal(err)
	}
	return sealed
}

func (h *house) opens(s *encryption.Service, person uuid.UUID, sealed []byte) error {
	h.t.Helper()
	return h.db.InTx(context.Background(), pg.Scope{Tenant: h.tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		plain, err := s.OpenString(ctx, tx, person, phonePlace, sealed)
		if err == nil && plain != canary {
			err = errors.New("something else")
		}
		return err
	})
}

func TestTheRootKeyIsMadeOnceAndForAll(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	key := h.file("keys/root.key")
	h.boots(key.Existing(), encryption.ErrSealed)
	var wg sync.WaitGroup
	ids := make([]string, 4)
	for i := range ids {
		wg.Go(func() { ids[i] = h.boots(key, nil).Custody().Root })
	}
	wg.Wait()
	for _, one := range ids {
		if one == "" || one != ids[0] {
			t.Fatalf("they made different ones: %v", ids)
		}
	}
	path := filepath.Join(h.dir, "keys/root.key")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Fatalf("left behind: %v", left)
	}
	h.tenant = pgtest.Tenant(t, h.db)
	sealed := h.seals(h.boots(key, nil), id.New())
	_ = sealed
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	h.boots(key, encryption.ErrSealed)                 // others may read it
	h.boots(encryption.RootMount(path), nil)           // a mounted secret has modes of its own
	h.boots(h.file("other.key"), encryption.ErrSealed) // beside data none is made
	if _, err := os.Stat(filepath.Join(h.dir, "other.key")); err == nil {
		t.Error("a root key was made beside old data")
	}
	if _, text, err := encryption.NewRoot(); err != nil || os.WriteFile(filepath.Join(h.dir, "other.key"), text, 0o600) != nil {
		t.Fatal(err)
	}
	h.boots(h.file("other.key"), encryption.ErrRoot) // that of another installation
	h.boots(encryption.RootKey{}, encryption.ErrSealed)
}

func TestTheRootKeyFromTheEnvironment(t *testing.T) {
	h := newHouse(t)
	h.boots(encryption.RootEnv(), encryption.ErrSealed)
	_, text, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DIGIT_ROOT_KEY", string(text))
	if c := h.boots(encryption.RootEnv(), nil).Custody(); c.Kept != "env" || c.Root == "" {
		t.Errorf("%+v", c)
	}
	t.Setenv("DIGIT_ROOT_KEY", "{}")
	h.boots(encryption.RootEnv(), encryption.ErrSealed)
}

// TestASealedProcessUnsealsItself starts while the key cannot be had and goes on by itself when it can.
func TestASealedProcessUnsealsItself(t *testing.T) {
	engine := vaulttest.New(t)
	t.Setenv("DIGIT_VAULT_TOKEN", engine.Token)
	h := newHouse(t)
	transit := open(t, engine)
	first := h.boots(transit, nil)
	h.tenant = pgtest.Tenant(t, h.db)
	person := id.New()
	sealed := h.seals(first, person)
	asked := engine.Asked()
	if err := h.opens(first, person, sealed); err != nil || engine.Asked() != asked {
		t.Fatalf("%v; asked %d times for it", err, engine.Asked()-asked)
	}

	engine.Seal(true)
	late := h.boots(transit, encryption.ErrAway)
	if c := late.Custody(); !c.Sealed || !errors.Is(c.Why, encryption.ErrAway) || c.Kept != transit.Name() {
		t.Errorf("%+v", c)
	}
	if err := h.opens(late, person, sealed); !errors.Is(err, encryption.ErrSealed) {
		t.Fatalf("sealed, it says %v", err)
	}
	if err := h.opens(first, person, sealed); err != nil {
		t.Fatalf("the process that has the key: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan bool)
	go func() { late.Watch(ctx, h.db, slog.New(slog.DiscardHandler)); close(ended) }()
	defer func() { cancel(); <-ended }()
	engine.Seal(false)
	hears(t, "the sealed process", func() bool { return !late.Sealed() })
	if err := h.opens(late, person, sealed); err != nil {
		t.Fatalf("unsealed, it says %v", err)
	}
}

func open(t *testing.T, engine *vaulttest.Server) encryption.RootKey {
	t.Helper()
	v, err := vault.Open(engine.URL)
	if err != nil {
		t.Fatal(err)
	}
	return encryption.RootIn(v)
}

// TestChangingTheRootKey goes from a file to another, and on to a transit engine, while processes that were started with the
// first run all the time.
func TestChangingTheRootKey(t *testing.T) {
	engine := vaulttest.New(t)
	t.Setenv("DIGIT_VAULT_TOKEN", engine.Token)
	h := newHouse(t)
	one, two, three := h.file("one.key"), h.file("two.key"), open(t, engine)
	running := h.boots(one, nil)
	listen(t, h.db, running.Listen)
	tenants := []uuid.UUID{pgtest.Tenant(t, h.db), pgtest.Tenant(t, h.db), pgtest.Tenant(t, h.db)}
	person := id.New()
	sealed := map[uuid.UUID][]byte{}
	for _, tenant := range tenants[:2] {
		h.tenant = tenant
		sealed[tenant] = h.seals(running, person)
	}
	everybody := func(when string, processes ...*encryption.Service) {
		t.Helper()
		for _, s := range processes {
			for _, tenant := range tenants[:2] {
				h.tenant = tenant
				s.Afresh()
				if err := h.opens(s, person, sealed[tenant]); err != nil {
					t.Errorf("%s: %s: %v", when, s.Custody().Kept, err)
				}
			}
		}
	}
	tool := h.boots(one.Existing(), nil)
	if err := tool.RotateRoot(context.Background(), h.db, one, func(encryption.RootProgress) {}); !errors.Is(err, encryption.ErrSameRoot) {
		t.Fatalf("to the same: %v", err)
	}
	interrupted, cancel := context.WithCancel(context.Background())
	err := tool.RotateRoot(interrupted, h.db, two, func(p encryption.RootProgress) {
		if p.Step == "wrapping" && p.Done == 1 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}
	everybody("between", running, h.boots(one, nil), h.boots(two, nil))
	var last encryption.RootProgress
	if err := h.boots(one, nil).RotateRoot(context.Background(), h.db, two, func(p encryption.RootProgress) { last = p }); err != nil {
		t.Fatal(err)
	}
	if last.Step != "done" || last.KeysetsOnOld != 0 || last.Tenants != 3 || last.From == last.To {
		t.Errorf("the last step: %+v", last)
	}
	second := h.boots(two, nil)
	everybody("changed", running, second, h.boots(one, nil))
	hears(t, "the running process", func() bool { return running.Unseal(context.Background(), h.db) == nil && running.Custody().Moved() })
	if _, err := running.CloseRoot(context.Background(), h.db); !errors.Is(err, encryption.ErrRootInUse) {
		t.Fatalf("closed by who runs on the old one: %v", err)
	}
	h.tenant = tenants[2]
	fresh := h.seals(running, person) // keys made meanwhile are under the new one
	if err := h.opens(h.boots(two, nil), person, fresh); err != nil {
		t.Fatal(err)
	}
	closed, err := second.CloseRoot(context.Background(), h.db)
	if err != nil || len(closed) != 1 || closed[0] != one.Name() {
		t.Fatalf("%v, %v", closed, err)
	}
	h.boots(one, encryption.ErrRoot)
	everybody("closed", running, second, h.boots(two, nil))

	if err := h.boots(two, nil).RotateRoot(context.Background(), h.db, three, func(encryption.RootProgress) {}); err != nil {
		t.Fatal(err)
	}
	third := h.boots(three, nil)
	everybody("moved to the engine", running, second, third)
	if err := third.RotateRoot(context.Background(), h.db, three, func(encryption.RootProgress) {}); err != nil {
		t.Fatalf("within the engine: %v", err)
	}
	fourth := h.boots(three, nil)
	if fourth.Custody().Root == third.Custody().Root {
		t.Error("within the engine it is still the same")
	}
	everybody("changed in the engine", second, third, fourth)
	if _, err := fourth.CloseRoot(context.Background(), h.db); err != nil {
		t.Fatal(err)
	}
	h.boots(two, encryption.ErrRoot)
	everybody("closed again", h.boots(three, nil))
	for _, tenant := range tenants {
		if err := h.db.InTx(context.Background(), pg.Scope{Tenant: tenant, Actor: pg.System(), ReadOnly: true}, h.boots(three, nil).CheckRoot); err != nil {
			t.Error(err)
		}
	}
}

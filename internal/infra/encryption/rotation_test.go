package encryption_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

// pair are two processes over one database, with a tenant that has some rows of its own and of people.
type pair struct {
	root    encryption.Root
	a, b    *process
	tenant  uuid.UUID
	people  []uuid.UUID
	mu      sync.Mutex
	rows    []uuid.UUID
	signed  []string
	byMAC   map[uuid.UUID][]byte
	foreign [][]byte
}

func twins(t *testing.T, rows int) *pair {
	t.Helper()
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	p := &pair{root: root, a: start(t, root), b: start(t, root), byMAC: map[uuid.UUID][]byte{}}
	p.tenant = pgtest.Tenant(t, p.a.db)
	for range 4 {
		p.people = append(p.people, id.New())
	}
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error {
		for i := range rows {
			if err := p.add(ctx, tx, p.a, i); err != nil {
				return err
			}
		}
		return nil
	})
	return p
}

var order = encryption.Order{Owner: "dgrni", Purpose: "tax.assessment", Associated: []byte("case 1")}

// add writes one of everything.
func (p *pair) add(ctx context.Context, tx *pg.Tx, by *process, n int) error {
	person := uuid.Nil
	if n%3 != 0 {
		person = p.people[n%len(p.people)]
	}
	row, err := by.write(ctx, tx, person)
	if err != nil {
		return err
	}
	text, err := by.Sign(ctx, tx, dgrni, nil, row[:])
	if err != nil {
		return err
	}
	mac, err := by.MAC(ctx, tx, "test", row[:])
	if err != nil {
		return err
	}
	sealed, err := by.Encrypt(ctx, tx, order, row[:])
	if err != nil {
		return err
	}
	tx.AfterCommit(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.rows, p.signed, p.foreign = append(p.rows, row), append(p.signed, text), append(p.foreign, sealed)
		p.byMAC[row] = mac
	})
	return nil
}

// look reads one of everything that was written before the transaction began.
func (p *pair) look(ctx context.Context, tx *pg.Tx, by *process, known int) error {
	p.mu.Lock()
	i := rand.IntN(known)
	row, text, sealed := p.rows[i], p.signed[i], p.foreign[i]
	mac := p.byMAC[row]
	p.mu.Unlock()
	if err := by.read(ctx, tx, row); err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	if _, err := by.Verify(ctx, tx, text); err != nil {
		return fmt.Errorf("verifying: %w", err)
	}
	if ok, err := by.CheckMAC(ctx, tx, "test", row[:], mac); err != nil || !ok {
		return fmt.Errorf("checking: %v, %w", ok, err)
	}
	if tx.ReadOnly {
		return nil
	}
	plain, err := by.Decrypt(ctx, tx, order, sealed)
	if err == nil && string(plain) != string(row[:]) {
		err = errors.New("another plain text")
	}
	return err
}

// traffic has both processes write and read all the time until it is stopped, and returns how often and what failed.
func (p *pair) traffic(t *testing.T) (stop func() (int64, []error)) {
	t.Helper()
	var n atomic.Int64
	var mu sync.Mutex
	var failed []error
	var wg sync.WaitGroup
	done := make(chan bool)
	work := func(by *process, scope pg.Scope, act func(ctx context.Context, tx *pg.Tx, by *process, i, known int) error) {
		defer wg.Done()
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			case <-time.After(2 * time.Millisecond): // leave the machine some room for the work itself
			}
			scope.Tenant, scope.Actor = p.tenant, pg.System()
			p.mu.Lock()
			known := len(p.foreign)
			p.mu.Unlock()
			err := by.db.InTx(context.Background(), scope, func(ctx context.Context, tx *pg.Tx) error { return act(ctx, tx, by, i, known) })
			if n.Add(1); err != nil {
				mu.Lock()
				failed = append(failed, err)
				mu.Unlock()
			}
		}
	}
	look := func(ctx context.Context, tx *pg.Tx, by *process, _, known int) error {
		return p.look(ctx, tx, by, known)
	}
	add := func(ctx context.Context, tx *pg.Tx, by *process, i, _ int) error { return p.add(ctx, tx, by, i) }
	for _, by := range []*process{p.a, p.b} {
		wg.Add(3)
		go work(by, pg.Scope{}, add)
		go work(by, pg.Scope{}, look)
		go work(by, pg.Scope{ReadOnly: true}, look)
	}
	return func() (int64, []error) {
		close(done)
		wg.Wait()
		return n.Load(), failed
	}
}

// TestRotationsUnderTraffic changes every key of a tenant while two processes serve it, one after the other. The process
// that works a rotation is killed again and again in the middle of a batch.
func TestRotationsUnderTraffic(t *testing.T) {
	t.Parallel()
	p := twins(t, 120)
	for _, by := range []*process{p.a, p.b} { // longer than a transaction takes, on a machine that has much else to do
		by.Wait(time.Second, 2*time.Second)
	}
	stop := p.traffic(t)
	var rotations []uuid.UUID
	for _, purpose := range encryption.Purposes {
		rotation := p.a.begin(t, p.tenant, purpose, uuid.Nil)
		rotations = append(rotations, rotation)
		p.hamper(t, rotation)
		last := encryption.Resting
		if purpose.Lasting() {
			last = encryption.Done
		}
		p.b.until(t, p.tenant, rotation, last, encryption.Done)
	}
	for _, person := range p.people {
		rotations = append(rotations, p.b.begin(t, p.tenant, encryption.ForPerson, person))
	}
	p.b.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error { return p.b.RotateSigning(ctx, tx, dgrni) })
	for _, rotation := range rotations {
		p.b.until(t, p.tenant, rotation, encryption.Done)
	}
	n, failed := stop()
	for i, err := range failed {
		if i < 10 {
			t.Errorf("failed: %v", err)
		}
	}
	t.Logf("%d units of work, %d failed", n, len(failed))
	for _, rotation := range rotations {
		found := p.a.progress(t, p.tenant, rotation)
		if found.Remaining != 0 || found.State != encryption.Done {
			t.Errorf("%s: %d rows remain, %s", found.Purpose, found.Remaining, found.State)
		}
	}
	p.everything(t)
	p.nothingOld(t, rotations)
}

// hamper works a rotation in process A for a while, killing each try in its middle.
func (p *pair) hamper(t *testing.T, rotation uuid.UUID) {
	t.Helper()
	for i := range 30 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rand.IntN(6000))*time.Microsecond)
		err := p.a.Batch(ctx, p.a.db, p.tenant, rotation)
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) && !strings.Contains(err.Error(), "timeout") && !errors.Is(err, pg.ErrUnavailable) {
			t.Fatalf("try %d: %v", i, err)
		}
	}
}

// everything reads whatever was written, with services that have nothing in memory.
func (p *pair) everything(t *testing.T) {
	t.Helper()
	p.a.Afresh()
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error {
		for _, row := range p.rows {
			if err := p.a.read(ctx, tx, row); err != nil {
				return err
			}
		}
		return nil
	})
}

// nothingOld counts, past the module, the rows under keys that were changed.
func (p *pair) nothingOld(t *testing.T, rotations []uuid.UUID) {
	t.Helper()
	for _, rotation := range rotations {
		r := p.a.progress(t, p.tenant, rotation)
		var n int
		p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error {
			return tx.QueryRow(ctx, `SELECT count(*) FROM encryption.sample WHERE encode(substring(value FROM 3 FOR 4), 'hex') = $1
				OR $2 AND encode(substring(word FROM 5 FOR 4), 'hex') <> $3`, r.OldKey, r.Purpose == encryption.ForIndexes, r.NewKey).Scan(&n)
		})
		if n != 0 {
			t.Errorf("%d rows stand under the old key of %s", n, r.Purpose)
		}
	}
}

func TestARotationCanBePausedCancelledAndTakenBack(t *testing.T) {
	t.Parallel()
	p := twins(t, 30)
	act := func(f func(context.Context, *pg.Tx, uuid.UUID) error, rotation uuid.UUID, want error) {
		t.Helper()
		err := p.a.as(p.tenant, pg.System(), func(ctx context.Context, tx *pg.Tx) error { return f(ctx, tx, rotation) })
		if !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	first := p.a.begin(t, p.tenant, encryption.ForSealing, uuid.Nil)
	err := p.a.as(p.tenant, pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := p.a.Rotate(ctx, tx, encryption.ForSealing, uuid.Nil)
		return err
	})
	if !errors.Is(err, encryption.ErrRotating) {
		t.Fatalf("a second at the same time: %v", err)
	}
	act(p.a.Resume, first, encryption.ErrState)
	act(p.a.Reopen, first, encryption.ErrState)
	act(p.a.Pause, first, nil)
	act(p.a.Pause, first, encryption.ErrState)
	time.Sleep(2 * quick.Spread)
	pgtest.Work(t, p.a.db, p.a.jobs)
	if s := p.a.progress(t, p.tenant, first); s.State != encryption.Spreading || !s.Paused {
		t.Fatalf("paused, it is %+v", s)
	}
	act(p.a.Cancel, first, nil)
	act(p.a.Cancel, first, encryption.ErrState)
	if s := p.a.progress(t, p.tenant, first); s.State != encryption.Cancelled || s.EndedAt == nil {
		t.Fatalf("cancelled, it is %+v", s)
	}
	act(p.a.Cancel, id.New(), encryption.ErrNoRotation)

	second := p.a.begin(t, p.tenant, encryption.ForSealing, uuid.Nil)
	p.a.patient(t, p.tenant, second)
	found := p.a.until(t, p.tenant, second, encryption.Resting)
	if found.Percent() != 100 || found.Remaining != 0 || found.Total != 15 || found.DestroyAt == nil {
		t.Fatalf("resting: %+v", found)
	}
	act(p.a.Cancel, second, encryption.ErrState)
	act(p.a.Reopen, second, nil)
	p.a.until(t, p.tenant, second, encryption.Resting)
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE encryption.rotation SET destroy_at = now() WHERE id = $1`, second)
		return err
	})
	p.a.until(t, p.tenant, second, encryption.Done)
	p.everything(t)

	person := p.people[1]
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error {
		keys, err := p.a.TenantKeys(ctx, tx)
		if err != nil {
			return err
		}
		states := map[string]string{}
		for _, v := range keys[0].Keys {
			states[v.Key] = v.State
		}
		if keys[0].Purpose != encryption.ForSealing || states[found.OldKey] != "destroyed" || states[found.NewKey] != "active" || keys[0].Due.Before(tx.Wall) {
			t.Errorf("the keys: %+v", keys[0])
		}
		living, forgotten, err := p.a.People(ctx, tx)
		if living < 2 || forgotten != 0 {
			t.Errorf("%d people, %d forgotten", living, forgotten)
		}
		if k, err := p.a.PersonKey(ctx, tx, person); err != nil || k.RotatedAt != nil {
			t.Errorf("a person's key: %+v, %v", k, err)
		}
		if _, err := p.a.PersonKey(ctx, tx, id.New()); !errors.Is(err, encryption.ErrNoKey) {
			t.Errorf("nobody's key: %v", err)
		}
		return err
	})
	third := p.a.begin(t, p.tenant, encryption.ForPerson, person)
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error { return p.a.Forget(ctx, tx, person) })
	p.a.until(t, p.tenant, third, encryption.Done)
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error {
		if _, err := p.a.Rotate(ctx, tx, encryption.ForPerson, id.New()); !errors.Is(err, encryption.ErrNoKey) {
			t.Errorf("the key of nobody: %v", err)
		}
		all, err := p.a.Rotations(ctx, tx, page.Request{Size: 2})
		if len(all.Rows) != 2 || all.Next == "" || all.Rows[0].ID != third {
			t.Errorf("the list: %+v", all)
		}
		open, err2 := p.a.OpenRotations(ctx, tx)
		if len(open) != 0 {
			t.Errorf("open: %+v", open)
		}
		return errors.Join(err, err2)
	})
}

// patient has the old key rest for long.
func (p *process) patient(t *testing.T, tenant, rotation uuid.UUID) {
	t.Helper()
	p.Keep(time.Hour)
	t.Cleanup(func() { p.Keep(quick.Retention) })
}

func TestWhatCannotBeReadStopsARotation(t *testing.T) {
	t.Parallel()
	p := twins(t, 10)
	broken := func(set string) {
		p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE encryption.sample SET value = `+set+` WHERE person_id = '00000000-0000-0000-0000-000000000000'
				AND id = (SELECT min(id::text)::uuid FROM encryption.sample WHERE person_id = '00000000-0000-0000-0000-000000000000')`)
			return err
		})
	}
	broken("set_byte(value, 30, 255 - get_byte(value, 30))")
	rotation := p.a.begin(t, p.tenant, encryption.ForSealing, uuid.Nil)
	found := p.a.until(t, p.tenant, rotation, encryption.Blocked)
	if found.Remaining != 1 || found.Unreadable != 1 || found.Percent() == 100 {
		t.Fatalf("blocked: %+v", found)
	}
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error { return p.a.Resume(ctx, tx, rotation) })
	p.a.until(t, p.tenant, rotation, encryption.Blocked) // still
	broken("set_byte(value, 30, 255 - get_byte(value, 30))")
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error { return p.a.Resume(ctx, tx, rotation) })
	p.a.until(t, p.tenant, rotation, encryption.Done)
	p.everything(t)
}

// TestALateRowCallsTheOldKeyBack: something that was sealed with the old key turns up just before it would be destroyed.
func TestALateRowCallsTheOldKeyBack(t *testing.T) {
	t.Parallel()
	p := twins(t, 5)
	var late []byte
	row := id.New()
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) (err error) {
		late, err = p.a.SealString(ctx, tx, uuid.Nil, sample(row), word(row))
		return err
	})
	rotation := p.a.begin(t, p.tenant, encryption.ForSealing, uuid.Nil)
	p.a.patient(t, p.tenant, rotation)
	p.a.until(t, p.tenant, rotation, encryption.Resting)
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error {
		index, err := p.a.BlindIndex(ctx, tx, "word", word(row))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO encryption.sample (id, person_id, value, word) VALUES ($1, $2, $3, $4)`, row, uuid.Nil, late, index); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE encryption.rotation SET destroy_at = now() WHERE id = $1`, rotation)
		return err
	})
	p.rows = append(p.rows, row)
	p.a.Keep(quick.Retention)
	p.a.until(t, p.tenant, rotation, encryption.Done)
	p.everything(t)
}

func TestAProcessThatDiedIsReplaced(t *testing.T) {
	t.Parallel()
	p := twins(t, 5)
	rotation := p.a.begin(t, p.tenant, encryption.ForSealing, uuid.Nil) // its job waits in the queue of A, which nobody works
	time.Sleep(2 * quick.Spread)
	p.b.do(t, p.tenant, p.b.Tend)
	pgtest.Work(t, p.b.db, p.b.jobs)
	if s := p.b.progress(t, p.tenant, rotation); s.State != encryption.Spreading {
		t.Fatalf("B interfered: %+v", s)
	}
	p.b.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE encryption.rotation SET started_at = started_at - interval '2 minutes', ready_at = ready_at - interval '2 minutes' WHERE id = $1`, rotation)
		return err
	})
	p.b.do(t, p.tenant, p.b.Tend)
	pgtest.Work(t, p.b.db, p.b.jobs)
	if s := p.b.progress(t, p.tenant, rotation); s.State == encryption.Spreading {
		t.Fatalf("nobody took it up: %+v", s)
	}
}

func TestStrangersManageNoKeys(t *testing.T) {
	t.Parallel()
	p := twins(t, 1)
	for _, actor := range []pg.Actor{{Kind: "person", ID: id.New()}, {Kind: "anonymous"}, {Kind: "machine", ID: id.New()}} {
		for what, act := range map[string]func(context.Context, *pg.Tx) error{
			"rotate": func(ctx context.Context, tx *pg.Tx) error {
				_, err := p.a.Rotate(ctx, tx, encryption.ForSealing, uuid.Nil)
				return err
			},
			"rotate a signing key": func(ctx context.Context, tx *pg.Tx) error { return p.a.RotateSigning(ctx, tx, dgrni) },
			"pause":                func(ctx context.Context, tx *pg.Tx) error { return p.a.Pause(ctx, tx, id.New()) },
			"propose": func(ctx context.Context, tx *pg.Tx) error {
				_, err := p.a.Propose(ctx, tx, encryption.DestroyPerson, p.people[0].String(), "so")
				return err
			},
			"decide": func(ctx context.Context, tx *pg.Tx) error { return p.a.Decide(ctx, tx, id.New(), true) },
		} {
			if err := p.a.as(p.tenant, actor, act); !errors.Is(err, encryption.ErrForbidden) {
				t.Errorf("%s as %s: %v", what, actor.Kind, err)
			}
		}
	}
}

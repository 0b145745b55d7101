package identity_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/pg"
)

// TestTriesAreOnRecord: each way in leaves an entry with what it was proved by, and each failure one that says whose it was,
// though what failed is rolled back; of an address that nobody has it says nobody.
func TestTriesAreOnRecord(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), context.Background()
	in := b.signIn(t, sms)
	if err := b.setPassword(in, passphrase); err != nil {
		t.Fatal(err)
	}
	in, a, codes := b.withApp(t, in)
	owner := in.Principal.Account
	b.relax(t)
	code, err := b.start(visitor(), sms)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.finish(code, "x", 0); !errors.Is(err, identity.ErrCodeWrong) {
		t.Fatal(err)
	}
	for _, address := range []string{sms.Address, "998 88 88"} {
		if _, err := b.enter(ctx, address, "wrong", false, 0); !errors.Is(err, identity.ErrPasswordWrong) {
			t.Fatal(err)
		}
	}
	half := b.half(t, sms)
	if _, err := b.second(half, "000000", a.step(0), false); !errors.Is(err, identity.ErrTOTPWrong) {
		t.Fatal(err)
	}
	if _, err := b.second(half, "aaaa-bbbb-cccc-dddd", clock.Now(), true); !errors.Is(err, identity.ErrRecoveryWrong) {
		t.Fatal(err)
	}
	if _, err := b.second(half, codes[0], clock.Now(), true); err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]struct {
		sql    string
		person uuid.UUID
		n      int
	}{
		"wrong codes":               {`action = 'identity.code.wrong'`, owner, 1},
		"wrong passwords":           {`action = 'identity.password.wrong'`, owner, 1},
		"wrong passwords, nobody's": {`action = 'identity.password.wrong'`, uuid.Nil, 1},
		"wrong codes of the app":    {`action = 'identity.totp.wrong'`, owner, 1},
		"wrong codes on paper":      {`action = 'identity.recovery.wrong'`, owner, 1},
		"first factors":             {`action = 'identity.session.first_factor' AND detail LIKE '%"sms"%'`, owner, 1},
		"sessions by a code":        {`action = 'identity.session.begin' AND detail LIKE '%"sms"%' AND detail NOT LIKE '%"recovery"%'`, owner, 1},
		"sessions by two":           {`action = 'identity.session.begin' AND detail LIKE '%"sms"%"recovery"%'`, owner, 1},
	} {
		sql := `SELECT count(*) FROM audit.entry WHERE person_id = $1 AND ` + want.sql
		if want.person == uuid.Nil {
			sql = `SELECT count(*) FROM audit.entry WHERE person_id IS NULL AND $1::uuid IS NOT NULL AND ` + want.sql
		}
		if n := b.count(t, sql, want.person); n != want.n {
			t.Errorf("%d %s on record, want %d", n, what, want.n)
		}
	}
}

// TestAPasswordDoesNotGrowOld: nobody is made to change one (NIST SP 800-63B-4, 3.1.1.2).
func TestAPasswordDoesNotGrowOld(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.signIn(t, sms)
	if err := b.setPassword(in, passphrase); err != nil {
		t.Fatal(err)
	}
	later, err := b.enter(context.Background(), sms.Address, passphrase, false, 3*365*24*time.Hour)
	if err != nil || later.Token == "" || later.Second != "" {
		t.Fatalf("after three years: %+v, %v", later, err)
	}
	w := b.ways(t, in)
	if !w.Password || !slices.Equal(later.Principal.Methods, []string{identity.MethodPassword}) {
		t.Errorf("%+v, %+v", w, later.Principal)
	}
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) error {
		f, err := b.service.Factors(ctx, tx, in.Principal.Account)
		if f.Password == nil {
			t.Error("it is gone")
		}
		return err
	})
}

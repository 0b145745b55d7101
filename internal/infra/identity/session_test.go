package identity_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

const day = 24 * time.Hour

// every lists the moments at which something used at that interval is used before the end.
func every(interval, end time.Duration) (moments []time.Duration) {
	for at := interval; at < end; at += interval {
		moments = append(moments, at)
	}
	return moments
}

func TestSessionsLapse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addStaff(t, "Nelson Brito", "nelson@gov.example")
	work := identity.StartCode{Channel: "email", Address: "nelson@gov.example", Staff: true}
	for _, c := range []struct {
		what   string
		in     identity.StartCode
		uses   []time.Duration // after the sign-in
		lapsed time.Duration
	}{
		{"unused staff session", work, []time.Duration{29 * time.Minute}, 59 * time.Minute},
		{"used staff session", work, every(25*time.Minute, 12*time.Hour), 12 * time.Hour},
		{"unused citizen session", sms, []time.Duration{6 * day}, 13 * day},
		{"used citizen session", sms, every(6*day, 30*day), 30 * day},
	} {
		token := b.signIn(t, c.in).Token
		for _, use := range c.uses {
			if _, err := b.session(token, use); err != nil {
				t.Errorf("%s after %s: %v", c.what, use, err)
			}
		}
		if _, err := b.session(token, c.lapsed); !errors.Is(err, identity.ErrNoSession) {
			t.Errorf("%s after %s: %v", c.what, c.lapsed, err)
		}
	}
	for _, token := range []string{"", "nonsense", id.Token(32)} {
		if _, err := b.session(token, 0); !errors.Is(err, identity.ErrNoSession) {
			t.Errorf("token %q: %v", token, err)
		}
	}
}

func TestTimeTravelSignsNobodyOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token := b.signIn(t, sms).Token
	if err := b.db.AdvanceClock(context.Background(), b.tenant, 90*day); err != nil {
		t.Fatal(err)
	}
	if _, err := b.session(token, 0); err != nil {
		t.Fatal(err)
	}
}

func TestASessionCostsOneQuery(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.addStaff(t, "Nelson Brito", "nelson@gov.example")
	b.grant(t, account, "registrar", "dgrni")
	b.grant(t, account, "auditor", "")
	token := b.signIn(t, identity.StartCode{Channel: "email", Address: "nelson@gov.example", Staff: true}).Token
	if _, err := b.session(token, 0); err != nil { // now the keys are in memory
		t.Fatal(err)
	}
	ctx, trips := pg.CountRoundTrips(context.Background())
	var p identity.Principal
	var before int
	err := b.db.InTx(ctx, pg.Scope{Tenant: b.tenant, ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) (err error) {
		before = trips.N()
		p, err = b.service.Session(ctx, tx, token)
		before = trips.N() - before
		return err
	})
	if err != nil || before > 2 { // two where the statement is not prepared on this connection yet
		t.Fatalf("%d round trips, %v", before, err)
	}
	if len(p.Grants) != 2 || !p.May("audit:read") || !p.MayIn("workflow:act", "dgrni") || p.MayIn("workflow:act", "cmp") || p.MayIn("workflow:act", "") || p.May("x:y") {
		t.Fatalf("got %+v", p)
	}
	if r := p.Roles("dgrni"); len(r) != 2 || r[0] != "auditor" || r[1] != "registrar" {
		t.Fatalf("roles %v", r)
	}
	if r, a := p.Roles("cmp"), p.Agencies(); len(r) != 1 || len(a) != 1 || a[0] != "dgrni" {
		t.Fatalf("roles %v, agencies %v", r, a)
	}
}

func TestSignOutAndEndSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two, three := b.signIn(t, sms), b.signIn(t, sms), b.signIn(t, sms)
	owner := one.Principal.Actor()
	err := b.as(owner, func(ctx context.Context, tx *pg.Tx) error {
		all, err := b.service.Sessions(ctx, tx, owner.ID)
		if len(all) != 3 {
			t.Errorf("%d sessions", len(all))
		}
		for _, s := range all {
			if s.Current != (s.ID == one.Principal.Session) || s.IP == "" || len(s.Methods) != 1 || s.Methods[0] != "sms" || s.Level != 1 {
				t.Errorf("got %+v", s)
			}
		}
		if err != nil {
			return err
		}
		if err := b.service.EndSession(ctx, tx, owner.ID, two.Principal.Session); err != nil {
			return err
		}
		if err := b.service.SignOut(ctx, tx, three.Token); err != nil {
			return err
		}
		return b.service.SignOut(ctx, tx, three.Token)
	})
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]error{one.Token: nil, two.Token: identity.ErrNoSession, three.Token: identity.ErrNoSession} {
		if _, err := b.session(token, 0); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	other := b.signIn(t, identity.StartCode{Channel: "sms", Address: "992 22 22"}).Principal.Actor()
	err = b.as(other, func(ctx context.Context, tx *pg.Tx) error {
		return b.service.EndSession(ctx, tx, owner.ID, one.Principal.Session)
	})
	if !errors.Is(err, identity.ErrForbidden) {
		t.Fatalf("another citizen ends the session: %v", err)
	}
}

func TestSignInRotates(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old := b.signIn(t, sms)
	code, err := b.start(old.Principal.Actor(), sms)
	if err != nil {
		t.Fatal(err)
	}
	err = b.as(old.Principal.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		in, err := b.service.FinishCode(ctx, tx, code, b.box.last(t).Code)
		if in.Token == old.Token || in.Principal.Session == old.Principal.Session {
			t.Error("the session is the old one")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.session(old.Token, 0); !errors.Is(err, identity.ErrNoSession) {
		t.Fatalf("the old session: %v", err)
	}
}

func TestASuspendedAccountIsOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.signIn(t, sms)
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.Suspend(ctx, tx, in.Principal.Account) })
	if _, err := b.session(in.Token, 0); !errors.Is(err, identity.ErrNoSession) {
		t.Fatalf("its session: %v", err)
	}
	code, err := b.start(visitor(), sms)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.finish(code, b.box.last(t).Code, 0); !errors.Is(err, identity.ErrSuspended) {
		t.Fatalf("a new sign-in: %v", err)
	}
	if _, err := b.finish(code, b.box.last(t).Code, 0); !errors.Is(err, identity.ErrCodeUsed) {
		t.Fatalf("the same code again: %v", err)
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.Restore(ctx, tx, in.Principal.Account) })
	b.signIn(t, sms)
}

func TestAnotherTenantSeesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.signIn(t, sms)
	code, err := b.start(visitor(), sms)
	if err != nil {
		t.Fatal(err)
	}
	text := b.box.last(t).Code
	b.tenant = b.newTenant(t)
	if _, err := b.session(in.Token, 0); !errors.Is(err, identity.ErrNoSession) {
		t.Errorf("session: %v", err)
	}
	if _, err := b.finish(code, text, 0); !errors.Is(err, identity.ErrCodeExpired) {
		t.Errorf("code: %v", err)
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		if _, err := b.service.Account(ctx, tx, in.Principal.Account); !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("account: %v", err)
		}
		roles, err := b.service.Roles(ctx, tx)
		if len(roles) != 0 {
			t.Errorf("%d roles", len(roles))
		}
		return err
	})
	if again := b.signIn(t, sms); !again.New {
		t.Error("the person is known in another tenant")
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.signIn(t, sms)
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		for _, statement := range []string{
			`UPDATE identity.code SET asked_at = asked_at - interval '2 days'`, `UPDATE identity.session SET expires_at = expires_at - interval '40 days'`,
		} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return tx.Enqueue(ctx, identity.SweepArgs{})
	})
	jobs := job.NewRegistry()
	b.service.Register(jobs)
	pgtest.Work(t, b.db, jobs)
	var n int
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		return tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM identity.code) + (SELECT count(*) FROM identity.session)`).Scan(&n)
	})
	if n != 0 {
		t.Fatalf("%d rows stay", n)
	}
}

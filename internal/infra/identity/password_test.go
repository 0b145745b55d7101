package identity_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"digit/internal/infra/identity"
	"digit/internal/infra/identity/internal/argon"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
)

// setPassword gives whoever is signed in a password, as a page does it: rules, hash, set.
func (b *bundle) setPassword(in identity.SignedIn, password string) error {
	var rules identity.PasswordRules
	err := b.act(in, 0, func(ctx context.Context, tx *pg.Tx) (err error) {
		rules, err = b.service.PasswordRules(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	made, err := b.service.MakePassword(context.Background(), rules, password)
	if err != nil {
		return err
	}
	return b.act(in, 0, func(ctx context.Context, tx *pg.Tx) error { return b.service.SetPassword(ctx, tx, made) })
}

// enter signs in with a password, as a page does it, at a time after the test began, on the machine's clock.
func (b *bundle) enter(ctx context.Context, address, password string, staff bool, later time.Duration) (in identity.SignedIn, err error) {
	run := func(work func(ctx context.Context, tx *pg.Tx) error) error {
		return b.db.InTx(ctx, pg.Scope{Tenant: b.tenant, Actor: visitor()}, func(ctx context.Context, tx *pg.Tx) error {
			tx.Wall = b.began.Add(later)
			return work(ctx, tx)
		})
	}
	var try identity.PasswordTry
	err = run(func(ctx context.Context, tx *pg.Tx) (err error) {
		try, err = b.service.StartPassword(ctx, tx, address, staff)
		return err
	})
	if err != nil {
		return in, err
	}
	if try, err = b.service.CheckPassword(ctx, try, password); err != nil {
		return in, err
	}
	err = run(func(ctx context.Context, tx *pg.Tx) (err error) {
		in, err = b.service.FinishPassword(ctx, tx, try)
		return err
	})
	return in, err
}

const passphrase = "nevoeiro na serra, milho no pilão"

func TestPasswordRules(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.signIn(t, identity.StartCode{Channel: "email", Address: "joao.evora@exemplo.example"})
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) error {
		return b.service.Rename(ctx, tx, in.Principal.Account, "João Évora Tavares")
	})
	var rules identity.PasswordRules
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) (err error) {
		rules, err = b.service.PasswordRules(ctx, tx)
		return err
	})
	if rules.Min != 15 {
		t.Fatalf("at least %d characters", rules.Min)
	}
	for password, want := range map[string]string{
		"": "short", "fourteen chars": "short", strings.Repeat("ã", 14): "short", strings.Repeat("lua ", 32) + "x": "long",
		"123456789987654321": "common", "qwerty123456789": "common", "Princess2024!!!!": "common", "PASSWORDPASSWORD": "common", "...password1234...": "common",
		"aaaaaaaaaaaaaaaa": "pattern", "abcabcabcabcabcabc": "pattern", "abcdefghijklmnop": "pattern", "qwertyuiopasdfgh": "pattern", "98765432109876543": "pattern",
		"superman1superman1": "pattern", "joaoevoratavares": "own", "João Évora 1984!!": "own", "joao.evora@exemplo.example": "own", "cabo-verde-2026!": "own",
	} {
		_, err := b.service.MakePassword(context.Background(), rules, password)
		f := fault.Of(err)
		if !errors.Is(err, identity.ErrPassword) || len(f.Fields) != 1 || f.Fields[0].Path != "password" || f.Fields[0].Code != "identity.password_"+want {
			t.Errorf("%q: %v, want %s", password, err, want)
		}
	}
	for _, password := range []string{
		passphrase, "correct horse battery staple", "João gosta de bicicletas azuis", "fifteen letters", "الضباب على الجبل والذرة", strings.Repeat("xy7 ", 3) + "pão de milho",
		string([]rune(strings.Repeat(passphrase, 4))[:128]),
	} {
		if _, err := b.service.MakePassword(context.Background(), rules, password); err != nil {
			t.Errorf("%q: %v", password, err)
		}
	}
}

func TestAPasswordSignsIn(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), context.Background()
	in, other := b.signIn(t, sms), b.signIn(t, sms)
	b.box.told()
	if err := b.setPassword(in, passphrase); err != nil {
		t.Fatal(err)
	}
	if got := b.box.told(); len(got) != 1 || got[0] != "password_set +2389911111" {
		t.Errorf("told %v", got)
	}
	if _, err := b.session(in.Token, 0); err != nil {
		t.Errorf("the session that set it: %v", err)
	}
	if _, err := b.session(other.Token, 0); !errors.Is(err, identity.ErrNoSession) {
		t.Errorf("another session: %v", err)
	}
	again, err := b.enter(ctx, "991 1111", passphrase, false, 0)
	if err != nil || again.Principal.Account != in.Principal.Account || again.Principal.Level != 1 || again.Principal.Methods[0] != "password" {
		t.Fatalf("%+v, %v", again, err)
	}
	// The same word of another keyboard: ã as a letter and its tilde.
	if _, err := b.enter(ctx, "+2389911111", strings.ReplaceAll(passphrase, "ã", "a\u0303"), false, 0); err != nil {
		t.Errorf("decomposed: %v", err)
	}
	for what, try := range map[string]func() error{
		"wrong":           func() error { _, err := b.enter(ctx, "9911111", passphrase+".", false, 0); return err },
		"other door":      func() error { _, err := b.enter(ctx, "9911111", passphrase, true, 0); return err },
		"unknown address": func() error { _, err := b.enter(ctx, "9922222", passphrase, false, 0); return err },
		"too long":        func() error { _, err := b.enter(ctx, "9911111", strings.Repeat("a", 10_000), false, 0); return err },
		"nobody's, for an account without one": func() error {
			b.signIn(t, identity.StartCode{Channel: "sms", Address: "993 33 33"})
			_, err := b.enter(ctx, "9933333", "", false, 0)
			return err
		},
	} {
		if err := try(); !errors.Is(err, identity.ErrPasswordWrong) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := b.act(again, identity.FreshFor, func(ctx context.Context, tx *pg.Tx) error { return b.service.RemovePassword(ctx, tx) }); !errors.Is(err, identity.ErrConfirm) {
		t.Errorf("removing it ten minutes later: %v", err)
	}
	b.must(t, again, func(ctx context.Context, tx *pg.Tx) error { return b.service.RemovePassword(ctx, tx) })
	if _, err := b.enter(ctx, "9911111", passphrase, false, 0); !errors.Is(err, identity.ErrPasswordWrong) {
		t.Errorf("after it was removed: %v", err)
	}
	if err := b.act(again, 0, func(ctx context.Context, tx *pg.Tx) error { return b.service.RemovePassword(ctx, tx) }); !errors.Is(err, identity.ErrNoFactor) {
		t.Errorf("removing it twice: %v", err)
	}
}

// TestLongPasswordsAreWhole: what comes behind the 72nd character counts, unlike with bcrypt.
func TestLongPasswordsAreWhole(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), context.Background()
	long := strings.Repeat("vento norte ", 6) // 72 characters
	if err := b.setPassword(b.signIn(t, sms), long+"1"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.enter(ctx, sms.Address, long+"2", false, 0); !errors.Is(err, identity.ErrPasswordWrong) {
		t.Errorf("another 73rd character: %v", err)
	}
	if _, err := b.enter(ctx, sms.Address, long+"1", false, 0); err != nil {
		t.Error(err)
	}
}

func TestAnOldHashIsMadeAnew(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), context.Background()
	in := b.signIn(t, sms)
	if err := b.setPassword(in, passphrase); err != nil {
		t.Fatal(err)
	}
	if err := b.service.Weaken(b.as, in.Principal.Account, passphrase); err != nil {
		t.Fatal(err)
	}
	counted, hashes := argon.Count(ctx)
	for _, want := range []int64{2, 1} { // compared and made anew, then compared alone
		before := hashes.Load()
		if _, err := b.enter(counted, sms.Address, passphrase, false, 0); err != nil {
			t.Fatal(err)
		}
		if n := hashes.Load() - before; n != want {
			t.Errorf("%d hashes, want %d", n, want)
		}
	}
}

func TestAShortPasswordNeedsASecondFactor(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), context.Background()
	clerk := b.clerk(t, "nelson@gov.example")
	const short = "milho-9k"
	if err := b.setPassword(clerk, short); !errors.Is(err, identity.ErrPassword) {
		t.Fatalf("where no second factor is asked for: %v", err)
	}
	b.require(t, tenancy.Required)
	if err := b.setPassword(clerk, short); err != nil {
		t.Fatal(err)
	}
	in, err := b.enter(ctx, "nelson@gov.example", short, true, 0)
	if err != nil || in.Principal.Level != 1 {
		t.Fatalf("%+v, %v", in, err)
	}
	if err := b.setPassword(b.signIn(t, sms), short); !errors.Is(err, identity.ErrPassword) {
		t.Errorf("a citizen's: %v", err)
	}
	b.require(t, tenancy.Optional)
	if _, err := b.enter(ctx, "nelson@gov.example", short, true, 0); !errors.Is(err, identity.ErrPasswordAlone) {
		t.Errorf("once no second factor is asked for: %v", err)
	}
}

// TestGuessing: ten tries in a quarter of an hour, then one after each pause, which doubles up to an hour. Known and
// unknown accounts are treated alike, and a right password helps nobody who must wait.
func TestGuessing(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), context.Background()
	in := b.signIn(t, sms)
	if err := b.setPassword(in, passphrase); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{sms.Address, "998 88 88"} {
		try := func(password string, later time.Duration) error {
			_, err := b.enter(ctx, address, password, false, later)
			return err
		}
		for n := range 10 {
			if err := try("wrong", time.Duration(n)*time.Minute); !errors.Is(err, identity.ErrPasswordWrong) {
				t.Fatalf("%s, try %d: %v", address, n, err)
			}
		}
		at := 9 * time.Minute
		for n, pause := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour, time.Hour, time.Hour} {
			err := try(passphrase, at+pause-time.Second)
			if !errors.Is(err, identity.ErrTooManyTries) {
				t.Fatalf("%s, in pause %d: %v", address, n, err)
			}
			if wait := fault.Of(err).Args["wait"].(time.Duration); wait != time.Second {
				t.Errorf("%s, in pause %d: wait %s", address, n, wait)
			}
			at += pause
			if err := try("wrong", at); !errors.Is(err, identity.ErrPasswordWrong) {
				t.Fatalf("%s, after pause %d: %v", address, n, err)
			}
		}
		if err := try("wrong", at+25*time.Hour); !errors.Is(err, identity.ErrPasswordWrong) {
			t.Errorf("%s, a day later: %v", address, err)
		}
		if err := try("wrong", at+25*time.Hour); !errors.Is(err, identity.ErrPasswordWrong) {
			t.Errorf("%s, a day later, at once again: %v", address, err)
		}
	}
	// A code still lets the owner in, and a right password forgets the failures before it.
	b.signIn(t, sms)
	if _, err := b.enter(ctx, sms.Address, passphrase, false, 100*time.Hour); err != nil {
		t.Error(err)
	}
	if n := b.count(t, `SELECT count(*) FROM identity.attempt`); n != 1 {
		t.Errorf("%d subjects are counted, want the unknown address alone", n)
	}
}

// TestParallelGuesses: fifty wrong tries at once are no more than ten.
func TestParallelGuesses(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), context.Background()
	in := b.signIn(t, sms)
	if err := b.setPassword(in, passphrase); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	var mu sync.Mutex
	counts := map[string]int{}
	for range 50 {
		group.Go(func() {
			_, err := b.enter(ctx, sms.Address, "wrong", false, 0)
			mu.Lock()
			defer mu.Unlock()
			counts[fault.Of(err).Code]++
		})
	}
	group.Wait()
	if counts["identity.password_wrong"] != 10 || counts["identity.too_many_tries"] != 40 {
		t.Errorf("got %v", counts)
	}
}

// TestNobodyLearnsWhoHasAnAccount: known and unknown addresses, and accounts with and without a password, cost the same
// statements and the same hashes, and get the same answer.
func TestNobodyLearnsWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	b := setup(t)
	with := b.clerk(t, "com@gov.example")
	if err := b.setPassword(with, passphrase); err != nil {
		t.Fatal(err)
	}
	b.clerk(t, "sem@gov.example")
	b.addStaff(t, "Nunca Entrou", "nunca@gov.example")
	cost := func(address string) (trips int, hashes int64, code string) {
		ctx, n := pg.CountRoundTrips(context.Background())
		ctx, h := argon.Count(ctx)
		_, err := b.enter(ctx, address, "wrong", true, 0)
		return n.N(), h.Load(), fault.Of(err).Code
	}
	addresses := []string{"com@gov.example", "sem@gov.example", "nunca@gov.example", "ninguem@gov.example"}
	for range 8 { // each statement is prepared once on each connection
		for _, a := range addresses {
			if _, err := b.enter(context.Background(), a, "wrong", true, 1000*time.Hour); !errors.Is(err, identity.ErrPasswordWrong) {
				t.Fatal(err)
			}
			b.in(t, func(ctx context.Context, tx *pg.Tx) error {
				_, err := tx.Exec(ctx, `DELETE FROM identity.attempt`)
				return err
			})
		}
	}
	wantTrips, wantHashes, wantCode := cost(addresses[0])
	for _, a := range addresses[1:] {
		if trips, hashes, code := cost(a); trips != wantTrips || hashes != wantHashes || code != wantCode {
			t.Errorf("%s: %d round trips, %d hashes, %s; %s: %d, %d, %s", a, trips, hashes, code, addresses[0], wantTrips, wantHashes, wantCode)
		}
	}
	if wantHashes != 1 || wantCode != "identity.password_wrong" {
		t.Errorf("%d hashes, %s", wantHashes, wantCode)
	}
}

// TestCodesCostTheSameForStrangers: at both doors, for addresses that are known and that are not.
func TestCodesCostTheSameForStrangers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addStaff(t, "Nelson Brito", "nelson@gov.example")
	b.signIn(t, identity.StartCode{Channel: "email", Address: "ana@example.org"})
	cost := func(in identity.StartCode) int {
		b.relax(t)
		ctx, n := pg.CountRoundTrips(context.Background())
		err := b.db.InTx(ctx, pg.Scope{Tenant: b.tenant, Actor: visitor()}, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.StartCode(ctx, tx, in)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n.N()
	}
	for what, pair := range map[string][2]identity.StartCode{
		"staff":  {{Channel: "email", Address: "nelson@gov.example", Staff: true}, {Channel: "email", Address: "ninguem@gov.example", Staff: true}},
		"people": {{Channel: "email", Address: "ana@example.org"}, {Channel: "email", Address: "ninguem@example.org"}},
	} {
		for range 8 { // each statement is prepared once on each connection
			cost(pair[0])
			cost(pair[1])
		}
		if known, unknown := cost(pair[0]), cost(pair[1]); known != unknown {
			t.Errorf("%s: %d round trips for a known address, %d for an unknown one", what, known, unknown)
		}
	}
}

package identity_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/pg"
)

// oathtool is an authenticator app that is not ours: it reckons the code of a secret at a moment.
func oathtool(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	bin, err := exec.LookPath("oathtool")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("oathtool must judge and cannot: %v", err)
		}
		t.Skip("oathtool is not installed: scripts/need.sh peers")
	}
	out, err := exec.Command(bin, "--totp", "--base32", "--now", at.UTC().Format("2006-01-02 15:04:05 UTC"), secret).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// app is an authenticator app: its secret, and the moment whose code set it up, which is good no more.
type app struct {
	secret string
	at     time.Time
}

// step is n steps of half a minute after the app was set up.
func (a app) step(n int) time.Time { return a.at.Add(time.Duration(n) * 30 * time.Second) }

// code is what the app shows then.
func (a app) code(t *testing.T, n int) string {
	t.Helper()
	return oathtool(t, a.secret, a.step(n))
}

// withApp gives whoever is signed in an authenticator app.
func (b *bundle) withApp(t *testing.T, in identity.SignedIn) (_ identity.SignedIn, a app, codes []string) {
	t.Helper()
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) error {
		s, err := b.service.BeginTOTP(ctx, tx)
		a.secret = s.Text
		return err
	})
	var out identity.SignedIn
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) (err error) {
		a.at = tx.Wall
		out, codes, err = b.service.ActivateTOTP(ctx, tx, a.code(t, 0))
		return err
	})
	return out, a, codes
}

// half signs in as far as the first factor, with a code.
func (b *bundle) half(t *testing.T, in identity.StartCode) string {
	t.Helper()
	half := b.signIn(t, in)
	if half.Second == "" || half.Token != "" || half.Principal.Account != [16]byte{} {
		t.Fatalf("the code alone signs in: %+v", half)
	}
	return half.Second
}

func (b *bundle) second(token, code string, at time.Time, recovery bool) (in identity.SignedIn, err error) {
	finish := b.service.FinishTOTP
	if recovery {
		finish = b.service.FinishRecovery
	}
	err = b.as(visitor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		tx.Wall = at
		in, err = finish(ctx, tx, token, code)
		return err
	})
	return in, err
}

func TestAnAppIsTheSecondStep(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.signIn(t, sms)
	var shown identity.TOTPSecret
	b.must(t, first, func(ctx context.Context, tx *pg.Tx) (err error) {
		shown, err = b.service.BeginTOTP(ctx, tx)
		return err
	})
	u, err := url.Parse(shown.URI)
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Cabo Verde:+2389911111" || u.Query().Get("secret") != shown.Text || u.Query().Get("issuer") != "Cabo Verde" {
		t.Errorf("shown %q, %v", shown.URI, err)
	}
	if len(shown.Text) != 32 {
		t.Errorf("the secret has %d letters", len(shown.Text))
	}
	// Until a first code has been seen, it counts for nothing.
	if in := b.signIn(t, sms); in.Token == "" {
		t.Error("an unconfirmed app is asked for")
	}
	b.box.told()
	in, a, codes := b.withApp(t, first)
	if a.secret != shown.Text {
		t.Error("a page looked at twice shows another secret")
	}
	if in.Principal.Level != 2 || !slices.Equal(in.Principal.Methods, []string{"sms", "totp"}) || in.Token == first.Token {
		t.Errorf("after the first code: %+v", in.Principal)
	}
	if _, err := b.session(first.Token, 0); !errors.Is(err, identity.ErrNoSession) {
		t.Errorf("the token before: %v", err)
	}
	if got := b.box.told(); len(codes) != 10 || len(got) != 1 || got[0] != "totp_added +2389911111" {
		t.Errorf("codes %v, told %v", codes, got)
	}
	if err := b.act(in, 0, func(ctx context.Context, tx *pg.Tx) error { _, err := b.service.BeginTOTP(ctx, tx); return err }); !errors.Is(err, identity.ErrTOTPThere) {
		t.Errorf("a second app: %v", err)
	}
	token := b.half(t, sms)
	for what, code := range map[string]string{"the code that confirmed it": a.code(t, 0), "nonsense": "abc", "nothing": "", "of long ago": a.code(t, -120)} {
		if _, err := b.second(token, code, a.step(0), false); !errors.Is(err, identity.ErrTOTPWrong) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// A telephone that is half a minute ahead, and one that is behind.
	again, err := b.second(token, a.code(t, 3), a.step(2), false)
	if err != nil || again.Principal.Level != 2 || !slices.Equal(again.Principal.Methods, []string{"sms", "totp"}) {
		t.Fatalf("%+v, %v", again.Principal, err)
	}
	if _, err := b.second(token, a.code(t, 5), a.step(5), false); !errors.Is(err, identity.ErrHalfOver) {
		t.Errorf("the first step is good twice: %v", err)
	}
	token = b.half(t, sms)
	if _, err := b.second(token, a.code(t, 3), a.step(3), false); !errors.Is(err, identity.ErrTOTPWrong) {
		t.Errorf("a step is good twice: %v", err)
	}
	if _, err := b.second(token, a.code(t, 2), a.step(3), false); !errors.Is(err, identity.ErrTOTPWrong) {
		t.Errorf("a step before one that was used: %v", err)
	}
	if _, err := b.second(token, a.code(t, 5), a.step(6), false); err != nil {
		t.Errorf("a telephone that is behind: %v", err)
	}
	token = b.half(t, sms)
	if _, err := b.second(token, a.code(t, 40), a.step(40), false); !errors.Is(err, identity.ErrHalfOver) {
		t.Errorf("a second step after twenty minutes: %v", err)
	}
}

// TestACodeSignsInOnce: of many who send the same code at once, one gets in.
func TestACodeSignsInOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, a, _ := b.withApp(t, b.signIn(t, sms))
	code := a.code(t, 2)
	var tokens []string
	for range 6 {
		tokens = append(tokens, b.half(t, sms))
	}
	var group sync.WaitGroup
	var mu sync.Mutex
	in := 0
	for _, token := range tokens {
		group.Go(func() {
			_, err := b.second(token, code, a.step(2), false)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				in++
			} else if !errors.Is(err, identity.ErrTOTPWrong) && !errors.Is(err, identity.ErrTooManyTries) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if in != 1 {
		t.Errorf("%d got in", in)
	}
}

func TestGuessingAtTheApp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, a, _ := b.withApp(t, b.signIn(t, sms))
	token := b.half(t, sms)
	for range 10 {
		if _, err := b.second(token, "000000", a.step(0), false); !errors.Is(err, identity.ErrTOTPWrong) {
			t.Fatal(err)
		}
	}
	if _, err := b.second(token, a.code(t, 1), a.step(0), false); !errors.Is(err, identity.ErrTooManyTries) {
		t.Errorf("the eleventh try, with the right code: %v", err)
	}
	other := b.half(t, sms) // beginning anew is no way round
	if _, err := b.second(other, "000000", a.step(0), false); !errors.Is(err, identity.ErrTooManyTries) {
		t.Errorf("in another browser: %v", err)
	}
	if _, err := b.second(token, a.code(t, 2), a.step(2), false); err != nil {
		t.Errorf("after the pause: %v", err)
	}
}

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in, _, codes := b.withApp(t, b.signIn(t, sms))
	b.box.told()
	token := b.half(t, sms)
	if _, err := b.second(token, "aaaa-bbbb-cccc-dddd", clock.Now(), true); !errors.Is(err, identity.ErrRecoveryWrong) {
		t.Errorf("a made up code: %v", err)
	}
	typed := strings.ToUpper(strings.ReplaceAll(codes[3], "-", " "))
	back, err := b.second(token, strings.ReplaceAll(typed, "L", "1"), clock.Now(), true)
	if err != nil || back.Principal.Level != 2 || !slices.Equal(back.Principal.Methods, []string{"sms", "recovery"}) {
		t.Fatalf("%+v, %v", back.Principal, err)
	}
	if got := b.box.told(); len(got) != 1 || got[0] != "recovery_used +2389911111" {
		t.Errorf("told %v", got)
	}
	if _, err := b.second(b.half(t, sms), codes[3], clock.Now(), true); !errors.Is(err, identity.ErrRecoveryWrong) {
		t.Errorf("a code is good twice: %v", err)
	}
	var f identity.Factors
	b.must(t, back, func(ctx context.Context, tx *pg.Tx) (err error) {
		f, err = b.service.Factors(ctx, tx, back.Principal.Account)
		return err
	})
	if f.Recovery != 9 || f.TOTP == nil || f.TOTPUsed == nil || f.Password != nil || !f.Strong() {
		t.Errorf("factors %+v", f)
	}
	var anew []string
	b.must(t, back, func(ctx context.Context, tx *pg.Tx) (err error) {
		anew, err = b.service.NewRecoveryCodes(ctx, tx)
		return err
	})
	if _, err := b.second(b.half(t, sms), codes[5], clock.Now(), true); !errors.Is(err, identity.ErrRecoveryWrong) {
		t.Errorf("an old code: %v", err)
	}
	if _, err := b.second(b.half(t, sms), anew[0], clock.Now(), true); err != nil {
		t.Errorf("a new one: %v", err)
	}
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) error { return b.service.RemoveTOTP(ctx, tx) })
	if n := b.count(t, `SELECT count(*) FROM identity.recovery_code`); n != 0 {
		t.Errorf("%d codes outlive what they stood in for", n)
	}
	if in := b.signIn(t, sms); in.Token == "" {
		t.Error("an app that was removed is asked for")
	}
	if err := b.act(in, 0, func(ctx context.Context, tx *pg.Tx) error { _, err := b.service.NewRecoveryCodes(ctx, tx); return err }); !errors.Is(err, identity.ErrNoFactor) {
		t.Errorf("codes without a factor: %v", err)
	}
	if err := b.act(in, 0, func(ctx context.Context, tx *pg.Tx) error { return b.service.RemoveTOTP(ctx, tx) }); !errors.Is(err, identity.ErrNoFactor) {
		t.Errorf("removing it twice: %v", err)
	}
}

package identity_test

import (
	"context"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

var sms = identity.StartCode{Channel: identity.ChannelSMS, Address: "991 11 11", Lang: "en"}

func TestAPersonRegistersAndComesBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.signIn(t, sms)
	if !first.New || first.Principal.Kind != identity.KindPerson || first.Principal.Lang != "en" || len(first.Token) < 43 {
		t.Fatalf("got %+v", first)
	}
	sent := b.box.last(t)
	if sent.Address != "+2389911111" || sent.Lang != "en" || sent.Minutes != 10 || !regexp.MustCompile(`^\d{6}$`).MatchString(sent.Code) {
		t.Fatalf("sent %+v", sent)
	}
	again := sms
	again.Address = "+238 9911111"
	second := b.signIn(t, again)
	if second.New || second.Principal.Account != first.Principal.Account || second.Token == first.Token {
		t.Fatalf("got %+v", second)
	}
	for _, token := range []string{first.Token, second.Token} { // two browsers
		if p, err := b.session(token, 0); err != nil || p.Account != first.Principal.Account {
			t.Fatalf("%+v, %v", p, err)
		}
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		contacts, err := b.service.Contacts(ctx, tx, first.Principal.Account)
		if len(contacts) != 1 || contacts[0] != (identity.Contact{ID: contacts[0].ID, Channel: "sms", Address: "+2389911111", Verified: true}) {
			t.Errorf("contacts %+v", contacts)
		}
		return err
	})
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, in := range []identity.StartCode{
		{Channel: "sms", Address: "12"},
		{Channel: "sms", Address: "ana@example.org"},
		{Channel: "email", Address: "9911111"},
		{Channel: "email", Address: "Ana <ana@example.org>"},
		{Channel: "email", Address: "a@b@c"},
		{Channel: "pigeon", Address: "9911111"},
		{Channel: "email", Address: strings.Repeat("a", 250) + "@b.cv"},
		{},
	} {
		if _, err := b.start(visitor(), in); !errors.Is(err, identity.ErrAddress) {
			t.Errorf("%+v: %v", in, err)
		}
	}
	one := b.signIn(t, identity.StartCode{Channel: "email", Address: " Ana.Tavares@Example.ORG "})
	if got := b.box.last(t).Address; got != "Ana.Tavares@example.org" {
		t.Errorf("sent to %q", got)
	}
	other := b.signIn(t, identity.StartCode{Channel: "email", Address: "ana.tavares@example.org"})
	if one.Principal.Account != other.Principal.Account {
		t.Error("capital letters make another person")
	}
}

func TestACodeIsGoodOnceAndForTenMinutes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	start := func() (uuid.UUID, string) {
		code, err := b.start(visitor(), sms)
		if err != nil {
			t.Fatal(err)
		}
		return code, b.box.last(t).Code
	}
	code, text := start()
	if _, err := b.finish(code, text, 10*time.Minute); !errors.Is(err, identity.ErrCodeExpired) {
		t.Fatalf("after ten minutes: %v", err)
	}
	if _, err := b.finish(code, " "+text[:3]+" - "+text[3:], 9*time.Minute); err != nil {
		t.Fatalf("typed with spaces: %v", err)
	}
	if _, err := b.finish(code, text, 0); !errors.Is(err, identity.ErrCodeUsed) {
		t.Fatalf("a second time: %v", err)
	}
	code, text = start()
	arabic := strings.Map(func(r rune) rune { return '٠' + r - '0' }, text)
	if _, err := b.finish(code, arabic, 0); err != nil {
		t.Fatalf("in Arabic digits: %v", err)
	}
	if _, err := b.finish(id.New(), text, 0); !errors.Is(err, identity.ErrCodeExpired) {
		t.Fatalf("an id that was never given: %v", err)
	}
}

func TestWrongTriesAreCountedThoughTheyFail(t *testing.T) {
	t.Parallel()
	b := setup(t)
	code, err := b.start(visitor(), sms)
	if err != nil {
		t.Fatal(err)
	}
	right := b.box.last(t).Code
	wrong := "000000"
	if right == wrong {
		wrong = "000001"
	}
	for left := 4; left >= 1; left-- {
		_, err := b.finish(code, wrong, 0)
		if !errors.Is(err, identity.ErrCodeWrong) || fault.Of(err).Args["left"] != left {
			t.Fatalf("with %d left: %v %v", left, err, fault.Of(err).Args)
		}
	}
	for _, text := range []string{wrong, right} {
		if _, err := b.finish(code, text, 0); !errors.Is(err, identity.ErrCodeTries) {
			t.Fatalf("after five tries: %v", err)
		}
	}
}

func TestParallelTriesGetNoMoreChances(t *testing.T) {
	t.Parallel()
	b := setup(t)
	code, err := b.start(visitor(), sms)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	wrong := 0
	for range 12 {
		wg.Go(func() {
			_, err := b.finish(code, "no", 0)
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, identity.ErrCodeWrong) {
				wrong++
			}
		})
	}
	wg.Wait()
	if wrong != 4 { // the fifth already says that it was the last
		t.Fatalf("%d tries were taken as such", wrong)
	}
}

// TestLimits asks for codes after some time each: three in ten minutes and ten in a day for one address, twenty in an
// hour from one place. Who is refused learns how long to wait, and the tenant's clock does not help.
func TestLimits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ask := func(who pg.Actor, address string, later time.Duration) (wait time.Duration) {
		t.Helper()
		err := b.as(who, func(ctx context.Context, tx *pg.Tx) error {
			tx.Now, tx.Wall = tx.Now.Add(48*time.Hour), tx.Wall.Add(later)
			_, err := b.service.StartCode(ctx, tx, identity.StartCode{Channel: identity.ChannelEmail, Address: address})
			return err
		})
		if errors.Is(err, identity.ErrTooManyCodes) {
			return fault.Of(err).Args["wait"].(time.Duration).Round(time.Minute)
		}
		if err != nil {
			t.Fatal(err)
		}
		return 0
	}
	const address = "ana@example.org"
	asked := 0
	for _, step := range []struct{ later, wait time.Duration }{
		{0, 0},
		{time.Minute, 0},
		{2 * time.Minute, 0},
		{3 * time.Minute, 7 * time.Minute},
		{9 * time.Minute, time.Minute},
		{10*time.Minute + time.Second, 0},
		{time.Hour, 0},
		{2 * time.Hour, 0},
		{3 * time.Hour, 0},
		{4 * time.Hour, 0},
		{5 * time.Hour, 0},
		{6 * time.Hour, 0},
		{7 * time.Hour, 17 * time.Hour},
		{24*time.Hour + time.Second, 0},
		{24*time.Hour + 2*time.Second, time.Minute},
	} {
		if wait := ask(visitor(), address, step.later); wait != step.wait {
			t.Errorf("after %s and %d codes: wait %s, want %s", step.later, asked, wait, step.wait)
		} else if wait == 0 {
			asked++
		}
	}
	for _, c := range []struct {
		first, other string // addresses of one place
		limited      bool
	}{
		{"203.0.113.7", "203.0.113.7", true},
		{"2001:db8:1:2::a", "2001:db8:1:2:ffff::b", true},
		{"2001:db8:9::1", "2001:db8:a::1", false},
		{"127.0.0.1", "127.0.0.1", false},
		{"::1", "::1", false},
	} {
		for range 20 {
			if ask(pg.Actor{Kind: "anonymous", IP: c.first}, id.Token(9)+"@example.org", 0) != 0 {
				t.Fatalf("%s: refused too early", c.first)
			}
		}
		if wait := ask(pg.Actor{Kind: "anonymous", IP: c.other}, id.Token(9)+"@example.org", 20*time.Minute); (wait == 40*time.Minute) != c.limited {
			t.Errorf("%s after 20 codes from %s: wait %s", c.other, c.first, wait)
		}
	}
}

func TestStrangersAtTheStaffDoorLearnNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addStaff(t, "Celestina Moreno", "celestina@gov.example")
	sends := func(address string) (n int) {
		b.in(t, func(ctx context.Context, tx *pg.Tx) error {
			return tx.QueryRow(ctx, `SELECT count(*) FROM platform.timer WHERE key = $1`, "send:"+address).Scan(&n)
		})
		return n
	}
	known, err := b.start(visitor(), identity.StartCode{Channel: "email", Address: "celestina@gov.example", Staff: true})
	if err != nil || sends("celestina@gov.example") != 1 {
		t.Fatalf("known: %v", err)
	}
	in, err := b.finish(known, b.box.last(t).Code, 0)
	if err != nil || in.New || in.Principal.Kind != identity.KindStaff || in.Principal.Name != "Celestina Moreno" {
		t.Fatalf("%+v, %v", in, err)
	}
	unknown, err := b.start(visitor(), identity.StartCode{Channel: "email", Address: "nobody@gov.example", Staff: true})
	if err != nil || unknown == uuid.Nil {
		t.Fatalf("unknown: %v", err)
	}
	if sends("nobody@gov.example") != 0 {
		t.Error("a stranger was written to")
	}
	if _, err := b.finish(unknown, b.box.last(t).Code, 0); !errors.Is(err, identity.ErrCodeWrong) {
		t.Errorf("a stranger who guesses the code: %v", err)
	}
	// the same address signs in as a citizen with another account
	citizen := b.signIn(t, identity.StartCode{Channel: "email", Address: "celestina@gov.example"})
	if citizen.Principal.Account == in.Principal.Account || citizen.Principal.Kind != identity.KindPerson {
		t.Errorf("got %+v", citizen.Principal)
	}
}

func TestFirstSignInsAtOnceMakeOneAccount(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var codes []uuid.UUID
	var texts []string
	for range 4 {
		b.relax(t)
		code, err := b.start(visitor(), sms)
		if err != nil {
			t.Fatal(err)
		}
		codes, texts = append(codes, code), append(texts, b.box.last(t).Code)
	}
	accounts := make([]uuid.UUID, len(codes))
	var wg sync.WaitGroup
	for i := range codes {
		wg.Go(func() {
			in, err := b.finish(codes[i], texts[i], 0)
			if err != nil {
				t.Error(err)
			}
			accounts[i] = in.Principal.Account
		})
	}
	wg.Wait()
	for _, a := range accounts {
		if a != accounts[0] {
			t.Fatalf("accounts %v", accounts)
		}
	}
}

func TestNothingPersonalIsReadableInTheDatabase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const canary = "Canarinha"
	account := b.addStaff(t, canary+" Évora", "canarinha@gov.example")
	person := b.signIn(t, identity.StartCode{Channel: identity.ChannelSMS, Address: "+238 977 65 43"})
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		tx.Actor.IP = ""
		return b.service.Rename(ctx, tx, person.Principal.Account, canary+" Lopes")
	})
	all := dump(t)
	for _, secret := range []string{canary, "canarinha", "+2389776543", "gov.example", person.Token, b.box.last(t).Code + `"`} {
		if strings.Contains(all, secret) || strings.Contains(all, hex.EncodeToString([]byte(secret))) {
			t.Errorf("%q can be read", secret)
		}
	}
	if !strings.Contains(all, account.String()) {
		t.Error("the dump does not hold the account at all")
	}
}

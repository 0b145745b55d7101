package identity_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"digit/internal/infra/encryption/jose"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/outbound"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

// work runs the module's jobs that are due.
func (b *bundle) work(t *testing.T) {
	t.Helper()
	jobs := job.NewRegistry()
	b.service.Register(jobs)
	pgtest.Work(t, b.db, jobs)
}

func (b *bundle) provider(t *testing.T) (p identity.Provider) {
	t.Helper()
	b.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = b.service.Provider(ctx, tx, "idp")
		return err
	})
	return p
}

func TestProvidersAreAskedWhereTheyAre(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, func(p *identity.Provider) { p.TokenURL = "https://old.example/token" })
	discover := func() {
		b.in(t, func(ctx context.Context, tx *pg.Tx) error { return tx.Enqueue(ctx, identity.DiscoverArgs{}) })
		b.work(t)
	}
	discover()
	if got := b.provider(t); got.TokenURL != p.URL+"/token" || got.EndSessionURL != p.URL+"/end" || got.Checked.IsZero() || got.Problem != "" {
		t.Errorf("after an hour: %+v", got)
	}
	b.provide(t, p, func(p *identity.Provider) { p.TokenURL, p.Discovery = "https://by-hand.example/token", false })
	discover()
	if got := b.provider(t); got.TokenURL != "https://by-hand.example/token" || got.Problem != "" {
		t.Errorf("entered by hand: %+v", got)
	}
	b.provide(t, p, nil)
	p.Close()
	discover()
	if got := b.provider(t); got.TokenURL != p.URL+"/token" || got.Problem != "away" {
		t.Errorf("away: %+v", got)
	}
}

func TestProviderProblems(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	strict := identity.New(identity.Deps{Encryption: b.encryption(), Tenancy: b.tenancy(), Codes: b.box, Outbound: outbound.New(outbound.Options{Timeout: 2 * time.Second})})
	for what, c := range map[string]struct {
		service *identity.Service
		issuer  string
		want    string
	}{
		"good": {b.service, p.URL, ""}, "a slash too many": {b.service, p.URL + "/", "issuer"}, "nobody there": {b.service, "http://localhost:1", "away"},
		"in the clear": {b.service, "http://idp.example", "url"}, "a network that is not called": {strict, "https://127.0.0.1", "address"},
	} {
		_, problem := c.service.CheckProvider(t.Context(), identity.Provider{Issuer: c.issuer, Discovery: true, Code: "idp", Name: i18n.Text{"pt": "x"}, ClientID: "x"})
		if problem != c.want {
			t.Errorf("%s: %q, want %q", what, problem, c.want)
		}
	}
}

func TestProviderSettingsAreChecked(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, nil)
	good := b.provider(t)
	for field, spoil := range map[string]func(*identity.Provider){
		"code": func(p *identity.Provider) { p.Code = "No Code" }, "name": func(p *identity.Provider) { p.Name = nil }, "client_id": func(p *identity.Provider) { p.ClientID = "" },
		"issuer": func(p *identity.Provider) { p.Issuer = "http://idp.example" }, "token_url": func(p *identity.Provider) { p.TokenURL = "" },
		"authorize_url": func(p *identity.Provider) { p.AuthorizeURL = "javascript:alert(1)" }, "keys_url": func(p *identity.Provider) { p.KeysURL = "https://user:pw@idp.example" },
		"userinfo_url": func(p *identity.Provider) { p.UserInfoURL = "x" }, "end_session_url": func(p *identity.Provider) { p.EndSessionURL = "https://idp.example/#x" },
		"staff_by_email": func(p *identity.Provider) { p.TrustEmail, p.StaffByEmail = false, true }, "levels": func(p *identity.Provider) { p.Levels = map[string]int{"x": 3} },
	} {
		bad := good
		spoil(&bad)
		err := b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return b.service.PutProvider(ctx, tx, bad) })
		f := fault.Of(err)
		if !errors.Is(err, identity.ErrProvider) || len(f.Fields) == 0 || !slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Path == field }) {
			t.Errorf("%s: %v", field, err)
		}
	}
	nobody := b.addStaff(t, "Nelson Brito", "nelson@gov.example")
	head := b.addStaff(t, "Rui Barros", "rui@gov.example")
	b.grant(t, head, "agency-admin", "civil")
	for who, actor := range map[string]pg.Actor{"staff": staff(nobody), "the head of an agency": staff(head), "a stranger": visitor()} {
		for what, act := range map[string]func(ctx context.Context, tx *pg.Tx) error{
			"put":    func(ctx context.Context, tx *pg.Tx) error { return b.service.PutProvider(ctx, tx, good) },
			"enable": func(ctx context.Context, tx *pg.Tx) error { return b.service.EnableProvider(ctx, tx, "idp", false) },
			"remove": func(ctx context.Context, tx *pg.Tx) error { return b.service.RemoveProvider(ctx, tx, "idp") },
			"check":  func(ctx context.Context, tx *pg.Tx) error { return b.service.NoteCheck(ctx, tx, good, "") },
			"loss": func(ctx context.Context, tx *pg.Tx) error {
				_, err := b.service.ProviderLoss(ctx, tx, "idp")
				return err
			},
		} {
			if err := b.as(actor, act); !errors.Is(err, identity.ErrForbidden) {
				t.Errorf("%s by %s: %v", what, who, err)
			}
		}
	}
}

func TestTheSameSubjectAtTwoProvidersIsTwoPeople(t *testing.T) {
	t.Parallel()
	b, one, two := setup(t), newIssuer(t), newIssuer(t)
	b.provide(t, one, nil)
	first, err := b.visit(t, one, false, map[string]any{"sub": "7"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.provide(t, two, func(p *identity.Provider) { p.Code = "other" })
	second, err := b.visitAt(t, two, "other", false, map[string]any{"sub": "7"}, nil)
	if err != nil || !second.New || second.Principal.Account == first.Principal.Account {
		t.Errorf("%+v, %v", second, err)
	}
	// the answer of one provider does not end the sign-in that was begun at the other
	_, err = b.visitAt(t, two, "other", false, nil, func(p *identity.Pending, _ *string) {
		two.mu.Lock()
		defer two.mu.Unlock()
		two.iss = one.URL
	})
	if !errors.Is(err, identity.ErrFederation) {
		t.Errorf("an answer in another's name: %v", err)
	}
}

func TestTenantsOfOneProviderAreApart(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	other := *b
	other.tenant = b.newTenant(t)
	b.provide(t, p, nil)
	other.provide(t, p, func(p *identity.Provider) { p.CreatePeople = false })
	here, err := b.visit(t, p, false, map[string]any{"sub": "p"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.visit(t, p, false, map[string]any{"sub": "p"}, nil); !errors.Is(err, identity.ErrNoAccount) {
		t.Errorf("the other tenant knows them: %v", err)
	}
	if _, err := other.session(here.Token, 0); !errors.Is(err, identity.ErrNoSession) {
		t.Errorf("the other tenant takes the session: %v", err)
	}
	if err := other.logout(t, p.logoutToken(t, map[string]any{"sub": "p"})); err != nil {
		t.Fatal(err)
	}
	if _, err := b.session(here.Token, 0); err != nil {
		t.Errorf("a notice to the other tenant ends the session: %v", err)
	}
}

func TestKeysMayTurnOverAtTheProvider(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, nil)
	in, err := b.visit(t, p, false, map[string]any{"sub": "p"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	next, err := jose.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.key, p.signer = next, next
	p.mu.Unlock()
	if _, err := b.session(in.Token, 0); err != nil {
		t.Errorf("the session: %v", err)
	}
	again, err := b.visit(t, p, false, map[string]any{"sub": "p"}, nil)
	if err != nil || again.Principal.Account != in.Principal.Account {
		t.Errorf("the next sign-in: %v", err)
	}
}

func TestAProviderThatNamesItselfMustDoSo(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	p.mu.Lock()
	p.iss = "set below"
	p.mu.Unlock()
	b.provide(t, p, nil)
	for iss, want := range map[string]error{"": identity.ErrFederation, "https://other.example": identity.ErrFederation, p.URL: nil} {
		p.mu.Lock()
		p.iss = iss
		p.mu.Unlock()
		if _, err := b.visit(t, p, false, nil, nil); !errors.Is(err, want) {
			t.Errorf("%q: %v", iss, err)
		}
	}
}

func TestWhatIsLostWithAProvider(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, func(p *identity.Provider) { p.CreateStaff = true })
	b.rule(t, "provider:idp", `claims.job == "clerk"`, "registrar", "civil")
	person, err := b.visit(t, p, false, map[string]any{"sub": "p"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	clerk, err := b.visit(t, p, true, map[string]any{"sub": "c", "job": "clerk", "email": "c@gov.example", "email_verified": true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var loss identity.Loss
	b.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		loss, err = b.service.ProviderLoss(ctx, tx, "idp")
		return err
	})
	if want := (identity.Loss{Accounts: 2, Stranded: 1, Grants: 1, Sessions: 2}); loss != want {
		t.Errorf("got %+v, want %+v", loss, want)
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.EnableProvider(ctx, tx, "idp", false) })
	if _, err := b.visit(t, p, false, map[string]any{"sub": "p"}, nil); !errors.Is(err, identity.ErrNoProvider) {
		t.Errorf("a provider that is not offered: %v", err)
	}
	if _, err := b.session(person.Token, 0); err != nil {
		t.Errorf("a session that stands on it: %v", err)
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.RemoveProvider(ctx, tx, "idp") })
	for _, token := range []string{person.Token, clerk.Token} {
		if _, err := b.session(token, 0); !errors.Is(err, identity.ErrNoSession) {
			t.Errorf("a session that stood on it: %v", err)
		}
	}
	if got := b.held(t, clerk.Principal.Account); len(got) != 0 {
		t.Errorf("grants that followed from it: %v", got)
	}
	err = b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return b.service.RemoveProvider(ctx, tx, "idp") })
	if !errors.Is(err, identity.ErrNoProvider) {
		t.Errorf("again: %v", err)
	}
}

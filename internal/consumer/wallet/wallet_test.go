package wallet_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/consumer/wallet"
	"digit/internal/infra/certificate"
	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/event"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// settings are the tenant's, whichever it is.
type settings struct{}

func (settings) Settings(context.Context, *pg.Tx) (tenancy.Settings, error) {
	return tenancy.Settings{Languages: []string{"pt"}, DefaultLanguage: "pt", Zone: "Atlantic/Cape_Verde"}, nil
}

type bundle struct {
	t            *testing.T
	db           *pg.DB
	tenant       uuid.UUID
	person       uuid.UUID
	certificates *certificate.Service
	jobs         *job.Registry
	*wallet.Service
}

// consents lets whoever acts in a person's name do so if their kind is a helper's.
type consents struct{}

func (consents) MayRepresent(_ context.Context, tx *pg.Tx, _ uuid.UUID, service string) error {
	if tx.Actor.OnBehalf != uuid.Nil && (service != "" || tx.Actor.RequestID != "consent") {
		return identity.ErrRepresentative
	}
	return nil
}

func setup(t *testing.T) *bundle {
	t.Helper()
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	texts, err := i18n.Load(fstest.MapFS{"en.json": {Data: []byte(`{"test": "test"}`)}})
	if err != nil {
		t.Fatal(err)
	}
	keys := encryption.New(encryption.Deps{Root: root})
	b := &bundle{t: t, db: pgtest.New(t), person: id.New(), jobs: job.NewRegistry()}
	b.tenant = pgtest.DemoTenant(t, b.db)
	b.certificates = certificate.New(certificate.Deps{
		Encryption: keys, Documents: document.New(document.Deps{Encryption: keys}), Settings: settings{}, Texts: func(context.Context, *pg.Tx) (*i18n.Catalog, error) { return texts, nil },
		PublicURL: func(context.Context, *pg.Tx) (string, error) { return "https://cv.example.org", nil },
	})
	b.Service = wallet.New(wallet.Deps{Certificates: b.certificates, Encryption: keys, Consents: consents{}})
	b.certificates.Register(b.jobs)
	bus := event.NewBus(b.jobs)
	b.Subscribe(bus)
	b.db.Use(nil, bus)
	return b
}

func (b *bundle) try(work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.db.InTx(b.t.Context(), pg.Scope{Tenant: b.tenant, Actor: pg.Actor{ID: b.person, Kind: "person"}}, work)
}

func (b *bundle) do(work func(ctx context.Context, tx *pg.Tx) error) {
	b.t.Helper()
	if err := b.try(work); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) want(err, target error) {
	b.t.Helper()
	if !errors.Is(err, target) {
		b.t.Errorf("got %v, want %v", err, target)
	}
}

func (b *bundle) work() {
	b.t.Helper()
	pgtest.Work(b.t, b.db, b.jobs)
}

// issue has an agency issue a licence to the person.
func (b *bundle) issue(number string) (c certificate.Credential) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = b.certificates.Issue(ctx, tx, certificate.Issue{
			Type: "trade-licence", Number: number, Agency: "cmp", AgencyName: i18n.Text{"pt": "Câmara"}, Holder: b.person,
			HolderName: "Dulce", Subject: "test", SubjectID: id.New(), Title: i18n.Text{"pt": "Licença"}, Lang: "pt", ValidDays: 60,
			Claims: []certificate.Claim{
				{Name: "owner", Label: i18n.Text{"pt": "Titular"}, Value: "Dulce", Shown: "Dulce", Disclosable: true},
				{Name: "area", Label: i18n.Text{"pt": "Área"}, Value: 40, Shown: "40 m²", Disclosable: true},
				{Name: "trade", Label: i18n.Text{"pt": "Atividade"}, Value: "food", Shown: "Alimentação"},
			},
		})
		return err
	})
	return c
}

// item returns the person's item of a credential that has arrived.
func (b *bundle) item(credential uuid.UUID) (i wallet.Item) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		i, err = b.Find(ctx, tx, b.person, credential)
		return err
	})
	return i
}

func (b *bundle) list(hidden bool) (numbers []string) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		p, err := b.Items(ctx, tx, b.person, hidden, page.Request{})
		for _, i := range p.Rows {
			numbers = append(numbers, i.Number)
		}
		return err
	})
	return numbers
}

func (b *bundle) share(item uuid.UUID, until time.Duration, claims ...string) (sh wallet.Share, err error) {
	err = b.try(func(ctx context.Context, tx *pg.Tx) (err error) {
		sh, err = b.ShareClaims(ctx, tx, b.person, item, claims, "Para o banco CANARIO", tx.Now.Add(until))
		return err
	})
	return sh, err
}

// look follows a link as a stranger does and returns what is seen.
func (b *bundle) look(token string) (v certificate.Verification, names string, err error) {
	err = b.db.InTx(b.t.Context(), pg.Scope{Tenant: b.tenant, Actor: pg.Actor{Kind: "anonymous"}}, func(ctx context.Context, tx *pg.Tx) error {
		v, _, err = b.Shared(ctx, tx, token)
		return err
	})
	for _, c := range v.Claims {
		names += c.Name + " "
	}
	return v, strings.TrimSpace(names), err
}

func TestItemsArriveOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.issue("LC-1")
	b.want(b.try(func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Find(ctx, tx, b.person, c.ID)
		return err
	}), wallet.ErrNotFound)
	b.work()
	b.do(func(ctx context.Context, tx *pg.Tx) error { // the same event again
		return tx.Publish(ctx, certificate.Issued{Credential: c.ID, Holder: b.person, Number: "LC-1"})
	})
	b.work()
	b.issue("LC-2")
	b.work()
	if diff := cmp.Diff([]string{"LC-2", "LC-1"}, b.list(false)); diff != "" {
		t.Error(diff)
	}
	i := b.item(c.ID)
	if i.Title["pt"] != "Licença" || i.Status != certificate.Valid || i.Agency != "cmp" || i.ExpiresAt == nil || i.Type != "trade-licence" {
		t.Errorf("%+v", i)
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		_, full, err := b.Item(ctx, tx, b.person, i.ID)
		if len(full.Claims) != 3 || full.SDJWT == "" {
			t.Errorf("%+v", full)
		}
		return err
	})
}

func TestItemsFollowTheirStatus(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.issue("LC-1")
	change := func(do func(context.Context, *pg.Tx, uuid.UUID, string) error) {
		b.do(func(ctx context.Context, tx *pg.Tx) error { return do(ctx, tx, c.ID, "em análise") })
	}
	b.work()
	for _, step := range []struct {
		do   func(context.Context, *pg.Tx, uuid.UUID, string) error
		want certificate.Status
	}{{b.certificates.Suspend, certificate.Suspended}, {b.certificates.Restore, certificate.Valid}, {b.certificates.Revoke, certificate.Revoked}} {
		change(step.do)
		b.work()
		if got := b.item(c.ID).Status; got != step.want {
			t.Errorf("%s, not %s", got, step.want)
		}
	}
	// Old events that come late change nothing.
	for _, e := range []pg.Event{
		certificate.StatusChanged{Credential: c.ID, Holder: b.person, Status: certificate.Valid},
		certificate.Issued{Credential: c.ID, Holder: b.person, Number: "LC-1"},
	} {
		b.do(func(ctx context.Context, tx *pg.Tx) error { return tx.Publish(ctx, e) })
		b.work()
		if got := b.item(c.ID).Status; got != certificate.Revoked {
			t.Errorf("after %s again: %s", e.EventName(), got)
		}
	}
	// Revoked before it arrived.
	c = b.issue("LC-2")
	change(b.certificates.Revoke)
	b.work()
	if got := b.item(c.ID).Status; got != certificate.Revoked {
		t.Errorf("it arrived as %s", got)
	}
}

func TestHide(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.issue("LC-1")
	b.work()
	i := b.item(c.ID)
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.Hide(ctx, tx, b.person, i.ID) })
	if len(b.list(false)) != 0 || len(b.list(true)) != 1 || !b.item(c.ID).Hidden {
		t.Error("hidden, it is in the wrong list")
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.Restore(ctx, tx, b.person, i.ID) })
	if len(b.list(false)) != 1 || len(b.list(true)) != 0 {
		t.Error("restored, it is in the wrong list")
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.issue("LC-1")
	b.work()
	i := b.item(c.ID)
	const day = 24 * time.Hour
	for what, try := range map[string]struct {
		until  time.Duration
		claims []string
		want   error
	}{
		"nothing":              {day, nil, wallet.ErrNoClaims},
		"an odd claim":         {day, []string{"area", "income"}, wallet.ErrUnknownClaim},
		"until now":            {0, []string{"area"}, wallet.ErrUntil},
		"for ever":             {400 * day, []string{"area"}, wallet.ErrUntil},
		"until the day before": {-day, []string{"area"}, wallet.ErrUntil},
	} {
		if _, err := b.share(i.ID, try.until, try.claims...); !errors.Is(err, try.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	sh, err := b.share(i.ID, 30*day, "area")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		v, names, err := b.look(sh.Token)
		if err != nil || names != "area trade" || v.Outcome != certificate.OutcomeValid || v.Number != "LC-1" {
			t.Errorf("seen: %q, %s, %v", names, v.Outcome, err)
		}
	}
	shares := func() (list []wallet.Share) {
		b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
			list, err = b.Shares(ctx, tx, b.person, i.ID)
			return err
		})
		return list
	}
	got := shares()
	if len(got) != 1 || got[0].Views != 3 || got[0].ViewedAt == nil || got[0].Purpose != "Para o banco CANARIO" || got[0].Token != "" {
		t.Errorf("%+v", got)
	}
	open := func() (list []wallet.OpenShare) {
		b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
			list, err = b.OpenShares(ctx, tx, b.person)
			return err
		})
		return list
	}
	if all := open(); len(all) != 1 || all[0].ID != sh.ID || all[0].Item != i.ID || all[0].Number != "LC-1" || all[0].Purpose != "Para o banco CANARIO" {
		t.Errorf("in force: %+v", all)
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		var clear, shown int
		err := tx.QueryRow(ctx, `SELECT
			(SELECT count(*) FROM wallet.share s WHERE position('CANARIO'::bytea IN purpose) > 0 OR position($1::bytea IN token_hash) > 0 OR s::text LIKE '%CANARIO%'),
			(SELECT count(*) FROM audit.entry WHERE action = 'wallet.shown' AND person_id = $2)`, []byte(sh.Token), b.person).Scan(&clear, &shown)
		if clear != 0 || shown != 3 {
			t.Errorf("%d in clear, %d looks in the audit record", clear, shown)
		}
		return err
	})

	// The link shows how the credential stands now.
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		return b.certificates.Suspend(ctx, tx, c.ID, "em análise")
	})
	if v, _, err := b.look(sh.Token); err != nil || v.Outcome != certificate.OutcomeSuspended {
		t.Errorf("%s, %v", v.Outcome, err)
	}

	second, err := b.share(i.ID, 90*day, "owner", "area")
	if err != nil {
		t.Fatal(err)
	}
	end := func(person uuid.UUID, share uuid.UUID) error {
		return b.try(func(ctx context.Context, tx *pg.Tx) error { return b.EndShare(ctx, tx, person, share) })
	}
	b.want(end(id.New(), second.ID), wallet.ErrNotFound)
	if err := end(b.person, second.ID); err != nil {
		t.Fatal(err)
	}
	b.want(end(b.person, second.ID), wallet.ErrNotFound)
	if err := b.db.AdvanceClock(t.Context(), b.tenant, 31*day); err != nil {
		t.Fatal(err)
	}
	if all := open(); len(all) != 0 {
		t.Errorf("still in force: %+v", all)
	}
	for what, token := range map[string]string{"ended": second.Token, "run out": sh.Token, "unknown": id.Token(32), "empty": ""} {
		if v, names, err := b.look(token); !errors.Is(err, wallet.ErrShareEnded) || names != "" || v.Number != "" {
			t.Errorf("%s: %q, %v", what, names, err)
		}
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		for _, s := range shares() {
			if s.Open(tx.Now) || s.Views > 4 {
				t.Errorf("%+v", s)
			}
		}
		return nil
	})
}

func TestSomebodyElse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.issue("LC-1")
	b.work()
	i := b.item(c.ID)
	sh, err := b.share(i.ID, time.Hour, "area")
	if err != nil {
		t.Fatal(err)
	}
	knock := func(person uuid.UUID) {
		t.Helper()
		for what, do := range map[string]func(ctx context.Context, tx *pg.Tx) error{
			"item": func(ctx context.Context, tx *pg.Tx) error { _, _, err := b.Item(ctx, tx, person, i.ID); return err },
			"find": func(ctx context.Context, tx *pg.Tx) error { _, err := b.Find(ctx, tx, person, c.ID); return err },
			"hide": func(ctx context.Context, tx *pg.Tx) error { return b.Hide(ctx, tx, person, i.ID) },
			"share": func(ctx context.Context, tx *pg.Tx) error {
				_, err := b.ShareClaims(ctx, tx, person, i.ID, []string{"area"}, "", tx.Now.Add(time.Hour))
				return err
			},
			"shares": func(ctx context.Context, tx *pg.Tx) error { _, err := b.Shares(ctx, tx, person, i.ID); return err },
			"end":    func(ctx context.Context, tx *pg.Tx) error { return b.EndShare(ctx, tx, person, sh.ID) },
		} {
			if err := b.try(do); !errors.Is(err, wallet.ErrNotFound) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	knock(id.New())
	b.tenant = pgtest.DemoTenant(t, b.db)
	knock(b.person)
	if _, _, err := b.look(sh.Token); !errors.Is(err, wallet.ErrShareEnded) {
		t.Errorf("the link in another tenant: %v", err)
	}
}

// TestRepresentatives: who acts for somebody else with consent to everything sees their wallet and does nothing with it.
func TestRepresentatives(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.issue("LC-2026-000001")
	b.work()
	var item wallet.Item
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		found, err := b.Items(ctx, tx, b.person, false, page.Request{})
		item = found.Rows[0]
		return err
	})
	as := func(consent string, work func(ctx context.Context, tx *pg.Tx) error) error {
		actor := pg.Actor{ID: id.New(), Kind: "person", OnBehalf: b.person, RequestID: consent}
		return b.db.InTx(t.Context(), pg.Scope{Tenant: b.tenant, Actor: actor}, work)
	}
	looks := map[string]func(ctx context.Context, tx *pg.Tx) error{
		"items": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.Items(ctx, tx, b.person, false, page.Request{})
			return err
		},
		"item": func(ctx context.Context, tx *pg.Tx) error {
			_, _, err := b.Item(ctx, tx, b.person, item.ID)
			return err
		},
		"find": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.Find(ctx, tx, b.person, item.Credential)
			return err
		},
	}
	for name, look := range looks {
		if err := as("consent", look); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		b.want(as("", look), identity.ErrRepresentative)
	}
	for _, use := range []func(ctx context.Context, tx *pg.Tx) error{
		func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.ShareClaims(ctx, tx, b.person, item.ID, []string{"owner"}, "x", tx.Now.Add(time.Hour))
			return err
		},
		func(ctx context.Context, tx *pg.Tx) error { _, err := b.Shares(ctx, tx, b.person, item.ID); return err },
		func(ctx context.Context, tx *pg.Tx) error { return b.EndShare(ctx, tx, b.person, id.New()) },
		func(ctx context.Context, tx *pg.Tx) error { return b.Hide(ctx, tx, b.person, item.ID) },
		func(ctx context.Context, tx *pg.Tx) error { return b.Restore(ctx, tx, b.person, item.ID) },
	} {
		b.want(as("consent", use), wallet.ErrRepresentative)
	}
}

package business_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/business"
	"digit/internal/infra/document"
	"digit/internal/infra/document/documenttest"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// desk carries codes and notices, and is the register of businesses and the map.
type desk struct {
	mu      sync.Mutex
	code    string
	told    []notification.Message
	holders map[string]uuid.UUID
}

func (d *desk) SendCode(_ context.Context, _ *pg.Tx, to identity.CodeMessage) error {
	d.code = to.Code
	return nil
}

func (d *desk) Send(_ context.Context, _ *pg.Tx, m notification.Message) (uuid.UUID, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.told = append(d.told, m)
	return uuid.New(), nil
}

func (d *desk) Holder(_ context.Context, _ *pg.Tx, register, key string) (uuid.UUID, error) {
	return d.holders[register+"/"+key], nil
}

func (*desk) Known(_ context.Context, _ *pg.Tx, code string) (bool, error) {
	return code == "CV-PR", nil
}

type bundle struct {
	t      *testing.T
	db     *pg.DB
	tenant uuid.UUID
	desk   *desk
	people *identity.Service
	files  *document.Service
	keys   *encryption.Service
	*business.Service
}

func setup(t *testing.T) *bundle {
	t.Helper()
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	keys, settings := encryption.New(encryption.Deps{Root: root}), tenancy.New(tenancy.Deps{})
	b := &bundle{t: t, db: pgtest.New(t), desk: &desk{holders: map[string]uuid.UUID{}}, keys: keys}
	b.tenant = pgtest.DemoTenant(t, b.db)
	b.files = document.New(document.Deps{Encryption: keys})
	b.people = identity.New(identity.Deps{Encryption: keys, Tenancy: settings, Codes: b.desk, Permissions: []string{"identity:businesses"}})
	texts, err := i18n.Load(fstest.MapFS{"pt.json": {Data: []byte(`{"notice.business_confirmed.subject": "Sim", "notice.business_confirmed.text": "{link}",
		"notice.business_refused.subject": "Não", "notice.business_refused.text": "{link}"}`)}})
	if err != nil {
		t.Fatal(err)
	}
	b.Service = business.New(business.Deps{
		Encryption: keys, Identity: b.people, Documents: b.files, Registers: b.desk, Areas: b.desk, Settings: settings, Notices: b.desk, Texts: texts,
		PublicURL: func(context.Context, *pg.Tx) (string, error) { return "https://cv.example.org", nil },
	})
	keys.OnForget(b.people.Forget)
	keys.OnForget(b.Forget)
	b.must(b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		return errors.Join(settings.Change(ctx, tx, tenancy.Settings{
			Name: i18n.Text{"pt": "Cabo Verde"}, Languages: []string{"pt", "en"}, DefaultLanguage: "pt", Currency: "CVE",
			Zone: "Atlantic/Cape_Verde", PhoneRegion: "CV", Accent: "#003893",
		}), b.people.PutRole(ctx, tx, identity.Role{Code: "companies", Name: i18n.Text{"pt": "Empresas"}, Permissions: []string{"identity:businesses"}}))
	}))
	return b
}

func (b *bundle) as(actor pg.Actor, work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.db.InTx(b.t.Context(), pg.Scope{Tenant: b.tenant, Actor: actor}, work)
}

func (b *bundle) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) want(what string, err, target error) {
	b.t.Helper()
	if !errors.Is(err, target) {
		b.t.Errorf("%s: %v, want %v", what, err, target)
	}
}

// person has somebody sign in for the first time.
func (b *bundle) person(email string) (p pg.Actor) {
	b.t.Helper()
	b.must(b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		code, err := b.people.StartCode(ctx, tx, identity.StartCode{Channel: "email", Address: email, Lang: "pt"})
		if err != nil {
			return err
		}
		in, err := b.people.FinishCode(ctx, tx, code, b.desk.code)
		p = pg.Actor{ID: in.Principal.Account, Kind: identity.KindPerson}
		return err
	}))
	return p
}

// officer has somebody work for the state who says who acts for businesses.
func (b *bundle) officer() (p pg.Actor) {
	b.t.Helper()
	b.must(b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		account, err := b.people.AddStaff(ctx, tx, identity.AddStaff{Name: "Ofélia", Email: "ofelia@gov.example"})
		if err != nil {
			return err
		}
		p = pg.Actor{ID: account, Kind: identity.KindStaff}
		return b.people.Grant(ctx, tx, account, "companies", "", "")
	}))
	return p
}

// acme is a business that can be registered.
func acme() business.NewClaim {
	return business.NewClaim{Lang: "pt", Business: business.Business{
		Name: " Acme  Comércio, Lda. ", Form: "company", Number: "512 345 678",
		Reach: business.Reach{Boundary: "CV-PR", Address: "Rua 5 de Julho\n\n Plateau ", Email: "geral@acme.example", Phone: "2612345"},
	}}
}

func (b *bundle) claim(who pg.Actor, in business.NewClaim) (id uuid.UUID, err error) {
	if in.Paper == nil {
		paper := b.paper()
		in.Paper = &paper
	}
	return b.claimBare(who, in)
}

func (b *bundle) claimBare(who pg.Actor, in business.NewClaim) (id uuid.UUID, err error) {
	err = b.as(who, func(ctx context.Context, tx *pg.Tx) (err error) {
		id, err = b.Claim(ctx, tx, in)
		return err
	})
	return id, err
}

func (b *bundle) paper() document.Upload {
	b.t.Helper()
	u, err := b.files.Inspect(b.t.Context(), "certidao.pdf", "", strings.NewReader(string(documenttest.PDF("", "(certidao)"))))
	b.must(err)
	return u
}

func (b *bundle) decide(who pg.Actor, do func(context.Context, *pg.Tx, uuid.UUID) error, id uuid.UUID) error {
	return b.as(who, func(ctx context.Context, tx *pg.Tx) error { return do(ctx, tx, id) })
}

func (b *bundle) mine(who pg.Actor) (list []business.Claim) {
	b.t.Helper()
	b.must(b.as(who, func(ctx context.Context, tx *pg.Tx) (err error) {
		list, err = b.Claimed(ctx, tx, who.ID)
		return err
	}))
	return list
}

func (b *bundle) list(who pg.Actor, f business.Filter, r page.Request) (p page.Page[business.Claim], err error) {
	err = b.as(who, func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = b.Claims(ctx, tx, f, r)
		return err
	})
	return p, err
}

func (b *bundle) refuse(who pg.Actor, id uuid.UUID, reason string) error {
	return b.as(who, func(ctx context.Context, tx *pg.Tx) error { return b.Refuse(ctx, tx, id, reason) })
}

func TestClaim(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dulce, eve, officer := b.person("dulce@posta.example"), b.person("eve@posta.example"), b.officer()
	id, err := b.claim(dulce, acme())
	b.must(err)
	c := b.mine(dulce)[0]
	if c.ID != id || c.Status != business.Open || c.Proof != identity.ProofDocument || c.Business.Status != business.Unconfirmed || c.Business.Name != "Acme Comércio, Lda." ||
		c.Business.Number != "512345678" || c.Business.Address != "Rua 5 de Julho\nPlateau" || c.Business.Phone != "+2382612345" || c.Document == uuid.Nil {
		t.Errorf("claim %+v", c)
	}
	account := c.Business.Account
	_, err = b.claim(eve, acme())
	b.want("a second claim on the number", err, business.ErrWaiting)
	b.want("the claimant confirms", b.decide(dulce, b.Confirm, id), identity.ErrForbidden)
	b.want("the claimant sees it before it is confirmed", b.as(dulce, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Service.Business(ctx, tx, account)
		return err
	}), business.ErrNotFound)

	b.must(b.decide(officer, b.Confirm, id))
	b.must(b.decide(officer, b.Confirm, id))
	b.want("refused after it was confirmed", b.refuse(officer, id, "Falta"), business.ErrDecided)
	if len(b.desk.told) != 1 || b.desk.told[0].Person != dulce.ID || b.desk.told[0].Text != "https://cv.example.org/businesses" {
		t.Errorf("told %+v", b.desk.told)
	}
	_, err = b.claim(eve, acme())
	b.want("a claim on a business that is managed", err, business.ErrTaken)
	for name, c := range map[string]struct {
		who  pg.Actor
		want error
	}{
		"its manager": {dulce, nil}, "in its name": {pg.Actor{ID: dulce.ID, Kind: "person", OnBehalf: account}, nil}, "a stranger": {eve, business.ErrNotFound},
		"a stranger in its name":        {pg.Actor{ID: eve.ID, Kind: "person", OnBehalf: account}, business.ErrNotFound},
		"its manager in another's name": {pg.Actor{ID: dulce.ID, Kind: "person", OnBehalf: eve.ID}, business.ErrNotFound}, "the office": {officer, business.ErrNotFound},
	} {
		b.want(name, b.as(c.who, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.Service.Business(ctx, tx, account)
			return err
		}), c.want)
	}
	b.want("a stranger changes it", b.as(eve, func(ctx context.Context, tx *pg.Tx) error { return b.Change(ctx, tx, account, business.Reach{}) }), identity.ErrForbidden)
	b.want("a wrong e-mail", b.as(dulce, func(ctx context.Context, tx *pg.Tx) error {
		return b.Change(ctx, tx, account, business.Reach{Email: "acme", Phone: "1", Boundary: "XX", Address: strings.Repeat("a", 500)})
	}), business.ErrBusiness)
	b.must(b.as(dulce, func(ctx context.Context, tx *pg.Tx) error {
		if err := b.Change(ctx, tx, account, business.Reach{Email: "nova@acme.example"}); err != nil {
			return err
		}
		got, err := b.Service.Business(ctx, tx, account)
		if got.Email != "nova@acme.example" || got.Name != "Acme Comércio, Lda." || got.Number != "512345678" || got.Boundary != "" {
			t.Errorf("changed to %+v", got)
		}
		return err
	}))
}

func TestWrongClaims(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dulce := b.person("dulce@posta.example")
	past := time.Now().Add(-time.Hour)
	_, err := b.claimBare(dulce, business.NewClaim{Until: &past, Business: business.Business{
		Name: " ", Form: "empire", Number: "12", Reach: business.Reach{Boundary: "XX", Email: "x", Phone: "1"},
	}})
	var paths []string
	if e := fault.Of(err); e != nil {
		for _, f := range e.Fields {
			paths = append(paths, f.Path)
		}
	}
	if got := strings.Join(paths, " "); !errors.Is(err, business.ErrBusiness) || got != "name form number email phone boundary until paper" {
		t.Errorf("wrong: %q, %v", got, err)
	}
	b.want("in another's name", b.as(pg.Actor{ID: dulce.ID, Kind: "person", OnBehalf: uuid.New()}, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Claim(ctx, tx, acme())
		return err
	}), identity.ErrForbidden)
	for n := range 5 {
		in := acme()
		in.Business.Number = "51234567" + string(rune('0'+n))
		_, err := b.claim(dulce, in)
		b.must(err)
	}
	_, err = b.claim(dulce, acme())
	b.want("a sixth", err, business.ErrMany)
}

// TestRegister: who stands in the state's register of businesses needs no paper, and is confirmed all the same.
func TestRegister(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dulce, eve := b.person("dulce@posta.example"), b.person("eve@posta.example")
	b.desk.holders["businesses/512345678"] = dulce.ID
	_, err := b.claimBare(eve, acme())
	b.want("another than its holder", err, business.ErrBusiness)
	_, err = b.claimBare(dulce, acme())
	b.must(err)
	if c := b.mine(dulce)[0]; c.Proof != identity.ProofRegister || c.Document != uuid.Nil || c.Status != business.Open {
		t.Errorf("claim %+v", c)
	}
}

// TestRefuse: a number that was refused is free, and so is a business that nobody manages any more.
func TestRefuse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dulce, eve, officer := b.person("dulce@posta.example"), b.person("eve@posta.example"), b.officer()
	id, err := b.claim(eve, acme())
	b.must(err)
	b.want("without a reason", b.refuse(officer, id, "  "), business.ErrReason)
	b.want("by a stranger", b.refuse(dulce, id, "Não"), identity.ErrForbidden)
	b.must(b.refuse(officer, id, "A certidão é de outra empresa."))
	b.want("confirmed after it was refused", b.decide(officer, b.Confirm, id), business.ErrDecided)
	if c := b.mine(eve)[0]; c.Status != business.Refused || c.Reason != "A certidão é de outra empresa." {
		t.Errorf("refused %+v", c)
	}

	in := acme()
	until := time.Now().Add(48 * time.Hour)
	in.Until = &until
	id, err = b.claim(dulce, in)
	b.must(err)
	b.must(b.decide(officer, b.Confirm, id))
	account := b.mine(dulce)[0].Business.Account
	b.must(b.db.AdvanceClock(t.Context(), b.tenant, 72*time.Hour))
	again, err := b.claim(eve, acme()) // nobody manages it any more
	b.must(err)
	if c := b.mine(eve)[0]; c.Business.Account != account || c.Business.Status != business.Confirmed {
		t.Errorf("claimed anew %+v", c)
	}
	b.want("before it is confirmed", b.as(eve, func(ctx context.Context, tx *pg.Tx) error { return b.people.Manages(ctx, tx, account) }), identity.ErrForbidden)
	b.must(b.decide(officer, b.Confirm, again))
	b.must(b.as(eve, func(ctx context.Context, tx *pg.Tx) error { return b.people.Manages(ctx, tx, account) }))

	// Authority that runs out while the office waits is not confirmed.
	in = acme()
	soon := time.Now().Add(80 * time.Hour)
	in.Until, in.Business.Number = &soon, "598765432"
	late, err := b.claim(dulce, in)
	b.must(err)
	b.must(b.db.AdvanceClock(t.Context(), b.tenant, 96*time.Hour))
	b.want("after its end", b.decide(officer, b.Confirm, late), business.ErrLapsed)
}

func TestClaims(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dulce, officer := b.person("dulce@posta.example"), b.officer()
	for n, name := range []string{"Acme Comércio", "Beira Pesca", "Acme Pesca"} {
		in := acme()
		in.Business.Name, in.Business.Number = name, "51234567"+string(rune('0'+n))
		if n == 1 {
			in.Business.Form = "association"
		}
		_, err := b.claim(dulce, in)
		b.must(err)
	}
	_, err := b.list(dulce, business.Filter{}, page.Request{})
	b.want("a person looks at the list", err, identity.ErrForbidden)
	for _, c := range []struct {
		filter business.Filter
		want   string
	}{
		{business.Filter{}, "Acme Pesca, Beira Pesca, Acme Comércio"}, {business.Filter{Oldest: true}, "Acme Comércio, Beira Pesca, Acme Pesca"},
		{business.Filter{Query: "acm pes"}, "Acme Pesca"}, {business.Filter{Query: "512 345 671"}, "Beira Pesca"}, {business.Filter{Query: "nobody"}, ""},
		{business.Filter{Form: "association"}, "Beira Pesca"}, {business.Filter{Status: business.Confirmed}, ""}, {business.Filter{Status: business.Open, Query: "acme"}, "Acme Pesca, Acme Comércio"},
	} {
		var names []string
		for next := (page.Request{Size: 1}); ; {
			found, err := b.list(officer, c.filter, next)
			b.must(err)
			for _, row := range found.Rows {
				names = append(names, row.Business.Name)
			}
			if next.After = found.Next; found.Next == "" {
				break
			}
		}
		if got := strings.Join(names, ", "); got != c.want {
			t.Errorf("%+v: %s, want %s", c.filter, got, c.want)
		}
	}
	id := b.mine(dulce)[0].ID
	b.want("another tenant's", b.db.InTx(t.Context(), pg.Scope{Tenant: pgtest.DemoTenant(t, b.db), Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.OfficeClaim(ctx, tx, id)
		return err
	}), business.ErrNotFound)
	b.must(b.as(officer, func(ctx context.Context, tx *pg.Tx) error {
		c, err := b.OfficeClaim(ctx, tx, id)
		if c.Business.Name != "Acme Pesca" {
			t.Errorf("claim %+v", c)
		}
		return err
	}))
}

// TestForget: what somebody claimed and nobody confirmed goes with them; a business that was confirmed stays.
func TestForget(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dulce, officer := b.person("dulce@posta.example"), b.officer()
	id, err := b.claim(dulce, acme())
	b.must(err)
	b.must(b.decide(officer, b.Confirm, id))
	in := acme()
	in.Business.Number = "598765432"
	_, err = b.claim(dulce, in)
	b.must(err)
	open := b.mine(dulce)[0]
	b.must(b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return b.keys.Forget(ctx, tx, dulce.ID) }))
	b.must(b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		if _, err := b.files.File(ctx, tx, open.Document); !errors.Is(err, document.ErrNotFound) {
			t.Errorf("the paper is still there: %v", err)
		}
		list, err := b.Claimed(ctx, tx, dulce.ID)
		if len(list) != 1 || list[0].ID != id || list[0].Business.Name != "Acme Comércio, Lda." {
			t.Errorf("left %+v", list)
		}
		return err
	}))
	_, err = b.claim(b.person("eve@posta.example"), acme()) // its only manager is gone
	b.must(err)
}

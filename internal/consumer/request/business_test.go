package request_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// company adds a business that somebody manages.
func (b *bundle) company(manager uuid.UUID, name string, until *time.Time) (business, membership uuid.UUID) {
	b.t.Helper()
	b.as(pg.Actor{ID: manager, Kind: "person"}, func(ctx context.Context, tx *pg.Tx) (err error) {
		business, err = b.people.AddBusiness(ctx, tx, name)
		return err
	})
	b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) (err error) {
		membership, err = b.people.AppointManager(ctx, tx, identity.Appointment{Business: business, Person: manager, Proof: identity.ProofDocument, Until: until})
		return err
	})
	return business, membership
}

// employ has somebody join a business.
func (b *bundle) employ(manager, business, who uuid.UUID, phone string, services ...string) (membership uuid.UUID) {
	b.t.Helper()
	b.as(pg.Actor{ID: manager, Kind: "person"}, func(ctx context.Context, tx *pg.Tx) (err error) {
		membership, err = b.people.InviteMember(ctx, tx, identity.InviteMember{Business: business, Channel: "sms", Address: phone, Kind: identity.Member, Services: services})
		return err
	})
	b.as(pg.Actor{ID: who, Kind: "person"}, func(ctx context.Context, tx *pg.Tx) error { return b.people.Accept(ctx, tx, membership) })
	return membership
}

// TestBusinessApplies: a business applies through its members, its form is filled in from what is kept of it, all members with the right
// to the service are told, and access ends with the membership.
func TestBusinessApplies(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.drawer.profile = map[string]string{"number": "512345678"}
	helena, eve, zito := b.register("sms", "9922222", "Helena"), b.register("sms", "9933333", "Eva"), b.register("sms", "9944444", "Zito")
	acme, _ := b.company(b.person, "Acme", nil)
	rival, _ := b.company(eve, "Rival", nil)
	job := b.employ(b.person, acme, helena, "9922222", "stall")
	b.employ(b.person, acme, zito, "9944444", "household")
	inNameOf := func(who, business uuid.UUID) pg.Actor { return pg.Actor{ID: who, Kind: "person", OnBehalf: business} }
	start := func(who, business uuid.UUID, service string) (r request.Request, err error) {
		err = b.try(inNameOf(who, business), func(ctx context.Context, tx *pg.Tx) (err error) {
			r, err = b.Start(ctx, tx, business, service, "pt")
			return err
		})
		return r, err
	}
	_, err := start(b.person, acme, "household")
	b.want(err, request.ErrForPeople)
	_, err = start(helena, acme, "household")
	b.want(err, identity.ErrRepresentative)
	_, err = start(eve, acme, "stall")
	b.want(err, identity.ErrRepresentative)
	r, err := start(helena, acme, "stall")
	b.must(err)
	if r.Person != acme || r.Answers["tax_number"] != "512345678" || r.Sources["tax_number"] != "business.number" {
		t.Errorf("filled in %v from %v", r.Answers, r.Sources)
	}
	if own := b.start("pt"); own.Answers["tax_number"] != nil {
		t.Errorf("a person's own form has %v", own.Answers)
	}
	acting := inNameOf(helena, acme)
	page1 := map[string][]string{"name": {"Acme"}, "partner": {"no"}}
	b.must(b.try(acting, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.SavePage(ctx, tx, acme, r.ID, "who", "pt", page1)
		return err
	}))
	deed, err := b.files.Inspect(t.Context(), "titulo.pdf", "", strings.NewReader(deed))
	b.must(err)
	b.must(b.try(acting, func(ctx context.Context, tx *pg.Tx) error {
		if _, err := b.Attach(ctx, tx, acme, r.ID, "deed", deed); err != nil {
			return err
		}
		if _, err := b.SavePage(ctx, tx, acme, r.ID, "place", "pt", map[string][]string{"place": {"CV-PR"}, "tax_number": {"512345678"}}); err != nil {
			return err
		}
		r, err = b.Submit(ctx, tx, acme, r.ID)
		return err
	}))
	b.work()
	if n := len(b.got); n != 1 || !b.got[0].Business || b.got[0].By != "Helena" || b.got[0].Name != "Acme" || b.got[0].Person != acme {
		t.Errorf("the provider got %+v", b.got)
	}

	// Its manager sees it too, and writes; who may act in another service alone, and another business, do not.
	open := func(who, business uuid.UUID) error {
		return b.try(inNameOf(who, business), func(ctx context.Context, tx *pg.Tx) error { _, err := b.Request(ctx, tx, acme, r.ID); return err })
	}
	b.must(open(b.person, acme))
	for _, err := range []error{open(zito, acme), open(eve, acme), open(eve, rival)} {
		if !errors.Is(err, identity.ErrRepresentative) && !errors.Is(err, request.ErrNotFound) {
			t.Errorf("a stranger opens it: %v", err)
		}
	}
	b.want(b.try(pg.Actor{ID: b.person, Kind: "person"}, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Request(ctx, tx, b.person, r.ID) // as themselves it is not theirs
		return err
	}), request.ErrNotFound)

	// News goes to every member with the right to the service.
	b.post.sent = nil
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Message, Message: uuid.New(), Note: "Falta a planta"})
	var told []string
	for _, m := range b.post.sent {
		told = append(told, m.To)
	}
	slices.Sort(told)
	if got := strings.Join(told, " "); got != "+2389912345 +2389922222" {
		t.Errorf("told %q", got)
	}

	// A dismissed member is out at once.
	b.must(open(helena, acme))
	b.as(pg.Actor{ID: b.person, Kind: "person"}, func(ctx context.Context, tx *pg.Tx) error { return b.people.EndDelegation(ctx, tx, job) })
	b.want(open(helena, acme), identity.ErrRepresentative)
	b.want(b.try(acting, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Mine(ctx, tx, acme, request.Filter{}, page.Request{})
		return err
	}), identity.ErrRepresentative)
	b.want(b.try(acting, func(ctx context.Context, tx *pg.Tx) error { return b.Withdraw(ctx, tx, acme, r.ID) }), identity.ErrRepresentative)
}

package desk_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/refdata"
	"digit/internal/infra/tenancy"
	"digit/internal/provider/desk"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// outside is all that the desk stands on besides accounts: offices that never close, and messages that are kept.
type outside struct {
	places []desk.Place
	told   []string
}

func (o *outside) Posts(context.Context, *pg.Tx, uuid.UUID) ([]desk.Place, error) {
	return o.places, nil
}

func (o *outside) Find(context.Context, *pg.Tx, string) (application, person uuid.UUID, err error) {
	return uuid.Nil, uuid.Nil, fault.NotFound("orchestration.unknown")
}

func (o *outside) Settings(context.Context, *pg.Tx) (tenancy.Settings, error) {
	return tenancy.Settings{Languages: []string{"pt"}, DefaultLanguage: "pt", Currency: "CVE", Zone: "UTC", PhoneRegion: "CV"}, nil
}

func (o *outside) NextNumber(context.Context, *pg.Tx, string) (string, error) { return "DEP-1", nil }

// CalendarOf is open at all times here, and in office hours elsewhere.
func (o *outside) CalendarOf(_ context.Context, _ *pg.Tx, w refdata.Workplace) (cal calendar.Calendar, err error) {
	if w != (refdata.Workplace{Agency: here.Agency, Office: here.Office}) {
		cal.Hours = calendar.Office()
	}
	return cal, nil
}

func (o *outside) TellReturned(context.Context, *pg.Tx, payment.Collection) error { return nil }

func (o *outside) TellAppointment(_ context.Context, _ *pg.Tx, a desk.Appointment, kind string) error {
	o.told = append(o.told, kind+" "+a.Topic)
	return nil
}

// noMoney stands where money would be: what is tested here takes none.
type noMoney struct{ desk.Payments }

type noCodes struct{}

func (noCodes) SendCode(context.Context, *pg.Tx, identity.CodeMessage) error { return nil }

type bundle struct {
	t      *testing.T
	db     *pg.DB
	tenant uuid.UUID
	jobs   *job.Registry
	people *identity.Service
	*outside
	*desk.Service
}

var here = desk.Place{Agency: "cmp", Office: "balcao"}

func setup(t *testing.T) *bundle {
	t.Helper()
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	keys := encryption.New(encryption.Deps{Root: root})
	b := &bundle{t: t, db: pgtest.New(t), jobs: job.NewRegistry(), outside: &outside{places: []desk.Place{here}}}
	b.tenant = pgtest.DemoTenant(t, b.db)
	b.people = identity.New(identity.Deps{Encryption: keys, Tenancy: b.outside, Codes: noCodes{}})
	b.Service = desk.New(desk.Deps{
		People: b.people, Posts: b.outside, References: b.outside, Documents: document.New(document.Deps{Encryption: keys}), Settings: b.outside, Payments: noMoney{},
		Numbers: b.outside, Notices: b.outside, Calendars: b.outside, Encryption: keys,
	})
	b.Register(b.jobs)
	b.do(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		return b.PutTopic(ctx, tx, identity.Principal{}, desk.Topic{Place: here, Code: "A", Name: i18n.Text{"pt": "Geral"}, Minutes: 15, Places: 1, Active: true})
	})
	return b
}

func (b *bundle) try(actor pg.Actor, work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.db.InTx(b.t.Context(), pg.Scope{Tenant: b.tenant, Actor: actor}, work)
}

func (b *bundle) do(actor pg.Actor, work func(ctx context.Context, tx *pg.Tx) error) {
	b.t.Helper()
	if err := b.try(actor, work); err != nil {
		b.t.Fatal(err)
	}
}

// operator is somebody of the staff with permissions in an agency.
func operator(agency string, permissions ...string) identity.Principal {
	return identity.Principal{Account: id.New(), Kind: identity.KindStaff, Grants: []identity.Grant{{Role: "desk-operator", Agency: agency, Permissions: permissions}}}
}

func citizen() pg.Actor { return pg.Actor{ID: id.New(), Kind: "person"} }

func want(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("got %v, want %v", err, target)
	}
}

// TestAppointmentIsCalled books online, is reminded, arrives, and is called when it is due before those who wait without.
func TestAppointmentIsCalled(t *testing.T) {
	t.Parallel()
	b, me, other, clerk := setup(t), citizen(), citizen(), operator("cmp", desk.Use)
	var a desk.Appointment
	b.do(me, func(ctx context.Context, tx *pg.Tx) error {
		free, err := b.Free(ctx, tx, here, "A")
		if err != nil {
			return err
		}
		i := slices.IndexFunc(free, func(at time.Time) bool { return at.After(tx.Now.Add(25*time.Hour)) && at.Hour() > 9 && at.Hour() < 20 })
		a, err = b.Book(ctx, tx, me.ID, here, "A", free[i])
		return err
	})
	want(t, b.try(other, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Book(ctx, tx, other.ID, here, "A", a.At)
		return err
	}), desk.ErrSlotTaken)
	elsewhere := desk.Place{Agency: "cmp", Office: "accao-social"}
	b.do(pg.System(), func(ctx context.Context, tx *pg.Tx) error { // the hours of another office are its own
		if err := b.PutTopic(ctx, tx, identity.Principal{}, desk.Topic{Place: elsewhere, Code: "A", Name: i18n.Text{"pt": "Geral"}, Minutes: 15, Places: 1, Active: true}); err != nil {
			return err
		}
		free, err := b.Free(ctx, tx, elsewhere, "A")
		if len(free) == 0 || slices.ContainsFunc(free, func(at time.Time) bool { return at.UTC().Hour() < 8 || at.UTC().Hour() > 15 }) {
			t.Errorf("an office that is open from 8 to 16 has the free times %v", free)
		}
		return err
	})
	want(t, b.try(me, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Book(ctx, tx, me.ID, here, "A", a.At.Add(15*time.Minute))
		return err
	}), desk.ErrBooked)
	want(t, b.try(other, func(ctx context.Context, tx *pg.Tx) error { return b.Cancel(ctx, tx, a.ID) }), desk.ErrNoAppointment)
	want(t, b.try(other, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Appointments(ctx, tx, me.ID)
		return err
	}), desk.ErrForbidden)
	arrive := func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Arrive(ctx, tx, clerk, a.ID)
		return err
	}
	want(t, b.try(clerk.Actor(), arrive), desk.ErrEarly)
	b.until(a.At.Add(-23 * time.Hour))
	pgtest.Work(t, b.db, b.jobs)
	if !slices.Equal(b.told, []string{"booked A", "remind A"}) {
		t.Errorf("told %v", b.told)
	}
	b.until(a.At.Add(-30 * time.Minute))
	b.do(clerk.Actor(), arrive)
	b.do(clerk.Actor(), arrive)
	var walkIn, late desk.Ticket
	b.do(pg.Actor{Kind: "anonymous"}, func(ctx context.Context, tx *pg.Tx) (err error) {
		if walkIn, err = b.TakeTicket(ctx, tx, here, "A"); err != nil {
			return err
		}
		late, err = b.TakeTicket(ctx, tx, here, "A")
		return err
	})
	if got := b.call(clerk); got.ID != walkIn.ID {
		t.Errorf("before it is due %s is called, want %s", got.Label(), walkIn.Label())
	}
	b.until(a.At)
	if got := b.call(clerk); got.Appointment != a.ID {
		t.Errorf("when it is due %s is called", got.Label())
	}
	if got := b.call(clerk); got.ID != late.ID || got.Label() != "A003" {
		t.Errorf("then %s is called, want %s", got.Label(), late.Label())
	}
	want(t, b.try(clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.CallNext(ctx, tx, clerk, here, "1", nil)
		return err
	}), desk.ErrNobodyWaits)
}

func (b *bundle) call(by identity.Principal) (t desk.Ticket) {
	b.t.Helper()
	b.do(by.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		t, err = b.CallNext(ctx, tx, by, here, "Counter 1", []string{"A"})
		return err
	})
	return t
}

func (b *bundle) forward(by time.Duration) {
	b.t.Helper()
	if err := b.db.AdvanceClock(b.t.Context(), b.tenant, by); err != nil {
		b.t.Fatal(err)
	}
}

// until moves the clock to a moment.
func (b *bundle) until(when time.Time) {
	b.t.Helper()
	var now time.Time
	b.do(pg.System(), func(_ context.Context, tx *pg.Tx) error {
		now = tx.Now
		return nil
	})
	b.forward(when.Sub(now))
}

// TestOnlyOnesOwnOffice refuses everybody who does not work there, whatever they may do elsewhere.
func TestOnlyOnesOwnOffice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	elsewhere := desk.Place{Agency: "cmp", Office: "accao-social"}
	for name, tt := range map[string]struct {
		by identity.Principal
		at desk.Place
	}{
		"another office of the agency": {operator("cmp", desk.Use), elsewhere},
		"another agency's permission":  {operator("dgrni", desk.Use), here},
		"no permission":                {operator("cmp"), here},
	} {
		err := b.try(tt.by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.Service.Find(ctx, tx, tt.by, tt.at, desk.Search{Text: "x"})
			return err
		})
		if !errors.Is(err, desk.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	clerk := operator("cmp", desk.Use)
	want(t, b.try(clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		return b.PutTopic(ctx, tx, clerk, desk.Topic{Place: here, Code: "B"})
	}), desk.ErrForbidden)
}

// TestTwoTakeTokensAtOnce gives each a number of its own, without gaps.
func TestTwoTakeTokensAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	numbers := make(chan int, 12)
	for range cap(numbers) {
		go func() {
			var got desk.Ticket
			err := b.try(pg.Actor{Kind: "anonymous"}, func(ctx context.Context, tx *pg.Tx) (err error) {
				got, err = b.TakeTicket(ctx, tx, here, "A")
				return err
			})
			if err != nil {
				t.Error(err)
			}
			numbers <- got.Number
		}()
	}
	var all []int
	for range cap(numbers) {
		all = append(all, <-numbers)
	}
	slices.Sort(all)
	for i, n := range all {
		if n != i+1 {
			t.Fatalf("numbers %v", all)
		}
	}
}

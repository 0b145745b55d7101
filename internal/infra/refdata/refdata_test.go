package refdata_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/refdata"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

type bundle struct {
	t      *testing.T
	db     *pg.DB
	tenant uuid.UUID
	*refdata.Service
}

func setup(t *testing.T, zone string) *bundle {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	db := pgtest.New(t)
	return &bundle{t, db, pgtest.DemoTenant(t, db), refdata.New(refdata.Deps{
		Zone: func(context.Context, *pg.Tx) (*time.Location, error) { return loc, nil },
	})}
}

func (b *bundle) as(kind string, work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.db.InTx(context.Background(), pg.Scope{Tenant: b.tenant, Actor: pg.Actor{Kind: kind}}, work)
}

func (b *bundle) do(work func(ctx context.Context, tx *pg.Tx) error) {
	b.t.Helper()
	if err := b.as("staff", work); err != nil {
		b.t.Fatal(err)
	}
}

func name(s string) i18n.Text { return i18n.Text{"pt": s} }

func TestNumbersHaveNoGaps(t *testing.T) {
	t.Parallel()
	b := setup(t, "Atlantic/Cape_Verde")
	var mu sync.Mutex
	var got []string
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			var number string
			undo := errors.New("undo")
			err := b.as("system", func(ctx context.Context, tx *pg.Tx) (err error) {
				if number, err = b.NextNumber(ctx, tx, "REC-{yyyy}-{seq:6}"); err == nil && i%4 == 0 {
					err = undo
				}
				return err
			})
			if errors.Is(err, undo) {
				return
			}
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			got = append(got, number)
		})
	}
	wg.Wait()
	slices.Sort(got)
	year := 0
	b.do(func(_ context.Context, tx *pg.Tx) error { year = tx.Now.Year(); return nil })
	var want []string
	for i := range 30 {
		want = append(want, fmt.Sprintf("REC-%d-%06d", year, i+1))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNumbersFollowTheTenantsYear(t *testing.T) {
	t.Parallel()
	// One zone is a day ahead of the other at every moment around the turn of the year.
	for zone, want := range map[string]string{"Pacific/Kiritimati": "A-2031-1", "Pacific/Pago_Pago": "A-2030-2"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			b := setup(t, zone)
			b.do(func(ctx context.Context, tx *pg.Tx) error {
				tx.Now = time.Date(2030, 12, 30, 12, 0, 0, 0, time.UTC)
				_, err := b.NextNumber(ctx, tx, "A-{yyyy}-{seq}")
				return err
			})
			b.do(func(ctx context.Context, tx *pg.Tx) error {
				tx.Now = time.Date(2030, 12, 31, 23, 0, 0, 0, time.UTC)
				got, err := b.NextNumber(ctx, tx, "A-{yyyy}-{seq}")
				if got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				return err
			})
		})
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	for _, bad := range []string{"", "REC", "REC-{yyyy}", "{seq}{seq}", "{seq:x}", "{day}-{seq}", "{seq", "}{seq}", "unknown"} {
		err := b.as("system", func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.NextNumber(ctx, tx, bad)
			return err
		})
		if !errors.Is(err, refdata.ErrFormat) {
			t.Errorf("%q: got %v", bad, err)
		}
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		tx.Now = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
		for _, step := range []struct{ pattern, want string }{{"L{yy}/{seq:3}", "L26/001"}, {"Lic-{yyyy}-{seq}", "Lic-2026-2"}} {
			if err := b.PutFormat(ctx, tx, "licence", step.pattern); err != nil {
				return err
			}
			got, err := b.NextNumber(ctx, tx, "licence")
			if err != nil {
				return err
			}
			if got != step.want {
				t.Errorf("got %s, want %s", got, step.want)
			}
		}
		return nil
	})
}

func TestBoundaries(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	tree := []refdata.Boundary{
		{Code: "CV-PR", Parent: "CV-S", Level: "municipality", Name: name("Praia")}, // a child may come before its parent
		{Code: "CV", Level: "country", Name: name("Cabo Verde")},
		{Code: "CV-S", Parent: "CV", Level: "group", Name: name("Ilhas de Sotavento")},
		{Code: "CV-B", Parent: "CV", Level: "group", Name: name("Ilhas de Barlavento")},
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		if err := b.PutBoundaries(ctx, tx, tree); err != nil {
			return err
		}
		return b.PutBoundaries(ctx, tx, tree) // again changes nothing
	})
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		got, err := b.Boundary(ctx, tx, "CV-PR")
		if diff := cmp.Diff([]string{"CV", "CV-S", "CV-PR"}, got.Path); diff != "" || got.Name["pt"] != "Praia" {
			t.Error(diff, got)
		}
		groups, err2 := b.Boundaries(ctx, tx, "group", "CV")
		if len(groups) != 2 || groups[0].Code != "CV-S" {
			t.Errorf("groups: %+v", groups)
		}
		// A moved place takes the places below with it.
		err3 := b.PutBoundaries(ctx, tx, []refdata.Boundary{{Code: "CV-S", Parent: "CV-B", Level: "group", Name: name("Sotavento")}})
		in, err4 := b.Within(ctx, tx, "CV-PR", "CV-B")
		out, err5 := b.Within(ctx, tx, "CV-B", "CV-S")
		all, err6 := b.Within(ctx, tx, "CV-B", "")
		if !in || out || !all {
			t.Errorf("within: %v %v %v", in, out, all)
		}
		return errors.Join(err, err2, err3, err4, err5, err6)
	})
	for what, c := range map[string]struct {
		put  refdata.Boundary
		want *fault.Error
	}{
		"circle":    {refdata.Boundary{Code: "CV", Parent: "CV-PR", Level: "country", Name: name("Cabo Verde")}, refdata.ErrCircle},
		"no parent": {refdata.Boundary{Code: "X", Parent: "Y", Level: "z", Name: name("x")}, refdata.ErrParent},
		"slash":     {refdata.Boundary{Code: "X/Y", Level: "z", Name: name("x")}, refdata.ErrCode},
		"no name":   {refdata.Boundary{Code: "X", Level: "z"}, refdata.ErrName},
	} {
		err := b.as("staff", func(ctx context.Context, tx *pg.Tx) error { return b.PutBoundaries(ctx, tx, []refdata.Boundary{c.put}) })
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", what, err)
		}
	}
	err := b.as("system", func(ctx context.Context, tx *pg.Tx) error { _, err := b.Boundary(ctx, tx, "nowhere"); return err })
	if !errors.Is(err, refdata.ErrBoundary) {
		t.Errorf("unknown place: %v", err)
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	list := refdata.CodeList{Code: "trade", Name: name("Ramos de comércio")}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		err := b.PutCodes(ctx, tx, list, []refdata.Code{{Code: "food", Name: name("Alimentação")}, {Code: "books", Name: name("Livros")}})
		err2 := b.PutCodes(ctx, tx, list, []refdata.Code{{Code: "books", Name: name("Livraria")}, {Code: "cars", Name: name("Automóveis"), Attributes: map[string]any{"of": "road", "fee": 5}}})
		got, err3 := b.Codes(ctx, tx, "trade")
		want := []refdata.Code{{Code: "books", Name: name("Livraria"), Active: true}, {Code: "food", Name: name("Alimentação")}, {Code: "cars", Name: name("Automóveis"), Active: true, Attributes: map[string]any{"of": "road", "fee": int64(5)}}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		lists, err4 := b.CodeLists(ctx, tx)
		if diff := cmp.Diff([]refdata.CodeList{list}, lists); diff != "" {
			t.Error(diff)
		}
		return errors.Join(err, err2, err3, err4)
	})
}

func TestCalendar(t *testing.T) {
	t.Parallel()
	b := setup(t, "Atlantic/Cape_Verde")
	independence := refdata.Holiday{Day: civil.Date{Year: 2026, Month: 7, Day: 6}, Name: name("Feriado")} // a Monday
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		cal, err := b.Calendar(ctx, tx)
		friday := time.Date(2026, 7, 3, 15, 0, 0, 0, cal.Zone)
		if got, want := cal.Add(friday, 2*time.Hour), time.Date(2026, 7, 6, 9, 0, 0, 0, cal.Zone); !got.Equal(want) {
			t.Errorf("usual hours: got %s", got)
		}
		err2 := b.PutHolidays(ctx, tx, refdata.Workplace{}, []refdata.Holiday{independence, independence})
		err3 := b.PutOpening(ctx, tx, refdata.Workplace{}, calendar.Week{time.Friday: {{Open: 8 * 60, Close: 12 * 60}, {Open: 14 * 60, Close: 16 * 60}}, time.Tuesday: {{Open: 10 * 60, Close: 11 * 60}}})
		cal, err4 := b.Calendar(ctx, tx)
		if got, want := cal.Add(friday, 2*time.Hour), time.Date(2026, 7, 7, 11, 0, 0, 0, cal.Zone); !got.Equal(want) {
			t.Errorf("own hours: got %s", got)
		}
		err5 := b.DeleteHoliday(ctx, tx, refdata.Workplace{}, independence.Day)
		left, err6 := b.Holidays(ctx, tx, refdata.Workplace{})
		if len(left) != 0 {
			t.Errorf("left: %v", left)
		}
		return errors.Join(err, err2, err3, err4, err5, err6)
	})
	for _, bad := range []calendar.Span{{Open: 9 * 60, Close: 9 * 60}, {Open: 11 * 60, Close: 13 * 60}, {Open: 13 * 60, Close: 25 * 60}} {
		err := b.as("staff", func(ctx context.Context, tx *pg.Tx) error {
			return b.PutOpening(ctx, tx, refdata.Workplace{}, calendar.Week{time.Monday: {{Open: 8 * 60, Close: 12 * 60}, bad}})
		})
		if !errors.Is(err, refdata.ErrOpening) {
			t.Errorf("%v: got %v", bad, err)
		}
	}
}

func TestPeopleChangeNothing(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	for _, kind := range []string{"person", "anonymous"} {
		for what, put := range map[string]func(ctx context.Context, tx *pg.Tx) error{
			"boundary": func(ctx context.Context, tx *pg.Tx) error { return b.PutBoundaries(ctx, tx, nil) },
			"codes":    func(ctx context.Context, tx *pg.Tx) error { return b.PutCodes(ctx, tx, refdata.CodeList{}, nil) },
			"format":   func(ctx context.Context, tx *pg.Tx) error { return b.PutFormat(ctx, tx, "a", "{seq}") },
			"holidays": func(ctx context.Context, tx *pg.Tx) error { return b.PutHolidays(ctx, tx, refdata.Workplace{}, nil) },
			"holiday": func(ctx context.Context, tx *pg.Tx) error {
				return b.DeleteHoliday(ctx, tx, refdata.Workplace{}, civil.Date{})
			},
			"opening": func(ctx context.Context, tx *pg.Tx) error { return b.PutOpening(ctx, tx, refdata.Workplace{}, nil) },
		} {
			if err := b.as(kind, put); !errors.Is(err, refdata.ErrForbidden) {
				t.Errorf("%s puts %s: %v", kind, what, err)
			}
		}
	}
}

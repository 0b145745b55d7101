package refdata_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
)

func span(text string) []calendar.Span {
	spans, err := calendar.ParseHours(text)
	if err != nil {
		panic(err)
	}
	return spans
}

// TestWorkplaces: an office has the hours of its own, or of its agency, or of the state; its days are all of theirs, and the
// nearest counts where they differ.
func TestWorkplaces(t *testing.T) {
	t.Parallel()
	b := setup(t, "Atlantic/Cape_Verde")
	state, agency, office := refdata.Workplace{}, refdata.Workplace{Agency: "cmp"}, refdata.Workplace{Agency: "cmp", Office: "plateau"}
	other := refdata.Workplace{Agency: "dgrni", Office: "plateau"}
	day := func(d int) civil.Date { return civil.Date{Year: 2026, Month: 12, Day: d} } // the 1st is a Tuesday
	holiday := func(d int, called, hours string) refdata.Holiday {
		return refdata.Holiday{Day: day(d), Name: name(called), Hours: span(hours)}
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		week := calendar.Week{time.Monday: span("08:00-12:00, 13:00-17:00"), time.Saturday: span("08:00-12:00 (2, 4)")}
		return errors.Join(
			b.PutHolidays(ctx, tx, state, []refdata.Holiday{holiday(24, "Véspera", "08:00-12:00"), holiday(25, "Natal", "")}),
			b.PutHolidays(ctx, tx, agency, []refdata.Holiday{holiday(24, "Fechado", ""), holiday(14, "Festa", "08:00-10:00")}),
			b.PutHolidays(ctx, tx, office, []refdata.Holiday{holiday(25, "De serviço", "10:00-11:00")}),
			b.PutOpening(ctx, tx, agency, week),
		)
	})
	open := func(w refdata.Workplace, at time.Time) (open bool) {
		b.do(func(ctx context.Context, tx *pg.Tx) error {
			cal, err := b.CalendarOf(ctx, tx, w)
			open = cal.Open(time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, cal.Zone))
			return err
		})
		return open
	}
	at := func(d, hour int) time.Time { return time.Date(2026, 12, d, hour, 30, 0, 0, time.UTC) }
	for _, c := range []struct {
		at                           time.Time
		state, agency, office, other bool
	}{
		{at(24, 9), true, false, false, true}, // half a day of the state's; the agency is closed
		{at(24, 14), false, false, false, false},
		{at(25, 10), false, false, true, false}, // the office alone works at Christmas
		{at(14, 9), true, true, true, true},
		{at(14, 11), true, false, false, true},  // the agency's feast
		{at(12, 9), false, true, true, false},   // the second Saturday
		{at(19, 9), false, false, false, false}, // the third
		{at(21, 12), true, false, false, true},  // lunch, on a Monday
		{at(22, 9), true, false, false, true},   // a Tuesday, on which the agency never works
	} {
		for w, want := range map[refdata.Workplace]bool{state: c.state, agency: c.agency, office: c.office, other: c.other} {
			if got := open(w, c.at); got != want {
				t.Errorf("%s on %s: open %v, want %v", w.Code(), c.at, got, want)
			}
		}
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		_, of, err := b.Hours(ctx, tx, office)
		if of != agency {
			t.Errorf("the office has the hours of %s", of.Code())
		}
		all, err2 := b.Calendars(ctx, tx)
		if diff := cmp.Diff([]refdata.Workplace{agency, office, state}, all); diff != "" {
			t.Error(diff)
		}
		days, err3 := b.Days(ctx, tx, office)
		var whose []refdata.Workplace
		for _, d := range days {
			whose = append(whose, d.Of)
		}
		if diff := cmp.Diff([]refdata.Workplace{agency, agency, office}, whose); diff != "" {
			t.Error(diff)
		}
		return errors.Join(err, err2, err3, b.PutOpening(ctx, tx, agency, nil), b.DeleteHoliday(ctx, tx, agency, day(24)))
	})
	if !open(office, at(22, 9)) || !open(office, at(24, 9)) {
		t.Error("what the agency took back still holds")
	}
}

func TestWorkplaceCodes(t *testing.T) {
	t.Parallel()
	for _, w := range []refdata.Workplace{{}, {Agency: "cmp"}, {Agency: "cmp", Office: "plateau-2"}} {
		if got, err := refdata.ParseWorkplace(w.Code()); got != w || err != nil {
			t.Errorf("%s is read as %+v, %v", w.Code(), got, err)
		}
	}
	for _, code := range []string{"", "state:x", "agency", "agency:", "agency:a:b", "office:a", "office:a:", "office::b", "office:a:b:c", "city:a"} {
		if w, err := refdata.ParseWorkplace(code); !errors.Is(err, refdata.ErrCalendar) {
			t.Errorf("%q is read as %+v, %v", code, w, err)
		}
	}
}

package refdata

import (
	"cmp"
	"context"
	"slices"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// Holiday is a day on which offices are closed.
type Holiday struct {
	Day  civil.Date
	Name i18n.Text
}

// Calendar returns the tenant's working calendar: its zone, its opening hours (Monday to Friday, 8 to 16 o'clock,
// where none were put) and its holidays.
func (s *Service) Calendar(ctx context.Context, tx *pg.Tx) (cal calendar.Calendar, err error) {
	defer fault.Wrap(&err, "refdata.Calendar")
	if cal.Zone, err = s.zone(ctx, tx); err != nil {
		return cal, err
	}
	if cal.Hours, err = listOpenings(ctx, tx); err != nil {
		return cal, err
	}
	if len(cal.Hours) == 0 {
		cal.Hours = calendar.Office()
	}
	days, err := listHolidays(ctx, tx)
	if err != nil {
		return cal, err
	}
	cal.Holidays = make(map[civil.Date]bool, len(days))
	for _, d := range days {
		cal.Holidays[d.Day] = true
	}
	return cal, nil
}

// Holidays lists the holidays by day.
func (s *Service) Holidays(ctx context.Context, tx *pg.Tx) (days []Holiday, err error) {
	defer fault.Wrap(&err, "refdata.Holidays")
	return listHolidays(ctx, tx)
}

// PutHolidays adds or renames holidays. Permission refdata:manage. Errors: ErrForbidden, ErrName.
func (s *Service) PutHolidays(ctx context.Context, tx *pg.Tx, days []Holiday) (err error) {
	defer fault.Wrap(&err, "refdata.PutHolidays(%d)", len(days))
	if err := mayManage(tx); err != nil {
		return err
	}
	for _, d := range days {
		if len(d.Name) == 0 || !d.Day.Valid() {
			return ErrName.With("code", d.Day.String())
		}
	}
	if err := putHolidays(ctx, tx, days); err != nil {
		return err
	}
	return record(ctx, tx, "refdata.holiday.put", "", len(days))
}

// DeleteHoliday makes a day a working day again; a day that was none stays as it is. Permission refdata:manage.
// Errors: ErrForbidden.
func (s *Service) DeleteHoliday(ctx context.Context, tx *pg.Tx, day civil.Date) (err error) {
	defer fault.Wrap(&err, "refdata.DeleteHoliday(%s)", day)
	if err := mayManage(tx); err != nil {
		return err
	}
	gone, err := deleteHoliday(ctx, tx, day)
	if err != nil || !gone {
		return err
	}
	return record(ctx, tx, "refdata.holiday.delete", day.String(), 1)
}

// PutOpening replaces the opening hours; an empty week brings the usual ones back. Permission refdata:manage.
// Errors: ErrForbidden, ErrOpening.
func (s *Service) PutOpening(ctx context.Context, tx *pg.Tx, week calendar.Week) (err error) {
	defer fault.Wrap(&err, "refdata.PutOpening")
	if err := mayManage(tx); err != nil {
		return err
	}
	for _, spans := range week {
		if !orderly(spans) {
			return ErrOpening
		}
	}
	if err := putOpenings(ctx, tx, week); err != nil {
		return err
	}
	return record(ctx, tx, "refdata.opening.put", "", len(week))
}

// orderly reports whether each span ends after it begins, within the day, and none overlap.
func orderly(spans []calendar.Span) bool {
	sorted := slices.SortedFunc(slices.Values(spans), func(a, b calendar.Span) int { return cmp.Compare(a.Open, b.Open) })
	end := 0
	for _, s := range sorted {
		if s.Open < end || s.Close <= s.Open || s.Close > 24*60 {
			return false
		}
		end = s.Close
	}
	return true
}

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

// Holiday is a day on which a workplace is closed or, where Hours are given, works at those in place of the usual ones:
// a half day, or a Saturday that is made up for. Of says whose day it is.
type Holiday struct {
	Of    Workplace
	Day   civil.Date
	Name  i18n.Text
	Hours []calendar.Span
}

// Calendar returns the state's working calendar: its zone, its opening hours (Monday to Friday, 8 to 16 o'clock, where
// none were put) and its holidays.
func (s *Service) Calendar(ctx context.Context, tx *pg.Tx) (cal calendar.Calendar, err error) {
	return s.CalendarOf(ctx, tx, Workplace{})
}

// CalendarOf returns the working calendar of a workplace: the opening hours that it, its agency or the state has, the
// nearest ones alone, and the days of all three, of which the nearest one counts where they differ about a day.
func (s *Service) CalendarOf(ctx context.Context, tx *pg.Tx, w Workplace) (cal calendar.Calendar, err error) {
	defer fault.Wrap(&err, "refdata.CalendarOf(%s)", w.Code())
	if cal.Zone, err = s.zone(ctx, tx); err != nil {
		return cal, err
	}
	if cal.Hours, _, err = s.Hours(ctx, tx, w); err != nil {
		return cal, err
	}
	days, err := s.Days(ctx, tx, w)
	if err != nil {
		return cal, err
	}
	cal.Holidays, cal.Days = make(map[civil.Date]bool, len(days)), map[civil.Date][]calendar.Span{}
	for _, d := range days {
		if len(d.Hours) > 0 {
			cal.Days[d.Day] = d.Hours
		} else {
			cal.Holidays[d.Day] = true
		}
	}
	return cal, nil
}

// Hours returns the opening hours that hold at a workplace, and whose they are.
func (s *Service) Hours(ctx context.Context, tx *pg.Tx, w Workplace) (week calendar.Week, of Workplace, err error) {
	defer fault.Wrap(&err, "refdata.Hours(%s)", w.Code())
	line := w.lineage()
	weeks, err := listOpenings(ctx, tx, codesOf(line))
	if err != nil {
		return nil, of, err
	}
	for _, of = range line {
		if week, ok := weeks[of.Code()]; ok {
			return week, of, nil
		}
	}
	return calendar.Office(), of, nil
}

// Days returns the days that hold at a workplace, by day: its own, and those of its agency and of the state about which it
// says nothing itself.
func (s *Service) Days(ctx context.Context, tx *pg.Tx, w Workplace) (days []Holiday, err error) {
	defer fault.Wrap(&err, "refdata.Days(%s)", w.Code())
	line := w.lineage()
	all, err := listHolidays(ctx, tx, codesOf(line))
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b Holiday) int {
		return cmp.Or(a.Day.Sub(b.Day), cmp.Compare(slices.Index(line, a.Of), slices.Index(line, b.Of)))
	})
	return slices.CompactFunc(all, func(a, b Holiday) bool { return a.Day == b.Day }), nil
}

// Holidays lists a workplace's own days by day.
func (s *Service) Holidays(ctx context.Context, tx *pg.Tx, w Workplace) (days []Holiday, err error) {
	defer fault.Wrap(&err, "refdata.Holidays(%s)", w.Code())
	return listHolidays(ctx, tx, []string{w.Code()})
}

// Calendars lists the workplaces that have hours or days of their own, by code.
func (s *Service) Calendars(ctx context.Context, tx *pg.Tx) (list []Workplace, err error) {
	defer fault.Wrap(&err, "refdata.Calendars")
	return listCalendars(ctx, tx)
}

// PutHolidays adds days of a workplace or changes them. What was promised before stays as it was promised. Permission
// refdata:manage, or agency:manage in its agency. Errors: ErrForbidden, ErrName, ErrOpening.
func (s *Service) PutHolidays(ctx context.Context, tx *pg.Tx, w Workplace, days []Holiday) (err error) {
	defer fault.Wrap(&err, "refdata.PutHolidays(%s, %d)", w.Code(), len(days))
	if err := mayManage(tx); err != nil {
		return err
	}
	for _, d := range days {
		if len(d.Name) == 0 || !d.Day.Valid() {
			return ErrName.With("code", d.Day.String())
		}
		if !orderly(d.Hours) {
			return ErrOpening
		}
	}
	if err := putHolidays(ctx, tx, w, days); err != nil {
		return err
	}
	return record(ctx, tx, "refdata.holiday.put", w.Code(), len(days))
}

// DeleteHoliday makes a day of a workplace one like any other again; a day that was none stays as it is. Permission
// refdata:manage, or agency:manage in its agency. Errors: ErrForbidden.
func (s *Service) DeleteHoliday(ctx context.Context, tx *pg.Tx, w Workplace, day civil.Date) (err error) {
	defer fault.Wrap(&err, "refdata.DeleteHoliday(%s, %s)", w.Code(), day)
	if err := mayManage(tx); err != nil {
		return err
	}
	gone, err := deleteHoliday(ctx, tx, w, day)
	if err != nil || !gone {
		return err
	}
	return record(ctx, tx, "refdata.holiday.delete", w.Code()+" "+day.String(), 1)
}

// PutOpening replaces the opening hours of a workplace; an empty week brings those of its agency or of the state back, or
// for the state the usual ones. Permission refdata:manage, or agency:manage in its agency. Errors: ErrForbidden, ErrOpening.
func (s *Service) PutOpening(ctx context.Context, tx *pg.Tx, w Workplace, week calendar.Week) (err error) {
	defer fault.Wrap(&err, "refdata.PutOpening(%s)", w.Code())
	if err := mayManage(tx); err != nil {
		return err
	}
	for _, spans := range week {
		if !orderly(spans) {
			return ErrOpening
		}
	}
	if err := putOpenings(ctx, tx, w, week); err != nil {
		return err
	}
	return record(ctx, tx, "refdata.opening.put", w.Code(), len(week))
}

// orderly reports whether each span ends after it begins, within the day, and none overlap on any of a month's weekdays.
func orderly(spans []calendar.Span) bool {
	sorted := slices.SortedFunc(slices.Values(spans), func(a, b calendar.Span) int { return cmp.Compare(a.Open, b.Open) })
	for nth := 1; nth <= 5; nth++ {
		end := 0
		for _, s := range sorted {
			if !s.In.Has(nth) {
				continue
			}
			if s.Open < end || s.Close <= s.Open || s.Close > 24*60 {
				return false
			}
			end = s.Close
		}
	}
	return true
}

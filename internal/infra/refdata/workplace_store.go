package refdata

import (
	"context"
	"encoding/json"
	"time"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata/internal/refdatadb"
)

// listHolidays lists the days of several calendars, by day.
func listHolidays(ctx context.Context, tx *pg.Tx, codes []string) ([]Holiday, error) {
	rows, err := db.ListHolidays(ctx, tx, codes)
	if err != nil {
		return nil, err
	}
	days := make([]Holiday, len(rows))
	for i, r := range rows {
		if days[i].Of, err = ParseWorkplace(r.Calendar); err != nil {
			return nil, err
		}
		if days[i].Name, err = textOf(r.Name); err != nil {
			return nil, err
		}
		if days[i].Day, err = civil.Parse(r.Day); err != nil {
			return nil, err
		}
		if days[i].Hours, err = calendar.ParseHours(r.Hours); err != nil {
			return nil, err
		}
	}
	return days, nil
}

func putHolidays(ctx context.Context, tx *pg.Tx, w Workplace, days []Holiday) error {
	// The last one wins where a day stands twice, since one statement may touch a row once only.
	byDay := map[civil.Date]Holiday{}
	for _, d := range days {
		byDay[d.Day] = d
	}
	p := refdatadb.PutHolidaysParams{Calendar: w.Code()}
	for _, d := range byDay {
		name, err := json.Marshal(d.Name)
		if err != nil {
			return err
		}
		p.Days, p.Names, p.Hours = append(p.Days, d.Day.String()), append(p.Names, name), append(p.Hours, calendar.HoursText(d.Hours))
	}
	return db.PutHolidays(ctx, tx, p)
}

func deleteHoliday(ctx context.Context, tx *pg.Tx, w Workplace, day civil.Date) (bool, error) {
	n, err := db.DeleteHoliday(ctx, tx, refdatadb.DeleteHolidayParams{Calendar: w.Code(), Day: day.String()})
	return n > 0, err
}

// listOpenings lists the weeks of several calendars, by code; one without hours of its own is left out.
func listOpenings(ctx context.Context, tx *pg.Tx, codes []string) (map[string]calendar.Week, error) {
	rows, err := db.ListOpenings(ctx, tx, codes)
	if err != nil {
		return nil, err
	}
	weeks := map[string]calendar.Week{}
	for _, r := range rows {
		if weeks[r.Calendar] == nil {
			weeks[r.Calendar] = calendar.Week{}
		}
		d := time.Weekday(r.Weekday)
		weeks[r.Calendar][d] = append(weeks[r.Calendar][d], calendar.Span{Open: int(r.Opens), Close: int(r.Closes), In: calendar.Nth(r.Nth)})
	}
	return weeks, nil
}

func putOpenings(ctx context.Context, tx *pg.Tx, w Workplace, week calendar.Week) error {
	if err := db.DeleteOpenings(ctx, tx, w.Code()); err != nil {
		return err
	}
	p := refdatadb.PutOpeningsParams{Calendar: w.Code()}
	for d, spans := range week {
		for _, s := range spans {
			p.Weekdays, p.Nths = append(p.Weekdays, int16(d)), append(p.Nths, int16(s.In))
			p.Opens, p.Closes = append(p.Opens, int16(s.Open)), append(p.Closes, int16(s.Close))
		}
	}
	return db.PutOpenings(ctx, tx, p)
}

func listCalendars(ctx context.Context, tx *pg.Tx) (list []Workplace, err error) {
	codes, err := db.ListCalendars(ctx, tx)
	for _, code := range codes {
		w, err := ParseWorkplace(code)
		if err != nil {
			return nil, err
		}
		list = append(list, w)
	}
	return list, err
}

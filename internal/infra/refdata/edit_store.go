package refdata

import (
	"context"
	"encoding/json"
	"time"

	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata/internal/refdatadb"
)

func putCodeList(ctx context.Context, tx *pg.Tx, list CodeList) error {
	name, err := json.Marshal(list.Name)
	if err != nil {
		return err
	}
	return db.PutCodeList(ctx, tx, refdatadb.PutCodeListParams{Code: list.Code, Name: name})
}

// lockCodeList keeps others from changing a list. Errors: ErrList.
func lockCodeList(ctx context.Context, tx *pg.Tx, list string) error {
	_, err := db.LockCodeList(ctx, tx, list)
	if pg.NotFound(err) {
		return ErrList.With("code", list)
	}
	return err
}

// putInOrder writes codes with their places.
func putInOrder(ctx context.Context, tx *pg.Tx, list string, codes []Code) error {
	for i, c := range codes {
		name, err := json.Marshal(c.Name)
		if err != nil {
			return err
		}
		attributes := json.RawMessage("{}")
		if len(c.Attributes) > 0 {
			if attributes, err = json.Marshal(c.Attributes); err != nil {
				return err
			}
		}
		err = db.PutCode(ctx, tx, refdatadb.PutCodeParams{List: list, Code: c.Code, Name: name, Position: int32(i), Active: c.Active, Attributes: attributes})
		if err != nil {
			return err
		}
	}
	return nil
}

func dropCode(ctx context.Context, tx *pg.Tx, list, code string) (bool, error) {
	n, err := db.DropCode(ctx, tx, refdatadb.DropCodeParams{List: list, Code: code})
	return n > 0, err
}

func countCodes(ctx context.Context, tx *pg.Tx) (map[string]CodeCount, error) {
	rows, err := db.CountCodes(ctx, tx)
	counts := make(map[string]CodeCount, len(rows))
	for _, r := range rows {
		counts[r.List] = CodeCount{Active: int(r.Active), All: int(r.Count)}
	}
	return counts, err
}

func setBoundaryActive(ctx context.Context, tx *pg.Tx, code string, active bool) error {
	n, err := db.SetBoundaryActive(ctx, tx, refdatadb.SetBoundaryActiveParams{Code: code, Active: active})
	if err == nil && n == 0 {
		return ErrBoundary.With("code", code)
	}
	return err
}

func listFormats(ctx context.Context, tx *pg.Tx) (list []Format, err error) {
	rows, err := db.ListFormats(ctx, tx)
	for _, r := range rows {
		list = append(list, Format{Code: r.Code, Pattern: r.Pattern})
	}
	return list, err
}

// counterKey names a counter; the year is 0 for a pattern without one.
type counterKey struct {
	format string
	year   int
}

func listCounters(ctx context.Context, tx *pg.Tx) (map[counterKey]int64, error) {
	rows, err := db.ListCounters(ctx, tx)
	last := make(map[counterKey]int64, len(rows))
	for _, r := range rows {
		last[counterKey{r.Format, int(r.Year)}] = r.Last
	}
	return last, err
}

// yearOf is the year by which a pattern counts at a moment in the tenant's zone.
func yearOf(pattern string, now time.Time) int {
	if hasYear(pattern) {
		return now.Year()
	}
	return 0
}

func skipTo(ctx context.Context, tx *pg.Tx, format string, year int, last int64) (bool, error) {
	n, err := db.SkipTo(ctx, tx, refdatadb.SkipToParams{Format: format, Year: int32(year), Last: last})
	return n > 0, err
}

package catalog

import (
	"context"
	"time"

	"digit/internal/infra/platform/pg"
	"digit/internal/provider/catalog/internal/catalogdb"
)

func putMeasures(ctx context.Context, tx *pg.Tx, measured []Measure) error {
	in := catalogdb.PutMeasuresParams{MeasuredAt: tx.Now, Services: []string{}}
	for _, m := range measured {
		in.Services, in.Received, in.Decided = append(in.Services, m.Service), append(in.Received, m.Received), append(in.Decided, m.Decided)
		in.Medians, in.Mosts = append(in.Medians, int64(m.Median.Seconds())), append(in.Mosts, int64(m.Most.Seconds()))
		in.Rated, in.Stars = append(in.Rated, m.Rated), append(in.Stars, m.Stars)
	}
	if err := db.DeleteMeasures(ctx, tx, in.Services); err != nil {
		return err
	}
	return db.PutMeasures(ctx, tx, in)
}

func measureRow(ctx context.Context, tx *pg.Tx, code string) (Measure, error) {
	r, err := db.GetMeasure(ctx, tx, code)
	if pg.NotFound(err) {
		return Measure{Service: code}, nil
	}
	return Measure{
		Service: code, Received: r.Received, Decided: r.Decided,
		Median: time.Duration(r.MedianSeconds) * time.Second, Most: time.Duration(r.MostSeconds) * time.Second,
		Rated: r.Rated, Stars: r.Stars,
	}, err
}

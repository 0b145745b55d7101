package catalog

import (
	"context"
	"time"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/catalog/internal/catalogdb"
)

// Listed is a service on offer with when its newest version was published.
type Listed struct {
	Code        string
	PublishedAt time.Time
}

// Listed returns the services on offer by code, no more than limit; it is what search engines are told of.
func (s *Service) Listed(ctx context.Context, tx *pg.Tx, limit int) (list []Listed, err error) {
	defer fault.Wrap(&err, "catalog.Listed")
	rows, err := db.ListPublished(ctx, tx, int32(limit))
	for _, r := range rows {
		list = append(list, Listed(r))
	}
	return list, err
}

// Latest returns the services on offer, the latest published first, no more than limit.
func (s *Service) Latest(ctx context.Context, tx *pg.Tx, limit int) (list []Entry, err error) {
	defer fault.Wrap(&err, "catalog.Latest")
	rows, err := db.ListLatest(ctx, tx, int32(limit))
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		e, err := toEntry(catalogdb.GetServiceRow(r))
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

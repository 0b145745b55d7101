package catalog

import (
	"context"
	"slices"
	"strings"
	"time"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// indexVersion changes with what indexOf puts into the index: services that were indexed by another one are done again.
const indexVersion = "2"

// reindexBatch is how many services one run indexes anew; what is left follows in a run of its own.
const reindexBatch = 50

// ReindexArgs are the arguments of the job catalog.reindex.
type ReindexArgs struct {
	job.Tenant
}

// Kind names the job.
func (ReindexArgs) Kind() string { return "catalog.reindex" }

// Register adds the module's jobs, for each tenant at the start and then from time to time.
func (s *Service) Register(r *job.Registry) {
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, args ReindexArgs) error {
		more, err := s.Reindex(ctx, tx)
		if err != nil || !more {
			return err
		}
		return tx.Enqueue(ctx, args)
	})
	job.Every(r, 24*time.Hour, ReindexArgs{})
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, _ MeasureArgs) error { return s.TakeMeasures(ctx, tx) })
	job.Every(r, measureEvery, MeasureArgs{})
}

// Reindex indexes anew some of the services that were indexed by an older version of the index or for other languages, and reports
// whether more are left. Only the system calls it.
func (s *Service) Reindex(ctx context.Context, tx *pg.Tx) (more bool, err error) {
	defer fault.Wrap(&err, "catalog.Reindex")
	langs, err := s.languages(ctx, tx)
	if err != nil {
		return false, err
	}
	codes, err := unindexedRows(ctx, tx, indexedAs(langs), reindexBatch)
	if err != nil {
		return false, err
	}
	entries := map[string]Entry{}
	for _, code := range codes { // all of them before the index, which publishing takes after its service
		if entries[code], err = lockEntry(ctx, tx, code); err != nil {
			return false, err
		}
	}
	for _, code := range codes {
		e := entries[code]
		pack, err := packRow(ctx, tx, code, e.Version)
		if err != nil {
			return false, err
		}
		if err := putIndex(ctx, tx, &pack, langs, e.Status == StatusWithdrawn); err != nil {
			return false, err
		}
	}
	return len(codes) == reindexBatch, nil
}

func indexedAs(langs []string) string {
	return indexVersion + " " + strings.Join(slices.Sorted(slices.Values(langs)), " ")
}

// languages are those of the state.
func (s *Service) languages(ctx context.Context, tx *pg.Tx) ([]string, error) {
	settings, err := s.settings.Settings(ctx, tx)
	return settings.Languages, err
}

// languagesOf are those of the state and of the pack.
func languagesOf(p *servicespec.Pack, langs []string) []string {
	all := slices.Concat(langs, p.Languages)
	slices.Sort(all)
	return slices.Compact(all)
}

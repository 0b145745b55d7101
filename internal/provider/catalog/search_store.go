package catalog

import (
	"context"
	"strings"

	"digit/internal/infra/platform/pg"
	"digit/internal/provider/catalog/internal/catalogdb"
)

// speltLimit bounds how many near words are weighed.
const speltLimit = 200

// hit is a found service with its sort key.
type hit struct {
	Entry
	score int64
	title string
}

// searchRows returns the services that have at least some of the terms, and everything that narrows.
func searchRows(ctx context.Context, tx *pg.Tx, q Query, terms []term, least int, from position, limit int) ([]hit, error) {
	look := newLookup(q.Lang, q.Withdrawn)
	for _, t := range terms {
		look.word(t)
	}
	look.narrow(facetAgency, q.Agencies...)
	look.narrow(facetAudience, q.Audience)
	look.narrow(facetCost, q.Cost)
	look.narrow(facetLife, q.LifeEvent)
	if len(look.numbers) == 0 {
		return listRows(ctx, tx, q, from, limit)
	}
	in := look.params()
	in.Least, in.Lim = int32(least), int32(limit)
	in.Paging, in.AfterRank, in.AfterTitle, in.AfterCode = from.paging, -from.score, from.title, from.code
	rows, err := db.SearchServices(ctx, tx, in)
	if err != nil {
		return nil, err
	}
	hits := make([]hit, 0, len(rows))
	for _, r := range rows {
		e, err := toEntry(catalogdb.GetServiceRow{
			Code: r.Code, Agency: r.Agency, Current: r.Current, Status: r.Status, Reason: r.Reason, Name: r.Name, Summary: r.Summary,
			Fee: r.Fee, Days: r.Days, Audiences: r.Audiences, LifeEvents: r.LifeEvents, PublishedAt: r.PublishedAt,
		})
		if err != nil {
			return nil, err
		}
		hits = append(hits, hit{e, r.Score, r.Title})
	}
	return hits, nil
}

func listRows(ctx context.Context, tx *pg.Tx, q Query, from position, limit int) ([]hit, error) {
	rows, err := db.ListServices(ctx, tx, catalogdb.ListServicesParams{
		Lang: q.Lang, Withdrawn: q.Withdrawn, AfterTitle: from.title, AfterCode: from.code, Lim: int32(limit),
	})
	if err != nil {
		return nil, err
	}
	hits := make([]hit, 0, len(rows))
	for _, r := range rows {
		e, err := toEntry(catalogdb.GetServiceRow{
			Code: r.Code, Agency: r.Agency, Current: r.Current, Status: r.Status, Reason: r.Reason, Name: r.Name, Summary: r.Summary,
			Fee: r.Fee, Days: r.Days, Audiences: r.Audiences, LifeEvents: r.LifeEvents, PublishedAt: r.PublishedAt,
		})
		if err != nil {
			return nil, err
		}
		hits = append(hits, hit{Entry: e, title: r.Title})
	}
	return hits, nil
}

// matchedTerms reports which of the terms any service has.
func matchedTerms(ctx context.Context, tx *pg.Tx, lang string, terms []term) (map[int]bool, error) {
	look := newLookup(lang, false)
	for _, t := range terms {
		look.word(t)
	}
	numbers, err := db.ListMatched(ctx, tx, catalogdb.ListMatchedParams{
		Numbers: look.numbers, Langs: look.langs, Lows: look.lows, Highs: look.highs,
	})
	matched := map[int]bool{}
	for _, n := range numbers {
		matched[int(n)-1] = true
	}
	return matched, err
}

// speltRows returns words of the services that a misspelt one may be; nothing for a short one.
func speltRows(ctx context.Context, tx *pg.Tx, lang, form string) (list []word, err error) {
	bare := strings.TrimPrefix(form, "ال")
	keys := append(keysOf(form), keysOf(bare)...)
	if len(keys) == 0 {
		return nil, nil
	}
	rows, err := db.ListSpelt(ctx, tx, catalogdb.ListSpeltParams{Keys: keys, Lang: lang, Lim: speltLimit})
	for _, r := range rows {
		list = append(list, word{r.Shown, r.Token})
	}
	return list, err
}

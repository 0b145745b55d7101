package catalog

import (
	"context"
	"maps"
	"slices"
	"strings"

	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/catalog/internal/catalogdb"
)

// spellingBatch is how many spellings one statement writes.
const spellingBatch = 5000

// putIndex replaces by what a service is found.
func putIndex(ctx context.Context, tx *pg.Tx, p *servicespec.Pack, langs []string, withdrawn bool) error {
	if err := db.LockIndex(ctx, tx); err != nil {
		return err
	}
	all := languagesOf(p, langs)
	x := indexOf(p, all)
	old, err := db.ListTokens(ctx, tx, p.Code)
	if err != nil {
		return err
	}
	if err := putTokens(ctx, tx, p, x, withdrawn); err != nil {
		return err
	}
	if err := putTitles(ctx, tx, p, all, withdrawn); err != nil {
		return err
	}
	if err := putWords(ctx, tx, x); err != nil {
		return err
	}
	gone := catalogdb.DeleteWordsParams{Tokens: []string{}}
	for _, lang := range all {
		gone.Langs = append(gone.Langs, lang, hidden+lang)
	}
	for _, r := range old {
		gone.Tokens = append(gone.Tokens, r.Token)
		if !slices.Contains(gone.Langs, r.Lang) {
			gone.Langs = append(gone.Langs, r.Lang)
		}
	}
	if err := db.DeleteWords(ctx, tx, gone); err != nil {
		return err
	}
	return db.SetIndexed(ctx, tx, catalogdb.SetIndexedParams{Code: p.Code, Indexed: indexedAs(langs)})
}

func putTokens(ctx context.Context, tx *pg.Tx, p *servicespec.Pack, x index, withdrawn bool) error {
	if err := db.DeleteTokens(ctx, tx, p.Code); err != nil {
		return err
	}
	in := catalogdb.InsertTokensParams{Service: p.Code}
	for _, lang := range slices.Sorted(maps.Keys(x.tokens)) {
		title, under := titleOf(p.Name.In(lang, p.Languages[0])), lang
		if withdrawn {
			under = hidden + lang
		}
		for _, t := range slices.Sorted(maps.Keys(x.tokens[lang])) {
			in.Langs, in.Tokens, in.Weights = append(in.Langs, under), append(in.Tokens, t), append(in.Weights, x.tokens[lang][t])
			if strings.HasPrefix(t, facetMark) {
				in.Titles = append(in.Titles, title)
			} else {
				in.Titles = append(in.Titles, "")
			}
		}
	}
	return db.InsertTokens(ctx, tx, in)
}

func putTitles(ctx context.Context, tx *pg.Tx, p *servicespec.Pack, langs []string, withdrawn bool) error {
	if err := db.DeleteTitles(ctx, tx, p.Code); err != nil {
		return err
	}
	in := catalogdb.InsertTitlesParams{Service: p.Code, Langs: langs, Withdrawn: withdrawn}
	for _, lang := range langs {
		in.Titles = append(in.Titles, titleOf(p.Name.In(lang, p.Languages[0])))
	}
	return db.InsertTitles(ctx, tx, in)
}

func putWords(ctx context.Context, tx *pg.Tx, x index) error {
	in := catalogdb.InsertWordsParams{Tokens: slices.Sorted(maps.Keys(x.words)), Showns: []string{}}
	for _, t := range in.Tokens {
		in.Showns = append(in.Showns, x.words[t])
	}
	fresh, err := db.InsertWords(ctx, tx, in)
	if err != nil {
		return err
	}
	var put catalogdb.InsertSpellingsParams
	for i, t := range fresh {
		for _, k := range keysOf(t) {
			put.Keys, put.Tokens = append(put.Keys, k), append(put.Tokens, t)
		}
		if len(put.Keys) >= spellingBatch || i == len(fresh)-1 {
			if err := db.InsertSpellings(ctx, tx, put); err != nil {
				return err
			}
			put = catalogdb.InsertSpellingsParams{}
		}
	}
	return nil
}

func unindexedRows(ctx context.Context, tx *pg.Tx, indexed string, limit int) ([]string, error) {
	return db.ListUnindexed(ctx, tx, catalogdb.ListUnindexedParams{Indexed: indexed, Lim: int32(limit)})
}

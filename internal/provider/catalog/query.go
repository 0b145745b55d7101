package catalog

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// Entry returns a service as the catalogue shows it, withdrawn ones too. Errors: ErrUnknown.
func (s *Service) Entry(ctx context.Context, tx *pg.Tx, code string) (e Entry, err error) {
	defer fault.Wrap(&err, "catalog.Entry(%s)", code)
	return entryRow(ctx, tx, code)
}

// Offered returns a service that takes new requests. Errors: ErrUnknown, ErrWithdrawn.
func (s *Service) Offered(ctx context.Context, tx *pg.Tx, code string) (e Entry, err error) {
	defer fault.Wrap(&err, "catalog.Offered(%s)", code)
	if e, err = entryRow(ctx, tx, code); err != nil {
		return e, err
	}
	if e.Status == StatusWithdrawn {
		return e, ErrWithdrawn.With("service", code)
	}
	return e, nil
}

// Versions returns the published versions of a service, newest first. Permission: catalog:read.
// Errors: ErrForbidden, ErrUnknown.
func (s *Service) Versions(ctx context.Context, tx *pg.Tx, by identity.Principal, code string) (list []Version, err error) {
	defer fault.Wrap(&err, "catalog.Versions(%s)", code)
	e, err := entryRow(ctx, tx, code)
	if err != nil {
		return nil, err
	}
	if err := authorise(tx, by, Read, e.Agency); err != nil {
		return nil, err
	}
	return versionRows(ctx, tx, code)
}

// Facets returns what the services on offer can be narrowed by, each list in order. Lang is the reader's language.
func (s *Service) Facets(ctx context.Context, tx *pg.Tx, lang string) (f Facets, err error) {
	defer fault.Wrap(&err, "catalog.Facets")
	if lang, err = s.lang(ctx, tx, lang); err != nil {
		return f, err
	}
	tokens, err := db.ListFacets(ctx, tx, lang)
	for _, t := range tokens {
		for kind, list := range map[string]*[]string{
			facetAgency: &f.Agencies, facetAudience: &f.Audiences, facetCost: &f.Costs, facetLife: &f.LifeEvents,
		} {
			if value, ok := strings.CutPrefix(t, kind); ok {
				*list = append(*list, value)
			}
		}
	}
	return f, err
}

// Search finds services, best first; without text all of them by name. Words that no service has are corrected to the
// nearest that one has, or left out; where no service has all the words, those come that have some. Found says which it was.
// Errors: page.ErrCursor.
func (s *Service) Search(ctx context.Context, tx *pg.Tx, q Query, req page.Request) (found Found, err error) {
	defer fault.Wrap(&err, "catalog.Search")
	from, err := positionOf(req.After)
	if err != nil {
		return found, err
	}
	if q.Lang, err = s.lang(ctx, tx, q.Lang); err != nil {
		return found, err
	}
	found.lang, found.terms = q.Lang, asked(q.Lang, q.Text)
	if len(found.terms) == 0 && strings.TrimSpace(q.Text) != "" {
		return found, nil // only signs were typed: nothing is called so
	}
	look := func(terms []term, least int) error {
		hits, err := searchRows(ctx, tx, q, terms, least, from, req.Limit()+1)
		paged := page.Of(req, hits, func(h hit) []string { return []string{strconv.FormatInt(h.score, 10), h.title, h.Code} })
		found.Next = paged.Next
		for _, h := range paged.Rows {
			found.Rows = append(found.Rows, h.Entry)
		}
		return err
	}
	if err := look(found.terms, len(found.terms)); err != nil || len(found.Rows) > 0 || len(found.terms) == 0 {
		return found, err
	}
	if err := s.correct(ctx, tx, &found); err != nil || len(found.terms) == 0 {
		return found, err
	}
	if found.Instead != "" || len(found.Unknown) > 0 {
		if err := look(found.terms, len(found.terms)); err != nil || len(found.Rows) > 0 {
			return found, err
		}
	}
	if len(found.terms) > 1 {
		found.Some = true
		err = look(found.terms, 1)
	}
	return found, err
}

// lang is the language to search in: the reader's, or the state's first where it knows no such.
func (s *Service) lang(ctx context.Context, tx *pg.Tx, lang string) (string, error) {
	langs, err := s.languages(ctx, tx)
	if err != nil || len(langs) == 0 || slices.Contains(langs, lang) {
		return lang, err
	}
	return langs[0], nil
}

// correct replaces the words that no service has by the nearest ones, and takes out those that are near none.
func (s *Service) correct(ctx context.Context, tx *pg.Tx, f *Found) error {
	matched, err := matchedTerms(ctx, tx, f.lang, f.terms)
	if err != nil {
		return err
	}
	var terms []term
	var shown []string
	corrected := false
	for i, t := range f.terms {
		if !matched[i] {
			spelt, err := speltRows(ctx, tx, f.lang, t.word.form)
			if err != nil {
				return err
			}
			near, ok := nearest(t.word.form, spelt)
			if !ok {
				f.Unknown = append(f.Unknown, t.word.shown)
				continue
			}
			t, corrected = term{word: near, stems: stemsOf(f.lang, near), exact: true}, true
		}
		terms, shown = append(terms, t), append(shown, t.word.shown)
	}
	f.terms = terms
	if corrected {
		f.Instead = strings.Join(shown, " ")
	}
	return nil
}

// position is where a page begins.
type position struct {
	paging      bool
	score       int64
	title, code string
}

func positionOf(after string) (p position, err error) {
	if after == "" {
		return p, nil
	}
	parts, err := page.Decode(after, 3)
	if err != nil {
		return p, err
	}
	if p.score, err = strconv.ParseInt(parts[0], 10, 64); err != nil {
		return p, page.ErrCursor.Because(err)
	}
	p.title, p.code, p.paging = parts[1], parts[2], true
	return p, nil
}

package catalog

import (
	"context"
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

// Search finds services, best first, then by name; without text all of them by name. Errors: page.ErrCursor.
func (s *Service) Search(ctx context.Context, tx *pg.Tx, q Query, req page.Request) (p page.Page[Entry], err error) {
	defer fault.Wrap(&err, "catalog.Search")
	var from position
	if req.After != "" {
		parts, err := page.Decode(req.After, 3)
		if err != nil {
			return p, err
		}
		if from.score, err = strconv.ParseInt(parts[0], 10, 64); err != nil {
			return p, page.ErrCursor.Because(err)
		}
		from.title, from.code, from.paging = parts[1], parts[2], true
	}
	look := asked(q.Text)
	if len(look) == 0 && strings.TrimSpace(q.Text) != "" {
		return p, nil // only signs were typed: nothing is called so
	}
	hits, err := searchRows(ctx, tx, q, look, from, req.Limit()+1)
	if err != nil {
		return p, err
	}
	found := page.Of(req, hits, func(h hit) []string {
		return []string{strconv.FormatInt(h.score, 10), h.title, h.Code}
	})
	p.Next = found.Next
	for _, h := range found.Rows {
		p.Rows = append(p.Rows, h.Entry)
	}
	return p, nil
}

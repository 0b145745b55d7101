package studio

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// Query narrows a list of drafts; empty fields do not narrow. Text is part of a name or a code.
type Query struct {
	Text      string
	Agency    string
	Discarded bool // those that were thrown away, instead of those that are worked on
	ByName    bool // sorted by name, instead of the last changed first
}

// reach is where somebody may look at drafts.
type reach struct {
	everywhere bool
	agencies   []string
}

func (s *Service) reach(tx *pg.Tx, by identity.Principal) reach {
	if tx.Actor.Kind == "system" {
		return reach{everywhere: true, agencies: []string{}}
	}
	everywhere, agencies := by.Reach(Read)
	if agencies == nil {
		agencies = []string{}
	}
	return reach{everywhere, agencies}
}

// Drafts returns the drafts that the caller may look at. Permission: studio:read, in whose agencies it looks. Errors: page.ErrCursor.
func (s *Service) Drafts(ctx context.Context, tx *pg.Tx, by identity.Principal, q Query, req page.Request) (out page.Page[Draft], err error) {
	defer fault.Wrap(&err, "studio.Drafts")
	q.Text = strings.ToLower(strings.TrimSpace(q.Text))
	if q.ByName {
		return s.draftsByName(ctx, tx, by, q, req)
	}
	at, after, err := momentOf(req)
	if err != nil {
		return out, err
	}
	rows, err := listDrafts(ctx, tx, s.reach(tx, by), q, at, after, req.Limit()+1)
	if err != nil {
		return out, err
	}
	return page.Of(req, rows, func(d Draft) []string { return momentKey(d.ChangedAt, d.ID) }), nil
}

func (s *Service) draftsByName(ctx context.Context, tx *pg.Tx, by identity.Principal, q Query, req page.Request) (out page.Page[Draft], err error) {
	var key string
	var after uuid.UUID
	if req.After != "" {
		parts, err := page.Decode(req.After, 2)
		if err != nil {
			return out, err
		}
		if after, err = uuid.Parse(parts[1]); err != nil {
			return out, page.ErrCursor.Because(err)
		}
		key = parts[0]
	}
	rows, err := listDraftsByName(ctx, tx, s.reach(tx, by), q, key, after, req.Limit()+1)
	if err != nil {
		return out, err
	}
	found := page.Of(req, rows, func(d named) []string { return []string{d.sortName, d.ID.String()} })
	out.Next = found.Next
	for _, d := range found.Rows {
		out.Rows = append(out.Rows, d.Draft)
	}
	return out, nil
}

// DraftOf returns the draft of a service; found is false where nobody works on it, or where the caller may not look at it.
func (s *Service) DraftOf(ctx context.Context, tx *pg.Tx, by identity.Principal, code string) (d Draft, found bool, err error) {
	defer fault.Wrap(&err, "studio.DraftOf(%s)", code)
	d, found, err = draftOf(ctx, tx, code)
	if err != nil || !found || authorise(tx, by, Read, d.Agency) != nil {
		return Draft{}, false, err
	}
	return d, true, nil
}

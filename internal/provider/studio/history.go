package studio

import (
	"context"
	"strconv"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// Way is what undo and redo would do to a draft: the change that is taken back, and the one that is made again; nil for none.
type Way struct{ Undo, Redo *Revision }

// Way tells what can be undone and redone. Permission: studio:read. Errors: ErrUnknown, ErrForbidden.
func (s *Service) Way(ctx context.Context, tx *pg.Tx, by identity.Principal, draft uuid.UUID) (w Way, err error) {
	defer fault.Wrap(&err, "studio.Way(%s)", draft)
	d, err := s.Draft(ctx, tx, by, draft)
	if err != nil {
		return w, err
	}
	return wayOf(ctx, tx, d)
}

func wayOf(ctx context.Context, tx *pg.Tx, d Draft) (w Way, err error) {
	at, err := revisionRow(ctx, tx, d.ID, d.Head)
	if err != nil {
		return w, err
	}
	if at.Parent > 0 {
		w.Undo = &at
	}
	next, found, err := nextRevision(ctx, tx, d.ID, d.Head)
	if found {
		w.Redo = &next
	}
	return w, err
}

// Undo takes back the last change, whoever made it; rev is the revision that the person had before them, so that nobody takes back
// what they have not seen. Permission: studio:design. Errors: ErrUnknown, ErrForbidden, ErrStale, ErrNothing.
func (s *Service) Undo(ctx context.Context, tx *pg.Tx, by identity.Principal, draft uuid.UUID, rev int) (d Draft, err error) {
	defer fault.Wrap(&err, "studio.Undo(%s)", draft)
	return s.move(ctx, tx, by, draft, rev, "studio.draft.undo", func(w Way) int {
		if w.Undo == nil {
			return 0
		}
		return w.Undo.Parent
	})
}

// Redo makes again what Undo took back. Permission: studio:design. Errors: ErrUnknown, ErrForbidden, ErrStale, ErrNothing.
func (s *Service) Redo(ctx context.Context, tx *pg.Tx, by identity.Principal, draft uuid.UUID, rev int) (d Draft, err error) {
	defer fault.Wrap(&err, "studio.Redo(%s)", draft)
	return s.move(ctx, tx, by, draft, rev, "studio.draft.redo", func(w Way) int {
		if w.Redo == nil {
			return 0
		}
		return w.Redo.No
	})
}

func (s *Service) move(ctx context.Context, tx *pg.Tx, by identity.Principal, draft uuid.UUID, rev int, action string, to func(Way) int) (Draft, error) {
	d, err := s.lock(ctx, tx, by, draft)
	if err != nil {
		return d, err
	}
	if rev != d.Head {
		return d, ErrStale.With("stale", Stale{Head: d.Head, By: []uuid.UUID{d.ChangedBy}})
	}
	w, err := wayOf(ctx, tx, d)
	if err != nil {
		return d, err
	}
	no := to(w)
	if no == 0 {
		return d, ErrNothing
	}
	p, err := revisionPack(ctx, tx, d.ID, no)
	if err != nil {
		return d, err
	}
	if p.Code != d.Code {
		if err := refuseTaken(ctx, tx, p.Code); err != nil {
			return d, err
		}
	}
	if p.Agency != d.Agency {
		if err := authorise(tx, by, Design, p.Agency); err != nil {
			return d, err
		}
	}
	d.Code, d.Agency, d.Name, d.Head, d.ChangedAt, d.ChangedBy = p.Code, p.Agency, p.Name, no, tx.Now, by.Account
	if err := setHead(ctx, tx, d, p.Languages); err != nil {
		return d, err
	}
	return d, record(ctx, tx, action, d, map[string]any{"revision": no})
}

// Restore makes what a revision said the newest one; what came between stays in the history. Permission: studio:design.
// Errors: ErrUnknown, ErrForbidden, ErrLive, ErrTaken.
func (s *Service) Restore(ctx context.Context, tx *pg.Tx, by identity.Principal, draft uuid.UUID, no int) (d Draft, err error) {
	defer fault.Wrap(&err, "studio.Restore(%s, %d)", draft, no)
	if d, err = s.lock(ctx, tx, by, draft); err != nil {
		return d, err
	}
	p, err := revisionPack(ctx, tx, d.ID, no)
	if pg.NotFound(err) {
		return d, ErrUnknown.With("draft", draft.String(), "revision", no)
	}
	if err != nil {
		return d, err
	}
	return s.revise(ctx, tx, by, d, p, Step{Code: "restore", Args: map[string]string{"revision": strconv.Itoa(no)}})
}

// Revisions returns what was done to a draft, newest first. Permission: studio:read. Errors: ErrUnknown, ErrForbidden, page.ErrCursor.
func (s *Service) Revisions(ctx context.Context, tx *pg.Tx, by identity.Principal, draft uuid.UUID, req page.Request) (out page.Page[Revision], err error) {
	defer fault.Wrap(&err, "studio.Revisions(%s)", draft)
	if _, err := s.Draft(ctx, tx, by, draft); err != nil {
		return out, err
	}
	before := 0
	if req.After != "" {
		parts, err := page.Decode(req.After, 1)
		if err != nil {
			return out, err
		}
		if before, err = strconv.Atoi(parts[0]); err != nil {
			return out, page.ErrCursor.Because(err)
		}
	}
	rows, err := listRevisions(ctx, tx, draft, before, req.Limit()+1)
	if err != nil {
		return out, err
	}
	return page.Of(req, rows, func(r Revision) []string { return []string{strconv.Itoa(r.No)} }), nil
}

// RevisionPack returns what a draft said at a revision; it is the caller's own. Permission: studio:read.
// Errors: ErrUnknown, ErrForbidden.
func (s *Service) RevisionPack(ctx context.Context, tx *pg.Tx, by identity.Principal, draft uuid.UUID, no int) (p *servicespec.Pack, err error) {
	defer fault.Wrap(&err, "studio.RevisionPack(%s, %d)", draft, no)
	if _, err := s.Draft(ctx, tx, by, draft); err != nil {
		return nil, err
	}
	p, err = revisionPack(ctx, tx, draft, no)
	if pg.NotFound(err) {
		return nil, ErrUnknown.With("draft", draft.String(), "revision", no)
	}
	return p, err
}

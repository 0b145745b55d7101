package studio

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// Edit changes a draft: change is called with the newest definition and alters it; what says what it does. rev is the revision
// that the person had before them. Where the draft has moved on since, the change is made all the same as long as nobody touched
// what.Part meanwhile; so change must find its place by codes and not by numbers, and answer ErrGone where it is not there any
// more. A change that alters nothing makes no revision. Permission: studio:design in the draft's agency, and in the
// new one where the agency changes. Errors: ErrUnknown, ErrForbidden, ErrStale, ErrLive, ErrTaken, ErrTooLarge, and what change returns.
func (s *Service) Edit(ctx context.Context, tx *pg.Tx, by identity.Principal, draft uuid.UUID, rev int, what Step, change func(*servicespec.Pack) error) (d Draft, err error) {
	defer fault.Wrap(&err, "studio.Edit(%s, %s)", draft, what.Code)
	if d, err = s.lock(ctx, tx, by, draft); err != nil {
		return d, err
	}
	p, err := revisionPack(ctx, tx, d.ID, d.Head)
	if err != nil {
		return d, err
	}
	if rev != d.Head {
		if err := meanwhile(ctx, tx, d, p, rev, what); err != nil {
			return d, err
		}
	}
	if err := change(p); err != nil {
		return d, err
	}
	return s.revise(ctx, tx, by, d, p, what)
}

// meanwhile refuses a change to what somebody else has changed since rev.
func meanwhile(ctx context.Context, tx *pg.Tx, d Draft, head *servicespec.Pack, rev int, what Step) error {
	stale := Stale{Head: d.Head}
	before, err := revisionPack(ctx, tx, d.ID, rev)
	if pg.NotFound(err) {
		return ErrStale.With("stale", stale)
	}
	if err != nil {
		return err
	}
	stale.Changes = what.touched(servicespec.Diff(before, head))
	if len(stale.Changes) == 0 {
		return nil
	}
	if stale.By, err = authors(ctx, tx, d.ID, rev, d.Last); err != nil {
		return err
	}
	return ErrStale.With("stale", stale)
}

// revise makes what a draft says now its newest revision.
func (s *Service) revise(ctx context.Context, tx *pg.Tx, by identity.Principal, d Draft, p *servicespec.Pack, what Step) (Draft, error) {
	if (p.Code != d.Code || p.Agency != d.Agency) && d.Base > 0 {
		return d, ErrLive
	}
	if p.Agency != d.Agency {
		if err := authorise(tx, by, Design, p.Agency); err != nil {
			return d, err
		}
	}
	hash := servicespec.Hash(p)
	before, err := revisionRow(ctx, tx, d.ID, d.Head)
	if err != nil || before.Hash == hash {
		return d, err
	}
	if p.Code != d.Code {
		if err := refuseTaken(ctx, tx, p.Code); err != nil {
			return d, err
		}
	}
	r := Revision{No: d.Last + 1, Parent: d.Head, Hash: hash, Step: what, At: tx.Now, By: by.Account}
	if err := insertRevision(ctx, tx, d.ID, r, p); err != nil {
		return d, err
	}
	d.Code, d.Agency, d.Name, d.Head, d.Last, d.ChangedAt, d.ChangedBy = p.Code, p.Agency, p.Name, r.No, r.No, tx.Now, by.Account
	if err := setHead(ctx, tx, d, p.Languages); err != nil {
		return d, err
	}
	return d, record(ctx, tx, "studio.draft.change", d, map[string]any{"step": what.Code, "revision": r.No})
}

// refuseTaken refuses a code of which there is a draft already.
func refuseTaken(ctx context.Context, tx *pg.Tx, code string) error {
	other, found, err := draftOf(ctx, tx, code)
	if err != nil || !found {
		return err
	}
	return ErrTaken.With("service", code, "draft", other.ID)
}

func record(ctx context.Context, tx *pg.Tx, action string, d Draft, detail map[string]any) error {
	if detail == nil {
		detail = map[string]any{}
	}
	detail["service"], detail["agency"] = d.Code, d.Agency
	return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "studio.draft", ObjectID: d.ID, Detail: detail})
}

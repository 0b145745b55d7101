package workbench

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/workflow"
)

// fewFound is how many references may begin with what was typed for a search to look at these alone; where more do, going through the
// list finds a page of them soon enough.
const fewFound = 500

// search looks for the beginning of a reference, and for words of the applicant's name. Names are looked for among the cases that the
// officer may read alone, so that a list does not tell whose case it is that they may not open.
func (s *Service) search(ctx context.Context, tx *pg.Tx, by identity.Principal, in workflow.InboxFilter, name string) (_ workflow.InboxFilter, err error) {
	if strings.TrimSpace(name) != "" {
		named, err := s.deps.Applications.Named(ctx, tx, by, name)
		in.Only = append([]uuid.UUID{}, named...)
		return in, err
	}
	if in.Text == "" {
		return in, nil
	}
	found, err := s.deps.Workflow.References(ctx, tx, in.Text, fewFound+1)
	if err != nil || len(found) > fewFound {
		return in, err
	}
	in.Text, in.Only = "", append([]uuid.UUID{}, found...)
	return in, nil
}

// IsReference reports whether a text is the beginning of the reference of a case that the officer may read: then it may stand in an
// address, as names may not. Permission: workbench:use. Errors: ErrForbidden.
func (s *Service) IsReference(ctx context.Context, tx *pg.Tx, by identity.Principal, text string) (known bool, err error) {
	defer fault.Wrap(&err, "workbench.IsReference")
	if err := authorise(tx, by); err != nil {
		return false, err
	}
	text = strings.ToUpper(strings.TrimSpace(text))
	if text == "" {
		return false, nil
	}
	ids, err := s.deps.Workflow.References(ctx, tx, text, fewFound)
	if err != nil {
		return false, err
	}
	cases, err := s.deps.Workflow.Instances(ctx, tx, ids)
	return slices.ContainsFunc(cases, func(i workflow.Instance) bool { return i.Reached(by, orchestration.Read, tx.Now) }), err
}

// found lists what a search has found among all that the officer may read, received last first.
func (s *Service) found(ctx context.Context, tx *pg.Tx, by identity.Principal, in workflow.InboxFilter, req page.Request) (p page.Page[workflow.Instance], err error) {
	if in.Only == nil && in.Text != "" { // more than a few begin so
		if in.Only, err = s.deps.Workflow.References(ctx, tx, in.Text, fewFound); err != nil {
			return p, err
		}
	}
	all, err := s.deps.Workflow.Instances(ctx, tx, in.Only)
	if err != nil {
		return p, err
	}
	all = slices.DeleteFunc(all, func(i workflow.Instance) bool {
		return !i.Reached(by, orchestration.Read, tx.Now) || in.Service != "" && i.Service != in.Service || in.State != "" && i.State != in.State ||
			in.Boundary != "" && !slices.Contains(i.BoundaryPath, in.Boundary)
	})
	before := func(a, b workflow.Instance) int {
		if c := b.StartedAt.Compare(a.StartedAt); c != 0 {
			return c
		}
		return bytes.Compare(b.ID[:], a.ID[:])
	}
	slices.SortFunc(all, before)
	if req.After != "" {
		after, err := instanceAt(req.After)
		if err != nil {
			return p, err
		}
		all = slices.DeleteFunc(all, func(i workflow.Instance) bool { return before(after, i) >= 0 })
	}
	return page.Of(req, all[:min(len(all), req.Limit()+1)], func(i workflow.Instance) []string {
		return []string{i.StartedAt.Format(time.RFC3339Nano), i.ID.String()}
	}), nil
}

// instanceAt is where a page of what was found begins. Errors: page.ErrCursor.
func instanceAt(after string) (i workflow.Instance, err error) {
	parts, err := page.Decode(after, 2)
	if err != nil {
		return i, err
	}
	if i.StartedAt, err = time.Parse(time.RFC3339Nano, parts[0]); err != nil {
		return i, page.ErrCursor.Because(err)
	}
	if i.ID, err = uuid.Parse(parts[1]); err != nil {
		return i, page.ErrCursor.Because(err)
	}
	return i, nil
}

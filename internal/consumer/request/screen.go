package request

import (
	"context"
	"maps"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// Screened are the questions that are asked before anybody applies, with what the answers come to. Nothing of it is kept.
type Screened struct {
	Page    servicespec.PageView
	Facts   servicespec.Facts
	Answers servicespec.Answers
	Wrong   []fault.Field
	Verdict servicespec.Verdict
}

// Screen judges by a post of the questions of eligibility whether somebody may have the service; nil asks them. Anybody may
// ask, signed in or not.
func (s *Service) Screen(ctx context.Context, tx *pg.Tx, spec *servicespec.Service, posted map[string][]string) (out Screened, err error) {
	defer fault.Wrap(&err, "request.Screen(%s)", spec.Code())
	if out.Facts, err = s.facts(ctx, tx, spec, spec.AreasIn(nil, posted)); err != nil {
		return out, err
	}
	if posted != nil {
		out.Answers, out.Wrong = spec.ReadScreening(posted, out.Facts)
	}
	out.Page, out.Verdict = spec.Screening(out.Answers, out.Facts), spec.Eligible(out.Answers, out.Facts)
	return out, nil
}

// Carry takes over into a draft what was answered before signing in, where the form asks it too and it is not answered yet.
// Errors: ErrNotFound, ErrNotEditable.
func (s *Service) Carry(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, posted map[string][]string) (err error) {
	defer fault.Wrap(&err, "request.Carry(%s)", request)
	r, err := s.editable(ctx, tx, person, request)
	if err != nil {
		return err
	}
	if r.Status != Draft {
		return ErrNotEditable
	}
	spec, facts, err := s.spec(ctx, tx, r, posted)
	if err != nil {
		return err
	}
	screened, _ := spec.ReadScreening(posted, facts)
	before := r.Answers
	r.Answers = maps.Clone(before)
	for code, v := range spec.Carried(screened) {
		if r.Answers[code] == nil {
			r.Answers[code] = v
		}
	}
	return s.keep(ctx, tx, r, before)
}

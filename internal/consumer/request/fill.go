package request

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// Fill answers a draft with everything at once, as a program sends it (JSON by question code, in the shapes of the service's
// schema), and returns all that is wrong with it; nothing is kept then. Files can only be those that were attached to the
// draft before. Errors: ErrNotFound, ErrNotEditable, servicespec.ErrAnswers.
func (s *Service) Fill(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, lang string, answers []byte) (wrong []fault.Field, err error) {
	defer fault.Wrap(&err, "request.Fill(%s)", request)
	r, err := s.editable(ctx, tx, person, request)
	if err != nil {
		return nil, err
	}
	if r.Status != Draft {
		return nil, ErrNotEditable
	}
	spec, err := s.deps.Services.Service(ctx, tx, r.Service, r.Version)
	if err != nil {
		return nil, err
	}
	if len(answers) == 0 {
		answers = []byte("{}")
	}
	taken, wrong, err := spec.Take(answers)
	if err != nil {
		return nil, err
	}
	before := r.Answers
	wrong = append(wrong, foreignFiles(taken, before)...)
	r.Answers, r.Lang = taken, lang
	r.forgetSources(before)
	facts, err := s.facts(ctx, tx, spec, spec.AreasIn(taken, nil))
	if err != nil {
		return nil, err
	}
	if facts, err = s.lookUp(ctx, tx, &r, spec, facts); err != nil {
		return nil, err
	}
	for _, f := range spec.Validate(r.Answers, facts) {
		if !slices.ContainsFunc(wrong, func(w fault.Field) bool { return w.Path == f.Path }) {
			wrong = append(wrong, f)
		}
	}
	if len(wrong) > 0 {
		return wrong, nil
	}
	return nil, s.keep(ctx, tx, r, before)
}

// foreignFiles finds files that were not attached to the draft: a program could name somebody else's.
func foreignFiles(taken, before servicespec.Answers) []fault.Field {
	own := servicespec.FilesIn(before)
	var wrong []fault.Field
	for code, v := range taken {
		for _, f := range servicespec.FilesIn(v) {
			if !slices.Contains(own, f) {
				wrong = append(wrong, fault.Field{Path: code, Code: "not_a_file"})
				break
			}
		}
	}
	return wrong
}

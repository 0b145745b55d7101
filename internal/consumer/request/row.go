package request

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// SaveRow keeps one row of a repeating group and returns the fields that are not acceptable, by their paths
// (members.2.age). The row after the last is a new one. Acceptable answers of the row are kept even when others are not; a
// new row of which nothing is acceptable does not begin.
// Errors: ErrNotFound, ErrNotEditable, ErrLocked, ErrUnknownQuestion.
func (s *Service) SaveRow(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, group string, row int, lang string, posted map[string][]string) (wrong []fault.Field, err error) {
	defer fault.Wrap(&err, "request.SaveRow(%s, %s, %d)", request, group, row)
	r, err := s.editable(ctx, tx, person, request)
	if err != nil {
		return nil, err
	}
	spec, facts, err := s.spec(ctx, tx, r, posted)
	if err != nil {
		return nil, err
	}
	view, _, ok := spec.RowView(group, row, r.Answers, facts)
	if !ok {
		return nil, ErrUnknownQuestion.With("question", group)
	}
	rows, _ := r.Answers[group].(servicespec.Rows)
	if !r.mayRow(group, row, len(rows), view) {
		return nil, ErrLocked
	}
	before := r.Answers
	wrong = r.takeRow(spec, facts, group, row, posted)
	r.Lang = lang
	if _, err := s.lookUp(ctx, tx, &r, spec, facts); err != nil {
		return nil, err
	}
	return wrong, s.keep(ctx, tx, r, before)
}

// takeRow reads a posted row into the answers; in a correction only what may be answered now. A new row of which nothing is
// acceptable does not begin.
func (r *Request) takeRow(spec *servicespec.Service, facts servicespec.Facts, group string, row int, posted map[string][]string) (wrong []fault.Field) {
	answers, wrong := spec.ReadRow(group, row, posted, r.Answers, facts)
	rows, _ := r.Answers[group].(servicespec.Rows)
	next := slices.Clone(rows)
	switch {
	case row < len(rows):
		next[row] = r.unlocked(group, row, rows[row], answers)
		wrong = slices.DeleteFunc(wrong, func(f fault.Field) bool { return !r.Editable(f.Path) && f.Code != "unknown_field" })
	case len(answers) > 0:
		next = append(next, answers)
	}
	r.Answers = maps.Clone(r.Answers)
	if r.Answers[group] = next; len(next) == 0 {
		delete(r.Answers, group)
	}
	return wrong
}

// PreviewRow is Preview for a row.
func (s *Service) PreviewRow(ctx context.Context, tx *pg.Tx, r Request, group string, row int, posted map[string][]string) (Request, *servicespec.Service, servicespec.Facts, error) {
	spec, facts, err := s.spec(ctx, tx, r, posted)
	if err != nil {
		return r, nil, facts, err
	}
	r.takeRow(spec, facts, group, row, posted)
	return r, spec, facts, nil
}

// editable loads a draft or a correction, locked. Errors: ErrNotFound, ErrNotEditable.
func (s *Service) editable(ctx context.Context, tx *pg.Tx, person, request uuid.UUID) (Request, error) {
	r, err := s.load(ctx, tx, person, request, true)
	if err != nil {
		return r, err
	}
	if r.Status != Draft && r.Status != Correction {
		return r, ErrNotEditable
	}
	return r, nil
}

// mayRow reports whether a row may be answered: any of an open group, and in a correction a row of which something is asked.
func (r Request) mayRow(group string, row, rows int, view servicespec.RowView) bool {
	if r.Editable(group) {
		return true
	}
	return row < rows && slices.ContainsFunc(view.Questions, func(q servicespec.QuestionView) bool {
		return r.Editable(servicespec.RowPath(group, row, q.Code))
	})
}

// unlocked returns a row with the answers that may be given now replaced.
func (r Request) unlocked(group string, row int, before, answers servicespec.Answers) servicespec.Answers {
	if r.Editable(group) {
		return answers
	}
	var asked []string
	for _, item := range r.Items {
		if g, i, field, ok := servicespec.SplitPath(item); ok && g == group && i == row {
			asked = append(asked, field)
		}
	}
	return servicespec.Corrected(before, answers, asked)
}

// RemoveRow takes a row out of a repeating group, with its files; a row that is not there is gone already.
// Errors: ErrNotFound, ErrNotEditable, ErrLocked.
func (s *Service) RemoveRow(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, group string, row int) (err error) {
	defer fault.Wrap(&err, "request.RemoveRow(%s, %s, %d)", request, group, row)
	r, err := s.editable(ctx, tx, person, request)
	if err != nil {
		return err
	}
	if !r.Editable(group) {
		return ErrLocked
	}
	rows, _ := r.Answers[group].(servicespec.Rows)
	if row < 0 || row >= len(rows) {
		return nil
	}
	before := r.Answers
	r.Answers = maps.Clone(r.Answers)
	if r.Answers[group] = slices.Delete(slices.Clone(rows), row, row+1); len(rows) == 1 {
		delete(r.Answers, group)
	}
	return s.keep(ctx, tx, r, before)
}

package request

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// untouched is after how long a draft's owner is reminded once.
const untouched = 3 * 24 * time.Hour

// Start begins a request for a service in its newest version, or returns the person's draft of it.
// Errors: what the catalogue answers for an unknown service; identity.ErrRepresentative, ErrForPeople, ErrForBusinesses.
func (s *Service) Start(ctx context.Context, tx *pg.Tx, person uuid.UUID, service, lang string) (r Request, err error) {
	defer fault.Wrap(&err, "request.Start(%s)", service)
	if err := s.deps.Identity.MayRepresent(ctx, tx, person, service); err != nil {
		return Request{}, err
	}
	spec, err := s.deps.Services.Service(ctx, tx, service, 0)
	if err != nil {
		return Request{}, err
	}
	if err := s.mayApply(ctx, tx, person, spec); err != nil {
		return Request{}, err
	}
	pack := spec.Pack()
	if err := lockDrafts(ctx, tx, person, pack.Code); err != nil {
		return Request{}, err
	}
	if draft, found, err := findDraft(ctx, tx, person, pack.Code, pack.Version); err != nil || found {
		if err != nil {
			return Request{}, err
		}
		return s.load(ctx, tx, person, draft, false)
	}
	r = Request{
		ID: id.New(), Person: person, Service: pack.Code, Version: pack.Version, Lang: lang, Status: Draft,
		CreatedAt: tx.Now, UpdatedAt: tx.Now, Answers: servicespec.Answers{}, Sources: map[string]string{},
	}
	if err := s.prefill(ctx, tx, &r, spec); err != nil {
		return Request{}, err
	}
	if err := s.insert(ctx, tx, r); err != nil {
		return Request{}, err
	}
	if err := s.remindLater(ctx, tx, r.ID, "draft", untouched); err != nil {
		return Request{}, err
	}
	return r, audit.Record(ctx, tx, audit.Entry{
		Action: "request.start", Object: "request.request", ObjectID: r.ID, Person: person, Detail: map[string]any{"service": r.Service},
	})
}

// mayApply refuses a business where the service's audience is people, and a person where it is businesses alone.
func (s *Service) mayApply(ctx context.Context, tx *pg.Tx, person uuid.UUID, spec *servicespec.Service) error {
	business, err := s.deps.Identity.IsBusiness(ctx, tx, person)
	switch {
	case err != nil:
		return err
	case business && !spec.ForBusinesses():
		return ErrForPeople
	case !business && !spec.ForPeople():
		return ErrForBusinesses
	}
	return nil
}

// SavePage keeps one page of answers and returns the fields that are not acceptable. Acceptable answers of the page are
// kept even when others are not, so that nothing typed is lost; what does not belong to the form is refused.
// Errors: ErrNotFound, ErrNotEditable, ErrUnknownPage, ErrLocked.
func (s *Service) SavePage(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, page, lang string, posted map[string][]string) (wrong []fault.Field, err error) {
	defer fault.Wrap(&err, "request.SavePage(%s, %s)", request, page)
	r, err := s.editable(ctx, tx, person, request)
	if err != nil {
		return nil, err
	}
	spec, facts, err := s.spec(ctx, tx, r, posted)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(spec.Pages(r.Answers, facts), func(p servicespec.PageView) bool { return p.Code == page }) {
		return nil, ErrUnknownPage.With("page", page)
	}
	before := r.Answers
	wrong = r.take(spec, facts, page, posted)
	r.LastPage, r.Lang = page, lang
	r.forgetSources(before)
	if _, err := s.lookUp(ctx, tx, &r, spec, facts); err != nil {
		return nil, err
	}
	return wrong, s.keep(ctx, tx, r, before)
}

// take reads a posted page into the answers; in a correction only what may be answered now.
func (r *Request) take(spec *servicespec.Service, facts servicespec.Facts, page string, posted map[string][]string) (wrong []fault.Field) {
	answers, wrong := spec.Read(page, posted, r.Answers, facts)
	if r.Status == Correction {
		r.Items = opened(spec, facts, page, *r, answers)
		answers, wrong = keepLocked(spec, page, *r, answers, wrong)
	}
	r.Answers = spec.Merge(page, r.Answers, answers)
	return wrong
}

// Preview returns the request as it would stand with a page as it was typed so far, with the service and the facts that go
// with it. Nothing is kept. Errors: what the catalogue answers.
func (s *Service) Preview(ctx context.Context, tx *pg.Tx, r Request, page string, posted map[string][]string) (Request, *servicespec.Service, servicespec.Facts, error) {
	spec, facts, err := s.spec(ctx, tx, r, posted)
	if err != nil {
		return r, nil, facts, err
	}
	r.take(spec, facts, page, posted)
	return r, spec, facts, nil
}

// keep saves the answers. A draft's files that are no answer any more go; a file that was once submitted stays, since the
// provider has been told of it. Of a draft the reminder is put off.
func (s *Service) keep(ctx context.Context, tx *pg.Tx, r Request, before servicespec.Answers) error {
	if err := s.saveAnswers(ctx, tx, r); err != nil {
		return err
	}
	if r.Status == Draft {
		if err := s.dropFiles(ctx, tx, before, r.Answers); err != nil {
			return err
		}
		if err := s.remindLater(ctx, tx, r.ID, "draft", untouched); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "request.save", Object: "request.request", ObjectID: r.ID, Person: r.Person, Detail: map[string]any{"page": r.LastPage},
	})
}

// dropFiles deletes the files that are among the answers before and not among those after.
func (s *Service) dropFiles(ctx context.Context, tx *pg.Tx, before, after servicespec.Answers) error {
	kept := servicespec.FilesIn(after)
	for _, code := range slices.Sorted(maps.Keys(before)) {
		for _, f := range servicespec.FilesIn(before[code]) {
			if slices.Contains(kept, f) {
				continue
			}
			if err := errors.Join(s.deps.Documents.Delete(ctx, tx, f.ID), db.DeleteUpload(ctx, tx, f.ID)); err != nil {
				return err
			}
		}
	}
	return nil
}

// opened returns the questions that may be answered in a correction: those the provider asked about, and those that only
// the corrected answers ask or make wrong. Without the latter a correction could lead where nobody can go on.
func opened(spec *servicespec.Service, facts servicespec.Facts, page string, r Request, answers servicespec.Answers) []string {
	allowed, _ := keepLocked(spec, page, r, answers, nil)
	merged := spec.Merge(page, r.Answers, allowed)
	items := slices.Clone(r.Items)
	for _, f := range spec.Validate(spec.Clean(merged, facts), facts) {
		if spec.Question(f.Path) != nil && !slices.Contains(items, f.Path) {
			items = append(items, f.Path)
		}
	}
	return items
}

// keepLocked puts back the page's answers that were not asked to be corrected: a locked question is not posted, or its
// post was tampered with.
func keepLocked(spec *servicespec.Service, page string, r Request, answers servicespec.Answers, wrong []fault.Field) (servicespec.Answers, []fault.Field) {
	out := maps.Clone(answers)
	for _, p := range spec.Pack().Form.Pages {
		if p.Code != page {
			continue
		}
		for _, q := range p.Questions {
			if r.Editable(q.Code) {
				continue
			}
			was := servicespec.Answers{}
			if v, ok := r.Answers[q.Code]; ok {
				was[q.Code] = v
			}
			sent := servicespec.Answers{}
			if v, ok := out[q.Code]; ok && r.Touches(q.Code) {
				sent[q.Code] = v
			}
			delete(out, q.Code)
			maps.Copy(out, servicespec.Corrected(was, sent, r.Items))
		}
	}
	return out, slices.DeleteFunc(wrong, func(f fault.Field) bool { return !r.Editable(f.Path) && f.Code != "unknown_field" })
}

// Discard throws a draft away. Errors: ErrNotFound, ErrNotEditable.
func (s *Service) Discard(ctx context.Context, tx *pg.Tx, person, request uuid.UUID) (err error) {
	defer fault.Wrap(&err, "request.Discard(%s)", request)
	r, err := s.load(ctx, tx, person, request, true)
	if err != nil {
		return err
	}
	if r.Status != Draft {
		return ErrNotEditable
	}
	if err := s.setStatus(ctx, tx, r.ID, Discarded); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "request.discard", Object: "request.request", ObjectID: r.ID, Person: person})
}

// Resume takes a discarded draft up again. Errors: ErrNotFound.
func (s *Service) Resume(ctx context.Context, tx *pg.Tx, person, request uuid.UUID) (err error) {
	defer fault.Wrap(&err, "request.Resume(%s)", request)
	r, err := s.load(ctx, tx, person, request, true)
	if err != nil {
		return err
	}
	if r.Status != Discarded {
		return nil
	}
	if err := s.setStatus(ctx, tx, r.ID, Draft); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "request.resume", Object: "request.request", ObjectID: r.ID, Person: person})
}

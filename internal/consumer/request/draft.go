package request

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// untouched is after how long a draft's owner is reminded once.
const untouched = 3 * 24 * time.Hour

// Start begins a request for a service in its newest version, or returns the person's draft of it.
// Errors: what the catalogue answers for an unknown service; identity.ErrRepresentative.
func (s *Service) Start(ctx context.Context, tx *pg.Tx, person uuid.UUID, service, lang string) (r Request, err error) {
	defer fault.Wrap(&err, "request.Start(%s)", service)
	if err := s.deps.Identity.MayRepresent(ctx, tx, person, service); err != nil {
		return Request{}, err
	}
	spec, err := s.deps.Services.Service(ctx, tx, service, 0)
	if err != nil {
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
		CreatedAt: tx.Now, UpdatedAt: tx.Now,
	}
	if r.Answers, err = s.prefill(ctx, tx, person, pack); err != nil {
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

// prefill answers what the state knows already and the service's author wants filled in. The person sees and can
// change it.
func (s *Service) prefill(ctx context.Context, tx *pg.Tx, person uuid.UUID, pack *servicespec.Pack) (servicespec.Answers, error) {
	name, err := s.deps.Identity.Name(ctx, tx, person)
	if err != nil {
		return nil, err
	}
	contacts, err := s.contacts(ctx, tx, person)
	if err != nil {
		return nil, err
	}
	known := map[string]string{"profile.name": name, "profile.phone": contacts["sms"], "profile.email": contacts["email"]}
	answers := servicespec.Answers{}
	for _, page := range pack.Form.Pages {
		for _, q := range page.Questions {
			if v := known[q.Prefill]; v != "" {
				answers[q.Code] = v
			}
		}
	}
	return answers, nil
}

// SavePage keeps one page of answers and returns the fields that are not acceptable. Acceptable answers of the page are
// kept even when others are not, so that nothing typed is lost; what does not belong to the form is refused.
// Errors: ErrNotFound, ErrNotEditable, ErrUnknownPage, ErrLocked.
func (s *Service) SavePage(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, page, lang string, posted map[string][]string) (wrong []fault.Field, err error) {
	defer fault.Wrap(&err, "request.SavePage(%s, %s)", request, page)
	r, err := s.load(ctx, tx, person, request, true)
	if err != nil {
		return nil, err
	}
	if r.Status != Draft && r.Status != Correction {
		return nil, ErrNotEditable
	}
	spec, facts, err := s.Spec(ctx, tx, r)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(spec.Pages(r.Answers, facts), func(p servicespec.PageView) bool { return p.Code == page }) {
		return nil, ErrUnknownPage.With("page", page)
	}
	answers, wrong := spec.Read(page, posted, r.Answers, facts)
	if r.Status == Correction {
		r.Items = opened(spec, facts, page, r, answers)
		answers, wrong = keepLocked(spec, page, r, answers, wrong)
	}
	before := r.Answers
	r.Answers, r.LastPage, r.Lang = spec.Merge(page, r.Answers, answers), page, lang
	return wrong, s.keep(ctx, tx, r, before)
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
	for _, code := range slices.Sorted(maps.Keys(before)) {
		for _, f := range files(before[code]) {
			if slices.Contains(files(after[code]), f) {
				continue
			}
			if err := s.deps.Documents.Delete(ctx, tx, f.ID); err != nil {
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
			delete(out, q.Code)
			if v, ok := r.Answers[q.Code]; ok {
				out[q.Code] = v
			}
		}
	}
	return out, slices.DeleteFunc(wrong, func(f fault.Field) bool { return !r.Editable(f.Path) && f.Code != "unknown_field" })
}

// Attach keeps a file that was looked into as answer to a file question. The same file once more, as a browser sends it
// again after the way back, is the one that is there.
// Errors: ErrNotFound, ErrNotEditable, ErrLocked, ErrUnknownQuestion, ErrTooManyFiles; document.ErrTooLarge, ErrType.
func (s *Service) Attach(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, question string, file document.Upload) (f servicespec.File, err error) {
	defer fault.Wrap(&err, "request.Attach(%s, %s)", request, question)
	r, q, err := s.fileQuestion(ctx, tx, person, request, question)
	if err != nil {
		return f, err
	}
	have := files(r.Answers[question])
	stored, err := s.deps.Documents.Take(ctx, tx, document.Store{
		Person: person, Purpose: "request.answer", Accept: q.Accept, MaxSize: q.MaxSize,
	}, file)
	if err != nil {
		return f, err
	}
	if same, found, err := s.sameFile(ctx, tx, have, stored); err != nil || found {
		return same, errors.Join(err, s.deps.Documents.Delete(ctx, tx, stored.ID))
	}
	limit := max(q.MaxFiles, 1)
	if len(have) >= limit && limit > 1 {
		return f, errors.Join(ErrTooManyFiles.With("max", limit), s.deps.Documents.Delete(ctx, tx, stored.ID))
	}
	f = servicespec.File{ID: stored.ID, Name: stored.Name, MediaType: stored.MediaType, Size: stored.Size}
	if limit == 1 { // another file takes the place of the one before
		have = nil
	}
	before := r.Answers
	r.Answers = maps.Clone(r.Answers)
	r.Answers[question] = append(slices.Clone(have), f)
	return f, s.keep(ctx, tx, r, before)
}

// sameFile finds a file of the same name and content among those there.
func (s *Service) sameFile(ctx context.Context, tx *pg.Tx, have []servicespec.File, stored document.File) (servicespec.File, bool, error) {
	for _, f := range have {
		if f.Name != stored.Name || f.Size != stored.Size {
			continue
		}
		known, err := s.deps.Documents.File(ctx, tx, f.ID)
		if err != nil {
			return servicespec.File{}, false, err
		}
		if bytes.Equal(known.SHA256, stored.SHA256) {
			return f, true, nil
		}
	}
	return servicespec.File{}, false, nil
}

// Detach takes a file out of the answers to a question; a file that is not among them is no business of this request and
// stays. Errors: ErrNotFound, ErrNotEditable, ErrLocked, ErrUnknownQuestion.
func (s *Service) Detach(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, question string, file uuid.UUID) (err error) {
	defer fault.Wrap(&err, "request.Detach(%s, %s)", request, question)
	r, _, err := s.fileQuestion(ctx, tx, person, request, question)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(files(r.Answers[question])), func(f servicespec.File) bool { return f.ID == file })
	before := r.Answers
	r.Answers = maps.Clone(r.Answers)
	if r.Answers[question] = left; len(left) == 0 {
		delete(r.Answers, question)
	}
	return s.keep(ctx, tx, r, before)
}

func files(answer any) []servicespec.File {
	list, _ := answer.([]servicespec.File)
	return list
}

func (s *Service) fileQuestion(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, question string) (Request, servicespec.Question, error) {
	r, err := s.load(ctx, tx, person, request, true)
	if err != nil {
		return r, servicespec.Question{}, err
	}
	if r.Status != Draft && r.Status != Correction {
		return r, servicespec.Question{}, ErrNotEditable
	}
	if !r.Editable(question) {
		return r, servicespec.Question{}, ErrLocked
	}
	spec, err := s.deps.Services.Service(ctx, tx, r.Service, r.Version)
	if err != nil {
		return r, servicespec.Question{}, err
	}
	q := spec.Question(question)
	if q == nil || q.Kind != servicespec.KindFile {
		return r, servicespec.Question{}, ErrUnknownQuestion.With("question", question)
	}
	return r, *q, nil
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

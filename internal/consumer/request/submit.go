package request

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/document"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// Submit sends the answers to the provider: a draft as a new request, a correction as the answers again. The reference
// number is taken once; submitting twice answers with the same one and sends nothing again.
// Errors: ErrNotFound, ErrEnded, ErrIncomplete with its fields, identity.ErrGuestAddress.
func (s *Service) Submit(ctx context.Context, tx *pg.Tx, person, request uuid.UUID) (r Request, err error) {
	defer fault.Wrap(&err, "request.Submit(%s)", request)
	if r, err = s.load(ctx, tx, person, request, true); err != nil {
		return r, err
	}
	kind, event := exchange.Apply, "submitted"
	switch r.Status {
	case Submitted:
		return r, nil
	case Closed, Discarded:
		return r, ErrEnded
	case Correction:
		kind, event = exchange.Correct, "corrected"
		if r.State == "" { // refused at intake: the provider has no case to correct
			kind = exchange.Apply
		}
	}
	spec, facts, err := s.Spec(ctx, tx, r)
	if err != nil {
		return r, err
	}
	before := r.Answers
	r.Answers = spec.Clean(r.Answers, facts)
	wrong := spec.Validate(r.Answers, facts)
	infected, err := s.infected(ctx, tx, r.Answers)
	if err != nil {
		return r, err
	}
	if wrong = append(wrong, infected...); len(wrong) > 0 {
		return r, ErrIncomplete.WithFields(wrong...)
	}
	if err := s.deps.Identity.GuestSent(ctx, tx, r.Person); err != nil {
		return r, err
	}
	if r.Reference == "" {
		if r.Reference, err = s.deps.Refdata.NextNumber(ctx, tx, spec.Pack().Number); err != nil {
			return r, err
		}
	}
	if err := s.send(ctx, tx, r, kind); err != nil {
		return r, err
	}
	if r.SubmittedAt == nil { // nobody has been told of the files that answer what is not asked any more
		r.SubmittedAt = &tx.Now
		if err := s.dropFiles(ctx, tx, before, r.Answers); err != nil {
			return r, err
		}
	}
	r.Status, r.Items, r.Note = Submitted, nil, ""
	if err := s.setSubmitted(ctx, tx, r); err != nil {
		return r, err
	}
	if err := s.note(ctx, tx, r, Entry{Kind: event, At: tx.Now}); err != nil {
		return r, err
	}
	if err := s.cancelReminders(ctx, tx, r.ID); err != nil {
		return r, err
	}
	return r, audit.Record(ctx, tx, audit.Entry{
		Action: "request.submit", Object: "request.request", ObjectID: r.ID, Person: person,
		Detail: map[string]any{"service": r.Service, "version": r.Version, "kind": kind, "reference": r.Reference},
	})
}

// infected names the questions whose files turned out to be malicious: they were removed, and must be handed in anew.
func (s *Service) infected(ctx context.Context, tx *pg.Tx, answers servicespec.Answers) (wrong []fault.Field, err error) {
	owner := map[uuid.UUID]string{}
	for code, answer := range answers {
		servicespec.EachFile(code, answer, func(path string, f servicespec.File) { owner[f.ID] = path })
	}
	found, err := s.deps.Documents.Scans(ctx, tx, slices.Collect(maps.Keys(owner))...)
	for file, scan := range found {
		if scan == document.Infected {
			wrong = append(wrong, fault.Field{Path: owner[file], Code: document.ErrInfected.Code})
		}
	}
	return wrong, err
}

func (s *Service) send(ctx context.Context, tx *pg.Tx, r Request, kind string) error {
	return s.sendWith(ctx, tx, r, kind, "")
}

func (s *Service) sendWith(ctx context.Context, tx *pg.Tx, r Request, kind, note string) error {
	answers, err := json.Marshal(r.Answers)
	if err != nil {
		return err
	}
	name, err := s.deps.Identity.Name(ctx, tx, r.Person)
	if err != nil {
		return err
	}
	business, by, err := s.sender(ctx, tx, r)
	if err != nil {
		return err
	}
	return s.deps.Exchange.SendRequest(ctx, tx, exchange.ServiceRequest{
		ID: r.ID, Kind: kind, Reference: r.Reference, Service: r.Service, Version: r.Version, Person: r.Person,
		Name: name, Business: business, By: by, Lang: r.Lang, Answers: answers, Note: note, SubmittedAt: tx.Now,
	})
}

// sender tells whether a request is a business's, and the name of the person who sends it in somebody else's name; "" where its person
// does, or an office for them.
func (s *Service) sender(ctx context.Context, tx *pg.Tx, r Request) (business bool, by string, err error) {
	if business, err = s.deps.Identity.IsBusiness(ctx, tx, r.Person); err != nil {
		return business, "", err
	}
	if tx.Actor.OnBehalf == r.Person && tx.Actor.Kind == identity.KindPerson {
		by, err = s.deps.Identity.Name(ctx, tx, tx.Actor.ID)
	}
	return business, by, err
}

// Withdraw tells the provider that the request is wanted no more; it closes when the provider confirms, or at once where
// the provider refused to take it in and has nothing to withdraw. Asking twice sends once. Errors: ErrNotFound, ErrEnded.
func (s *Service) Withdraw(ctx context.Context, tx *pg.Tx, person, request uuid.UUID) (err error) {
	defer fault.Wrap(&err, "request.Withdraw(%s)", request)
	r, err := s.load(ctx, tx, person, request, true)
	if err != nil {
		return err
	}
	if r.Status == Closed || r.Status == Draft || r.Status == Discarded {
		return ErrEnded
	}
	last, err := lastOf(ctx, tx, r.ID, "withdrawn", exchange.Reopened, exchange.Appealed)
	if err != nil {
		return err
	}
	asked := last == "withdrawn"
	if r.Status == Correction && r.State == "" {
		r.apply(exchange.ServiceResponse{Kind: exchange.Decided, Outcome: "withdrawn"})
		err = s.setState(ctx, tx, r)
	} else if !asked {
		err = s.send(ctx, tx, r, exchange.Withdraw)
	}
	if err != nil || asked {
		return err
	}
	if err := s.note(ctx, tx, r, Entry{Kind: "withdrawn", At: tx.Now}); err != nil {
		return err
	}
	if err := s.cancelReminders(ctx, tx, r.ID); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "request.withdraw", Object: "request.request", ObjectID: r.ID, Person: person})
}

// Again are the ways in which a person can have what was decided taken up again, with until when.
type Again struct {
	Kind   string // exchange.Reopen or exchange.Appeal
	Action servicespec.Action
	Until  time.Time
}

// Again returns how the person can have a closed request taken up again now, by the service's own terms; the provider has the last word.
func (s *Service) Again(ctx context.Context, tx *pg.Tx, r Request) (ways []Again, err error) {
	defer fault.Wrap(&err, "request.Again(%s)", r.ID)
	if r.Status != Closed || r.State == "" {
		return nil, nil
	}
	spec, facts, err := s.Spec(ctx, tx, r)
	if err != nil {
		return nil, err
	}
	cal := calendar.Calendar{}
	if facts.Calendar != nil {
		cal = *facts.Calendar
	}
	ended := r.ended()
	for _, a := range spec.ActionsFrom(r.State) {
		if a.By == servicespec.ByCitizen && (a.Kind == exchange.Reopen || a.Kind == exchange.Appeal) && a.InTime(ended, tx.Now, cal) {
			ways = append(ways, Again{Kind: a.Kind, Action: a, Until: a.Until(ended, cal)})
		}
	}
	return ways, nil
}

// AskAgain asks the provider to take up again what was decided: Kind is exchange.Reopen or exchange.Appeal, words why. The request opens when
// the provider confirms. Errors: ErrNotFound, ErrTooLate, ErrWords.
func (s *Service) AskAgain(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, kind, words string) (err error) {
	defer fault.Wrap(&err, "request.AskAgain(%s, %s)", request, kind)
	r, err := s.load(ctx, tx, person, request, true)
	if err != nil {
		return err
	}
	if r.Timeline, err = s.timeline(ctx, tx, r); err != nil {
		return err
	}
	ways, err := s.Again(ctx, tx, r)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(ways, func(w Again) bool { return w.Kind == kind })
	if i < 0 {
		return ErrTooLate
	}
	words = strings.TrimSpace(words)
	if n := utf8.RuneCountInString(words); n > wordsMost || n == 0 && ways[i].Action.Comment == "required" {
		return ErrWords.WithFields(fault.Field{Path: "words", Code: ErrWords.Code, Args: map[string]any{"max": wordsMost}})
	}
	if last := r.Timeline[len(r.Timeline)-1]; last.Kind == "asked_"+kind { // it is on its way
		return nil
	}
	if err := s.sendWith(ctx, tx, r, kind, words); err != nil {
		return err
	}
	if err := s.note(ctx, tx, r, Entry{Kind: "asked_" + kind, Note: words, At: tx.Now}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "request." + kind, Object: "request.request", ObjectID: r.ID, Person: person})
}

// wordsMost is how many characters somebody may write who appeals.
const wordsMost = 4000

// Letter reports whether a document is a letter that was sent to the person in a request. Errors: ErrNotFound.
func (s *Service) Letter(ctx context.Context, tx *pg.Tx, person, request, document uuid.UUID) (err error) {
	defer fault.Wrap(&err, "request.Letter(%s)", request)
	r, err := s.Request(ctx, tx, person, request)
	if err != nil {
		return err
	}
	if document == uuid.Nil || !slices.ContainsFunc(r.Timeline, func(e Entry) bool { return e.Detail.Document == document }) {
		return ErrNotFound
	}
	return nil
}

// Request returns one of the person's requests with its timeline. Errors: ErrNotFound.
func (s *Service) Request(ctx context.Context, tx *pg.Tx, person, request uuid.UUID) (r Request, err error) {
	defer fault.Wrap(&err, "request.Request(%s)", request)
	if r, err = s.load(ctx, tx, person, request, false); err != nil {
		return r, err
	}
	if r.Timeline, err = s.timeline(ctx, tx, r); err != nil {
		return r, err
	}
	return r, audit.Read(ctx, tx, audit.Entry{Action: "request.read", Object: "request.request", ObjectID: request, Person: person})
}

// References returns what the person's submitted requests are called, of those whose ids are given.
func (s *Service) References(ctx context.Context, tx *pg.Tx, person uuid.UUID, ids []uuid.UUID) (names map[uuid.UUID]string, err error) {
	defer fault.Wrap(&err, "request.References(%d)", len(ids))
	return references(ctx, tx, person, ids)
}

// Mine returns the person's requests, newest first, discarded ones left out.
func (s *Service) Mine(ctx context.Context, tx *pg.Tx, person uuid.UUID, f Filter, p page.Request) (page.Page[Request], error) {
	found, err := s.list(ctx, tx, person, f, p)
	ids := make([]uuid.UUID, 0, len(found.Rows))
	for _, r := range found.Rows {
		ids = append(ids, r.ID)
	}
	audit.ReadList(ctx, tx, audit.Entry{Action: "request.list", Object: "request.request", Person: person}, ids...)
	return found, err
}

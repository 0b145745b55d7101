package orchestration

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration/internal/orchestrationdb"
)

// States of an opinion on the side of who asks.
const (
	OpinionOpen     = "open"
	OpinionGiven    = "given"
	OpinionRecalled = "recalled" // the case has gone on without it
	OpinionReplaced = "replaced" // given on answers that were corrected since
)

// Opinion is what another agency was asked about an application. Answer is "" until it is given, and servicespec.OpinionSilent where
// silence was taken for consent; Words and Files are the agency's. Times are the tenant's.
type Opinion struct {
	ID        uuid.UUID
	Code      string
	State     string // of the case, in which it was asked
	Agency    string
	Status    string
	Answer    string
	Words     string
	Files     []exchange.File
	AskedAt   time.Time
	AskedBy   uuid.UUID // who of the staff acted then; uuid.Nil where the case came there by itself or by the citizen
	DueAt     time.Time
	Reminders int
	ClosedAt  *time.Time

	seen string
}

// Current reports whether the opinion counts: it is waited for, or it is there.
func (o Opinion) Current() bool { return o.Status == OpinionOpen || o.Status == OpinionGiven }

// Opinions returns what other agencies were asked about an application, the first first. Whether the caller may see the application is
// the caller's to decide.
func (s *Service) Opinions(ctx context.Context, tx *pg.Tx, app Application) (list []Opinion, err error) {
	defer fault.Wrap(&err, "orchestration.Opinions(%s)", app.ID)
	rows, err := db.ListOpinions(ctx, tx, app.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		o := Opinion{
			ID: r.ID, Code: r.Code, State: r.State, Agency: r.Agency, Status: r.Status, Answer: r.Answer, AskedAt: r.AskedAt, AskedBy: given(r.AskedBy), DueAt: r.DueAt,
			Reminders: int(r.Reminders), ClosedAt: r.ClosedAt, seen: r.Seen,
		}
		if o.Words, o.Files, err = s.openSaid(ctx, tx, app.Person, opinionPlace, r.ID, r.Words, r.Files); err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}

// heard is what other agencies have said about an application, for its rules; nil where the service asks none.
func (s *Service) heard(ctx context.Context, tx *pg.Tx, svc *servicespec.Service, application uuid.UUID) (map[string]string, error) {
	if len(svc.Pack().Workflow.OpinionCodes()) == 0 {
		return nil, nil
	}
	rows, err := db.ListHeard(ctx, tx, application)
	said := make(map[string]string, len(rows))
	for _, r := range rows {
		said[r.Code] = r.Answer
	}
	return said, err
}

// consult asks for the opinions of the states in which the case is that were not asked for on what the agencies would see now, and
// recalls those that nobody waits for any more. The application carries the case as it stands.
func (s *Service) consult(ctx context.Context, tx *pg.Tx, app Application, svc *servicespec.Service) error {
	if len(svc.Pack().Workflow.OpinionCodes()) == 0 {
		return nil
	}
	before, err := s.Opinions(ctx, tx, app)
	if err != nil {
		return err
	}
	cal, err := s.deps.Workflow.Calendar(ctx, tx, app.Case)
	if err != nil {
		return err
	}
	where := svc.Where(app.Case.Standing(app.paid(), tx.Now, cal))
	for _, o := range before {
		if o.Status == OpinionOpen && (app.Case.Ended || !svc.Keeps(o.State, where)) {
			if err := s.recall(ctx, tx, app, o, OpinionRecalled); err != nil {
				return err
			}
		}
	}
	if app.Case.Ended {
		return nil
	}
	facts, err := s.facts(ctx, tx, svc, app, tx.Now)
	if err != nil {
		return err
	}
	for _, st := range where {
		for _, of := range svc.OpinionsOf(st, app.Answers, facts) {
			shown := svc.ShownTo(&of, app.Answers, facts)
			if err := s.askAnew(ctx, tx, app, svc, st, &of, shown, before, of.DueFrom(tx.Now, cal)); err != nil {
				return err
			}
		}
	}
	return nil
}

// askAnew asks for an opinion unless the agency was asked on the same answers before. What it said on others counts no more.
func (s *Service) askAnew(ctx context.Context, tx *pg.Tx, app Application, svc *servicespec.Service, state string, of *servicespec.Opinion, shown servicespec.Answers, before []Opinion, due time.Time) error {
	seen := shown.Digest()
	if i := slices.IndexFunc(before, func(o Opinion) bool { return o.Code == of.Code && o.Current() }); i >= 0 {
		if before[i].seen == seen {
			return nil
		}
		if err := s.recall(ctx, tx, app, before[i], OpinionReplaced); err != nil {
			return err
		}
	}
	o := Opinion{ID: id.New(), Code: of.Code, State: state, Agency: of.Agency, DueAt: due, AskedAt: tx.Now}
	p := orchestrationdb.InsertOpinionParams{
		ID: o.ID, ApplicationID: app.ID, Code: o.Code, State: state, Agency: o.Agency, Seen: seen, AskedAt: o.AskedAt, DueAt: due,
	}
	if tx.Actor.Kind == identity.KindStaff {
		p.AskedBy = &tx.Actor.ID
	}
	if _, err := db.InsertOpinion(ctx, tx, p); err != nil {
		return err
	}
	answers, err := json.Marshal(shown)
	if err != nil {
		return err
	}
	if err := s.send(ctx, tx, app, o, exchange.Opinion, of, answers); err != nil {
		return err
	}
	if err := s.wait(ctx, tx, o); err != nil {
		return err
	}
	if err := s.answer(ctx, tx, app.Case, svc, exchange.ServiceResponse{Kind: exchange.Opinion, Title: of.Name}); err != nil {
		return err
	}
	return s.recordOpinion(ctx, tx, app, o, "ask")
}

func (s *Service) send(ctx context.Context, tx *pg.Tx, app Application, o Opinion, kind string, of *servicespec.Opinion, answers json.RawMessage) error {
	asked := &exchange.OpinionAsked{Code: o.Code, Agency: o.Agency, By: app.Agency, Due: o.DueAt}
	if of != nil {
		asked.Question = of.Question
	}
	return s.deps.Exchange.SendRequest(ctx, tx, exchange.ServiceRequest{
		ID: o.ID, Kind: kind, Reference: app.Reference, Service: app.Service, Version: app.Version, Person: app.Person, Lang: app.Lang,
		Answers: answers, SubmittedAt: tx.Now, Opinion: asked,
	})
}

// recall takes a question back, as recalled or replaced. What was answered already is nobody's work any more.
func (s *Service) recall(ctx context.Context, tx *pg.Tx, app Application, o Opinion, status string) error {
	n, err := db.CloseOpinion(ctx, tx, orchestrationdb.CloseOpinionParams{ID: o.ID, Status: status, ClosedAt: &tx.Now, Was: []string{o.Status}})
	if err != nil || n == 0 || o.Status != OpinionOpen {
		return err
	}
	if err := tx.CancelTimer(ctx, opinionKey(o.ID)); err != nil {
		return err
	}
	if err := s.send(ctx, tx, app, o, exchange.Recall, nil, nil); err != nil {
		return err
	}
	return s.recordOpinion(ctx, tx, app, o, "recall")
}

func (s *Service) recordOpinion(ctx context.Context, tx *pg.Tx, app Application, o Opinion, verb string) error {
	return audit.Record(ctx, tx, audit.Entry{
		Action: "orchestration.opinion." + verb, Object: Subject, ObjectID: app.ID, Person: app.Person,
		Detail: map[string]any{"opinion": o.Code, "agency": o.Agency, "answer": o.Answer},
	})
}

// Hear takes in what another agency says of an opinion that it was asked for; the case goes on if it waited for that. What comes again,
// or for what was recalled, changes nothing. Permission: none, the exchange calls it. Errors: ErrUnknown, ErrOpinion.
func (s *Service) Hear(ctx context.Context, tx *pg.Tx, m exchange.ServiceResponse) (err error) {
	defer fault.Wrap(&err, "orchestration.Hear(%s)", m.RequestID)
	if m.Kind != exchange.Opinion { // that it was received, say
		return nil
	}
	if !slices.Contains(servicespec.Opinions(), m.Outcome) {
		return ErrOpinion
	}
	return s.given(ctx, tx, m.RequestID, m.Outcome, m.Note, m.Files)
}

// given notes an opinion and lets the case go on. Errors: ErrUnknown.
func (s *Service) given(ctx context.Context, tx *pg.Tx, opinion uuid.UUID, answer, words string, files []exchange.File) error {
	app, svc, o, err := s.asked(ctx, tx, opinion)
	if err != nil || o.Status != OpinionOpen {
		return err
	}
	p := orchestrationdb.GiveOpinionParams{ID: o.ID, Answer: answer, ClosedAt: &tx.Now}
	if p.Words, p.Files, err = s.sealSaid(ctx, tx, app.Person, opinionPlace, o.ID, words, files); err != nil {
		return err
	}
	if n, err := db.GiveOpinion(ctx, tx, p); err != nil || n == 0 {
		return err
	}
	if err := tx.CancelTimer(ctx, opinionKey(o.ID)); err != nil {
		return err
	}
	r := exchange.ServiceResponse{Kind: exchange.Opinion, Outcome: answer}
	if of := svc.Opinion(o.Code); of != nil {
		r.Title = of.Name
	}
	if err := s.answer(ctx, tx, app.Case, svc, r); err != nil {
		return err
	}
	o.Answer = answer
	if err := s.recordOpinion(ctx, tx, app, o, "given"); err != nil {
		return err
	}
	if err := s.tellAsker(ctx, tx, app, svc, o); err != nil {
		return err
	}
	return s.settle(ctx, tx, app.Case)
}

// asked returns an opinion with its application, locked. Errors: ErrUnknown.
func (s *Service) asked(ctx context.Context, tx *pg.Tx, opinion uuid.UUID) (app Application, svc *servicespec.Service, o Opinion, err error) {
	application, err := db.GetOpinionOwner(ctx, tx, opinion)
	if pg.NotFound(err) {
		return app, nil, o, ErrUnknown
	}
	if err != nil {
		return app, nil, o, err
	}
	if app, err = s.locked(ctx, tx, application); err != nil {
		return app, nil, o, err
	}
	if svc, err = s.deps.Services.Service(ctx, tx, app.Service, app.Version); err != nil {
		return app, nil, o, err
	}
	list, err := s.Opinions(ctx, tx, app)
	for _, x := range list {
		if x.ID == opinion {
			o = x
		}
	}
	return app, svc, o, err
}

// OpinionArgs is the job that sees to an opinion that is late.
type OpinionArgs struct {
	job.Tenant
	Opinion uuid.UUID `json:"opinion"`
}

// Kind names the job.
func (OpinionArgs) Kind() string { return "orchestration.opinion" }

func opinionKey(opinion uuid.UUID) string { return "opinion:" + opinion.String() }

// wait sets the timer by which an opinion is late.
func (s *Service) wait(ctx context.Context, tx *pg.Tx, o Opinion) error {
	return tx.At(ctx, o.DueAt, opinionKey(o.ID), OpinionArgs{Opinion: o.ID})
}

// late takes silence for consent where the service does, or asks again. It may be done twice: the moment at which it is due moves.
func (s *Service) late(ctx context.Context, tx *pg.Tx, opinion uuid.UUID) (err error) {
	defer fault.Wrap(&err, "orchestration.late(%s)", opinion)
	app, svc, o, err := s.asked(ctx, tx, opinion)
	if err != nil || o.Status != OpinionOpen || o.DueAt.After(tx.Now) {
		return err
	}
	of := svc.Opinion(o.Code)
	switch {
	case of == nil:
		return nil
	case of.Late == servicespec.LateConsent:
		if err := s.given(ctx, tx, opinion, servicespec.OpinionSilent, "", nil); err != nil {
			return err
		}
		return s.send(ctx, tx, app, o, exchange.Recall, nil, nil)
	case o.Reminders >= servicespec.MostReminders:
		return s.tellAsker(ctx, tx, app, svc, o)
	}
	if err := s.tellAsker(ctx, tx, app, svc, o); err != nil {
		return err
	}
	cal, err := s.deps.Workflow.Calendar(ctx, tx, app.Case)
	if err != nil {
		return err
	}
	o.DueAt = of.DueFrom(tx.Now, cal)
	if err := db.RemindOpinion(ctx, tx, orchestrationdb.RemindOpinionParams{ID: o.ID, DueAt: o.DueAt}); err != nil {
		return err
	}
	if err := s.send(ctx, tx, app, o, exchange.Remind, of, nil); err != nil {
		return err
	}
	if err := s.wait(ctx, tx, o); err != nil {
		return err
	}
	return s.recordOpinion(ctx, tx, app, o, "remind")
}

// sealSaid seals what an agency says, at a place of its row; nil for what is empty.
func (s *Service) sealSaid(ctx context.Context, tx *pg.Tx, person uuid.UUID, at place, row uuid.UUID, words string, files []exchange.File) (sealedWords, sealedFiles []byte, err error) {
	if words != "" {
		if sealedWords, err = s.deps.Sealer.Seal(ctx, tx, person, at("words", row), []byte(words)); err != nil {
			return nil, nil, err
		}
	}
	if len(files) == 0 {
		return sealedWords, nil, nil
	}
	plain, err := json.Marshal(files)
	if err != nil {
		return nil, nil, err
	}
	sealedFiles, err = s.deps.Sealer.Seal(ctx, tx, person, at("files", row), plain)
	return sealedWords, sealedFiles, err
}

func (s *Service) openSaid(ctx context.Context, tx *pg.Tx, person uuid.UUID, at place, row uuid.UUID, sealedWords, sealedFiles []byte) (words string, files []exchange.File, err error) {
	if sealedWords != nil {
		plain, err := s.deps.Sealer.Open(ctx, tx, person, at("words", row), sealedWords)
		if err != nil {
			return "", nil, err
		}
		words = string(plain)
	}
	if sealedFiles == nil {
		return words, nil, nil
	}
	plain, err := s.deps.Sealer.Open(ctx, tx, person, at("files", row), sealedFiles)
	if err != nil {
		return words, nil, err
	}
	return words, files, json.Unmarshal(plain, &files)
}

// place is where a column of a row is.
type place func(column string, row uuid.UUID) encryption.Place

func opinionPlace(column string, row uuid.UUID) encryption.Place {
	return encryption.Place{Table: "orchestration.opinion", Column: column, Row: row}
}

package orchestration

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration/internal/orchestrationdb"
)

// States of a consultation.
const (
	ConsultationOpen     = "open"
	ConsultationAnswered = "answered"
	ConsultationRecalled = "recalled" // the opinion is not needed any more
)

// The bounds of an opinion: characters, and files that go with it.
const (
	opinionWords = 4000
	OpinionFiles = 5
)

// Consultation is what an agency here is asked for its opinion on by another: what it is shown of the case, and nothing else. Who applied
// it does not say unless that is shown. Shown, Words and Files are empty in lists.
type Consultation struct {
	ID         uuid.UUID
	Agency     string // whose opinion is asked for
	Asker      string // whose case it is
	Service    string
	Name       i18n.Text // the service's
	Version    int
	Code       string // of the opinion
	Reference  string // of the case, for talking about it
	Status     string
	Answer     string
	AskedAt    time.Time
	DueAt      time.Time
	RemindedAt *time.Time
	AnsweredAt *time.Time
	AnsweredBy uuid.UUID
	Shown      servicespec.Answers
	Words      string
	Files      []exchange.File

	person uuid.UUID
}

func (c Consultation) object() identity.Object {
	return identity.Object{Kind: "opinion", Agency: c.Agency, Service: c.Service}
}

// consulted takes in what another agency asks, that it is late, or that it is not needed any more.
func (s *Service) consulted(ctx context.Context, tx *pg.Tx, in exchange.ServiceRequest) error {
	switch in.Kind {
	case exchange.Remind:
		n, err := db.RemindConsultation(ctx, tx, orchestrationdb.RemindConsultationParams{ID: in.ID, RemindedAt: &tx.Now, DueAt: in.Opinion.Due})
		if err != nil || n == 0 {
			return err
		}
		return s.callOn(ctx, tx, in.ID, consultedAgain, in.Opinion.Due)
	case exchange.Recall:
		n, err := db.RecallConsultation(ctx, tx, in.ID)
		if err != nil || n == 0 {
			return err
		}
		return s.callOff(ctx, tx, in.ID)
	}
	shown, err := s.deps.Sealer.Seal(ctx, tx, in.Person, consultationPlace("shown", in.ID), in.Answers)
	if err != nil {
		return err
	}
	n, err := db.InsertConsultation(ctx, tx, orchestrationdb.InsertConsultationParams{
		ID: in.ID, Agency: in.Opinion.Agency, Asker: in.Opinion.By, Service: in.Service, Version: int32(in.Version), Code: in.Opinion.Code,
		Reference: in.Reference, PersonID: in.Person, Shown: shown, AskedAt: tx.Now, DueAt: in.Opinion.Due,
	})
	if err != nil || n == 0 {
		return err
	}
	if err := s.callOn(ctx, tx, in.ID, consultedFirst, in.Opinion.Due); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "orchestration.consultation.receive", Object: "orchestration.consultation", ObjectID: in.ID, Person: in.Person,
		Detail: map[string]any{"agency": in.Opinion.Agency, "asker": in.Opinion.By, "service": in.Service},
	})
}

func consultationOf(x orchestrationdb.ListConsultationsRow) Consultation {
	return Consultation{
		ID: x.ID, Agency: x.Agency, Asker: x.Asker, Service: x.Service, Version: int(x.Version), Code: x.Code, Reference: x.Reference, Status: x.Status,
		Answer: x.Answer, AskedAt: x.AskedAt, DueAt: x.DueAt, RemindedAt: x.RemindedAt, AnsweredAt: x.AnsweredAt,
	}
}

// Consultation returns what an agency is asked, with what it is shown, and the service that says what the answers mean. Once the opinion
// is not needed any more nothing is shown. The reading is on record, so it needs a transaction that writes. Permission:
// orchestration:advise in the agency. Errors: ErrUnknown, ErrForbidden, identity.ErrPolicy.
func (s *Service) Consultation(ctx context.Context, tx *pg.Tx, id uuid.UUID, by identity.Principal) (c Consultation, svc *servicespec.Service, f servicespec.Facts, err error) {
	defer fault.Wrap(&err, "orchestration.Consultation(%s)", id)
	x, err := db.GetConsultation(ctx, tx, id)
	if pg.NotFound(err) {
		return c, nil, f, ErrUnknown
	}
	if err != nil {
		return c, nil, f, err
	}
	c = Consultation{
		ID: x.ID, Agency: x.Agency, Asker: x.Asker, Service: x.Service, Version: int(x.Version), Code: x.Code, Reference: x.Reference, Status: x.Status,
		Answer: x.Answer, AskedAt: x.AskedAt, DueAt: x.DueAt, RemindedAt: x.RemindedAt, AnsweredAt: x.AnsweredAt, AnsweredBy: given(x.AnsweredBy), person: x.PersonID,
	}
	if d := by.Decide(Advise, c.object(), tx.Now); !d.Allowed {
		return Consultation{}, nil, f, by.Refused(d, ErrForbidden.With("permission", Advise))
	}
	if svc, err = s.deps.Services.Service(ctx, tx, c.Service, c.Version); err != nil {
		return c, nil, f, err
	}
	if c.Words, c.Files, err = s.openSaid(ctx, tx, c.person, consultationPlace, c.ID, x.Words, x.Files); err != nil {
		return c, svc, f, err
	}
	if c.Status != ConsultationRecalled {
		plain, err := s.deps.Sealer.Open(ctx, tx, c.person, consultationPlace("shown", c.ID), x.Shown)
		if err != nil {
			return c, svc, f, err
		}
		if c.Shown, err = servicespec.DecodeAnswers(plain); err != nil {
			return c, svc, f, err
		}
	}
	if f, err = s.facts(ctx, tx, svc, Application{Answers: c.Shown}, tx.Now); err != nil {
		return c, svc, f, err
	}
	return c, svc, f, audit.Read(ctx, tx, audit.Entry{
		Action: "orchestration.consultation.read", Object: "orchestration.consultation", ObjectID: id, Person: c.person,
		Detail: map[string]any{"service": c.Service, "agency": c.Agency},
	})
}

// Advice is what an agency answers that is asked for its opinion. Words are needed for conditions and for an objection.
type Advice struct {
	Answer string // no_objection, conditions, objection
	Words  string
	Files  []document.Upload
}

// Advise answers for an agency, and sends the answer to who asked. Permission: orchestration:advise in the agency. Errors: ErrUnknown,
// ErrForbidden, ErrConsulted, ErrOpinion with fields; document.ErrTooLarge, ErrType.
func (s *Service) Advise(ctx context.Context, tx *pg.Tx, id uuid.UUID, by identity.Principal, in Advice) (err error) {
	defer fault.Wrap(&err, "orchestration.Advise(%s)", id)
	x, err := db.LockConsultation(ctx, tx, id)
	if pg.NotFound(err) {
		return ErrUnknown
	}
	if err != nil {
		return err
	}
	c, _, _, err := s.Consultation(ctx, tx, id, by)
	if err != nil {
		return err
	}
	if x.Status != ConsultationOpen {
		return ErrConsulted.With("status", x.Status)
	}
	in.Words = strings.TrimSpace(in.Words)
	if wrong := in.check(); len(wrong) > 0 {
		return ErrOpinion.WithFields(wrong...)
	}
	for _, u := range in.Files {
		f, err := s.deps.Documents.Take(ctx, tx, document.Store{Person: c.person, Purpose: "orchestration.opinion"}, u)
		if err != nil {
			return err
		}
		c.Files = append(c.Files, exchange.File{ID: f.ID, Name: f.Name, MediaType: f.MediaType, Size: f.Size})
	}
	p := orchestrationdb.AnswerConsultationParams{ID: id, Answer: in.Answer, AnsweredAt: &tx.Now, AnsweredBy: &by.Account}
	if p.Words, p.Files, err = s.sealSaid(ctx, tx, c.person, consultationPlace, id, in.Words, c.Files); err != nil {
		return err
	}
	if err := db.AnswerConsultation(ctx, tx, p); err != nil {
		return err
	}
	if err := tx.CancelTimer(ctx, consultationKey(id)); err != nil {
		return err
	}
	if err := s.deps.Exchange.SendResponse(ctx, tx, exchange.ServiceResponse{
		RequestID: id, Kind: exchange.Opinion, Outcome: in.Answer, Note: in.Words, Files: c.Files, At: tx.Now,
	}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "orchestration.consultation.answer", Object: "orchestration.consultation", ObjectID: id, Person: c.person,
		Detail: map[string]any{"answer": in.Answer, "agency": c.Agency, "asker": c.Asker, "files": len(c.Files)},
	})
}

// check returns what is wrong with an opinion.
func (a Advice) check() (wrong []fault.Field) {
	switch {
	case a.Answer == "":
		wrong = append(wrong, fault.Field{Path: "answer", Code: "orchestration.opinion.answer"})
	case a.Answer != servicespec.OpinionClear && a.Answer != servicespec.OpinionConditions && a.Answer != servicespec.OpinionObjection:
		wrong = append(wrong, fault.Field{Path: "answer", Code: "orchestration.opinion.answer"})
	case a.Answer != servicespec.OpinionClear && a.Words == "":
		wrong = append(wrong, fault.Field{Path: "words", Code: "orchestration.opinion.words"})
	}
	if utf8.RuneCountInString(a.Words) > opinionWords {
		wrong = append(wrong, fault.Field{Path: "words", Code: ErrMessage.Code, Args: map[string]any{"max": opinionWords}})
	}
	if len(a.Files) > OpinionFiles {
		wrong = append(wrong, fault.Field{Path: "files", Code: ErrMessageFiles.Code, Args: map[string]any{"max": OpinionFiles}})
	}
	return wrong
}

func consultationPlace(column string, row uuid.UUID) encryption.Place {
	return encryption.Place{Table: "orchestration.consultation", Column: column, Row: row}
}

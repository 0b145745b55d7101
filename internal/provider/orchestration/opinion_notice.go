package orchestration

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration/internal/orchestrationdb"
)

// What an agency's people are told of an opinion that they are asked for.
const (
	consultedFirst  = "asked"
	consultedSoon   = "soon"  // most of the time to answer is over
	consultedAgain  = "again" // it is late, and asked for again
	consultedNoMore = "recalled"
)

// ConsultationArgs is the job that tells an agency's people of an opinion that they are asked for.
type ConsultationArgs struct {
	job.Tenant
	Consultation uuid.UUID `json:"consultation"`
	What         string    `json:"what"`
}

// Kind names the job.
func (ConsultationArgs) Kind() string { return "orchestration.consultation" }

func consultationKey(consultation uuid.UUID) string { return "consultation:" + consultation.String() }

// callOn has an agency's people told that they are asked, and once more when three quarters of the time to answer are over.
func (s *Service) callOn(ctx context.Context, tx *pg.Tx, consultation uuid.UUID, what string, due time.Time) error {
	if err := tx.Enqueue(ctx, ConsultationArgs{Consultation: consultation, What: what}); err != nil {
		return err
	}
	soon := tx.Now.Add(due.Sub(tx.Now) / 4 * 3)
	return tx.At(ctx, soon, consultationKey(consultation), ConsultationArgs{Consultation: consultation, What: consultedSoon})
}

// callOff has them told that it is not needed any more.
func (s *Service) callOff(ctx context.Context, tx *pg.Tx, consultation uuid.UUID) error {
	if err := tx.CancelTimer(ctx, consultationKey(consultation)); err != nil {
		return err
	}
	return tx.Enqueue(ctx, ConsultationArgs{Consultation: consultation, What: consultedNoMore})
}

// tellConsulted tells everybody who may answer for an agency: each once of each thing, however often it is done. What is answered already is
// told to nobody, and of what is recalled that alone.
func (s *Service) tellConsulted(ctx context.Context, tx *pg.Tx, a ConsultationArgs) (err error) {
	defer fault.Wrap(&err, "orchestration.tellConsulted(%s, %s)", a.Consultation, a.What)
	c, err := db.GetConsultation(ctx, tx, a.Consultation)
	if err != nil || (c.Status == ConsultationRecalled) != (a.What == consultedNoMore) || c.Status == ConsultationAnswered {
		return err
	}
	people, err := s.deps.People.HoldersOf(ctx, tx, c.Agency, Advise)
	if err != nil {
		return err
	}
	people = slices.DeleteFunc(people, func(account uuid.UUID) bool { return account == c.PersonID }) // whose case it is
	say, err := s.consultedWords(ctx, tx, c, a.What)
	if err != nil {
		return err
	}
	return s.tellColleagues(ctx, tx, people, line{
		purpose: "orchestration.opinion." + a.What, about: c.ID, once: fmt.Sprintf("opinion:%s:%s:%d", c.ID, a.What, c.DueAt.Unix()), say: say,
	})
}

func (s *Service) consultedWords(ctx context.Context, tx *pg.Tx, c orchestrationdb.GetConsultationRow, what string) (func(*i18n.Catalog, string) (string, string), error) {
	set, err := s.deps.Settings.Settings(ctx, tx)
	if err != nil {
		return nil, err
	}
	svc, err := s.deps.Services.Service(ctx, tx, c.Service, int(c.Version))
	if err != nil {
		return nil, err
	}
	link, err := s.deps.People.OpinionURL(ctx, tx, c.ID)
	if err != nil {
		return nil, err
	}
	asker, err := s.agencyName(ctx, tx, c.Asker)
	if err != nil {
		return nil, err
	}
	return func(texts *i18n.Catalog, lang string) (string, string) {
		args := map[string]any{
			"reference": c.Reference, "service": svc.Pack().Name.In(lang, svc.Pack().Languages[0]), "agency": asker.In(lang, set.DefaultLanguage),
			"due": i18n.FormatDateTime(lang, c.DueAt, set.Location()), "link": link,
		}
		return texts.T(lang, "notice.opinion."+what+".subject", args), texts.T(lang, "notice.opinion."+what+".text", args)
	}, nil
}

// agencyName is what an agency is called, its code where it works elsewhere.
func (s *Service) agencyName(ctx context.Context, tx *pg.Tx, code string) (i18n.Text, error) {
	name, err := s.deps.Agencies.Name(ctx, tx, code)
	if err != nil && fault.Of(err).Kind != fault.KindNotFound {
		return nil, err
	}
	if name.IsZero() {
		name = i18n.Text{"en": code}
	}
	return name, nil
}

// tellAsker tells who has asked for an opinion, and who has the case, that it is there or that it is late.
func (s *Service) tellAsker(ctx context.Context, tx *pg.Tx, app Application, svc *servicespec.Service, o Opinion) error {
	people := slices.Compact(slices.DeleteFunc([]uuid.UUID{o.AskedBy, app.Case.Assignee}, func(account uuid.UUID) bool {
		return account == uuid.Nil || account == app.Person
	}))
	if len(people) == 0 {
		return nil
	}
	link, err := s.deps.People.CaseURL(ctx, tx, app.ID)
	if err != nil {
		return err
	}
	what, first := "late", svc.Pack().Languages[0]
	if o.Answer != "" {
		what = "given"
	}
	return s.tellColleagues(ctx, tx, people, line{
		purpose: "orchestration.opinion." + what, about: app.ID, once: fmt.Sprintf("opinion:%s:%s:%d", o.ID, what, o.Reminders),
		say: func(texts *i18n.Catalog, lang string) (string, string) {
			args := map[string]any{"reference": app.Reference, "name": o.Code, "link": link}
			if of := svc.Opinion(o.Code); of != nil {
				args["name"] = of.Name.In(lang, first)
			}
			if o.Answer != "" {
				args["answer"] = texts.T(lang, "opinion.answer."+o.Answer, nil)
			}
			return texts.T(lang, "notice.opinion."+what+".subject", args), texts.T(lang, "notice.opinion."+what+".text", args)
		},
	})
}

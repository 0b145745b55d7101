package orchestration

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration/internal/orchestrationdb"
	"digit/internal/provider/workflow"
)

// special is the sensitivity of answers that are nobody's business without a need: health, faith, origin.
const special = "special"

// The bounds of revealing.
const (
	revealedFor  = 15 * time.Minute
	revealsLeast = 10 // characters of the reason
	revealsMost  = 500
)

// conceal takes out of an application the answers that the service does not show to the reader's roles, and those of a special
// kind, unless the reader may read such or has had them shown lately.
func (s *Service) conceal(ctx context.Context, tx *pg.Tx, app *Application, svc *servicespec.Service, by identity.Principal) error {
	app.spec, app.whole, app.before = svc, app.Answers, app.Previous
	app.reader, app.read = by.Roles(app.Agency), true
	if err := s.hide(ctx, tx, app, svc, by); err != nil {
		return err
	}
	app.Answers = svc.Seen(app.whole, app.Sees)
	if app.before != nil {
		app.Previous = svc.Seen(app.before, app.Sees)
	}
	return nil
}

// hide names the answers of a special kind that the reader is not shown. Where none were asked it costs nothing.
func (s *Service) hide(ctx context.Context, tx *pg.Tx, app *Application, svc *servicespec.Service, by identity.Principal) error {
	asked := svc.Special()
	if len(asked) == 0 {
		return nil
	}
	on := app.Case.Object()
	on.Sensitivity = special
	if by.Decide(ReadSpecial, on, tx.Now).Allowed {
		return nil
	}
	app.Revealable = by.Decide(Reveal, on, tx.Now).Allowed
	var shown []string
	if app.Revealable {
		var err error
		shown, err = db.ListRevealed(ctx, tx, orchestrationdb.ListRevealedParams{ApplicationID: app.ID, ActorID: by.Account, Now: tx.Now})
		if err != nil {
			return err
		}
	}
	var hidden, calculated []string
	for _, code := range asked {
		_, now := app.whole[code]
		_, before := app.before[code]
		switch {
		case slices.Contains(shown, code):
		case svc.Question(code).Kind == servicespec.KindComputed:
			calculated = append(calculated, code)
		case now, before:
			hidden = append(hidden, code)
		}
	}
	if len(hidden) > 0 { // what is calculated tells nothing once all that it is calculated from is shown
		hidden = append(hidden, calculated...)
	}
	app.Hidden = hidden
	return nil
}

// Pages are the answers as the form asks them, without those that the reader may not see, which are Concealed.
func (a Application) Pages(svc *servicespec.Service, f servicespec.Facts) []servicespec.PageView {
	return servicespec.Conceal(svc.Pages(a.all(), f), a.Sees)
}

// Ground is what the guards of the case are evaluated on: all answers, also those that are hidden from the reader.
func (a Application) Ground(f servicespec.Facts) *workflow.Ground {
	return &workflow.Ground{Answers: a.all(), Facts: f}
}

// all are the answers with those that are hidden.
func (a Application) all() servicespec.Answers {
	if a.whole != nil {
		return a.whole
	}
	return a.Answers
}

// RevealAnswer asks to be shown an answer of a special kind.
type RevealAnswer struct {
	Application uuid.UUID
	Question    string
	By          identity.Principal
	Reason      string // in their own words; sealed
}

// RevealAnswer has an answer of a special kind shown to somebody who may not read such answers, for a quarter of an hour and for a
// reason; that it happened is on record. Permission: orchestration:read and orchestration:reveal for the case.
// Errors: ErrUnknown, ErrForbidden, identity.ErrPolicy, ErrNothingHidden, ErrReason.
func (s *Service) RevealAnswer(ctx context.Context, tx *pg.Tx, in RevealAnswer) (err error) {
	defer fault.Wrap(&err, "orchestration.RevealAnswer(%s, %s)", in.Application, in.Question)
	app, err := s.Application(ctx, tx, in.Application, in.By)
	if err != nil {
		return err
	}
	if !slices.Contains(app.Hidden, in.Question) {
		return ErrNothingHidden
	}
	on := app.Case.Object()
	on.Sensitivity = special
	if d := in.By.Decide(Reveal, on, tx.Now); !d.Allowed {
		return in.By.Refused(d, ErrForbidden.With("permission", Reveal))
	}
	in.Reason = strings.TrimSpace(in.Reason)
	if n := utf8.RuneCountInString(in.Reason); n < revealsLeast || n > revealsMost {
		return ErrReason.WithFields(fault.Field{Path: "reason", Code: ErrReason.Code, Args: map[string]any{"min": revealsLeast, "max": revealsMost}})
	}
	reveal := id.New()
	sealed, err := s.deps.Sealer.Seal(ctx, tx, app.Person, revealPlace(reveal), []byte(in.Reason))
	if err != nil {
		return err
	}
	if err := db.InsertReveal(ctx, tx, orchestrationdb.InsertRevealParams{
		ID: reveal, ApplicationID: app.ID, Question: in.Question, ActorID: in.By.Account, Reason: sealed, RevealedAt: tx.Now, Until: tx.Now.Add(revealedFor),
	}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "orchestration.reveal", Object: Subject, ObjectID: app.ID, Person: app.Person,
		Detail: map[string]any{"service": app.Service, "question": in.Question},
	})
}

func revealPlace(reveal uuid.UUID) encryption.Place {
	return encryption.Place{Table: "orchestration.reveal", Column: "reason", Row: reveal}
}

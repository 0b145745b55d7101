package workbench

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
	"digit/internal/provider/orchestration"
	"digit/internal/provider/workbench/internal/workbenchdb"
)

// longestVerdict is the length of what is said about an answer, in characters.
const longestVerdict = 300

// Verdict is what an officer found when they checked an answer: it is right, or Reason says to the citizen what is wrong with it.
type Verdict struct {
	Question string
	Fine     bool
	Reason   string
	By       uuid.UUID
	ByName   string
	At       time.Time
}

// CheckAnswers keeps what an officer found about answers of a case.
type CheckAnswers struct {
	By          identity.Principal
	Application uuid.UUID
	Verdicts    []Verdict
}

// Check keeps verdicts about answers; the last about each counts. Permission: workbench:use and orchestration:read for the case.
// Errors: ErrForbidden, ErrVerdict, orchestration.ErrUnknown, orchestration.ErrForbidden.
func (s *Service) Check(ctx context.Context, tx *pg.Tx, in CheckAnswers) (err error) {
	defer fault.Wrap(&err, "workbench.Check(%s)", in.Application)
	if err := authorise(tx, in.By); err != nil {
		return err
	}
	app, err := s.deps.Applications.Application(ctx, tx, in.Application, in.By)
	if err != nil {
		return err
	}
	svc, _, err := s.deps.Applications.Spec(ctx, tx, app)
	if err != nil {
		return err
	}
	if wrong := unclear(app, svc, in.Verdicts); wrong != nil {
		return ErrVerdict.WithFields(wrong...)
	}
	for _, v := range in.Verdicts {
		row := workbenchdb.PutVerdictParams{ID: id.New(), ApplicationID: app.ID, Question: v.Question, Fine: v.Fine, ByID: in.By.Account, At: tx.Now}
		if reason := strings.TrimSpace(v.Reason); !v.Fine {
			if row.Reason, err = s.deps.Sealer.Seal(ctx, tx, app.Person, verdictPlace(row.ID), []byte(reason)); err != nil {
				return err
			}
		}
		if err := db.PutVerdict(ctx, tx, row); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "workbench.check", Object: orchestration.Subject, ObjectID: app.ID, Person: app.Person,
		Detail: map[string]any{"answers": len(in.Verdicts), "agency": app.Agency},
	})
}

// unclear are the verdicts that say that something is wrong but not what, and those on what was never asked or may not be seen.
func unclear(app orchestration.Application, svc *servicespec.Service, verdicts []Verdict) (wrong []fault.Field) {
	for _, v := range verdicts {
		q := svc.Question(v.Question)
		n := utf8.RuneCountInString(strings.TrimSpace(v.Reason))
		if q == nil || !app.Sees(q) || n > longestVerdict || !v.Fine && n == 0 {
			wrong = append(wrong, fault.Field{Path: v.Question, Code: ErrVerdict.Code, Args: map[string]any{"max": longestVerdict}})
		}
	}
	return wrong
}

// verdicts of a case, as far as they count still: about what the citizen has corrected since nothing is said.
func (s *Service) verdicts(ctx context.Context, tx *pg.Tx, app orchestration.Application, changed []string) (list []Verdict, err error) {
	rows, err := db.ListVerdicts(ctx, tx, app.ID)
	if err != nil {
		return nil, err
	}
	var accounts []uuid.UUID
	for _, r := range rows {
		accounts = append(accounts, r.ByID)
	}
	names, err := s.staffNames(ctx, tx, accounts)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if app.CorrectedAt != nil && r.At.Before(*app.CorrectedAt) && slices.Contains(changed, r.Question) {
			continue
		}
		v := Verdict{Question: r.Question, Fine: r.Fine, By: r.ByID, ByName: names[r.ByID], At: r.At}
		if r.Reason != nil {
			plain, err := s.deps.Sealer.Open(ctx, tx, app.Person, verdictPlace(r.ID), r.Reason)
			if err != nil {
				return nil, err
			}
			v.Reason = string(plain)
		}
		list = append(list, v)
	}
	return list, nil
}

func verdictPlace(verdict uuid.UUID) encryption.Place {
	return encryption.Place{Table: "workbench.verdict", Column: "reason", Row: verdict}
}

package orchestration

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration/internal/orchestrationdb"
	"digit/internal/provider/workflow"
)

var db = orchestrationdb.New()

// Decision is how an application ended. By is uuid.Nil where nobody of the agency decided.
type Decision struct {
	Outcome string
	Action  string
	State   string
	By      uuid.UUID
	At      time.Time
	Reason  string
	Reasons []string              // coded
	Because []servicespec.Because // the decisions of rules that allowed it
}

func column(name string, id uuid.UUID) encryption.Place {
	return encryption.Place{Table: Subject, Column: name, Row: id}
}

func insertDelivery(ctx context.Context, tx *pg.Tx, in exchange.ServiceRequest) (fresh bool, err error) {
	n, err := db.InsertDelivery(ctx, tx, orchestrationdb.InsertDeliveryParams{
		RequestID: in.ID, Kind: in.Kind, SubmittedAt: in.SubmittedAt, ReceivedAt: tx.Now,
	})
	return n > 0, err
}

func (s *Service) insert(ctx context.Context, tx *pg.Tx, app Application) error {
	name, err := s.deps.Sealer.Seal(ctx, tx, app.Person, column("name", app.ID), []byte(app.Name))
	if err != nil {
		return err
	}
	answers, err := s.sealAnswers(ctx, tx, app, app.Answers)
	if err != nil {
		return err
	}
	found, err := s.sealJSON(ctx, tx, app, "found", foundRows(app.Found))
	if err != nil {
		return err
	}
	because, err := s.sealJSON(ctx, tx, app, "because", app.Because)
	if err != nil {
		return err
	}
	var by []byte
	if app.By != "" {
		if by, err = s.deps.Sealer.Seal(ctx, tx, app.Person, column("sent_by", app.ID), []byte(app.By)); err != nil {
			return err
		}
	}
	err = db.InsertApplication(ctx, tx, orchestrationdb.InsertApplicationParams{
		ID: app.ID, Reference: app.Reference, Service: app.Service, Version: int32(app.Version), Agency: app.Agency,
		Boundary: app.Boundary, PersonID: app.Person, Name: name, Lang: app.Lang, Answers: answers,
		SubmittedAt: app.SubmittedAt, ReceivedAt: app.ReceivedAt, Found: found, Because: because,
		Business: app.Business, SentBy: by,
	})
	if pg.Constraint(err) == "application_reference_key" {
		return ErrReference.With("reference", app.Reference).Because(err)
	}
	if err != nil {
		return err
	}
	return s.indexName(ctx, tx, app.Person, app.Name)
}

func (s *Service) sealAnswers(ctx context.Context, tx *pg.Tx, app Application, a servicespec.Answers) ([]byte, error) {
	plain, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	return s.deps.Sealer.Seal(ctx, tx, app.Person, column("answers", app.ID), plain)
}

// sealJSON seals what belongs to an application; nil for an empty list.
func (s *Service) sealJSON(ctx context.Context, tx *pg.Tx, app Application, name string, v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil || string(plain) == "null" || string(plain) == "[]" {
		return nil, err
	}
	return s.deps.Sealer.Seal(ctx, tx, app.Person, column(name, app.ID), plain)
}

func (s *Service) openJSON(ctx context.Context, tx *pg.Tx, app Application, name string, sealed []byte, into any) error {
	if sealed == nil {
		return nil
	}
	plain, err := s.deps.Sealer.Open(ctx, tx, app.Person, column(name, app.ID), sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, into)
}

// foundRow is how a record that a register held is kept.
type foundRow struct {
	Lookup string         `json:"lookup"`
	Key    string         `json:"key"`
	Record map[string]any `json:"record"`
}

func foundRows(found map[servicespec.LookupKey]map[string]any) []foundRow {
	var rows []foundRow
	for k, record := range found {
		rows = append(rows, foundRow{k.Lookup, k.Key, record})
	}
	return rows
}

// openAnswers reads sealed answers. Those before a correction were moved to their column as they were, so both are
// bound to the column answers.
func (s *Service) openAnswers(ctx context.Context, tx *pg.Tx, app Application, sealed []byte) (servicespec.Answers, error) {
	if sealed == nil {
		return nil, nil
	}
	plain, err := s.deps.Sealer.Open(ctx, tx, app.Person, column("answers", app.ID), sealed)
	if err != nil {
		return nil, err
	}
	return servicespec.DecodeAnswers(plain)
}

// load returns an application without its case. Errors: ErrUnknown.
func (s *Service) load(ctx context.Context, tx *pg.Tx, id uuid.UUID) (app Application, err error) {
	r, err := db.GetApplication(ctx, tx, id)
	if pg.NotFound(err) {
		return app, ErrUnknown
	}
	if err != nil {
		return app, err
	}
	app = Application{
		ID: r.ID, Reference: r.Reference, Service: r.Service, Version: int(r.Version), Agency: r.Agency, Boundary: r.Boundary,
		Person: r.PersonID, Lang: r.Lang, CorrectedAt: r.CorrectedAt, Asked: r.Asked, SubmittedAt: r.SubmittedAt,
		ReceivedAt: r.ReceivedAt, PromisedAt: r.PromisedAt, Receipt: r.Receipt, Certificate: r.Certificate, Outcome: r.Outcome,
		DecidedAt: r.DecidedAt, Demand: given(r.DemandID), Credential: given(r.CredentialID), Business: r.Business,
	}
	name, err := s.deps.Sealer.Open(ctx, tx, app.Person, column("name", app.ID), r.Name)
	if err != nil {
		return app, err
	}
	app.Name = string(name)
	if r.SentBy != nil {
		by, err := s.deps.Sealer.Open(ctx, tx, app.Person, column("sent_by", app.ID), r.SentBy)
		if err != nil {
			return app, err
		}
		app.By = string(by)
	}
	if app.Answers, err = s.openAnswers(ctx, tx, app, r.Answers); err != nil {
		return app, err
	}
	if app.Previous, err = s.openAnswers(ctx, tx, app, r.Previous); err != nil {
		return app, err
	}
	var rows []foundRow
	if err := s.openJSON(ctx, tx, app, "found", r.Found, &rows); err != nil {
		return app, err
	}
	for _, row := range rows {
		if app.Found == nil {
			app.Found = map[servicespec.LookupKey]map[string]any{}
		}
		app.Found[servicespec.LookupKey{Lookup: row.Lookup, Key: row.Key}] = row.Record
	}
	return app, s.openJSON(ctx, tx, app, "because", r.Because, &app.Because)
}

func (s *Service) names(ctx context.Context, tx *pg.Tx, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	rows, err := db.ListNames(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	people := make([]uuid.UUID, 0, len(rows))
	for _, r := range rows {
		people = append(people, r.PersonID)
	}
	if err := s.deps.Sealer.Warm(ctx, tx, people...); err != nil {
		return nil, err
	}
	names := make(map[uuid.UUID]string, len(rows))
	for _, r := range rows {
		plain, err := s.deps.Sealer.Open(ctx, tx, r.PersonID, column("name", r.ID), r.Name)
		if err != nil && !errors.Is(err, encryption.ErrForgotten) { // a list goes on without the name of who was forgotten
			return nil, err
		}
		names[r.ID] = string(plain)
	}
	return names, nil
}

func setPromise(ctx context.Context, tx *pg.Tx, id uuid.UUID, at *time.Time) error {
	return db.SetPromise(ctx, tx, orchestrationdb.SetPromiseParams{ID: id, PromisedAt: at})
}

func setDemand(ctx context.Context, tx *pg.Tx, id, demand uuid.UUID) error {
	return db.SetDemand(ctx, tx, orchestrationdb.SetDemandParams{ID: id, DemandID: &demand})
}

func setReceipt(ctx context.Context, tx *pg.Tx, id uuid.UUID, number string) error {
	return db.SetReceipt(ctx, tx, orchestrationdb.SetReceiptParams{ID: id, Receipt: number})
}

func setAsked(ctx context.Context, tx *pg.Tx, id uuid.UUID, items []string) error {
	return db.SetAsked(ctx, tx, orchestrationdb.SetAskedParams{ID: id, Asked: items})
}

func setCertificate(ctx context.Context, tx *pg.Tx, id, credential uuid.UUID, number string) error {
	return db.SetCertificate(ctx, tx, orchestrationdb.SetCertificateParams{ID: id, CredentialID: &credential, Certificate: number})
}

func (s *Service) setCorrected(ctx context.Context, tx *pg.Tx, app Application) error {
	sealed, err := s.sealAnswers(ctx, tx, app, app.Answers)
	if err != nil {
		return err
	}
	found, err := s.sealJSON(ctx, tx, app, "found", foundRows(app.Found))
	if err != nil {
		return err
	}
	because, err := s.sealJSON(ctx, tx, app, "because", app.Because)
	if err != nil {
		return err
	}
	if err := db.InsertVersion(ctx, tx, orchestrationdb.InsertVersionParams{ID: app.ID, Until: tx.Now}); err != nil {
		return err
	}
	return db.SetCorrected(ctx, tx, orchestrationdb.SetCorrectedParams{
		ID: app.ID, Answers: sealed, CorrectedAt: &tx.Now, Found: found, Because: because,
	})
}

func (s *Service) insertDecision(ctx context.Context, tx *pg.Tx, app Application, m workflow.Moved) error {
	in := orchestrationdb.InsertDecisionParams{
		ApplicationID: app.ID, Outcome: m.Instance.Outcome, Action: m.Action.Code, State: m.Instance.State, DecidedAt: tx.Now,
		Reasons: m.Reasons,
	}
	if in.Reasons == nil {
		in.Reasons = []string{}
	}
	if m.Actor != uuid.Nil {
		in.DecidedBy = &m.Actor
	}
	because, err := json.Marshal(m.Because)
	if err != nil {
		return err
	}
	if len(m.Because) > 0 {
		if in.Because, err = s.deps.Sealer.Seal(ctx, tx, app.Person, becausePlace(app.ID), because); err != nil {
			return err
		}
	}
	if m.Comment != "" {
		sealed, err := s.deps.Sealer.Seal(ctx, tx, app.Person, reasonPlace(app.ID), []byte(m.Comment))
		if err != nil {
			return err
		}
		in.Reason = sealed
	}
	if err := db.InsertDecision(ctx, tx, in); err != nil {
		return err
	}
	return db.SetOutcome(ctx, tx, orchestrationdb.SetOutcomeParams{ID: app.ID, Outcome: m.Instance.Outcome, DecidedAt: &tx.Now})
}

func (s *Service) setOpen(ctx context.Context, tx *pg.Tx, id uuid.UUID) error {
	return db.SetOutcome(ctx, tx, orchestrationdb.SetOutcomeParams{ID: id})
}

func (s *Service) decisions(ctx context.Context, tx *pg.Tx, app Application) (list []Decision, err error) {
	rows, err := db.ListDecisions(ctx, tx, app.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		d := Decision{Outcome: r.Outcome, Action: r.Action, State: r.State, By: given(r.DecidedBy), At: r.DecidedAt, Reasons: r.Reasons}
		if r.Because != nil {
			plain, err := s.deps.Sealer.Open(ctx, tx, app.Person, becausePlace(app.ID), r.Because)
			if err != nil {
				return nil, err
			}
			if err := json.Unmarshal(plain, &d.Because); err != nil {
				return nil, err
			}
		}
		if r.Reason != nil {
			plain, err := s.deps.Sealer.Open(ctx, tx, app.Person, reasonPlace(app.ID), r.Reason)
			if err != nil {
				return nil, err
			}
			d.Reason = string(plain)
		}
		list = append(list, d)
	}
	return list, nil
}

// Version is the answers of an application as they were before a correction, with the questions that were to be corrected and when the
// correction came.
type Version struct {
	No      int
	Answers servicespec.Answers
	Items   []string
	Until   time.Time
}

func (s *Service) versions(ctx context.Context, tx *pg.Tx, app Application) (list []Version, err error) {
	rows, err := db.ListVersions(ctx, tx, app.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		v := Version{No: int(r.No), Items: r.Items, Until: r.Until}
		if v.Answers, err = s.openAnswers(ctx, tx, app, r.Answers); err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func reasonPlace(application uuid.UUID) encryption.Place {
	return encryption.Place{Table: "orchestration.decision", Column: "reason", Row: application}
}

func becausePlace(application uuid.UUID) encryption.Place {
	return encryption.Place{Table: "orchestration.decision", Column: "because", Row: application}
}

func given(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}

package request

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"digit/internal/consumer/request/internal/requestdb"
	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

var db = requestdb.New()

func place(column string, row uuid.UUID) encryption.Place {
	return encryption.Place{Table: "request.request", Column: column, Row: row}
}

func (s *Service) sealAnswers(ctx context.Context, tx *pg.Tx, r Request) ([]byte, error) {
	return s.deps.Encryption.SealJSON(ctx, tx, r.Person, place("answers", r.ID), r.Answers)
}

func (s *Service) insert(ctx context.Context, tx *pg.Tx, r Request) error {
	sealed, err := s.sealAnswers(ctx, tx, r)
	if err != nil {
		return err
	}
	sources, err := json.Marshal(orEmpty(r.Sources))
	if err != nil {
		return err
	}
	return db.InsertRequest(ctx, tx, requestdb.InsertRequestParams{
		ID: r.ID, PersonID: r.Person, Service: r.Service, Version: int32(r.Version), Lang: r.Lang, Answers: sealed, Sources: sources, Now: tx.Now,
	})
}

// lockDrafts lets a person's beginnings of a service wait for each other, so that two at once find one draft.
func lockDrafts(ctx context.Context, tx *pg.Tx, person uuid.UUID, service string) error {
	_, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", "request.draft "+tx.Tenant.String()+" "+person.String()+" "+service)
	return err
}

func findDraft(ctx context.Context, tx *pg.Tx, person uuid.UUID, service string, version int) (uuid.UUID, bool, error) {
	id, err := db.FindDraft(ctx, tx, requestdb.FindDraftParams{PersonID: person, Service: service, Version: int32(version)})
	if pg.NotFound(err) {
		return uuid.Nil, false, nil
	}
	return id, err == nil, err
}

// load returns the person's request, locked when lock is set. Errors: ErrNotFound.
func (s *Service) load(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, lock bool) (Request, error) {
	var row requestdb.GetRequestRow
	var err error
	if lock {
		var locked requestdb.LockRequestRow
		locked, err = db.LockRequest(ctx, tx, request)
		row = requestdb.GetRequestRow(locked)
	} else {
		row, err = db.GetRequest(ctx, tx, request)
	}
	if pg.NotFound(err) || err == nil && !slices.Contains(tx.Actor.Persons(person), row.PersonID) {
		return Request{}, ErrNotFound
	}
	if err != nil {
		return Request{}, err
	}
	if err := s.deps.Identity.MayRepresent(ctx, tx, person, row.Service); err != nil {
		return Request{}, err
	}
	return s.open(ctx, tx, row)
}

// loadAny returns a request for the system's own work, locked. Errors: ErrNotFound.
func (s *Service) loadAny(ctx context.Context, tx *pg.Tx, request uuid.UUID) (Request, error) {
	row, err := db.LockRequest(ctx, tx, request)
	if pg.NotFound(err) {
		return Request{}, ErrNotFound
	}
	if err != nil {
		return Request{}, err
	}
	return s.open(ctx, tx, requestdb.GetRequestRow(row))
}

func (s *Service) open(ctx context.Context, tx *pg.Tx, row requestdb.GetRequestRow) (Request, error) {
	r := Request{
		ID: row.ID, Person: row.PersonID, Service: row.Service, Version: int(row.Version), Lang: row.Lang,
		Status: Status(row.Status), LastPage: row.LastPage, Items: row.Items, State: row.State, Outcome: row.Outcome,
		Promised: row.PromisedAt, Receipt: row.Receipt, CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt, SubmittedAt: row.SubmittedAt,
	}
	if row.Reference != nil {
		r.Reference = *row.Reference
	}
	if row.CertificateID != nil {
		r.Certificate = *row.CertificateID
	}
	if row.SubjectID != nil {
		r.Subject = *row.SubjectID
	}
	if row.DemandID != nil {
		r.Demand = &exchange.DemandRef{ID: *row.DemandID, Amount: money.Amount{Minor: row.DemandMinor, Currency: row.DemandCurrency}}
	}
	if err := json.Unmarshal(row.Sources, &r.Sources); err != nil {
		return r, err
	}
	if err := json.Unmarshal(row.StateName, &r.StateName); err != nil {
		return r, err
	}
	if err := json.Unmarshal(row.StateText, &r.StateText); err != nil {
		return r, err
	}
	plain, err := s.deps.Encryption.Open(ctx, tx, r.Person, place("answers", r.ID), row.Answers)
	if err != nil {
		return r, err
	}
	if r.Answers, err = servicespec.DecodeAnswers(plain); err != nil {
		return r, err
	}
	if row.Found != nil {
		plain, err := s.deps.Encryption.Open(ctx, tx, r.Person, place("found", r.ID), row.Found)
		if err != nil {
			return r, err
		}
		if r.Found, err = decodeFound(plain); err != nil {
			return r, err
		}
	}
	if row.Note != nil {
		plain, err := s.deps.Encryption.Open(ctx, tx, r.Person, place("note", r.ID), row.Note)
		if err != nil {
			return r, err
		}
		r.Note = string(plain)
	}
	return r, nil
}

// sealFound seals what was looked up; nil where nothing was.
func (s *Service) sealFound(ctx context.Context, tx *pg.Tx, r Request) ([]byte, error) {
	if len(r.Found) == 0 {
		return nil, nil
	}
	plain, err := encodeFound(r.Found)
	if err != nil {
		return nil, err
	}
	return s.deps.Encryption.Seal(ctx, tx, r.Person, place("found", r.ID), plain)
}

func (s *Service) saveAnswers(ctx context.Context, tx *pg.Tx, r Request) error {
	sealed, err := s.sealAnswers(ctx, tx, r)
	if err != nil {
		return err
	}
	found, err := s.sealFound(ctx, tx, r)
	if err != nil {
		return err
	}
	sources, err := json.Marshal(orEmpty(r.Sources))
	if err != nil {
		return err
	}
	return db.SaveAnswers(ctx, tx, requestdb.SaveAnswersParams{
		ID: r.ID, Answers: sealed, Items: append([]string{}, r.Items...), LastPage: r.LastPage, Lang: r.Lang, Sources: sources, Found: found, Now: tx.Now,
	})
}

func (s *Service) setSubmitted(ctx context.Context, tx *pg.Tx, r Request) error {
	sealed, err := s.sealAnswers(ctx, tx, r)
	if err != nil {
		return err
	}
	return db.SetSubmitted(ctx, tx, requestdb.SetSubmittedParams{ID: r.ID, Reference: &r.Reference, Answers: sealed, Now: tx.Now})
}

func (s *Service) setStatus(ctx context.Context, tx *pg.Tx, request uuid.UUID, to Status) error {
	return db.SetStatus(ctx, tx, requestdb.SetStatusParams{ID: request, Status: string(to), Now: tx.Now})
}

func (s *Service) setState(ctx context.Context, tx *pg.Tx, r Request) error {
	name, err := json.Marshal(r.StateName)
	if err != nil {
		return err
	}
	text, err := json.Marshal(r.StateText)
	if err != nil {
		return err
	}
	p := requestdb.SetStateParams{
		ID: r.ID, Status: string(r.Status), State: r.State, StateName: name, StateText: text, Outcome: r.Outcome,
		PromisedAt: r.Promised, Items: append([]string{}, r.Items...), DemandCurrency: "XXX", Receipt: r.Receipt, Now: tx.Now,
	}
	if r.Demand != nil {
		p.DemandID, p.DemandMinor, p.DemandCurrency = &r.Demand.ID, r.Demand.Amount.Minor, r.Demand.Amount.Currency
	}
	if r.Certificate != uuid.Nil {
		p.CertificateID = &r.Certificate
	}
	if r.Note != "" {
		if p.Note, err = s.deps.Encryption.Seal(ctx, tx, r.Person, place("note", r.ID), []byte(r.Note)); err != nil {
			return err
		}
	}
	return db.SetState(ctx, tx, p)
}

func references(ctx context.Context, tx *pg.Tx, person uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	found, err := db.ListReferences(ctx, tx, requestdb.ListReferencesParams{Persons: tx.Actor.Persons(person), Ids: ids})
	names := make(map[uuid.UUID]string, len(found))
	for _, r := range found {
		if r.Reference != nil {
			names[r.ID] = *r.Reference
		}
	}
	return names, err
}

func (s *Service) list(ctx context.Context, tx *pg.Tx, person uuid.UUID, f Filter, p page.Request) (page.Page[Request], error) {
	before, err := p.AfterID()
	if err != nil {
		return page.Page[Request]{}, err
	}
	services, err := s.deps.Identity.RepresentedServices(ctx, tx, person)
	if err != nil {
		return page.Page[Request]{}, err
	}
	rows, err := db.ListRequests(ctx, tx, requestdb.ListRequestsParams{
		Persons: tx.Actor.Persons(person), OpenOnly: f.OpenOnly, Service: f.Service, Services: services, Before: before, Count: int32(p.Limit() + 1),
	})
	if err != nil {
		return page.Page[Request]{}, err
	}
	list := make([]Request, 0, len(rows))
	for _, row := range rows {
		r, err := s.open(ctx, tx, requestdb.GetRequestRow(row))
		if err != nil {
			return page.Page[Request]{}, err
		}
		list = append(list, r)
	}
	return page.Of(p, list, func(r Request) []string { return []string{r.ID.String()} }), nil
}

func entryPlace(row uuid.UUID) encryption.Place {
	return encryption.Place{Table: "request.entry", Column: "note", Row: row}
}

// note adds a line to the timeline.
func (s *Service) note(ctx context.Context, tx *pg.Tx, r Request, e Entry) (err error) {
	p := requestdb.InsertEntryParams{ID: id.New(), RequestID: r.ID, Kind: e.Kind, At: e.At}
	for to, from := range map[*json.RawMessage]any{&p.Name: orEmpty(e.Name), &p.Text: orEmpty(e.Text), &p.Detail: e.Detail} {
		if *to, err = json.Marshal(from); err != nil {
			return err
		}
	}
	if e.Note != "" {
		if p.Note, err = s.deps.Encryption.Seal(ctx, tx, r.Person, entryPlace(p.ID), []byte(e.Note)); err != nil {
			return err
		}
	}
	return db.InsertEntry(ctx, tx, p)
}

func orEmpty[M ~map[string]string](m M) M {
	if m == nil {
		return M{}
	}
	return m
}

func (s *Service) timeline(ctx context.Context, tx *pg.Tx, r Request) ([]Entry, error) {
	rows, err := db.ListEntries(ctx, tx, r.ID)
	if err != nil {
		return nil, err
	}
	list := make([]Entry, 0, len(rows))
	for _, row := range rows {
		e := Entry{Kind: row.Kind, At: row.At}
		for from, to := range map[*json.RawMessage]any{&row.Name: &e.Name, &row.Text: &e.Text, &row.Detail: &e.Detail} {
			if err := json.Unmarshal(*from, to); err != nil {
				return nil, err
			}
		}
		if row.Note != nil {
			plain, err := s.deps.Encryption.Open(ctx, tx, r.Person, entryPlace(row.ID), row.Note)
			if err != nil {
				return nil, err
			}
			e.Note = string(plain)
		}
		list = append(list, e)
	}
	return list, nil
}

// lastOf returns the kind of the last line of the timeline that is of one of some kinds; "" where there is none.
func lastOf(ctx context.Context, tx *pg.Tx, request uuid.UUID, kinds ...string) (last string, err error) {
	rows, err := db.ListEntries(ctx, tx, request)
	for _, row := range rows {
		if slices.Contains(kinds, row.Kind) {
			last = row.Kind
		}
	}
	return last, err
}

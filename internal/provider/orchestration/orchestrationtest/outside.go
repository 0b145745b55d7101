package orchestrationtest

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"sync"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/agency"
)

// till is a card company whose notices are plain JSON.
type till struct{}

func (till) Code() string { return "till" }

func (till) Begin(_ context.Context, _ payment.GatewayConfig, r payment.ChargeRequest) (payment.Begun, error) {
	return payment.Begun{URL: "https://till.example/" + r.Charge.String(), Ref: r.Charge.String()}, nil
}

func (till) Notice(_ payment.GatewayConfig, _ map[string][]string, body []byte) (n payment.Notice, err error) {
	return n, json.Unmarshal(body, &n)
}

func (till) Status(_ context.Context, _ payment.GatewayConfig, ref string) (payment.Notice, error) {
	return payment.Notice{Ref: ref, Status: payment.Pending}, nil
}

// shelf keeps receipts as documents.
type shelf struct{ documents *document.Service }

func (s shelf) Keep(ctx context.Context, tx *pg.Tx, name string, person uuid.UUID, pdf []byte) (uuid.UUID, error) {
	f, err := s.documents.Store(ctx, tx, document.Store{Name: name, Person: person, Purpose: "receipt", Accept: []string{"application/pdf"}}, bytes.NewReader(pdf))
	return f.ID, err
}

// staff knows who can be given work.
type staff struct {
	*identity.Service
	agency *agency.Service
}

func (s staff) Holders(ctx context.Context, tx *pg.Tx, agency, role string, areas []string) ([]uuid.UUID, error) {
	accounts, err := s.Service.Holders(ctx, tx, agency, role, areas)
	if err != nil {
		return nil, err
	}
	return s.agency.Present(ctx, tx, agency, accounts)
}

func (s staff) Seated(ctx context.Context, tx *pg.Tx, agency, position string) ([]uuid.UUID, error) {
	return s.agency.Seated(ctx, tx, agency, position)
}

// worktime knows areas, and the hours of who has a case.
type worktime struct {
	*refdata.Service
	agency *agency.Service
}

func (w worktime) Hours(ctx context.Context, tx *pg.Tx, agency string, path []string) (calendar.Calendar, error) {
	office, err := w.agency.OfficeFor(ctx, tx, agency, path)
	if err != nil {
		return calendar.Calendar{}, err
	}
	return w.CalendarOf(ctx, tx, refdata.Workplace{Agency: agency, Office: office})
}

// colleagues knows who of the staff is to be told what.
type colleagues struct{ *identity.Service }

func (colleagues) CaseURL(_ context.Context, _ *pg.Tx, application uuid.UUID) (string, error) {
	return "https://example.org/workbench/cases/" + application.String(), nil
}

func (colleagues) OpinionURL(_ context.Context, _ *pg.Tx, consultation uuid.UUID) (string, error) {
	return "https://example.org/workbench/opinions/" + consultation.String(), nil
}

// World is refdata's, with what a test lays over it.
type World struct {
	*refdata.Service
	Overlay func(f *servicespec.Facts)
}

// Facts are refdata's, with what is laid over them.
func (w *World) Facts(ctx context.Context, tx *pg.Tx, svc *servicespec.Service, areas []string) (servicespec.Facts, error) {
	f, err := w.Service.Facts(ctx, tx, svc, areas)
	if w.Overlay != nil {
		w.Overlay(&f)
	}
	return f, err
}

// Outbox keeps the notices to staff, each once.
type Outbox struct {
	mu  sync.Mutex
	all []notification.Message
}

// Send keeps a message.
func (o *Outbox) Send(_ context.Context, _ *pg.Tx, m notification.Message) (uuid.UUID, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !slices.ContainsFunc(o.all, func(have notification.Message) bool { return have.Once == m.Once }) {
		o.all = append(o.all, m)
	}
	return id.New(), nil
}

// About returns the messages about an application.
func (o *Outbox) About(application uuid.UUID) (list []notification.Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, m := range o.all {
		if m.Related == application {
			list = append(list, m)
		}
	}
	return list
}

// noCodes is the way by which nobody signs in.
type noCodes struct{}

func (noCodes) SendCode(context.Context, *pg.Tx, identity.CodeMessage) error { return nil }

// Birth are right answers for the birth certificate, of an adult born in Praia.
func Birth() servicespec.Answers {
	return servicespec.Answers{
		"for_whom": "me", "full_name": "Maria Évora", "birth_date": "1985-03-27", "birth_place": "CV-PR-NSG",
		"mother_name": "Ana Évora", "purpose": "school", "delivery": "digital", "phone": "+2389912345", "true_statement": true,
	}
}

package orchestration

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/certificate"
	"digit/internal/infra/exchange"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/registry"
	"digit/internal/infra/servicespec"
)

// certificateNumber is the format of certificates' numbers; refdata counts them.
const certificateNumber = "CRT-{yyyy}-{seq:6}"

// raise asks the applicant for the fees, if there are any, and tells them.
func (s *Service) raise(ctx context.Context, tx *pg.Tx, app *Application, svc *servicespec.Service) error {
	facts, err := s.facts(ctx, tx, app.SubmittedAt)
	if err != nil {
		return err
	}
	fees, err := svc.Fees(app.Answers, facts)
	if err != nil || len(fees) == 0 {
		return err
	}
	var lines []payment.Line
	for _, f := range fees {
		lines = append(lines, payment.Line{Code: f.Code, Name: f.Name, Amount: money.Amount{Minor: f.Minor, Currency: facts.Currency}})
	}
	d, err := s.deps.Payments.Raise(ctx, tx, payment.RaiseDemand{
		Payer: app.Person, PayerName: app.Name, Subject: Subject, SubjectID: app.ID, Service: app.Service, Agency: app.Agency,
		Reference: app.Reference, Lang: app.Lang, Lines: lines,
	})
	if err != nil {
		return err
	}
	app.Demand = d.ID
	if err := setDemand(ctx, tx, app.ID, d.ID); err != nil {
		return err
	}
	return s.answer(ctx, tx, app.Case, svc, exchange.ServiceResponse{
		Kind: exchange.DemandMade, Demand: &exchange.DemandRef{ID: d.ID, Amount: d.Amount},
	})
}

// issue makes the certificate that the service describes, once an application, and tells the applicant.
func (s *Service) issue(ctx context.Context, tx *pg.Tx, app *Application, svc *servicespec.Service) error {
	pack := svc.Pack()
	if pack.Certificate == nil || app.Credential != uuid.Nil {
		return nil
	}
	sheet, err := s.sheet(ctx, tx, *app, svc)
	if err != nil {
		return err
	}
	values, err := svc.Claims(app.Answers, sheet.facts, sheet.extra)
	if err != nil {
		return err
	}
	number, err := s.deps.World.NextNumber(ctx, tx, certificateNumber)
	if err != nil {
		return err
	}
	in := certificate.Issue{
		Type: pack.Certificate.Type, Number: number, Agency: app.Agency, AgencyName: sheet.agency, Holder: app.Person,
		HolderName: app.Name, Subject: Subject, SubjectID: app.ID, Reference: app.Reference, ValidDays: pack.Certificate.ValidDays,
		Lang: app.Lang, Title: sheet.fill(pack.Certificate.Title, pack.Certificate.Claims, values),
		Body: sheet.fill(pack.Certificate.Body, pack.Certificate.Claims, values),
	}
	for _, c := range pack.Certificate.Claims {
		if v, ok := values[c.Name]; ok && v != "" {
			in.Claims = append(in.Claims, certificate.Claim{
				Name: c.Name, Label: c.Label, Value: v, Shown: sheet.shown(app.Lang, c, v), Disclosable: c.Disclosable,
			})
		}
	}
	cred, err := s.deps.Certificates.Issue(ctx, tx, in)
	if err != nil {
		return err
	}
	app.Credential, app.Certificate = cred.ID, cred.Number
	if err := setCertificate(ctx, tx, app.ID, cred.ID, cred.Number); err != nil {
		return err
	}
	return s.answer(ctx, tx, app.Case, svc, exchange.ServiceResponse{
		Kind: exchange.Certificate, Certificate: cred.Number, CertificateID: cred.ID,
	})
}

// record writes the register's entry that the service describes.
func (s *Service) record(ctx context.Context, tx *pg.Tx, app Application, svc *servicespec.Service) error {
	entry := svc.Pack().Registry
	if entry == nil {
		return nil
	}
	sheet, err := s.sheet(ctx, tx, app, svc)
	if err != nil {
		return err
	}
	key, fields, err := svc.Record(app.Answers, sheet.facts, sheet.extra)
	if err != nil {
		return err
	}
	if key == "" {
		key = app.Reference
	}
	_, err = s.deps.Registers.Write(ctx, tx, registry.Record{
		Register: entry.Registry, Key: key, Holder: app.Person, Data: fields, Source: Subject, SourceID: app.ID,
	})
	return err
}

// sheet is what certificates and register entries draw on besides the answers.
type sheet struct {
	svc     *servicespec.Service
	answers servicespec.Answers
	facts   servicespec.Facts
	extra   map[string]any
	agency  i18n.Text
	words   func(lang string) servicespec.Words
}

func (s *Service) sheet(ctx context.Context, tx *pg.Tx, app Application, svc *servicespec.Service) (sh sheet, err error) {
	sh.svc, sh.answers = svc, app.Answers
	if sh.facts, err = s.facts(ctx, tx, tx.Now); err != nil {
		return sh, err
	}
	submitted, err := s.facts(ctx, tx, app.SubmittedAt)
	if err != nil {
		return sh, err
	}
	if sh.agency, err = s.deps.Agencies.Name(ctx, tx, app.Agency); err != nil {
		return sh, err
	}
	pack := svc.Pack()
	first := pack.Languages[0]
	sh.extra = map[string]any{
		"reference": app.Reference, "service": pack.Name.In(app.Lang, first), "agency": sh.agency.In(app.Lang, first),
		"holder": app.Name, "submitted_on": submitted.Today, "decided_on": sh.facts.Today, "issued_on": sh.facts.Today,
	}
	if pack.Certificate != nil && pack.Certificate.ValidDays > 0 {
		sh.extra["valid_until"] = sh.facts.Today.AddDays(pack.Certificate.ValidDays)
	}
	sh.words = func(lang string) servicespec.Words {
		w := s.words(ctx, tx, lang, first)
		w.Currency = sh.facts.Currency
		return w
	}
	return sh, nil
}

// labelSuffix makes the name under which a claim draws on the label of a coded answer.
const labelSuffix = "_label"

// shown writes a claim as people read it: an answer by its question's kind, a day in words.
func (sh sheet) shown(lang string, c servicespec.Claim, v any) string {
	if q := sh.svc.Question(strings.TrimSuffix(c.From, labelSuffix)); q != nil {
		return servicespec.Display(*q, sh.answers[q.Code], lang, sh.words(lang))
	}
	switch x := v.(type) {
	case string:
		if _, err := time.Parse(time.DateOnly, x); err == nil {
			d, _ := civil.Parse(x)
			return i18n.FormatDay(lang, d)
		}
		return x
	case int64:
		return i18n.FormatNumber(lang, x)
	}
	return fmt.Sprint(v)
}

// fill puts the claims into a text, in each of its languages.
func (sh sheet) fill(t i18n.Text, claims []servicespec.Claim, values map[string]any) i18n.Text {
	out := i18n.Text{}
	for lang, text := range t {
		fields := map[string]string{}
		for _, c := range claims {
			fields[c.Name] = "" // what is not known is left out of the sentence
			if v, ok := values[c.Name]; ok {
				fields[c.Name] = sh.shown(lang, c, v)
			}
		}
		out[lang] = servicespec.Fill(text, fields)
	}
	return out
}

package orchestration

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/certificate"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/registry"
	"digit/internal/infra/servicespec"
)

// certificateNumber is the format of certificates' numbers; refdata counts them.
const certificateNumber = "CRT-{yyyy}-{seq:6}"

// issue makes the certificates of a type, or ("") all whose condition holds, each once an application, and tells the
// applicant. The first is the application's own.
func (s *Service) issue(ctx context.Context, tx *pg.Tx, app *Application, svc *servicespec.Service, kind string) error {
	if len(svc.Pack().Certificates) == 0 || len(svc.Pack().Certificates) == 1 && app.Credential != uuid.Nil {
		return nil
	}
	sheet, err := s.sheet(ctx, tx, *app, svc)
	if err != nil {
		return err
	}
	issues, err := svc.Issues(kind, app.Answers, sheet.facts)
	if err != nil {
		return err
	}
	for _, is := range issues {
		if err := s.issueOne(ctx, tx, app, svc, sheet, is); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) issueOne(ctx context.Context, tx *pg.Tx, app *Application, svc *servicespec.Service, sheet sheet, is servicespec.Issue) error {
	format := is.Certificate.Number
	if format == "" {
		format = certificateNumber
	}
	number, err := s.deps.World.NextNumber(ctx, tx, format)
	if err != nil {
		return err
	}
	in := certificate.Issue{
		Type: is.Certificate.Type, Number: number, Agency: app.Agency, AgencyName: sheet.agency, Holder: app.Person,
		HolderName: app.Name, Subject: Subject, SubjectID: app.ID, Reference: app.Reference,
		Lang: app.Lang, Title: sheet.fill(is.Certificate.Title, is.Certificate.Claims, is.Claims),
		Body: sheet.fill(is.Certificate.Body, is.Certificate.Claims, is.Claims),
	}
	if !is.ValidUntil.IsZero() {
		in.ValidDays = is.ValidUntil.Sub(sheet.facts.Today)
	}
	for _, c := range is.Certificate.Claims {
		if v, ok := is.Claims[c.Name]; ok && v != "" {
			in.Claims = append(in.Claims, certificate.Claim{
				Name: c.Name, Label: c.Label, Value: v, Shown: sheet.shown(app.Lang, c, v), Disclosable: c.Disclosable,
			})
		}
	}
	cred, err := s.deps.Certificates.Issue(ctx, tx, in)
	if err != nil {
		return err
	}
	if app.Credential == uuid.Nil {
		app.Credential, app.Certificate = cred.ID, cred.Number
		if err := setCertificate(ctx, tx, app.ID, cred.ID, cred.Number); err != nil {
			return err
		}
	}
	return s.answer(ctx, tx, app.Case, svc, exchange.ServiceResponse{
		Kind: exchange.Certificate, Certificate: cred.Number, CertificateID: cred.ID,
	})
}

// record writes the entries that the service describes for a register, or ("") for all whose condition holds.
func (s *Service) record(ctx context.Context, tx *pg.Tx, app Application, svc *servicespec.Service, register string) error {
	sheet, err := s.sheet(ctx, tx, app, svc)
	if err != nil {
		return err
	}
	entries, err := svc.Entries(register, app.Answers, sheet.facts)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := s.enter(ctx, tx, app, e); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) enter(ctx context.Context, tx *pg.Tx, app Application, e servicespec.Entry) error {
	if e.Key == "" {
		e.Key = app.Reference
	}
	if e.Update {
		_, err := s.deps.Registers.Find(ctx, tx, e.Registry, e.Key)
		if errors.Is(err, registry.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	_, err := s.deps.Registers.Write(ctx, tx, registry.Record{
		Register: e.Registry, Key: e.Key, Holder: app.Person, Data: e.Fields, Source: Subject, SourceID: app.ID,
	})
	return err
}

// sheet is what certificates and register entries draw on besides the answers.
type sheet struct {
	svc     *servicespec.Service
	answers servicespec.Answers
	facts   servicespec.Facts
	agency  i18n.Text
}

func (s *Service) sheet(ctx context.Context, tx *pg.Tx, app Application, svc *servicespec.Service) (sh sheet, err error) {
	sh.svc, sh.answers = svc, app.Answers
	if sh.facts, err = s.facts(ctx, tx, svc, app, tx.Now); err != nil {
		return sh, err
	}
	if sh.agency, err = s.deps.Agencies.Name(ctx, tx, app.Agency); err != nil {
		return sh, err
	}
	pack := svc.Pack()
	first := pack.Languages[0]
	c := sh.facts.Case
	c.Service, c.Agency = pack.Name.In(app.Lang, first), sh.agency.In(app.Lang, first)
	return sh, nil
}

// shown writes a claim as people read it: an answer by its question's kind, a day in words.
func (sh sheet) shown(lang string, c servicespec.Claim, v any) string {
	words := sh.svc.Words(lang, sh.facts)
	if q := sh.svc.Question(strings.TrimSuffix(c.From, labelSuffix)); q != nil && q.Kind != servicespec.KindComputed {
		return servicespec.Display(q, sh.answers[q.Code], lang, words)
	} else if q != nil {
		return servicespec.Display(q, v, lang, words)
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
	case float64:
		return i18n.FormatDecimal(lang, x)
	}
	return fmt.Sprint(v)
}

// labelSuffix makes the name under which a claim draws on the label of a coded answer.
const labelSuffix = "_label"

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

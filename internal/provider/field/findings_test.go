package field_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
	"digit/internal/provider/field"
	"digit/internal/provider/workflow"
)

// asking has the visit ask for the page of the book and a photo of it, and gives the round a visit of that kind.
func asking(t *testing.T) *round {
	t.Helper()
	r := setup(t)
	p, least := library.Pack("birth-certificate"), 1.0
	p.Version, p.Scenarios = 2, nil
	n := slices.IndexFunc(p.Workflow.Actions, func(a servicespec.Action) bool { return a.Code == "confirm-in-field" })
	p.Workflow.Actions[n].Questions = []servicespec.Question{{
		Code: "book_page", Kind: "number", Min: &least, Label: i18n.Text{"pt": "Folha do livro", "en": "Page of the book", "ar": "صفحة الدفتر"},
	}}
	p.Workflow.Actions[n].Documents = []servicespec.ActionFile{{
		Code: "page-photo", Label: i18n.Text{"pt": "Fotografia da folha", "en": "Photo of the page", "ar": "صورة الصفحة"},
	}}
	r.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := r.Catalog.Publish(ctx, tx, identity.Principal{}, *p)
		return err
	})
	r.visit = r.sentIn("Maria Évora", 2)
	r.Claim(r.officer, r.visit)
	return r
}

// found is a report of the visit with an answer and, where they are, files.
func (r *round) found(page string, files ...field.Attached) field.Operation {
	in := r.report()
	in.Report.Files = files
	in.Report.Answers = map[string][]string{"book_page": {page}}
	return in
}

// photo brings a photo in and returns it as a report attaches it.
func (r *round) photo(code string) field.Attached {
	r.T.Helper()
	content, upload := picture(r.T.(*testing.T)), id.New()
	if _, err := r.begin(upload, content); err != nil {
		r.T.Fatal(err)
	}
	if _, err := r.piece(upload, 0, content); err != nil {
		r.T.Fatal(err)
	}
	r.finish(upload)
	return field.Attached{Upload: upload, Code: code}
}

// TestWhatAVisitFindsOut refuses a report whose answer cannot be, and keeps answer and photo of one that can.
func TestWhatAVisitFindsOut(t *testing.T) {
	t.Parallel()
	r := asking(t)
	for name, page := range map[string]string{"too small": "0", "nothing": "", "no number": "doze"} {
		o, err := r.send(r.officer, r.found(page))
		if err != nil || o.Status != field.Refused || !errors.Is(o.Why, workflow.ErrFindings) || len(o.Why.Fields) != 1 || o.Why.Fields[0].Path != "findings.book_page" {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
	}
	if o, err := r.send(r.officer, r.found("12")); err != nil || o.Status != field.Refused || !errors.Is(o.Why, workflow.ErrDocuments) {
		t.Errorf("without the photo that is asked for: %+v, %v", o, err)
	}
	if o, err := r.send(r.officer, r.found("12", r.photo(field.Photo))); err != nil || o.Status != field.Refused || !errors.Is(o.Why, workflow.ErrDocuments) {
		t.Errorf("with a photo of something else: %+v, %v", o, err)
	}
	asked := r.photo("page-photo")
	if o, err := r.send(r.officer, r.found("12", asked)); err != nil || o.Status != field.Done {
		t.Fatalf("as asked: %+v, %v", o, err)
	}
	r.In(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		history, err := r.Workflow.History(ctx, tx, r.visit)
		if err != nil {
			return err
		}
		found := history[len(history)-1].Findings
		if fmt.Sprint(found.Answers["book_page"]) != "12" || len(found.Files["page-photo"]) != 1 || len(found.Files) != 1 {
			t.Errorf("found out: %+v", found)
		}
		return nil
	})
}

// TestWrongFindingsOfAChangedCase says what the office did before what is wrong with the report: that may be why it is wrong.
func TestWrongFindingsOfAChangedCase(t *testing.T) {
	t.Parallel()
	r := asking(t)
	in := r.found("0")
	chief := r.Staff("Rui Registrar", "registrar", "dgrni", "")
	r.In(chief.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := r.Workflow.Release(ctx, tx, r.visit, "", chief, in.Rev)
		return err
	})
	o, err := r.send(r.officer, in)
	if err != nil || o.Status != field.Conflict || o.Now == nil || o.Now.What != "release" {
		t.Fatalf("%+v, %v", o, err)
	}
	if _, err := r.choose(in.ID, true, o.Now.Rev); !errors.Is(err, workflow.ErrFindings) {
		t.Errorf("sent anyway: %v", err)
	}
	if o, err := r.choose(in.ID, false, 0); err != nil || o.Status != field.Kept {
		t.Errorf("let go: %+v, %v", o, err)
	}
}

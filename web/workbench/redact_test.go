package workbench_test

import (
	"bytes"
	"context"
	"image"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/document/documenttest"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// pictured sends a request for works in a street with a picture, of which the register is asked; it returns the case and the picture.
func (o *office) pictured() (app uuid.UUID, picture document.File) {
	o.T.Helper()
	o.offerStreet()
	req := exchange.ServiceRequest{ID: id.New(), Kind: exchange.Apply, Reference: "ST-1", Service: "street", Version: 1, Person: id.New(), Name: "Maria Tavares", Lang: "en"}
	o.In(pg.System(), func(ctx context.Context, tx *pg.Tx) (err error) {
		picture, err = o.Documents.Store(ctx, tx, document.Store{Name: "street.png", Person: req.Person, Purpose: "request"}, bytes.NewReader(documenttest.PNG(200, 100)))
		return err
	})
	o.Send(req, servicespec.Answers{"place": "Rua 5", "depth": int64(30), "phone": "+2389912345", "photo": []servicespec.File{
		{ID: picture.ID, Name: picture.Name, MediaType: picture.MediaType, Size: picture.Size},
	}})
	return req.ID, picture
}

// black reports whether the middle of the left half of a picture is black.
func black(t *testing.T, content string) bool {
	t.Helper()
	img, _, err := image.Decode(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	r, g, b, _ := img.At(img.Bounds().Dx()/4, img.Bounds().Dy()/2).RGBA()
	return r+g+b == 0
}

// TestRedaction blackens a part of a picture: colleagues see it as it was, another agency is given the copy, nothing until it is made, and the
// picture again once the copy is out of use.
func TestRedaction(t *testing.T) {
	t.Parallel()
	o := setup(t)
	clerk := o.officer("Clara Clerk", "licence-clerk", "cmp", "en")
	auditor := o.officer("Aldo Auditor", "auditor", "cmp", "en")
	registrar := o.officer("Rui Registrar", "registrar", "dgrni", "en")
	app, picture := o.pictured()
	path := "/workbench/cases/" + app.String()
	file := path + "/files/" + picture.ID.String()
	given := opinionLink.FindStringSubmatch(registrar.page(200, "GET", "/workbench/opinions", nil))[1] + "/files/" + picture.ID.String()
	if black(t, registrar.page(200, "GET", given, nil)) {
		t.Fatal("the picture is black from the start")
	}
	want(t, clerk.page(200, "GET", path+"/check", nil), "street.png", "data-viewer", "Turn left ([)", "Black parts out")
	form := clerk.page(200, "GET", file+"/redact", nil)
	want(t, form, "Make the copy", "Drawing needs a script", "They tell of other people")
	auditor.page(403, "GET", file+"/redact", nil)
	registrar.page(403, "GET", file+"/redact", nil)
	clerk.page(404, "GET", path+"/files/"+id.New().String()+"/redact", nil)

	want(t, clerk.page(422, "POST", file+"/redact", url.Values{"boxes": {"nonsense"}}), "Draw at least one black box", "Choose why the parts are blackened")
	clerk.page(422, "POST", file+"/redact", url.Values{"boxes": {`[{"x":900,"y":0,"w":200,"h":10}]`}, "reason": {"others"}})
	post := url.Values{"id": {id.New().String()}, "boxes": {`[{"x":0,"y":0,"w":500,"h":1000}]`}, "reason": {"others"}}
	for range 2 { // the form may be sent twice
		if to := clerk.post(file+"/redact", post); to != path+"/check?done=redact.asked" {
			t.Fatalf("leads to %s", to)
		}
	}
	registrar.page(409, "GET", given, nil)
	o.jobs()
	page := clerk.page(200, "GET", path+"/check?done=redact.asked", nil)
	want(t, page, "Copy with blackened parts: They tell of other people. Clara Clerk", "other agencies are given it")
	if strings.Count(page, "Copy with blackened parts") != 1 {
		t.Error("there are two copies")
	}
	if !black(t, registrar.page(200, "GET", given, nil)) {
		t.Error("the other agency sees what is covered")
	}
	if black(t, clerk.page(200, "GET", file, nil)) {
		t.Error("the picture itself has changed")
	}
	own := path + "/redactions/" + post.Get("id")
	if !black(t, clerk.page(200, "GET", own, nil)) {
		t.Error("the copy is not black")
	}
	registrar.page(403, "GET", own, nil)
	registrar.page(403, "POST", own+"/withdraw", nil)
	clerk.post(own+"/withdraw", nil)
	clerk.page(404, "GET", own, nil)
	if black(t, registrar.page(200, "GET", given, nil)) {
		t.Error("the other agency is still given the copy")
	}
}

// TestCaseAsPDF: a case is a file in the reader's language and direction, with the notes between colleagues only where they are asked for.
func TestCaseAsPDF(t *testing.T) {
	t.Parallel()
	o := setup(t)
	app, _ := o.pictured()
	path := "/workbench/cases/" + app.String()
	var without, with string
	for _, lang := range []string{"en", "ar"} {
		clerk := o.officer("Clara Clerk", "licence-clerk", "cmp", lang)
		if lang == "en" {
			want(t, clerk.page(200, "GET", path, nil), "Case as PDF")
			clerk.post(path+"/note", url.Values{"note": {"Between us"}, "rev": {o.rev(app)}})
			want(t, clerk.page(200, "GET", path, nil), "Case as PDF, with these notes")
		}
		without, with = clerk.page(200, "GET", path+"/case.pdf", nil), clerk.page(200, "GET", path+"/case.pdf?notes=1", nil)
		if !strings.HasPrefix(without, "%PDF-") || !strings.Contains(without, "/StructTreeRoot") || !strings.Contains(without, "/Lang") {
			t.Errorf("%s: no tagged file", lang)
		}
		if dir := os.Getenv("DIGIT_SHOTS"); dir != "" { // to be looked at
			if err := os.WriteFile(filepath.Join(dir, "case-"+lang+".pdf"), []byte(with), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if len(with) <= len(without) {
			t.Errorf("%s: the notes are not in it", lang)
		}
	}
	o.officer("Rui Registrar", "registrar", "dgrni", "en").page(403, "GET", path+"/case.pdf", nil)
	o.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		var n int
		err := tx.QueryRow(ctx, `SELECT count(*) FROM audit.entry WHERE action = 'workbench.take_along' AND object_id = $1`, app).Scan(&n)
		if n != 4 {
			t.Errorf("%d are on record", n)
		}
		return err
	})
}

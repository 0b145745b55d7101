package edge

import (
	"mime"
	"net/http"
	"strings"
	"testing"

	"digit/cmd/digit/app"
	"digit/internal/infra/document/documenttest"
	"digit/internal/provider/console"
)

// scanState is where the file of an application stands with the scanner.
func (h *house) scanState(t *testing.T, a application) (state string) {
	t.Helper()
	if err := h.one(t, `SELECT scan FROM document.file WHERE id = $1`, []any{a.File}, &state); err != nil {
		t.Fatal(err)
	}
	return state
}

func health(t *testing.T, h *house) console.Check {
	t.Helper()
	for _, c := range h.Console.Health(t.Context(), h.DB) {
		if c.Name == "scanner" {
			return c
		}
	}
	t.Fatal("the health page does not look at the scanner")
	return console.Check{}
}

// TestScannerAway: while the scanner is away files are taken but opened by nobody, neither the citizen nor the officer, and
// the operator is told; nothing passes in silence.
func TestScannerAway(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{Scanner: "unix:" + t.TempDir() + "/nobody"})
	c := h.citizen(t, "Joana Lima")
	a := c.paid()
	if got := h.scanState(t, a); got != "waiting" {
		t.Fatalf("the file is %s", got)
	}
	own := "/requests/" + a.ID + "/files/identity_document.card/" + a.File
	if r := c.want(c.get(own), http.StatusConflict, "opening one's own file"); !strings.Contains(r.body, "still checking this file") || strings.Contains(r.body, "error.") {
		t.Errorf("it says %s", text(r.body))
	}
	officer := h.staff(t, clerk)
	officer.want(officer.get("/workbench/cases/"+a.ID+"/files/"+a.File), http.StatusConflict, "the officer opening it")
	for who, r := range map[string]answer{"the citizen": c.get("/requests/" + a.ID), "the officer": officer.get("/workbench/cases/" + a.ID)} {
		if !strings.Contains(r.body, "Being checked") && !strings.Contains(r.body, "Em verificação") {
			t.Errorf("%s is not told: %s", who, text(r.body))
		}
	}
	if got := health(t, h); got.State != console.Fail || got.Code != "scanner.away" {
		t.Errorf("the health page says %s %s", got.State, got.Code)
	}
}

// TestScanner: with a real ClamAV what is clean can be opened in a moment, and what is not is gone, for everybody, and keeps
// the request from being sent until another file is there.
func TestScanner(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{Scanner: documenttest.Clamd(t)})
	if got := health(t, h); got.State != console.OK || !strings.Contains(got.Args["version"].(string), "ClamAV") {
		t.Errorf("the health page says %s %s %v", got.State, got.Code, got.Args)
	}
	c := h.citizen(t, "Joana Lima")
	good := c.filled()
	eventually(t, "the verdict", func() bool { return h.scanState(t, good) == "clean" })
	c.want(c.get("/requests/"+good.ID+"/files/identity_document.card/"+good.File), http.StatusOK, "opening what is clean")

	other := h.citizen(t, "Nilton Lima")
	bad := other.draft()
	other.fill(&bad, answers(), file{"identity_document.card", "bi.pdf", "application/pdf", documenttest.PDF("", "("+documenttest.Eicar+")")})
	eventually(t, "the verdict", func() bool { return h.scanState(t, bad) == "infected" })
	at := "/requests/" + bad.ID
	if r := other.want(other.get(at+"/files/identity_document.card/"+bad.File), http.StatusConflict, "opening what is infected"); !strings.Contains(r.body, "found malicious software") {
		t.Errorf("it says %s", text(r.body))
	}
	if r := other.get(at + "/pages/documents"); !strings.Contains(r.body, "Removed: malicious software") {
		t.Errorf("the page says %s", text(r.body))
	}
	r := other.want(other.post(at+"/submit"), http.StatusSeeOther, "sending it")
	for hops := 0; r.status == http.StatusSeeOther && hops < 3; hops++ {
		r = other.get(r.location)
	}
	if !strings.Contains(r.body, "add the document again") {
		t.Errorf("sending says %s", text(r.body))
	}
	if n := h.count(t, `SELECT count(*) FROM document.chunk WHERE file_id = $1`, bad.File); n != 0 {
		t.Errorf("%d pieces of it are still kept", n)
	}
	other.want(other.post(at+"/files/identity_document.card/"+bad.File+"/remove?page=documents"), http.StatusSeeOther, "removing it")
	other.want(other.upload(at+"/pages/documents", []file{{"identity_document.card", "bi.png", "image/png", picture()}}, "identity_document", "card"), http.StatusSeeOther, "another file")
	if r := other.post(at + "/submit"); r.status != http.StatusSeeOther {
		t.Errorf("sending it with another file: %d %s", r.status, text(r.body))
	}
}

// TestServedFiles: somebody's file comes back as what it is, under a name that is only a name, and can do nothing in the
// browser of whoever opens it.
func TestServedFiles(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.citizen(t, "Joana Lima")
	a := c.draft()
	name := "../../bi\";filename=evil.html;x=\"ção 🙂 \u202e.pdf"
	c.fill(&a, answers(), file{"identity_document.card", name, "application/pdf", documenttest.PDF("", "(CONTEÚDO)")})
	r := c.want(c.get("/requests/"+a.ID+"/files/identity_document.card/"+a.File), http.StatusOK, "opening it")
	if r.body != string(documenttest.PDF("", "(CONTEÚDO)")) {
		t.Error("it comes back as something else")
	}
	how, params, err := mime.ParseMediaType(r.header.Get("Content-Disposition"))
	if err != nil || how != "inline" || strings.ContainsAny(params["filename"], "/\\\u202e\r\n") || !strings.HasSuffix(params["filename"], ".pdf") || len(params) != 1 {
		t.Errorf("it is called %q: %s %v %v", r.header.Get("Content-Disposition"), how, params, err)
	}
	for header, want := range map[string]string{
		"Content-Type": "application/pdf", "Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store",
	} {
		if got := r.header.Get(header); got != want {
			t.Errorf("%s is %q, want %q", header, got, want)
		}
	}
	if r := h.citizen(t, "Outra Pessoa").get("/requests/" + a.ID + "/files/identity_document.card/" + a.File); r.status != http.StatusNotFound {
		t.Errorf("somebody else: %d", r.status)
	}
}

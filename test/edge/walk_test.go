package edge

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"digit/internal/infra/document/documenttest"
)

// application is a request for a birth certificate, at some point of its way.
type application struct {
	ID      string
	citizen *client
	File    string // id of the file handed in
}

// answers are what is typed into the form, page by page; tests change what they are about.
func answers() map[string][]string {
	return map[string][]string{
		"who":    {"for_whom", "other", "relationship", "neta"},
		"person": {"full_name", "Maria da Luz", "birth_date.day", "27", "birth_date.month", "3", "birth_date.year", "1985", "birth_place", "CV-BV-01", "mother_name", "Ana da Luz"},
		"purpose": {
			"purpose", "identity", "delivery", "digital",
		},
		"contact":     {"applicant_name", "Joana Lima", "phone", "+2389911234", "email", ""},
		"declaration": {"true_statement", "yes"},
	}
}

// picture is a file that is what its name says.
func picture() []byte { return documenttest.PNG(8, 8) }

var requestPath = regexp.MustCompile(`^/requests/([0-9a-f-]{36})`)

// draft begins an application; nothing is answered.
func (c *client) draft() application {
	c.t.Helper()
	a := c.want(c.post("/services/birth-certificate/start"), http.StatusSeeOther, "beginning")
	m := requestPath.FindStringSubmatch(a.location)
	if m == nil {
		c.t.Fatalf("beginning leads to %q", a.location)
	}
	return application{ID: m[1], citizen: c}
}

// fill answers all pages.
func (c *client) fill(app *application, typed map[string][]string, f file) {
	c.t.Helper()
	for _, page := range []string{"who", "person", "purpose"} {
		c.want(c.post("/requests/"+app.ID+"/pages/"+page, typed[page]...), http.StatusSeeOther, "page "+page)
	}
	c.want(c.upload("/requests/"+app.ID+"/pages/documents", []file{f}, "identity_document", "card"), http.StatusSeeOther, "page documents")
	for _, page := range []string{"contact", "declaration"} {
		c.want(c.post("/requests/"+app.ID+"/pages/"+page, typed[page]...), http.StatusSeeOther, "page "+page)
	}
	var q struct {
		Answers map[string]any `json:"answers"`
	}
	c.read("/api/v1/requests/"+app.ID, &q)
	if proof, ok := q.Answers["identity_document"].(map[string]any); ok {
		if list, _ := proof["files"].([]any); len(list) > 0 {
			one, _ := list[0].(map[string]any)
			app.File, _ = one["id"].(string)
		}
	}
	if app.File == "" {
		c.t.Fatalf("the file is not among the answers: %v", q.Answers)
	}
}

func (c *client) read(path string, into any) {
	c.t.Helper()
	a := c.want(c.get(path), http.StatusOK, path)
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		c.t.Fatalf("%s: %v", path, err)
	}
}

// filled is an application ready to be sent.
func (c *client) filled() application {
	c.t.Helper()
	app := c.draft()
	c.fill(&app, answers(), file{"identity_document.card", "bi.png", "image/png", picture()})
	return app
}

// sent is an application that waits for its fee.
func (c *client) sent() application {
	c.t.Helper()
	app := c.filled()
	c.want(c.post("/requests/"+app.ID+"/submit"), http.StatusSeeOther, "sending")
	c.billed(app)
	return app
}

// billed waits until the citizen is asked to pay.
func (c *client) billed(app application) {
	c.t.Helper()
	eventually(c.t, "the fee of "+app.ID, func() bool {
		var q struct {
			ToPay any `json:"to_pay"`
		}
		c.read("/api/v1/requests/"+app.ID, &q)
		return q.ToPay != nil
	})
}

// state waits until the citizen sees the application in a state.
func (c *client) state(app application, want string) {
	c.t.Helper()
	var q struct {
		State string `json:"state"`
	}
	eventually(c.t, "state "+want+" of "+app.ID, func() bool {
		c.read("/api/v1/requests/"+app.ID, &q)
		return q.State == want
	})
}

// charge begins to pay and returns the address of the payment page.
func (c *client) charge(app application) string {
	c.t.Helper()
	a := c.want(c.post("/requests/"+app.ID+"/pay"), http.StatusSeeOther, "going to pay")
	if !strings.HasPrefix(a.location, "/sim/cards/pay/") {
		c.t.Fatalf("paying leads to %q", a.location)
	}
	return a.location
}

var goodCard = []string{"number", "4242 4242 4242 4242", "expiry", "12/99", "cvc", "123"}

// paid is an application that its agency can work on.
func (c *client) paid() application {
	c.t.Helper()
	app := c.sent()
	c.want(c.post(c.charge(app), goodCard...), http.StatusSeeOther, "paying")
	c.state(app, "verification")
	return app
}

var revField = regexp.MustCompile(`name="rev" value="(\d+)"`)

// rev is the revision of the case that the page shows.
func (c *client) rev(app application) string {
	c.t.Helper()
	a := c.want(c.get("/workbench/cases/"+app.ID), http.StatusOK, "the case")
	m := revField.FindStringSubmatch(a.body)
	if m == nil {
		c.t.Fatalf("the case offers nothing to do: %s", text(a.body))
	}
	return m[1]
}

func (c *client) claim(app application) {
	c.t.Helper()
	c.want(c.post("/workbench/cases/"+app.ID+"/claim", "rev", c.rev(app)), http.StatusSeeOther, "claiming")
}

func (c *client) act(app application, action string, pairs ...string) {
	c.t.Helper()
	pairs = append(slices.Clone(pairs), "rev", c.rev(app))
	c.want(c.post("/workbench/cases/"+app.ID+"/act/"+action, pairs...), http.StatusSeeOther, action)
}

var checklist = []string{"checklist", "record-found", "checklist", "details-match", "checklist", "may-receive"}

// verified is an application that waits for its decision.
func (h *house) verified(t *testing.T, citizen *client) application {
	t.Helper()
	app := citizen.paid()
	officer := h.staff(t, clerk)
	officer.claim(app)
	officer.act(app, "verify", checklist...)
	return app
}

// issued is an application whose certificate is in the wallet, which item it is, and its credential.
func (h *house) issued(t *testing.T, citizen *client) (app application, item, credential string) {
	t.Helper()
	app = h.verified(t, citizen)
	officer := h.staff(t, registrar)
	officer.claim(app)
	officer.act(app, "approve")
	citizen.state(app, "issued")
	eventually(t, "the certificate in the wallet", func() bool {
		err := h.one(t, `SELECT i.id::text, i.credential_id::text FROM wallet.item i JOIN certificate.credential c ON c.tenant_id = i.tenant_id AND c.id = i.credential_id
			WHERE c.subject_id = $1 AND c.document_id IS NOT NULL`, []any{app.ID}, &item, &credential)
		return err == nil
	})
	return app, item, credential
}

// one reads one row past row security.
func (h *house) one(t *testing.T, sql string, args []any, into ...any) error {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), h.super)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	return conn.QueryRow(t.Context(), sql, args...).Scan(into...)
}

func newID() string { return uuid.NewString() }

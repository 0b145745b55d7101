package edge

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/cmd/digit/app"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
)

// notRenewed are values that no module renews, and why.
var notRenewed = map[string]string{
	"encryption.tenant_key.wrapped": "under the root key, which is changed by itself",
	"encryption.root_copy.wrapped":  "a root key under another",
	"audit.entry.origin":            "in a record that is never changed, under a key of its own",
	"audit.entry.leaf":              "no sealed value but a hash, of which one in 65 536 begins like one",
	"audit.sequence.hashes":         "hashes",
}

// TestEverySealedColumnIsRenewed lets somebody go the whole way and looks for sealed values in all tables: where there is one,
// its module must have told encryption how to renew it, or it would be unreadable after the next change of a key. Of what people
// and staff sign in with nothing is left out.
func TestEverySealedColumnIsRenewed(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	c := h.citizen(t, "Joana Lima")
	a, item, _ := h.issued(t, c)
	officer := h.staff(t, clerk)
	officer.want(officer.post("/workbench/cases/"+a.ID+"/note", "note", "visto"), http.StatusSeeOther, "a note")
	c.secure(t, "uma frase que ninguém adivinha")
	h.representative(t, c)
	h.emergency(t)
	h.linkActs(t)
	h.visitor(t).post("/sign-in/with/simulated")
	h.directoryLink(t)
	c.want(c.post("/wallet/"+item+"/share", "claims", "parents", "purpose", "escola", "until.day", "1", "until.month", "1", "until.year", "2027"), http.StatusOK, "sharing")

	known, indexed := map[string]bool{}, map[string]bool{}
	for _, column := range h.Encryption.Columns() {
		parts := strings.SplitN(column.Name, ".", 3)
		for _, name := range strings.Split(parts[2], ", ") {
			known[parts[0]+"."+parts[1]+"."+name] = true
			indexed[parts[0]+"."+parts[1]+"."+name] = column.Owner == encryption.Indexed
		}
	}
	pool := h.look(t)
	rows, err := pool.Query(t.Context(), `SELECT c.table_schema, c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE c.data_type = 'bytea' AND t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')`)
	if err != nil {
		t.Fatal(err)
	}
	var columns [][3]string
	for rows.Next() {
		var c [3]string
		if err := rows.Scan(&c[0], &c[1], &c[2]); err != nil {
			t.Fatal(err)
		}
		columns = append(columns, c)
	}
	found := map[string]bool{}
	for _, c := range columns {
		var n int
		query := fmt.Sprintf(`SELECT count(*) FROM %s.%s WHERE substring(%s FROM 1 FOR 2) = '\x0101'`, c[0], c[1], c[2])
		if err := pool.QueryRow(t.Context(), query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		name := strings.Join(c[:], ".")
		if n > 0 && !known[name] && notRenewed[name] == "" {
			t.Errorf("%d sealed values in %s, which no encryption.Column names", n, name)
		}
		if n > 0 {
			found[name] = true
		}
	}
	if len(found) < 30 {
		t.Errorf("sealed values in %d columns only: the walk proves little", len(found))
	}
	for name := range known {
		if strings.HasPrefix(name, "identity.") && !found[name] && !indexed[name] {
			t.Errorf("no sealed value in %s: the walk proves nothing of it", name)
		}
	}
}

// opened tries every sealed value of a person, in every module, as a renewal would: how many can be read, and how many not.
func (h *house) opened(t *testing.T, tenant, person uuid.UUID) (read, refused int) {
	t.Helper()
	for _, column := range h.Encryption.Columns() {
		if column.Owner&encryption.People == 0 {
			continue
		}
		for after := ""; ; {
			var rows []encryption.Row
			err := h.as(t, tenant, func(ctx context.Context, tx *pg.Tx) (err error) {
				rows, err = column.Page(ctx, tx, encryption.Span{Person: person, After: after, Limit: 50})
				return err
			})
			if err != nil {
				t.Fatalf("%s: %v", column.Name, err)
			}
			if len(rows) == 0 {
				break
			}
			for _, row := range rows {
				if !slices.ContainsFunc(row.Heads, func(head []byte) bool { return len(head) > 0 }) {
					continue
				}
				err := h.as(t, tenant, func(ctx context.Context, tx *pg.Tx) error {
					if err := row.Renew(ctx, tx); err != nil {
						return err
					}
					return errDone
				})
				switch {
				case errors.Is(err, errDone):
					read++
				case errors.Is(err, encryption.ErrForgotten):
					refused++
				default:
					t.Errorf("%s %s: %v", column.Name, row.Key, err)
				}
			}
			after = rows[len(rows)-1].Key
		}
	}
	return read, refused
}

// TestForgottenEverywhere destroys the key of somebody who went the whole way, as two administrators decide. Nothing of theirs
// can be read any more, in no table and by no process, their certificate is revoked, and everybody else's is as before.
func TestForgottenEverywhere(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	tenant := h.tenant(t, "cv")
	leaving, staying := h.visitor(t).signIn("/sign-in", "quem.parte@mail.example"), h.citizen(t, "Quem Fica")
	leaving.want(leaving.post("/profile", "name", "Quem Parte", "lang", "en"), http.StatusSeeOther, "the name")
	a, item, credential := h.issued(t, leaving)
	b, kept, _ := h.issued(t, staying)
	code := h.verifyCode(t, tenant, credential)
	list := h.statusList(t, leaving)
	var gone, other uuid.UUID
	for id, into := range map[string]*uuid.UUID{a.ID: &gone, b.ID: &other} {
		if err := h.one(t, `SELECT person_id FROM request.request WHERE id = $1`, []any{id}, into); err != nil {
			t.Fatal(err)
		}
	}
	before, _ := h.opened(t, tenant, gone)
	others, _ := h.opened(t, tenant, other)
	if before < 10 || others < 10 {
		t.Fatalf("%d and %d sealed values", before, others)
	}
	h.forget(t, tenant, gone)

	if read, refused := h.opened(t, tenant, gone); read > 0 || refused == 0 {
		t.Errorf("of who is gone: %d values can be read, %d cannot", read, refused)
	}
	if read, refused := h.opened(t, tenant, other); read != others || refused > 0 {
		t.Errorf("of who stays: %d of %d values can be read", read, others)
	}
	for what, sql := range map[string]string{
		"keys":            `SELECT count(*) FROM encryption.person_key WHERE person_id = $1 AND wrapped IS NOT NULL`,
		"addresses":       `SELECT count(*) FROM identity.contact WHERE account_id = $1`,
		"sessions":        `SELECT count(*) FROM identity.session WHERE account_id = $1`,
		"federated names": `SELECT count(*) FROM identity.federated WHERE account_id = $1`,
	} {
		if n := h.count(t, sql, gone); n > 0 {
			t.Errorf("%d %s of who is gone", n, what)
		}
	}
	if page := leaving.get("/wallet/" + item); class(page) != "sign-in" {
		t.Errorf("who is gone is still signed in: %d", page.status)
	}
	again := h.visitor(t).signIn("/sign-in", "quem.parte@mail.example")
	if page := again.get("/requests"); strings.Contains(page.body, a.ID) {
		t.Error("who comes again finds what was theirs")
	}
	if page := h.visitor(t).get("/verify/" + code); page.status != http.StatusOK || !strings.Contains(page.body, "evoked") {
		t.Errorf("the certificate: %d %s", page.status, text(page.body))
	}
	if now := h.statusList(t, staying); now == list || now == "" {
		t.Error("the status list does not tell")
	}
	staying.want(staying.get("/wallet/"+kept), http.StatusOK, "the wallet of who stays")
	staying.want(staying.get("/requests/"+b.ID), http.StatusOK, "the request of who stays")
	admin, officer := h.staff(t, administrator), h.staff(t, clerk)
	for c, paths := range map[*client][]string{
		officer: {"/workbench", "/workbench/cases/" + a.ID, "/workbench/cases/" + b.ID, "/workbench?q=" + "x"},
		admin: {
			"/console/people", "/console/people/" + gone.String(), "/console/people?q=quem.parte%40mail.example", "/console/certificates/" + credential, "/console/messages",
			"/console/payments", "/console/keys/people/" + gone.String(), "/console/audit?person=" + gone.String(),
		},
	} {
		for _, path := range paths {
			if page := c.get(path); page.status >= 500 {
				t.Errorf("%s: %d %s", path, page.status, h.why(page))
			}
		}
	}
}

// forget has one administrator propose and another approve.
func (h *house) forget(t *testing.T, tenant, person uuid.UUID) {
	t.Helper()
	var proposal uuid.UUID
	for _, do := range []func(ctx context.Context, tx *pg.Tx) error{
		func(ctx context.Context, tx *pg.Tx) (err error) {
			proposal, err = h.Encryption.Propose(ctx, tx, encryption.DestroyPerson, person.String(), "Asked in writing")
			return err
		},
		func(ctx context.Context, tx *pg.Tx) error { return h.Encryption.Decide(ctx, tx, proposal, true) },
	} {
		if err := h.DB.InTx(t.Context(), pg.Scope{Tenant: tenant, Actor: pg.Actor{Kind: "staff", ID: uuid.New()}}, do); err != nil {
			t.Fatal(err)
		}
	}
}

// statusList is the published list of certificates that were revoked, as it stands now.
func (h *house) statusList(t *testing.T, c *client) string {
	t.Helper()
	var list string
	if err := h.one(t, `SELECT id::text FROM certificate.status_list LIMIT 1`, nil, &list); err != nil {
		t.Fatal(err)
	}
	a := c.get("/status/" + list)
	if a.status != http.StatusOK {
		t.Fatalf("the status list: %d %s", a.status, h.why(a))
	}
	parts := strings.Split(a.body, ".")
	if len(parts) != 3 {
		t.Fatalf("the status list is %s", text(a.body))
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var token struct {
		List struct {
			Bits string `json:"lst"`
		} `json:"status_list"`
	}
	if err := json.Unmarshal(payload, &token); err != nil || token.List.Bits == "" {
		t.Fatalf("%v: %s", err, payload)
	}
	return token.List.Bits
}

// verifyCode is the code by which a certificate is verified.
func (h *house) verifyCode(t *testing.T, tenant uuid.UUID, credential string) (code string) {
	t.Helper()
	if err := h.as(t, tenant, func(ctx context.Context, tx *pg.Tx) error {
		c, err := h.Certificate.Credential(ctx, tx, uuid.MustParse(credential))
		if err != nil {
			return err
		}
		code, err = h.Certificate.VerifyURL(ctx, tx, c)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return code[strings.LastIndexByte(code, '/')+1:]
}

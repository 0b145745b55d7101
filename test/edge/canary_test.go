package edge

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"digit/cmd/digit/app"
	"digit/internal/infra/document/documenttest"
)

// TestCanaries lets one person go the whole way with words that are found nowhere else, and then looks for them in
// every row of every table and in the log. Nothing of a person may lie in clear: not in the platform's tables, not in
// the jobs' arguments or the events, and not in the simulators'.
func TestCanaries(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	number := "9934567"
	c := h.visitor(t).signIn("/sign-in", "canario.zvq@mail.example")
	c.want(c.post("/profile", "name", "Zvqnome Canario", "lang", "en"), http.StatusSeeOther, "the name")
	h.refresh(t)
	secret := c.secure(t, "zvqsenha de ninguém, zvqoutra vez")
	c.want(c.post("/profile/contacts/new", "address", "zvqnovo@mail.example"), http.StatusSeeOther, "another address")
	a := c.draft()
	typed := answers()
	typed["who"] = []string{"for_whom", "other", "relationship", "Zvqligacao"}
	typed["person"] = []string{"full_name", "Zvqnascida Canaria", "birth_date.day", "29", "birth_date.month", "2", "birth_date.year", "1904", "birth_place", "CV-BV-01", "mother_name", "Zvqmae Canaria", "father_name", "Zvqpai Canario"}
	typed["contact"] = []string{"applicant_name", "Zvqrequerente Canario", "phone", "+238" + number, "email", "zvqoutro@mail.example"}
	content := documenttest.PDF("", "(ZVQCONTEUDO)")
	c.fill(&a, typed, file{"identity_document.card", "zvqficheiro.pdf", "application/pdf", content})
	c.want(c.post("/requests/"+a.ID+"/submit"), http.StatusSeeOther, "sending")
	c.billed(a)
	c.want(c.post(c.charge(a), goodCard...), http.StatusSeeOther, "paying")
	c.state(a, "verification")
	officer := h.staff(t, clerk)
	officer.claim(a)
	officer.want(officer.post("/workbench/cases/"+a.ID+"/note", "note", "zvqnota interna"), http.StatusSeeOther, "a note")
	officer.want(officer.post("/workbench/cases/"+a.ID+"/messages", "words", "zvqmensagem do serviço"), http.StatusSeeOther, "a message of the office")
	c.want(c.post("/requests/"+a.ID+"/messages", "words", "zvqmensagem do cidadão"), http.StatusSeeOther, "a message of the citizen")
	officer.act(a, "ask-correction", "reasons", "differs", "comment", "zvqcomentario ao cidadão", "items", "mother_name")
	c.state(a, "correction")
	c.want(c.post("/requests/"+a.ID+"/pages/person", "mother_name", "Zvqmaenova Canaria"), http.StatusSeeOther, "correcting")
	c.want(c.post("/requests/"+a.ID+"/submit"), http.StatusSeeOther, "sending again")
	c.state(a, "verification")
	officer.claim(a)
	officer.act(a, "verify", checklist...)
	decider := h.staff(t, registrar)
	decider.claim(a)
	decider.act(a, "approve", "comment", "zvqdecisao")
	c.state(a, "issued")
	var item string
	eventually(t, "the certificate", func() bool {
		return h.one(t, `SELECT i.id::text FROM wallet.item i JOIN certificate.credential c ON c.id = i.credential_id WHERE c.subject_id = $1 AND c.document_id IS NOT NULL`, []any{a.ID}, &item) == nil
	})
	helper := h.visitor(t).signIn("/sign-in", "zvqajuda@mail.example")
	helper.want(helper.post("/profile", "name", "Zvqajudante Canaria", "lang", "en"), http.StatusSeeOther, "the helper's name")
	delegation := c.invite(helper, "zvqajuda@mail.example")
	helper.want(helper.post("/representing/"+delegation+"/accept"), http.StatusSeeOther, "accepting")
	helper.want(helper.post("/representing/"+delegation+"/act"), http.StatusSeeOther, "acting")
	if got := helper.get("/requests/" + a.ID); !strings.Contains(got.body, "Zvqnome") {
		t.Fatalf("the helper sees: %s", text(got.body))
	}
	c.want(c.post("/profile/representatives/new", "address", "zvqconvite@mail.example", "kind", "helper", "scope", "all"), http.StatusSeeOther, "asking somebody who is nobody yet")
	hurried := h.staff(t, dispatcher)
	hurried.want(hurried.post("/staff/emergency", "role", "lighting-technician", "agency", "iluminacao", "hours", "1", "reason", "Zvqmotivo urgente na rua"), http.StatusSeeOther, "an emergency")
	c.want(c.post("/wallet/"+item+"/share", "claims", "parents", "purpose", "zvqfinalidade", "until.day", "1", "until.month", "1", "until.year", "2027"), http.StatusOK, "sharing")
	if got := c.get("/wallet/" + item); !strings.Contains(got.body, "Zvqnascida Canaria") {
		t.Fatalf("the walk did not go where it should: %s", text(got.body))
	}
	eventually(t, "the last message", func() bool {
		return len(h.messages(t, h.tenant(t, "cv"), "canario.zvq@mail.example")) > 3
	})

	// "zvq" stands in every canary but the number.
	canaries := map[string][]string{}
	for _, word := range []string{
		"Zvqnome", "zvq@mail", "Zvqligacao", "Zvqnascida", "Zvqmae", "Zvqpai", "Zvqrequerente", "zvqoutro", "ZVQCONTEUDO", "zvqficheiro", "zvqnota", "zvqcomentario",
		"zvqdecisao", "zvqfinalidade", "1904-02-29", number, "zvqsenha", "zvqnovo", "zvqchave", secret,
		"zvqdecisao", "zvqfinalidade", "zvqajuda@mail", "Zvqajudante", "zvqconvite", "Zvqmotivo", "1904-02-29", number,
	} {
		canaries[word] = []string{word, strings.ToLower(word), strings.ToUpper(word), hex.EncodeToString([]byte(word)), hex.EncodeToString([]byte(strings.ToLower(word)))}
		for shift := range 3 { // base64 of it at any place of a longer text
			b := base64.RawStdEncoding.EncodeToString(append(bytes.Repeat([]byte{'x'}, shift), word...))
			if inner := b[(shift*8+5)/6 : len(b)-1]; len(inner) >= 8 {
				canaries[word] = append(canaries[word], inner)
			}
		}
	}
	h.searchTables(t, canaries)
	log := h.Log.String()
	for where, all := range map[string]string{"the log": log, "an address": h.asked.all(), "a dump of the database": h.dump(t, a.ID)} {
		if len(all) < 1000 {
			t.Fatalf("%s is empty", where)
		}
		for word, forms := range canaries {
			for _, form := range forms {
				if at := leak(all, form); at >= 0 {
					t.Errorf("%s has %s: …%s…", where, word, all[max(0, at-200):min(len(all), at+60)])
				}
			}
		}
	}
	for _, secret := range []string{"4242424242424242", "4242 4242 4242 4242"} {
		if strings.Contains(log, secret) {
			t.Error("the log has a card number")
		}
	}
}

// dump is what pg_dump, which backs databases up, writes of this one, in which a request must be.
func (h *house) dump(t *testing.T, request string) string {
	t.Helper()
	path, err := exec.LookPath("pg_dump")
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump"); err != nil && len(found) > 0 {
		path, err = found[len(found)-1], nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var out, said bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, "--dbname="+h.super)
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("pg_dump: %v: %s", err, said.String())
	}
	if !strings.Contains(out.String(), "COPY request.request") || !strings.Contains(out.String(), request) {
		t.Fatal("the dump has not got the request in it")
	}
	t.Logf("a dump of %d KiB was read", out.Len()>>10)
	return out.String()
}

// leak is where a form of a canary stands in a text, -1 if nowhere. Seven digits are spelt by chance somewhere in
// megabytes of sealed values and ids, which are shown in hexadecimal: digits count only where they stand alone or
// behind the country's code.
func leak(text, form string) int {
	if strings.Trim(form, "0123456789") != "" {
		return strings.Index(text, form)
	}
	const hexadecimal = "0123456789abcdefABCDEF"
	for from := 0; ; {
		at := strings.Index(text[from:], form)
		if at < 0 {
			return -1
		}
		at += from
		before, after := text[:at], text[at+len(form):]
		alone := (before == "" || !strings.ContainsAny(before[len(before)-1:], hexadecimal)) && (after == "" || !strings.ContainsAny(after[:1], hexadecimal))
		if alone || strings.HasSuffix(before, "238") {
			return at
		}
		from = at + 1
	}
}

// searchTables looks through every table of the database, river's included.
func (h *house) searchTables(t *testing.T, canaries map[string][]string) {
	t.Helper()
	pool := h.look(t)
	rows, err := pool.Query(t.Context(), `SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if len(tables) < 60 {
		t.Fatalf("only %d tables", len(tables))
	}
	read := 0
	for _, table := range tables {
		rows, err := pool.Query(t.Context(), fmt.Sprintf(`SELECT t::text FROM %s AS t`, table))
		if err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		for rows.Next() {
			var row string
			if err := rows.Scan(&row); err != nil {
				t.Fatal(err)
			}
			read++
			for word, forms := range canaries {
				for _, form := range forms {
					if at := leak(row, form); at >= 0 {
						t.Errorf("%s has %s: …%s…", table, word, row[max(0, at-120):min(len(row), at+40)])
					}
				}
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d rows of %d tables read", read, len(tables))
}

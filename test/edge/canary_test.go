package edge

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"digit/cmd/digit/app"
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
	a := c.draft()
	typed := answers()
	typed["who"] = []string{"for_whom", "other", "relationship", "Zvqligacao"}
	typed["person"] = []string{"full_name", "Zvqnascida Canaria", "birth_date.day", "29", "birth_date.month", "2", "birth_date.year", "1904", "birth_place", "CV-BV-01", "mother_name", "Zvqmae Canaria", "father_name", "Zvqpai Canario"}
	typed["contact"] = []string{"applicant_name", "Zvqrequerente Canario", "phone", "+238" + number, "email", "zvqoutro@mail.example"}
	content := append(picture(), []byte("ZVQCONTEUDO")...)
	c.fill(&a, typed, file{"identity_document.card", "zvqficheiro.png", "image/png", content})
	c.want(c.post("/requests/"+a.ID+"/submit"), http.StatusSeeOther, "sending")
	c.billed(a)
	c.want(c.post(c.charge(a), goodCard...), http.StatusSeeOther, "paying")
	c.state(a, "verification")
	officer := h.staff(t, clerk)
	officer.claim(a)
	officer.want(officer.post("/workbench/cases/"+a.ID+"/note", "note", "zvqnota interna"), http.StatusSeeOther, "a note")
	officer.act(a, "ask-correction", "comment", "zvqcomentario ao cidadão", "items", "mother_name")
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
	c.post("/wallet/"+item+"/share", "claims", "mother_name", "purpose", "zvqfinalidade", "until.day", "1", "until.month", "1", "until.year", "2027")
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
		"zvqdecisao", "zvqfinalidade", "1904-02-29", number,
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
	if !strings.Contains(log, "request") {
		t.Fatal("nothing was logged")
	}
	for word, forms := range canaries {
		for _, form := range forms {
			if at := leak(log, form); at >= 0 {
				t.Errorf("the log has %s: …%s…", word, log[max(0, at-200):min(len(log), at+60)])
			}
		}
	}
	for _, secret := range []string{"4242424242424242", "4242 4242 4242 4242"} {
		if strings.Contains(log, secret) {
			t.Error("the log has a card number")
		}
	}
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

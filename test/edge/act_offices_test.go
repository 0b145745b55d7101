package edge

import (
	"bytes"
	"context"
	"net/http"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/sheet"
	"digit/internal/provider/agency"
)

// officesTable is a spreadsheet with one office, which is new.
func officesTable(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := sheet.Write(&out, false, sheet.Table{Name: "x", Rows: [][]string{{"code", "name.pt"}, {"brava", "Brava"}}}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// absenceActs are about who is away and who stands in.
func (h *house) absenceActs(t *testing.T) {
	t.Helper()
	const at = "/console/agencies/dgrni/absences"
	admin, clerk := h.staff(t, administrator), h.recruit(t, "Zulmira Dias", "registry-clerk")
	h.do(t, "", func(ctx context.Context, tx *pg.Tx) error {
		return h.Agency.Assign(ctx, tx, identity.Principal{}, agency.Staff{Account: uuid.MustParse(clerk.account), Agency: "dgrni"})
	})
	own := func(year string) (absence string) {
		clerk.must("/staff/absences/new", "agency", "dgrni", "from", year+"-01-01", "until", year+"-01-02")
		err := h.one(t, `SELECT id::text FROM agency.absence WHERE account_id = $1 ORDER BY id DESC LIMIT 1`, []any{clerk.account}, &absence)
		if err != nil {
			t.Fatal(err)
		}
		return absence
	}
	first := own("2090")
	admin.seen("/staff/absences")
	admin.must("/staff/absences/" + first + "/confirm")
	clerk.must("/staff/absences/" + first + "/end")
	admin.must("/staff/absences/" + own("2091") + "/refuse")
	admin.must(at+"/new", "account", clerk.account, "from", "2092-01-01", "until", "2092-01-02")
	admin.seen("/console/agencies/dgrni/chart")
	admin.must(admin.led(at, at+"/[0-9a-f-]{36}") + "/end")
}

// importActs take a spreadsheet in and give it up, and take tables out.
func (h *house) importActs(t *testing.T) {
	t.Helper()
	const at = "/console/agencies/dgrni/imports"
	admin := h.staff(t, administrator)
	a := admin.upload(at, []file{{field: "file", name: "offices.xlsx", content: officesTable(t)}}, "kind", "offices")
	admin.want(a, http.StatusSeeOther, at)
	admin.seen(a.location)
	admin.must(a.location + "/discard")
	admin.seen("/console/agencies/dgrni/exports/staff")
}

// furnished are an absence that is asked for and an import that is looked at, of an agency.
func (h *house) furnished(t *testing.T) (absence, imported string) {
	t.Helper()
	h.do(t, "", func(ctx context.Context, tx *pg.Tx) error {
		away, err := h.Identity.AddStaff(ctx, tx, identity.AddStaff{Name: "Ema Alves", Email: "ema-" + newID() + "@demo.example", Lang: "pt"})
		if err != nil {
			return err
		}
		if err := h.Agency.Assign(ctx, tx, identity.Principal{}, agency.Staff{Account: away, Agency: "dgrni"}); err != nil {
			return err
		}
		a, err := h.Agency.AskAbsence(ctx, tx, identity.Principal{Account: away}, agency.AskAbsence{Agency: "dgrni", Account: away, Until: tx.Now.AddDate(1, 0, 0)})
		if err != nil {
			return err
		}
		i, err := h.Imports.Check(ctx, tx, identity.Principal{}, "dgrni", agency.ImportOffices, agency.Table{Columns: []string{"code", "name.pt"}, Rows: [][]string{{"brava", "Brava"}}})
		absence, imported = a.String(), i.String()
		return err
	})
	return absence, imported
}

package journey_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"digit/internal/infra/platform/sheet"
	"digit/test/browser"
)

// aSpreadsheet is a file with these rows.
func aSpreadsheet(t *testing.T, name string, rows ...[]string) string {
	t.Helper()
	var out bytes.Buffer
	if err := sheet.Write(&out, false, sheet.Table{Name: "Balcões", Rows: rows}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSpreadsheet: an administrator takes offices in from a spreadsheet, is told what is wrong with it, hands in a corrected one, has it
// done, and undoes it.
func TestSpreadsheet(t *testing.T) {
	t.Parallel()
	c := newClient(t, shared)
	c.signIn("rui.barros@demo.example", "")
	w := c.window(browser.Options{JS: true, Width: desk})
	const here = "/console/agencies/dgrni"
	hand := func(path string) {
		w.visit(here + "/imports")
		w.Choose("Balcões")
		w.Upload("file", path)
		w.Press("Examinar")
		w.arrive("/imports/")
	}
	head := []string{"Código", "Nome (Português)", "Morada", "Área"}
	hand(aSpreadsheet(t, "errado.xlsx", head, []string{"sal", "Conservatória do Sal", "Rua 1", "XX"}, []string{"maio", "Conservatória do Maio", "Rua 2", "CV-MA"}))
	w.See("Não há essa área")
	w.checked()
	w.Press("Abandonar")
	w.See("Nada foi feito")
	hand(aSpreadsheet(t, "certo.xlsx", head, []string{"sal", "Conservatória do Sal", "Rua 1", "CV-SL"}, []string{"maio", "Conservatória do Maio", "Rua 2", "CV-MA"}))
	w.DontSee("Não há essa área")
	taken := w.path()
	w.Press("Trazer")
	w.reach(taken, "As linhas estão feitas")
	w.checked()
	w.visit(here)
	w.See("Conservatória do Sal")
	w.visit(taken)
	w.Press("Desfazer")
	w.See("Desfazer esta importação?")
	w.next()
	w.reach(taken, "está como antes")
	w.visit(here)
	w.DontSee("Conservatória do Sal")
	pages := map[string]string{
		"agencies": "/agencies", "agency": "/agencies/dgrni", "console": here, "chart": here + "/chart", "absences": here + "/absences", "own": "/staff/absences",
		"imports": here + "/imports", "import": taken,
	}
	if os.Getenv("DIGIT_SHOTS") == "" { // each of them is looked at at one width; the pictures show the others
		pages = map[string]string{"agencies": "/agencies", "chart": here + "/chart", "own": "/staff/absences"}
	}
	for _, lang := range []string{"pt", "ar"} {
		c.get("/language/" + lang + "?next=/verify")
		for _, width := range []int{phone, tablet, desk} {
			if os.Getenv("DIGIT_SHOTS") == "" && width != phone {
				continue
			}
			v := c.window(browser.Options{JS: true, Width: width})
			for name, path := range pages {
				v.visit(path)
				v.Fits()
				v.checked()
				v.Shot(fmt.Sprintf("offices-%s-%s-%d", name, lang, width))
			}
		}
	}
}

package studio_test

import (
	"net/http"
	"strings"
	"testing"

	"digit/web/hook/hooktest"
)

// TestDecisionTable makes a table by the buttons of its page: columns, rows, cells; what is wrong stands at its cell, what is
// forgotten is said, and a trial shows the row that decides.
func TestDecisionTable(t *testing.T) {
	t.Parallel()
	v := visit(t, "en", designer)
	draft := begin(t, v)
	form := draft + "/form"
	post(t, v, form, form+"/question/add", http.StatusSeeOther, "page", "request", "new_label", "Zone", "new_kind", "choice")
	spot := "?page=request&question=zone"
	post(t, v, form+spot, form+"/question"+spot, http.StatusSeeOther, "page", "request", "question", "zone", "label.pt", "Zona", "option_lang", "pt", "code", "zone",
		"option.0.label", "Centro", "option.0.code", "centre", "option.1.label", "Praia", "option.1.code", "beach")
	post(t, v, form, form+"/question/add", http.StatusSeeOther, "page", "request", "new_label", "Area", "new_kind", "number")
	to, _, _ := strings.Cut(post(t, v, draft+"/tables", draft+"/tables/table/add", http.StatusSeeOther, "called", "Rate by zone"), "#")
	keep := strings.Replace(to, "/tables?", "/tables/table?", 1)
	// A new table looks at the first choice; the second column is added by its button, and keeps what was typed.
	post(t, v, to, keep, http.StatusSeeOther, "table_text.pt", "Taxa por zona", "cols", "1", "rows", "1", "gave", "number", "gives", "number", "was.0", "zone", "col.0", "zone",
		"cell.0.0.boxes", "yes", "cell.0.0", "centre", "then.0", "100", "do", "col")
	cells := []string{
		"table_text.pt", "Taxa por zona", "cols", "2", "gave", "number", "gives", "number", "was.0", "zone", "col.0", "zone", "was.1", "area", "col.1", "area",
		"cell.0.0.boxes", "yes", "cell.0.0", "centre", "then.0", "100",
	}
	post(t, v, to, keep, http.StatusSeeOther, append([]string{"rows", "1", "cell.0.1", "10..20", "do", "row"}, cells...)...)
	post(t, v, to, keep, http.StatusSeeOther, append([]string{"rows", "2", "cell.0.1", "ten", "cell.1.0.boxes", "yes", "cell.1.0", "beach", "cell.1.1", "≥ 5", "then.1", "70"}, cells...)...)
	if s := hooktest.Text(v.Get(to, http.StatusOK)); !strings.Contains(s, "is no cell for") {
		t.Errorf("the wrong cell is not said:\n%s", s)
	}
	post(t, v, to, keep, http.StatusSeeOther, append([]string{"rows", "2", "cell.0.1", "≤ 20", "cell.1.0.boxes", "yes", "cell.1.0", "beach", "cell.1.1", "5..9", "then.1", "70"}, cells...)...)
	s := v.Get(to, http.StatusOK)
	for _, want := range []string{`value="&lt;= 20"`, `value="5..9"`} {
		if !strings.Contains(s, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, want := range []string{"No row fits when Area is at least 21", "table.rate_by_zone"} {
		if text := hooktest.Text(s); !strings.Contains(text, want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
	tried := hooktest.Text(v.Get(to+"&try.zone=beach&try.area=7&calculate=yes", http.StatusOK))
	if !strings.Contains(tried, "Row 2 decides and gives 70.") {
		t.Errorf("the trial says:\n%s", tried)
	}
	// Rows are copied, moved and dropped; a text as the result is quoted for whoever types it.
	post(t, v, to, keep, http.StatusSeeOther, append([]string{"rows", "2", "cell.0.1", "<= 20", "cell.1.0.boxes", "yes", "cell.1.0", "beach", "cell.1.0.not", "yes", "cell.1.1", "", "then.1", "70", "do", "row-copy:1"}, cells...)...)
	if text := hooktest.Text(v.Get(to, http.StatusOK)); !strings.Contains(text, "Row 3 never decides") || !strings.Contains(text, "not Praia") {
		t.Errorf("after copying a row:\n%s", text)
	}
	for i := range cells {
		if i > 0 && cells[i-1] == "gives" {
			cells[i] = "text"
		}
	}
	post(t, v, to, keep, http.StatusSeeOther, append([]string{"rows", "1", "cell.0.1", "", "otherwise", "7", "do", ""}, cells...)...)
	file := v.Get(draft+"/export", http.StatusOK)
	if want := `otherwise: '"7"'`; !strings.Contains(file, want) {
		t.Errorf("the file lacks %s:\n%s", want, file)
	}
}

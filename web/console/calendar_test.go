package console_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"digit/web/hook/hooktest"
)

// sendFile posts a file as a browser does.
func sendFile(t *testing.T, v *hooktest.Visitor, path, content string, status int) string {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", "holidays.csv")
	if err == nil {
		_, err = part.Write([]byte(content))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	a := v.Send(http.MethodPost, path, w.FormDataContentType(), body.String())
	if a.Status != status {
		t.Fatalf("%s: %d, want %d\n%s", path, a.Status, status, hooktest.Text(a.Body))
	}
	return a.Body
}

// TestHolidays adds a holiday, renames it, finds it and takes it away again.
func TestHolidays(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	const day = "2031-03-17"
	holiday := url.Values{"day": {day}, "name.pt": {"Dia da Jangada"}, "name.en": {"Raft Day"}}
	for field, bad := range map[string]url.Values{
		"the day":  {"day": {"2031-02-30"}, "name.pt": {"Nunca"}},
		"the name": {"day": {day}, "name.en": {"Raft Day"}},
	} {
		if body := v.Post("/console/calendar/holidays/new", bad, http.StatusUnprocessableEntity); !strings.Contains(body, bad.Get("day")) {
			t.Errorf("what was typed is lost where %s is wrong", field)
		}
	}
	v.Post("/console/calendar/holidays/new", holiday, http.StatusSeeOther)
	if body := v.Get("/console/calendar?q=raft", http.StatusOK); !strings.Contains(body, "Raft Day") || !strings.Contains(body, "Monday") {
		t.Error("the holiday is not found")
	}
	holiday.Set("name.en", "Day of Rafts")
	v.Post("/console/calendar/holidays/"+day, holiday, http.StatusSeeOther)
	if body := v.Get("/console/calendar/holidays/"+day, http.StatusOK); !strings.Contains(body, "Day of Rafts") {
		t.Error("the holiday has its old name")
	}
	if a := v.Send(http.MethodGet, "/console/calendar?format=csv&q=rafts", "", ""); !strings.Contains(a.Body, day) {
		t.Errorf("the list as a file: %s", a.Body)
	}
	v.Get("/console/calendar/holidays/"+day+"/remove", http.StatusOK)
	v.Post("/console/calendar/holidays/"+day+"/remove", nil, http.StatusSeeOther)
	for _, gone := range []string{"/console/calendar/holidays/" + day, "/console/calendar/holidays/" + day + "/remove", "/console/calendar/holidays/tomorrow"} {
		v.Get(gone, http.StatusNotFound)
	}
}

// TestHolidayFile takes the holidays out as a file and in again: nothing changes. A file with mistakes changes nothing and each is
// named.
func TestHolidayFile(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	const path = "/console/calendar/holidays/import"
	v.Get(path, http.StatusOK)
	own := "day,pt,en\n2032-05-03,Dia do Mar,Day of the Sea\n2032-05-04,Dia do Vento,\n"
	sendFile(t, v, path, "\ufeff"+own, http.StatusSeeOther)
	export := func() string { return v.Get("/console/calendar/holidays.csv", http.StatusOK) }
	// the columns are in the order of the state's languages, which another test changes
	row := func(file, day string) (cells []string) {
		for line := range strings.Lines(file) {
			if rest, ok := strings.CutPrefix(strings.TrimSpace(line), day+","); ok {
				cells = strings.Split(rest, ",")
				slices.Sort(cells)
			}
		}
		return cells
	}
	before := export()
	sendFile(t, v, path, before, http.StatusSeeOther)
	for day, names := range map[string][]string{"2032-05-03": {"", "", "", "Day of the Sea", "Dia do Mar"}, "2032-05-04": {"", "", "", "", "Dia do Vento"}} {
		for _, file := range []string{before, export()} {
			if got := row(file, day); !slices.Equal(got, names) {
				t.Errorf("%s is %q, out and in: want %q", day, got, names)
			}
		}
	}
	wrong := sendFile(t, v, path, "day,pt\n2033-01-01,Bom\n2033-13-01,Mau\n2033-01-02,\n", http.StatusUnprocessableEntity)
	if !strings.Contains(wrong, "Row 3") || !strings.Contains(wrong, "Row 4") || strings.Contains(wrong, "Row 2") {
		t.Error("the rows at fault are not named")
	}
	if strings.Contains(export(), "2033-01-01") {
		t.Error("half of a wrong file was taken")
	}
	for name, content := range map[string]string{"empty": "", "other": "name,date\nx,y\n", "broken": "day,pt\n\"2033-01-01,x\n", "binary": "\x00\x01PK"} {
		if body := sendFile(t, v, path, content, http.StatusUnprocessableEntity); !strings.Contains(body, `id="file"`) {
			t.Errorf("a file that is %s: the form is gone", name)
		}
	}
}

// TestHours writes the opening hours as they are, and refuses what are none.
func TestHours(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	const path = "/console/calendar/hours"
	v.Get(path, http.StatusOK)
	for name, bad := range map[string]url.Values{
		"no hours at all": {}, "an end before the beginning": {"hours.mon": {"16:00-08:00"}}, "words": {"hours.tue": {"in the morning"}},
		"hours that overlap": {"hours.mon": {"08:00-12:00, 11:00-14:00"}},
	} {
		if body := v.Post(path, bad, http.StatusUnprocessableEntity); !strings.Contains(body, "There is a problem") {
			t.Errorf("%s: nothing is said", name)
		}
	}
	usual := url.Values{}
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri"} {
		usual.Set("hours."+day, "08:00-12:00, 12:00-16:00")
	}
	v.Post(path, usual, http.StatusSeeOther)
	if body := v.Get("/console/calendar", http.StatusOK); !strings.Contains(body, "08:00-12:00, 12:00-16:00") || !strings.Contains(body, "Closed") {
		t.Error("the page does not say the hours")
	}
}

// TestWorkplaces gives an office half days and a Saturday, finds them on its page, and takes them back.
func TestWorkplaces(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	const agency, office = "/console/calendar/agency:dgrni", "/console/calendar/office:dgrni:mindelo"
	if body := v.Get("/console/agencies/dgrni", http.StatusOK); !strings.Contains(body, agency) {
		t.Error("the agency's page has no link to its calendar")
	}
	if body := v.Get(agency, http.StatusOK); !strings.Contains(body, office) || !strings.Contains(body, "As The state") {
		t.Error("the agency's calendar names neither its offices nor whose hours it has")
	}
	week := url.Values{"hours.mon": {"08:00-12:00, 13:00-16:00"}, "hours.sat": {"08:00-12:00 (2, 4)"}}
	for name, bad := range map[string]url.Values{"six": {"hours.sat": {"08:00-12:00 (6)"}}, "both": {"hours.sat": {"08:00-12:00 (2, 4), 09:00-13:00 (4)"}}} {
		if body := v.Post(office+"/hours", bad, http.StatusUnprocessableEntity); !strings.Contains(body, "There is a problem") {
			t.Errorf("%s: nothing is said", name)
		}
	}
	v.Post(office+"/hours", week, http.StatusSeeOther)
	v.Post(office+"/holidays/new", url.Values{"day": {"2031-06-03"}, "name.pt": {"Dia do Porto"}, "hours": {"morning"}}, http.StatusUnprocessableEntity)
	v.Post(office+"/holidays/new", url.Values{"day": {"2031-06-03"}, "name.pt": {"Dia do Porto"}, "hours": {"08:00-11:00"}}, http.StatusSeeOther)
	sendFile(t, v, office+"/holidays/import", "day,hours,pt\n2031-06-04,,Fechado\n2031-06-05,09:00-10:00,Curto\n", http.StatusSeeOther)
	for page, says := range map[string][]string{
		office: {"08:00-12:00 (2, 4 of the month)", "Its own", "Dia do Porto", "08:00-11:00", "Curto", "Fechado"}, office + "/holidays.csv": {"2031-06-03,08:00-11:00,", "2031-06-04,,"},
		"/console/calendar/workplaces?own=yes": {office}, office + "?q=porto&format=csv": {"08:00-11:00"}, office + "/holidays/2031-06-03": {"08:00-11:00"}, office + "/hours": {"08:00-12:00 (2, 4)"},
	} {
		body := v.Get(page, http.StatusOK)
		for _, text := range says {
			if !strings.Contains(body, text) {
				t.Errorf("%s does not say %q", page, text)
			}
		}
	}
	if body := v.Get("/console/calendar", http.StatusOK); strings.Contains(body, "Dia do Porto") {
		t.Error("the office's day is the state's")
	}
	for _, day := range []string{"2031-06-03", "2031-06-04", "2031-06-05"} {
		v.Post(office+"/holidays/"+day+"/remove", nil, http.StatusSeeOther)
	}
	v.Post(office+"/hours", url.Values{}, http.StatusSeeOther)
	if body := v.Get(office, http.StatusOK); !strings.Contains(body, "As The state") {
		t.Error("the office does not follow the state again")
	}
	for _, nowhere := range []string{"agency:nobody", "office:dgrni:nowhere", "office:dgrni", "state", "x"} {
		v.Get("/console/calendar/"+nowhere, http.StatusNotFound)
	}
}

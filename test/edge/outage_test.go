package edge

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"digit/cmd/digit/app"
)

// TestLostConnections takes the database away again and again while twenty people send their applications. Each gets
// either a success or a page that says, in their language, that it did not work for now; in the end every application
// was sent once and whole.
func TestLostConnections(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	const people = 20
	var ready []application
	for range people {
		ready = append(ready, h.citizen(t, "Joana Lima").filled())
	}
	sorry := map[string]string{"en": "", "pt": "", "ar": ""}
	langs := []string{"en", "pt", "ar"}
	pool := h.look(t)
	stop := make(chan struct{})
	var killer sync.WaitGroup
	killed := 0
	killer.Add(1)
	go func() {
		defer killer.Done()
		for {
			select {
			case <-stop:
				return
			case <-time.After(3 * time.Millisecond):
				var n int
				err := pool.QueryRow(context.Background(), `SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
					WHERE datname = current_database() AND usename = 'digit_app'`).Scan(&n)
				if err != nil {
					t.Error(err)
					return
				}
				killed += n
			}
		}
	}()
	failed := 0
	for round := 0; round < 3; round++ {
		answers := atOnce(people, func(i int) answer {
			c := ready[i].citizen
			c.lang = langs[i%3]
			c.http.Jar.SetCookies(mustURL(t, c.base), []*http.Cookie{{Name: "lang", Value: c.lang, Path: "/"}})
			return c.form("/requests/" + ready[i].ID + "/submit")
		})
		for i, a := range answers {
			switch {
			case a.status == http.StatusSeeOther && strings.HasSuffix(a.location, "/sent"):
			case a.status == http.StatusServiceUnavailable:
				failed++
				lang := langs[i%3]
				if !strings.Contains(a.body, `lang="`+lang+`"`) || strings.Contains(a.body, "error.") || strings.Contains(text(a.body), "ui.") {
					t.Errorf("the refusal in %s: %s", lang, text(a.body))
				}
				sorry[lang] = a.body
			default:
				t.Errorf("got %d %q: %s", a.status, a.location, text(a.body))
			}
		}
	}
	close(stop)
	killer.Wait()
	t.Logf("%d connections killed, %d of %d posts refused", killed, failed, 3*people)
	if killed == 0 || failed == 0 {
		t.Error("nobody noticed the outage: the test proves nothing")
	}
	for _, app := range ready { // what failed is tried again, what did not is pressed twice
		app.citizen.want(app.citizen.post("/requests/"+app.ID+"/submit"), http.StatusSeeOther, "sending again")
	}
	for _, app := range ready {
		app.citizen.billed(app)
		for what, sql := range map[string]string{
			"requests sent":         `SELECT count(*) FROM request.request WHERE id = $1 AND status = 'submitted' AND reference <> ''`,
			"submissions on record": `SELECT count(*) FROM audit.entry WHERE object_id = $1 AND action = 'request.submit'`,
			"lines in the history":  `SELECT count(*) FROM request.entry WHERE request_id = $1 AND kind = 'submitted'`,
			"cases":                 `SELECT count(*) FROM workflow.instance WHERE id = $1`,
			"applications":          `SELECT count(*) FROM orchestration.application WHERE id = $1`,
			"demands":               `SELECT count(*) FROM payment.demand WHERE subject_id = $1`,
		} {
			if n := h.count(t, sql, app.ID); n != 1 {
				t.Errorf("%d %s, want 1", n, what)
			}
		}
	}
	if n := h.count(t, `SELECT count(DISTINCT reference) FROM request.request WHERE status = 'submitted'`); n != people {
		t.Errorf("%d references for %d applications", n, people)
	}
	if n := h.count(t, `SELECT max(substring(reference FROM '\d+$')::int) FROM request.request WHERE status = 'submitted'`); n != people {
		t.Errorf("the numbers have gaps: the last of %d is %d", people, n)
	}
	ready[0].citizen.want(ready[0].citizen.get("/readyz"), http.StatusOK, "/readyz afterwards")
}

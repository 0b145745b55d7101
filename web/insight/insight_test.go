package insight_test

import (
	"context"
	"encoding/csv"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"digit/internal/consumer/request"
	"digit/internal/infra/audit"
	"digit/internal/infra/audit/audittest"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/event"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/tenancy"
	"digit/internal/provider/analytics"
	"digit/internal/provider/orchestration/orchestrationtest"
	"digit/internal/provider/performance"
	"digit/web/frame"
	"digit/web/insight"
	"digit/web/locale"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// tower is a tenant with figures and insight's page in front of it.
type tower struct {
	*orchestrationtest.House
	people *identity.Service
	server http.Handler
	host   string
	code   string
	remarks
}

// remarks is what people wrote, for whoever may read it.
type remarks []request.Remark

// Remarks returns those of so many stars.
func (m remarks) Remarks(_ context.Context, _ *pg.Tx, by identity.Principal, f request.RemarkFilter, p page.Request) (found page.Page[request.Remark], err error) {
	if everywhere, _ := by.Reach(request.ReadRemarks); !everywhere {
		return found, request.ErrRemarks
	}
	for _, one := range m {
		if f.Stars == 0 || one.Stars == f.Stars {
			found.Rows = append(found.Rows, one)
		}
	}
	return found, nil
}

func (w *tower) SendCode(_ context.Context, _ *pg.Tx, m identity.CodeMessage) error {
	w.code = m.Code
	return nil
}

func setup(t *testing.T) *tower {
	t.Helper()
	w := &tower{House: orchestrationtest.New(t), remarks: remarks{
		{ID: id.New(), Service: "trade-licence", Agency: "cmp", Rate: request.Rate{Stars: 2, Words: "Nobody answered"}, At: time.Now()},
		{ID: id.New(), Service: "trade-licence", Agency: "cmp", Rate: request.Rate{Stars: 5, Words: "Friendly people"}, At: time.Now()},
	}}
	db := pgtest.Open(t, pgtest.AppURL(t))
	jobs := job.NewRegistry()
	bus := event.NewBus(jobs)
	settings := tenancy.New(tenancy.Deps{})
	figures := analytics.New(analytics.Deps{Zone: func(ctx context.Context, tx *pg.Tx) (*time.Location, error) {
		set, err := settings.Settings(ctx, tx)
		return set.Location(), err
	}})
	promises := performance.New()
	figures.Subscribe(bus)
	promises.Subscribe(bus)
	db.Use(nil, bus)
	w.people = identity.New(identity.Deps{Encryption: w.Encryption, Tenancy: settings, Codes: w})
	f := frame.New(frame.Deps{
		DB: db, Tenancy: settings, Identity: w.people, Origins: audit.New(audit.Deps{Keys: audittest.NewKeys()}), Catalog: catalog(t), Log: slog.New(slog.DiscardHandler), PublicURL: "http://localhost", DefaultTenant: "none",
	})
	router := chi.NewRouter()
	for _, route := range insight.New(insight.Deps{Analytics: figures, Performance: promises, Services: w.Catalog, Agencies: w.Agency, Calendars: w.Refdata, Remarks: w.remarks}).Routes() {
		router.Method(route.Method, route.Pattern, f.Handler(route))
	}
	w.server, w.host = router, "t"+strings.ReplaceAll(w.Tenant.String(), "-", "")+".localhost"
	w.happen(db)
	pgtest.Work(t, db, jobs)
	return w
}

// happen publishes what the page is to show: three licences and a complaint, one late, in the last days.
func (w *tower) happen(db *pg.DB) {
	w.T.Helper()
	err := db.InTx(w.T.Context(), pg.Scope{Tenant: w.Tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		at := func(days int) time.Time { return tx.Now.AddDate(0, 0, -days) }
		due := func(days int) *time.Time { d := at(days); return &d }
		licence := func(days int) exchange.Case {
			return exchange.Case{ID: id.New(), Service: "trade-licence", Agency: "cmp", Boundary: "CV-PR", At: at(days)}
		}
		kept, broken, open := licence(9), licence(8), licence(6)
		light := exchange.Case{ID: id.New(), Service: "streetlight-complaint", Agency: "iluminacao", At: at(2)}
		on := func(c exchange.Case, days int) exchange.Case { c.At = at(days); return c }
		for _, ev := range []pg.Event{
			exchange.CaseReceived{Case: kept, DueAt: due(3)},
			exchange.CaseReceived{Case: broken, DueAt: due(5)},
			exchange.CaseReceived{Case: open, DueAt: due(2)},
			exchange.CaseReceived{Case: light, DueAt: due(-2)},
			exchange.CasePaid{Case: on(kept, 7), Amount: money.Amount{Minor: 250000, Currency: "CVE"}},
			exchange.CaseDecided{Case: on(kept, 4), Outcome: "approved", Kept: true, Working: 12 * 3600},
			exchange.CaseDecided{Case: on(broken, 4), Outcome: "rejected", Working: 24 * 3600},
			exchange.CaseOverdue{Case: on(open, 2), DueAt: at(2)},
			exchange.RequestRated{ID: id.New(), Service: "trade-licence", Agency: "cmp", Stars: 2, Bad: []string{"news"}, RatedAt: at(3), At: at(3)},
			exchange.RequestRated{ID: id.New(), Service: "trade-licence", Agency: "cmp", Stars: 5, Good: []string{"staff"}, RatedAt: at(9), At: at(9)},
			exchange.RequestRated{ID: id.New(), Service: "streetlight-complaint", Agency: "iluminacao", Stars: 4, RatedAt: at(2), At: at(2)},
		} {
			if err := tx.Publish(ctx, ev); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.T.Fatal(err)
	}
}

// catalog is the product's catalogue.
func catalog(t *testing.T) *i18n.Catalog {
	t.Helper()
	c, err := locale.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// reader signs somebody in who may read the figures of an agency ("" of all) and returns how they ask for pages.
func (w *tower) reader(agency, lang string, permissions ...string) func(path string) (status int, body string) {
	w.T.Helper()
	var token string
	address := strings.ToLower(id.Token(6)) + "@example.org"
	role := "r" + strings.ToLower(strings.Trim(regexp.MustCompile(`[^a-zA-Z]`).ReplaceAllString(id.Token(12), ""), "-"))
	w.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		if err := w.people.PutRole(ctx, tx, identity.Role{Code: role, Name: i18n.Text{"en": role}, Permissions: permissions}); err != nil {
			return err
		}
		account, err := w.people.AddStaff(ctx, tx, identity.AddStaff{Name: "Ana Analista", Email: address, Lang: lang})
		if err != nil {
			return err
		}
		if _, err := w.people.GrantFor(ctx, tx, identity.NewGrant{Account: account, Role: role, Agency: agency}); err != nil {
			return err
		}
		sent, err := w.people.StartCode(ctx, tx, identity.StartCode{Channel: identity.ChannelEmail, Address: address, Lang: lang, Staff: true})
		if err != nil {
			return err
		}
		in, err := w.people.FinishCode(ctx, tx, sent, w.code)
		token = in.Token
		return err
	})
	return func(path string) (int, string) {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host = w.host
		r.AddCookie(&http.Cookie{Name: "digit", Value: token})
		r.AddCookie(&http.Cookie{Name: "lang", Value: lang})
		rec := httptest.NewRecorder()
		w.server.ServeHTTP(rec, r)
		b, err := io.ReadAll(rec.Result().Body)
		if err != nil {
			w.T.Fatal(err)
		}
		return rec.Code, string(b)
	}
}

var both = []string{analytics.Read, performance.Read}

var (
	leaked = regexp.MustCompile(`>[^<]*\b(insight|ratings?)\.[a-z_]+`)
	tags   = regexp.MustCompile(`<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
)

func text(html string) string { return spaces.ReplaceAllString(tags.ReplaceAllString(html, " "), " ") }

func TestOverview(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ask := w.reader("", "en", both...)
	status, page := ask("/insight")
	if status != 200 {
		t.Fatalf("%d: %s", status, text(page))
	}
	for _, want := range []string{
		"Applications received 4", "Applications decided 2", "Decided on time 50%", "1.5 working days", "Overdue now 1 of 2 open cases", "None in the period before",
		"Trade licence", "Cases overdue now", "All agencies",
	} {
		if !strings.Contains(text(page), want) {
			t.Errorf("the page lacks %q:\n%s", want, text(page))
		}
	}
	if _, week := ask("/insight?days=7"); !strings.Contains(text(week), "Applications received 2") {
		t.Errorf("seven days:\n%s", text(week))
	}
	if _, one := ask("/insight?agency=iluminacao"); !strings.Contains(text(one), "Applications received 1") || strings.Contains(text(one), "Trade licence") {
		t.Errorf("one agency:\n%s", text(one))
	}
}

func TestReach(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ask := w.reader("iluminacao", "en", both...)
	if status, page := ask("/insight"); status != 200 || strings.Contains(page, "Trade licence") || strings.Contains(page, "agency=cmp") {
		t.Errorf("an agency's analyst: %d\n%s", status, text(page))
	}
	if status, _ := ask("/insight?agency=cmp"); status != 403 {
		t.Errorf("another agency: %d", status)
	}
	if status, _ := ask("/insight/export.csv?agency=cmp"); status != 403 {
		t.Errorf("another agency's file: %d", status)
	}
	figuresOnly := w.reader("", "en", analytics.Read)
	if status, page := figuresOnly("/insight"); status != 200 || strings.Contains(text(page), "Overdue now") {
		t.Errorf("without performance:read: %d\n%s", status, text(page))
	}
	neither := w.reader("", "en", "workbench:use")
	if status, _ := neither("/insight"); status != 403 {
		t.Errorf("without permission: %d", status)
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ask := w.reader("", "en", both...)
	_, body := ask("/insight/export.csv")
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 3 {
		t.Fatalf("%d lines: %v", len(lines), lines)
	}
	got := strings.Join(lines[1][3:], ";")
	if want := "Trade licence;3;2;1;1;0;2500.00;1;1;1;1;50;1.50"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestLanguages renders the page in each language and direction, full and empty.
func TestLanguages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for lang, dir := range map[string]string{"pt": "ltr", "en": "ltr", "ar": "rtl"} {
		ask := w.reader("", lang, both...)
		for _, path := range []string{"/insight", "/insight?days=90", "/insight?agency=dgrni", "/insight/export.csv", "/insight/ratings", "/insight/ratings?agency=dgrni", "/insight/ratings.csv"} {
			status, page := ask(path)
			if status != 200 || strings.HasPrefix(page, "<!") && !strings.Contains(page, `lang="`+lang+`" dir="`+dir+`"`) {
				t.Errorf("%s in %s: %d", path, lang, status)
			}
			if key := leaked.FindString(page); key != "" {
				t.Errorf("%s in %s has a key for a word: %s", path, lang, key)
			}
		}
	}
}

// TestRatings shows how people found the services, of all and of one, with what they wrote for whoever may read it.
func TestRatings(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ask := w.reader("", "en", append(both, request.ReadRemarks)...)
	if _, page := ask("/insight?days=30"); !strings.Contains(page, `href="/insight/ratings?days=30"`) {
		t.Error("the overview does not lead there")
	}
	status, page := ask("/insight/ratings")
	if status != 200 {
		t.Fatalf("%d: %s", status, text(page))
	}
	for _, want := range []string{"Average 3.7", "Ratings 3", "Went well 67% 2 people", "Went badly 33% 1 person", "Being told what happens", "Nobody answered", "Friendly people", "Average over time"} {
		if !strings.Contains(text(page), want) {
			t.Errorf("the page lacks %q:\n%s", want, text(page))
		}
	}
	if _, one := ask("/insight/ratings?service=streetlight-complaint"); !strings.Contains(text(one), "Average 4 ") || strings.Contains(text(one), "Being told what happens") {
		t.Errorf("one service:\n%s", text(one))
	}
	if _, few := ask("/insight/ratings?stars=2"); !strings.Contains(few, "Nobody answered") || strings.Contains(few, "Friendly people") {
		t.Errorf("two stars:\n%s", text(few))
	}
	_, file := ask("/insight/ratings.csv")
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file, "\ufeff"))).ReadAll()
	if err != nil || len(lines) != 3 || strings.Join(lines[2][3:], ";") != "Trade licence;2;3.50;0;1;0;0;1" {
		t.Errorf("%v, %v", lines, err)
	}
	numbers := w.reader("", "en", both...)
	if status, page := numbers("/insight/ratings"); status != 200 || strings.Contains(page, "Nobody answered") || strings.Contains(page, "What people wrote") {
		t.Errorf("without request:remarks: %d\n%s", status, text(page))
	}
	if status, _ := w.reader("iluminacao", "en", both...)("/insight/ratings?agency=cmp"); status != 403 {
		t.Errorf("another agency: %d", status)
	}
	if status, _ := w.reader("", "en", analytics.Read)("/insight/ratings"); status != 403 {
		t.Errorf("without performance:read: %d", status)
	}
}

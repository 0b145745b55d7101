package exchange_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/event"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
)

var update = flag.Bool("update", false, "write the golden files, to which fields may be added and from which none may go")

func envelope[E pg.Event](t *testing.T, e E) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(event.Envelope[E]{
		ID: uuid.MustParse("0198c0de-0000-7000-8000-000000000001"), Tenant: uuid.MustParse("0198c0de-0000-7000-8000-000000000002"),
		Time: time.Date(2026, 3, 2, 11, 30, 0, 0, time.UTC), Actor: pg.Actor{Kind: "staff", IP: "192.0.2.1"}, Data: e,
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestEventsAsCloudEvents holds the case events to what was published first: others count on each of these fields.
func TestEventsAsCloudEvents(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 11, 30, 0, 0, time.UTC)
	due := at.AddDate(0, 0, 3)
	c := exchange.Case{
		ID: uuid.MustParse("0198c0de-0000-7000-8000-000000000003"), Service: "trade-licence", Agency: "cmp", Boundary: "CV-PR", At: at,
	}
	clerk := uuid.MustParse("0198c0de-0000-7000-8000-000000000004")
	got := map[string]json.RawMessage{
		"received": envelope(t, exchange.CaseReceived{Case: c, DueAt: &due}),
		"moved": envelope(t, exchange.CaseMoved{
			Case: c, From: "received", To: "inspection", Action: "accept", Kind: "work", Actor: clerk, Working: 5400, DueAt: &due, Paused: true,
		}),
		"decided": envelope(t, exchange.CaseDecided{Case: c, Outcome: "approved", Kept: true, Working: 36000}),
		"paid":    envelope(t, exchange.CasePaid{Case: c, Amount: money.Amount{Minor: 250000, Currency: "CVE"}}),
		"rated": envelope(t, exchange.RequestRated{
			ID: c.ID, Service: "trade-licence", Agency: "cmp", Stars: 2, Good: []string{"staff"}, Bad: []string{"time"}, RatedAt: at, At: due,
		}),
		"overdue": envelope(t, exchange.CaseOverdue{Case: c, DueAt: due}),
	}
	path := filepath.Join("testdata", "events.json")
	golden := map[string]any{}
	if raw, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(raw, &golden); err != nil {
			t.Fatal(err)
		}
	}
	now := map[string]any{}
	raw, err := json.Marshal(got)
	if err == nil {
		err = json.Unmarshal(raw, &now)
	}
	if err != nil {
		t.Fatal(err)
	}
	if lost := missing("", golden, now); len(lost) > 0 {
		t.Fatalf("published before, and gone or changed now: %v", lost)
	}
	if *update {
		var b bytes.Buffer
		if err := json.Indent(&b, raw, "", "  "); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(b.Bytes(), '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(golden, now); diff != "" {
		t.Errorf("new, to be kept for good (-update):\n%s", diff)
	}
}

// missing returns the paths that are in golden and not, or with another value, in now.
func missing(path string, golden, now any) (lost []string) {
	g, ok := golden.(map[string]any)
	if !ok {
		if !cmp.Equal(golden, now) {
			return []string{path}
		}
		return nil
	}
	n, _ := now.(map[string]any)
	for key, v := range g {
		lost = append(lost, missing(path+"."+key, v, n[key])...)
	}
	return lost
}

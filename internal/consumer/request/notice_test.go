package request_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/i18n"
)

// told returns what was sent since the last call, as "channel to: subject / text".
func (b *bundle) told() (list []string) {
	b.t.Helper()
	b.post.mu.Lock()
	defer b.post.mu.Unlock()
	for _, m := range b.post.sent {
		line := m.Channel + " " + m.To + ": " + m.Text
		if m.Subject != "" && m.Channel == "email" {
			line = m.Channel + " " + m.To + ": " + m.Subject + " / " + m.Text
		}
		list = append(list, line)
	}
	b.post.sent = nil
	return list
}

func (b *bundle) expectTold(what string, want ...string) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.told()); diff != "" {
		b.t.Errorf("%s: %s", what, diff)
	}
}

func TestNotices(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.submitted()
	b.expectTold("nothing before the provider answers")
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Received, State: "review", StateName: i18n.Text{"pt": "Em análise", "en": "In review"}})
	b.expectTold("received", "sms +2389912345: Dulce CANARIO, we have received "+r.Reference+": https://cv.example.org/requests/"+r.ID.String())
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.DemandMade})
	b.expectTold("a step without a notice")
	for range 2 { // a case may come to a state twice, and each time is told
		b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Moved, State: "review", StateName: i18n.Text{"pt": "Em análise", "en": "In review"}})
		b.expectTold("moved", "sms +2389912345: "+r.Reference+" is In review")
	}
	// An address that was never proved may be somebody else's.
	b.count(`WITH gone AS (UPDATE identity.contact SET verified_at = NULL RETURNING 1) SELECT count(*) FROM gone`)
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Decided, State: "granted", Outcome: "approved"})
	b.expectTold("to an address that was not proved")
}

func TestNoticeByMail(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person = b.register("email", "dulce@example.org", "Dulce")
	r := b.submitted()
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Correction, State: "waiting", Items: []string{"name"}})
	b.expectTold("a notice that goes by telephone alone")
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Decided, State: "granted", Outcome: "approved"})
	b.expectTold("approved", "email dulce@example.org: Granted: "+r.Reference+" / Granted "+r.Reference+"\n\nRate https://cv.example.org/requests/"+r.ID.String()+"/rate")
}

func TestReminders(t *testing.T) {
	t.Parallel()
	b := setup(t)
	day := 24 * time.Hour
	r := b.start("pt")
	b.travel(2 * day)
	b.fill(r.ID, "who", "name=Dulce", "partner=no") // puts the reminder off, in English from now on
	b.travel(2 * day)
	b.expectTold("touched in between")
	b.travel(day + time.Hour)
	b.expectTold("a draft of three days", "sms +2389912345: Finish Market stall")
	b.travel(30 * day)
	b.expectTold("a draft is told of once")

	r = b.submitted()
	b.travel(30 * day)
	b.expectTold("submitted")
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Correction, State: "waiting", Items: []string{"name"}})
	b.expectTold("correction", "sms +2389912345: Correct "+r.Reference)
	b.travel(5*day + time.Hour)
	b.expectTold("a correction of five days", "sms +2389912345: Finish Market stall")
	b.travel(30 * day)
	b.expectTold("a correction is told of once")

	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Correction, State: "waiting", Items: []string{"name"}})
	b.told()
	b.fill(r.ID, "who", "name=Dulce", "partner=no")
	_, err := b.submit(r.ID)
	b.must(err)
	b.travel(30 * day)
	b.expectTold("corrected in time")
}

package request_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

func isNotFound(err error) bool { return errors.Is(err, request.ErrNotFound) }

// kinds returns the timeline in short.
func kinds(r request.Request) string {
	var list []string
	for _, e := range r.Timeline {
		list = append(list, e.Kind)
	}
	return strings.Join(list, " ")
}

func (b *bundle) withdraw(request uuid.UUID) error {
	return b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.Withdraw(ctx, tx, b.person, request) })
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.start("en")
	_, err := b.submit(r.ID)
	b.want(err, request.ErrIncomplete)
	var paths []string
	for _, f := range fault.Of(err).Fields {
		paths = append(paths, f.Path)
	}
	if diff := cmp.Diff([]string{"name", "partner", "place", "deed"}, paths); diff != "" {
		t.Error(diff)
	}
	// Answers of a page that was asked and is not any more stay out of what is sent.
	b.fill(r.ID, "who", "name=Dulce", "partner=yes", "partner_share=50")
	b.fill(r.ID, "partner", "partner_name=Nilton")
	b.fill(r.ID, "who", "name=Dulce", "partner=no")
	_, err = b.attach(r.ID, "deed", "titulo.pdf", deed)
	b.must(err)
	b.fill(r.ID, "place", "place=CV-PR")
	first, err := b.submit(r.ID)
	b.must(err)
	second, err := b.submit(r.ID)
	b.must(err)
	if !regexp.MustCompile(`^BC-\d{4}-000001$`).MatchString(first.Reference) || second.Reference != first.Reference || first.Status != request.Submitted {
		t.Errorf("%q and %q, %s", first.Reference, second.Reference, first.Status)
	}
	b.work()
	if len(b.got) != 1 {
		t.Fatalf("the provider got %d requests", len(b.got))
	}
	got := b.got[0]
	answers, err := servicespec.DecodeAnswers(got.Answers)
	b.must(err)
	if answers["partner_name"] != nil || answers["name"] != "Dulce" || answers["deed"] == nil {
		t.Errorf("%v", answers)
	}
	if got.ID != r.ID || got.Kind != exchange.Apply || got.Reference != first.Reference || got.Name != "Dulce CANARIO" || got.Lang != "en" ||
		got.Person != b.person || got.Version != 1 {
		t.Errorf("%+v", got)
	}
	after := b.request(r.ID)
	if kinds(after) != "submitted" || after.SubmittedAt == nil || after.Answers["partner_name"] != nil {
		t.Errorf("%+v", after)
	}
	_, err = b.save(r.ID, "who", "name=Somebody")
	b.want(err, request.ErrNotEditable)
	_, err = b.attach(r.ID, "deed", "x.pdf", deed)
	b.want(err, request.ErrNotEditable)
	if next := b.start("en"); next.ID == r.ID {
		t.Error("begun again, it is the submitted one")
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.submitted()
	promised := time.Date(2026, 12, 24, 17, 0, 0, 0, time.UTC)
	demand := exchange.DemandRef{ID: id.New(), Amount: money.Amount{Minor: 250000, Currency: "CVE"}}
	credential := id.New()
	b.respond(exchange.ServiceResponse{
		RequestID: r.ID, Kind: exchange.Received, State: "review", StateName: i18n.Text{"en": "In review"}, Promised: &promised,
	})
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.DemandMade, Demand: &demand})
	if got := b.request(r.ID); !got.ToPay() || got.State != "review" || got.StateName["en"] != "In review" || !got.Promised.Equal(promised) {
		t.Errorf("%+v", got)
	}
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Paid, Receipt: "RB-1"})
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Certificate, Certificate: "LC-1", CertificateID: credential})
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Decided, Outcome: "approved", State: "granted"})
	got := b.request(r.ID)
	if got.Status != request.Closed || got.Outcome != "approved" || got.Receipt != "RB-1" || got.Certificate != credential || got.ToPay() || got.Demand.Amount != demand.Amount {
		t.Errorf("%+v", got)
	}
	if want := "submitted received demand paid certificate approved"; kinds(got) != want {
		t.Errorf("%s, not %s", kinds(got), want)
	}
	// What ended stays ended, whatever comes after.
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Correction, Items: []string{"name"}})
	if got := b.request(r.ID); got.Status != request.Closed {
		t.Errorf("%s", got.Status)
	}
	_, err := b.submit(r.ID)
	b.want(err, request.ErrEnded)
	b.want(b.withdraw(r.ID), request.ErrEnded)
}

// TestTerse follows a provider with a system of its own, which sends codes and no words, the first of them late.
func TestTerse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.submitted()
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Moved, State: "review"})
	if got := b.request(r.ID); got.StateName["en"] != "In review" {
		t.Errorf("a state told by its code: %v", got.StateName)
	}
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Moved, State: "elsewhere"})
	if got := b.request(r.ID); got.State != "elsewhere" || len(got.StateName) != 0 {
		t.Errorf("a state that the service does not have: %s %v", got.State, got.StateName)
	}
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Decided, State: "approved", Outcome: "approved"})
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Received, State: "review"})
	if got := b.request(r.ID); got.Status != request.Closed || got.StateName["en"] != "Granted" {
		t.Errorf("an end told by its outcome: %s %v", got.Status, got.StateName)
	}
}

// TestRefused has the provider refuse the answers at its door: they come back with only the questions at fault open, and go
// out again as a new request.
func TestRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.submitted()
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Refused, Fields: []fault.Field{{Path: "place", Code: "not_an_option"}}})
	got := b.request(r.ID)
	if got.Status != request.Correction || !got.Editable("place") || got.Editable("name") || got.Answers["name"] == nil {
		t.Errorf("%+v", got)
	}
	b.fill(r.ID, "who", "name=Somebody else", "partner=yes")
	b.fill(r.ID, "place", "place=CV-PR", "wish=another")
	again, err := b.submit(r.ID)
	b.must(err)
	b.work()
	if len(b.got) != 2 || b.got[1].Kind != exchange.Apply || again.Reference != r.Reference {
		t.Fatalf("%d, the last %+v", len(b.got), b.got[len(b.got)-1])
	}
	if diff := cmp.Diff(string(b.got[0].Answers), string(b.got[1].Answers)); diff != "" {
		t.Errorf("what was not asked changed: %s", diff)
	}
	if got := b.request(r.ID); got.Status != request.Submitted || len(got.Items) != 0 || !got.SubmittedAt.Equal(r.SubmittedAt.Truncate(time.Microsecond)) {
		t.Errorf("%+v", got)
	}
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Refused, Fields: []fault.Field{{Path: "service", Code: "catalog.not_offered"}}})
	b.must(b.withdraw(r.ID)) // the provider has no case that it could confirm
	b.work()
	if got := b.request(r.ID); got.Status != request.Closed || got.Outcome != "withdrawn" || len(b.got) != 2 {
		t.Errorf("%s %s, %d sent", got.Status, got.Outcome, len(b.got))
	}
}

func TestCorrection(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.submitted()
	first := b.request(r.ID).Answers["deed"].([]servicespec.File)[0]
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Correction, State: "waiting", Items: []string{"partner", "deed"}, Note: "Tem sócio?"})
	got := b.request(r.ID)
	if got.Status != request.Correction || got.Note != "Tem sócio?" || got.Editable("name") || !got.Editable("partner") || got.Editable("photos") {
		t.Errorf("%+v", got)
	}
	_, err := b.attach(r.ID, "photos", "foto.png", "\x89PNG\r\n\x1a\n")
	b.want(err, request.ErrLocked)
	b.want(b.detach(r.ID, "photos", first.ID), request.ErrLocked)
	second, err := b.attach(r.ID, "deed", "novo.pdf", deed)
	b.must(err)
	if !b.stored(first.ID) {
		t.Error("the file that the provider was told of is gone")
	}
	b.fill(r.ID, "place", "place=CV-XX", "wish=tampered", "photos="+first.ID.String())

	// The corrected answer asks for more: those questions open, or nobody could go on.
	if wrong, err := b.save(r.ID, "who", "name=Tampered", "phone=9912345", "partner=yes"); err != nil || wrong != "partner_share" {
		t.Errorf("at fault: %q, %v", wrong, err)
	}
	_, err = b.submit(r.ID)
	b.want(err, request.ErrIncomplete)
	b.fill(r.ID, "who", "name=Tampered", "phone=9912345", "partner=yes", "partner_share=50")
	b.fill(r.ID, "partner", "partner_name=Nilton")
	_, err = b.submit(r.ID)
	b.must(err)
	b.work()
	if len(b.got) != 2 || b.got[1].Kind != exchange.Correct || b.got[1].Reference != r.Reference {
		t.Fatalf("%+v", b.got)
	}
	answers, err := servicespec.DecodeAnswers(b.got[1].Answers)
	b.must(err)
	want := servicespec.Answers{
		"name": "Dulce CANARIO", "partner": true, "partner_share": int64(50), "partner_name": "Nilton", "place": "CV-PR", "wish": "CANARIO",
		"deed": []servicespec.File{second},
	}
	if diff := cmp.Diff(want, answers); diff != "" {
		t.Error(diff)
	}
	if got := b.request(r.ID); kinds(got) != "submitted correction corrected" || got.Note != "" || !b.stored(first.ID) {
		t.Errorf("%s; %+v", kinds(got), got)
	}
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.want(b.withdraw(b.start("en").ID), request.ErrEnded)
	r := b.submitted()
	for range 2 {
		b.must(b.withdraw(r.ID))
	}
	b.work()
	if len(b.got) != 2 || b.got[1].Kind != exchange.Withdraw || b.request(r.ID).Status != request.Submitted {
		t.Fatalf("%d sent, %s", len(b.got), b.request(r.ID).Status)
	}
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Decided, State: "gone", Outcome: "withdrawn"})
	if got := b.request(r.ID); got.Status != request.Closed || got.Outcome != "withdrawn" {
		t.Errorf("%+v", got)
	}
}

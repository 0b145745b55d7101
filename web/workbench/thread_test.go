package workbench_test

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

var formID = regexp.MustCompile(`name="message" value="([^"]+)"`)

// TestThread: the officer reads what the citizen wrote, answers in words of their own, and what is wrong with them keeps them on the page.
func TestThread(t *testing.T) {
	t.Parallel()
	o := setup(t)
	clerk := o.officer("Clara Clerk", "registry-clerk", "dgrni", "en")
	app := o.paid("Maria Évora", "RC-2026-000001")
	path := "/workbench/cases/" + app.String()
	want(t, clerk.page(200, "GET", path, nil), "No messages yet", "Messages with the citizen")
	o.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		person, err := o.Applications.People(ctx, tx, app)
		if err != nil {
			return err
		}
		return o.Applications.Receive(ctx, tx, exchange.ServiceRequest{
			ID: app, Kind: exchange.Message, Service: "birth-certificate", Person: person[app], Note: "Falta muito?\n<b>", Message: id.New(), SubmittedAt: tx.Now,
		})
	})
	want(t, clerk.page(200, "GET", path, nil), "1 new message")
	thread := clerk.page(200, "GET", path+"/messages", nil)
	want(t, thread, "Maria Évora", "Falta muito?\n&lt;b&gt;", "Your message to Maria Évora")
	if strings.Contains(clerk.page(200, "GET", path, nil), "new message") {
		t.Error("what was read is still new")
	}
	long := strings.Repeat("á", 4001)
	want(t, clerk.page(422, "POST", path+"/messages", url.Values{"words": {long}}), "at most", long)
	form := url.Values{"message": {formID.FindStringSubmatch(thread)[1]}, "words": {"Amanhã, às 9."}}
	for range 2 {
		if to := clerk.post(path+"/messages", form); to != path+"/messages?done=request.written#write" {
			t.Errorf("leads to %s", to)
		}
	}
	after := clerk.page(200, "GET", path+"/messages?done=request.written", nil)
	want(t, after, "Amanhã, às 9.", "Clara Clerk", "Sent, not read yet", "Your message is sent")
	if n := strings.Count(after, "Amanhã"); n != 1 {
		t.Errorf("written %d times", n)
	}
	stranger := o.officer("Sara Stranger", "licence-clerk", "cmp", "en")
	stranger.page(403, "GET", path+"/messages", nil)
	stranger.page(403, "POST", path+"/messages", form)
}

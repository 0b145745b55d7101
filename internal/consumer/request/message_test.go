package request_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/document"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// TestMessages: what the citizen writes goes to the office once, with its files; what the office writes is told, unread until it is read, and the
// office hears of the reading.
func TestMessages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	draft := b.start("en")
	write := func(r, message uuid.UUID, words string, files ...document.Upload) error {
		return b.mine(func(ctx context.Context, tx *pg.Tx) error {
			return b.Write(ctx, tx, b.person, r, request.WriteMessage{ID: message, Words: words, Files: files})
		})
	}
	b.want(write(draft.ID, id.New(), "Too early"), request.ErrSilent)
	b.must(b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.Discard(ctx, tx, b.person, draft.ID) }))
	r := b.submitted()
	b.want(write(r.ID, id.New(), "Not there yet"), request.ErrSilent)
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Received, State: "review"})

	photo, err := b.files.Inspect(t.Context(), "stall.pdf", "application/pdf", strings.NewReader(deed))
	b.must(err)
	mine := id.New()
	for range 2 { // the button was pressed twice
		b.must(write(r.ID, mine, "  Is the north side free? CANARIO ", photo))
	}
	b.work()
	sent := b.got[len(b.got)-1]
	if sent.Kind != exchange.Message || sent.Message != mine || sent.Note != "Is the north side free? CANARIO" || len(sent.Files) != 1 || sent.Files[0].Name != "stall.pdf" {
		t.Errorf("the office got %+v", sent)
	}
	if n := len(slices.DeleteFunc(slices.Clone(b.got), func(g exchange.ServiceRequest) bool { return g.Kind != exchange.Message })); n != 1 {
		t.Errorf("the office got it %d times", n)
	}
	b.want(write(r.ID, id.New(), " \n "), request.ErrWords)
	b.want(write(r.ID, id.New(), strings.Repeat("x", 4001)), request.ErrWords)
	b.want(write(r.ID, id.New(), "Many", slices.Repeat([]document.Upload{photo}, 6)...), request.ErrTooManyFiles)

	theirs, before := id.New(), len(b.post.sent)
	for range 2 { // delivered again
		b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Message, Message: theirs, Note: "It is. CANARIO"})
	}
	if told := b.post.sent[before:]; len(told) != 1 || !strings.Contains(told[0].Text, "https://cv.example.org/requests/"+r.ID.String()) || strings.Contains(told[0].Text, "CANARIO") {
		t.Errorf("told %+v", told)
	}
	if got := b.request(r.ID); got.State != "review" || got.Status != request.Submitted {
		t.Errorf("a message moved the request: %+v", got)
	}
	unread := func() (n int) {
		b.must(b.mine(func(ctx context.Context, tx *pg.Tx) error {
			counts, err := b.Unread(ctx, tx, r.ID)
			n = counts[r.ID]
			return err
		}))
		return n
	}
	if n := unread(); n != 1 {
		t.Errorf("%d unread", n)
	}
	var thread []request.Message
	read := func() {
		t.Helper()
		b.must(b.mine(func(ctx context.Context, tx *pg.Tx) (err error) {
			thread, err = b.ReadThread(ctx, tx, b.person, r.ID)
			return err
		}))
		b.work()
	}
	read()
	if len(thread) != 2 || thread[0].Words != "Is the north side free? CANARIO" || thread[0].Author != b.person || thread[0].ReadAt != nil || thread[1].Side != request.Office {
		t.Errorf("thread %+v", thread)
	}
	if seen := b.got[len(b.got)-1]; unread() != 0 || seen.Kind != exchange.Seen || !seen.SubmittedAt.Equal(thread[1].At) {
		t.Errorf("%d unread, the office got %+v", unread(), seen)
	}
	n := len(b.got)
	read()
	if len(b.got) != n {
		t.Error("reading again tells again")
	}
	b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		return b.exchange.SendResponse(ctx, tx, exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Seen, At: thread[0].At})
	})
	b.work()
	if read(); thread[0].ReadAt == nil {
		t.Error("the citizen does not see that the office has read")
	}
	if n := b.count(`SELECT count(*) FROM request.message WHERE position('CANARIO'::bytea IN words) > 0 OR position('stall'::bytea IN coalesce(files, '')) > 0`); n != 0 {
		t.Errorf("%d messages lie in clear", n)
	}
	other := b.register("sms", "9977777", "Olga Other")
	b.want(b.try(pg.Actor{ID: other, Kind: "person"}, func(ctx context.Context, tx *pg.Tx) error {
		return b.Write(ctx, tx, other, r.ID, request.WriteMessage{ID: id.New(), Words: "x"})
	}), request.ErrNotFound)
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Decided, State: "done", Outcome: "approved"})
	b.travel(time.Minute)
	b.want(write(r.ID, id.New(), "Too late"), request.ErrSilent)
}

// TestNoticeInOwnWords: what the product says of news is said in the state's words, where it has its own.
func TestNoticeInOwnWords(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.submitted()
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Received, State: "review"})
	b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.wording.Put(ctx, tx, r.Lang, "notice.message.text", i18n.Message{"other": "O Balcão escreveu-lhe: {link}/messages"})
		return err
	})
	before := len(b.post.sent)
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Message, Message: id.New(), Note: "It is."})
	if told := b.post.sent[before:]; len(told) != 1 || !strings.HasPrefix(told[0].Text, "O Balcão escreveu-lhe: https://cv.example.org/requests/") {
		t.Errorf("told %+v", told)
	}
}
